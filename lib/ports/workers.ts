/** The worker function behind its event source mapping. */
export interface Workers {
  /** Stops deliveries (disables the mapping); batches in work end. */
  pause(): Promise<void>;
  /** Starts deliveries again. */
  resume(): Promise<void>;
  /** Makes `workers` the function's reserved concurrency and the mapping's MaximumConcurrency (2 at least, AWS allows no 1). */
  setConcurrency(workers: number): Promise<void>;
}
