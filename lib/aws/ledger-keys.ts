/**
 * Where everything lies in the ledger's table (`pk`, `sk`; TTL attribute `expiresAt`).
 *
 * | pk | sk | what |
 * |---|---|---|
 * | `run#<run>` | `run` | what changes of a run: small, for each reserve writes it |
 * | `run#<run>` | `plan` | what never changes: job, options, source, parameters |
 * | `run#<run>#w<window>` | `window` | one window |
 * | `run#<run>#w<window>` | `batch#<batch>` | the record of one of its batches |
 * | `run#<run>#history` | `<chunk>` | 100 samples |
 * | `runs` | `<start>#<run>` | the list of runs |
 * | `pipeline` | `open` | which run is open |
 * | `pipeline` | `queue` | which starts wait |
 * | `pipeline` | `refused` | how many messages were refused |
 * | `answer#<execution>` | `answer` | how Open answered |
 *
 * Each window is a partition of its own, so that the writes of all workers never meet in one.
 */
export interface Key {
  readonly pk: string;
  readonly sk: string;
}

export const OPEN_KEY: Key = { pk: 'pipeline', sk: 'open' };
export const QUEUE_KEY: Key = { pk: 'pipeline', sk: 'queue' };
export const REFUSED_KEY: Key = { pk: 'pipeline', sk: 'refused' };
export const RUNS_PK = 'runs';
export const RUN_SK = 'run';
export const PLAN_SK = 'plan';
export const BATCH_SK_PREFIX = 'batch#';
/** Samples in one item of the history. */
export const HISTORY_CHUNK = 100;

/** Digits that keep any batch number in order as text. */
const BATCH_DIGITS = 16;
const CHUNK_DIGITS = 6;

export function runPk(runId: string): string {
  return `run#${runId}`;
}

export function runKey(runId: string): Key {
  return { pk: runPk(runId), sk: RUN_SK };
}

export function planKey(runId: string): Key {
  return { pk: runPk(runId), sk: PLAN_SK };
}

export function listKey(runId: string, startedAt: number): Key {
  return { pk: RUNS_PK, sk: `${new Date(startedAt).toISOString()}#${runId}` };
}

export function windowPk(runId: string, window: number): string {
  return `run#${runId}#w${window}`;
}

export function windowKey(runId: string, window: number): Key {
  return { pk: windowPk(runId, window), sk: 'window' };
}

export function recordKey(runId: string, window: number, batch: number): Key {
  return { pk: windowPk(runId, window), sk: `${BATCH_SK_PREFIX}${String(batch).padStart(BATCH_DIGITS, '0')}` };
}

export function historyPk(runId: string): string {
  return `run#${runId}#history`;
}

export function historyKey(runId: string, number: number): Key {
  const chunk = Math.floor(number / HISTORY_CHUNK);
  return { pk: historyPk(runId), sk: String(chunk).padStart(CHUNK_DIGITS, '0') };
}

export function answerKey(execution: string): Key {
  return { pk: `answer#${execution}`, sk: 'answer' };
}
