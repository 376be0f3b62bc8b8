import type { Why } from '../core/why.ts';

/** What a latched flag says. */
export interface StopRequest {
  /** The run that was open, if any: for people only, the flag stops every run of the pipeline. */
  readonly runId: string | null;
  readonly why: Extract<Why, 'stopped' | 'alarm'>;
  readonly reason: string;
  readonly by: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly halt: boolean;
}

export type StopFlagValue =
  | { readonly kind: 'clear' }
  | { readonly kind: 'stopped'; readonly request: StopRequest }
  | { readonly kind: 'unreadable'; readonly error: string };

/** The pipeline's stop flag, outside the ledger so that it can be flipped by hand and read when the ledger cannot. */
export interface StopFlag {
  /** Never rejects and never caches. A value that Sluice did not write counts as stopped. */
  read(): Promise<StopFlagValue>;
  /** Sets the flag unless it is set already: the first reason stands. Rejects when it could not be set. */
  latch(request: StopRequest): Promise<void>;
  clear(): Promise<void>;
}
