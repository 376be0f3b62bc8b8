import type { Clock } from '../ports/clock.ts';

/** Runs `work` on every value, `limit` at a time, in order of their beginning. Ends with the first rejection. */
export async function inParallel<T>(
  values: readonly T[],
  limit: number,
  work: (value: T, position: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < values.length) {
      const position = next;
      next += 1;
      await work(values[position] as T, position);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, values.length) }, worker));
}

export interface Retries {
  readonly clock: Clock;
  /** Calls in all. */
  readonly attempts: number;
  /** The first pause; each further one is twice as long, and each is cut by a random factor of ½ to 1. */
  readonly pauseMs: number;
  /** No pause is longer. @default no bound */
  readonly pauseMsMax?: number;
}

/** Calls `work` until it settles with something that `again` does not want once more; the last error stands. */
export async function withRetries<T>(
  retries: Retries,
  again: (error: unknown) => boolean,
  work: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= retries.attempts || !again(error)) throw error;
      await pause(retries, attempt);
    }
  }
}

/** The pause after attempt number `attempt` (from 1). */
export function pause(retries: Retries, attempt: number, signal?: AbortSignal): Promise<void> {
  const longest = Math.min(retries.pauseMs * 2 ** (attempt - 1), retries.pauseMsMax ?? Number.POSITIVE_INFINITY);
  return retries.clock.sleep(longest * (0.5 + Math.random() / 2), signal);
}

/** The `name` by which the SDK tells errors apart; empty for what is no error. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

/** The HTTP status of what the SDK threw, where there was an answer. */
export function statusOf(error: unknown): number | null {
  const metadata = (error as { $metadata?: { httpStatusCode?: unknown } } | null)?.$metadata;
  return typeof metadata?.httpStatusCode === 'number' ? metadata.httpStatusCode : null;
}
