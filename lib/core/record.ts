import type { Counts } from './counts.ts';
import type { Json } from './json.ts';

/** One item's recorded end. */
export type ItemOutcome =
  | { readonly item: number; readonly result: Json }
  | { readonly item: number; readonly input: Json; readonly error: ItemError; readonly dead?: true };

export interface ItemError {
  readonly code: string;
  readonly name: string;
  readonly message: string;
}

/** Where outcomes lie: compressed in the record itself, or in an object of the run's bucket. */
export type OutcomeBody =
  | { readonly kind: 'inline'; readonly compressed: Uint8Array }
  | { readonly kind: 'object'; readonly key: string };

/** What became of a batch. The first outcome stored stands; later ones are dropped. */
export interface BatchOutcome {
  /** What this batch adds to its window: `batches` is always 1. */
  readonly counts: Counts;
  readonly body: OutcomeBody;
}

/** A batch that ran out of time: its finished items, kept for the next delivery. */
export interface Part {
  /** Items of the batch already done, from its first. */
  readonly done: number;
  readonly body: OutcomeBody;
}

/** The ledger's item for one batch. */
export interface BatchRecord {
  readonly batch: number;
  /** Redeliveries that began since the last part. */
  readonly starts: number;
  readonly part: Part | null;
  readonly outcome: BatchOutcome | null;
}
