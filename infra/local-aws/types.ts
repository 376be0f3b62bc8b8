/** How to start or find a local AWS. */
export interface LocalAwsOptions {
  /** Where it listens, on 127.0.0.1. @default 4566, or the next free port when a stranger holds that one */
  port?: number;
  /** Refuse rather than move when a stranger holds `port`. @default false */
  strictPort?: boolean;
  /** Where this instance keeps its state; one instance per folder. @default `local` in the cache folder */
  stateFolder?: string;
  /** Hears what is being done, a short sentence at a time. */
  onProgress?: (message: string) => void;
  /** More environment for the LocalStack process, such as a marker in tests. */
  environment?: Record<string, string>;
  /** Ends a start that is under way; nothing of it is left. */
  signal?: AbortSignal;
}

/** Where a local AWS stands. */
export interface LocalAwsStatus {
  running: boolean;
  endpoint: string | null;
  port: number | null;
  pid: number | null;
}

export const DEFAULT_PORT = 4566;
