/** Items of the jobs, from a thousand to ten million. */
export const SIZES = [1_000, 10_000, 100_000, 1_000_000, 10_000_000] as const;
export const WORKERS = 20;
