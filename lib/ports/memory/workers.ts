import type { Workers } from '../workers.ts';

export interface MemoryWorkers extends Workers {
  /** Whether messages are delivered. */
  enabled(): boolean;
  /** The concurrency as last set; null before. */
  concurrency(): number | null;
}

/** Workers that only remember what was asked of them. */
export function memoryWorkers(): MemoryWorkers {
  let enabled = true;
  let concurrency: number | null = null;
  return {
    enabled: () => enabled,
    concurrency: () => concurrency,
    pause: async () => {
      enabled = false;
    },
    resume: async () => {
      enabled = true;
    },
    setConcurrency: async (workers) => {
      concurrency = workers;
    },
  };
}
