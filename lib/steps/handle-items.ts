import { isPermanentError, messageOf } from '../core/errors.ts';
import type { HandlerContext, Job } from '../core/job/job.ts';
import type { Json } from '../core/json.ts';
import { ERROR_CHARACTERS_MAX, RESULT_BYTES_MAX } from '../core/limits.ts';
import type { ItemError, ItemOutcome } from '../core/record.ts';
import type { SourceItem } from '../core/sources/source.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';

export interface HandleTask {
  readonly job: Job;
  readonly runId: string;
  readonly batch: number;
  readonly params: Json;
  readonly items: readonly SourceItem[];
  readonly attempts: number;
  readonly itemConcurrency: number;
  /** Aborts when time is nearly up: nothing new begins after it. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly log: Log;
}

const RETRY_BASE_MS = 100;
const RETRY_MAX_MS = 2_000;

/**
 * Runs the handler over the items. Failed ones are tried again in further passes over the batch, so that what is wrong for a
 * moment has the time of the other items to pass, and of a growing pause.
 *
 * @returns the outcomes of the items that ended, by item number; those cut off by the signal are missing.
 *   Never rejects for what a handler does.
 */
export async function handleItems(task: HandleTask): Promise<readonly ItemOutcome[]> {
  const outcomes = new Map<number, ItemOutcome>();
  for (const item of task.items) if ('error' in item) outcomes.set(item.index, unreadable(item));
  let pending = task.items.filter((item) => !('error' in item));
  for (let attempt = 1; attempt <= task.attempts && pending.length > 0 && !task.signal.aborted; attempt += 1) {
    if (attempt > 1) await task.clock.sleep(Math.min(RETRY_MAX_MS, RETRY_BASE_MS * 2 ** (attempt - 2)), task.signal);
    const last = attempt === task.attempts;
    const ended =
      task.job.handleBatch === undefined
        ? await passOverItems(task, pending, attempt)
        : await passOverBatch(task, pending, attempt);
    const retry: SourceItem[] = [];
    for (const item of pending) {
      const result = ended.get(item.index);
      if (result === undefined) continue;
      if (result.kind === 'failed' && !result.permanent && !last) retry.push(item);
      else outcomes.set(item.index, outcomeOf(item, result));
    }
    pending = retry;
  }
  return [...outcomes.values()].sort((a, b) => a.item - b.item);
}

type Result =
  | { readonly kind: 'done'; readonly result: Json }
  | { readonly kind: 'failed'; readonly error: ItemError; readonly permanent: boolean };

function unreadable(item: Extract<SourceItem, { error: unknown }>): ItemOutcome {
  return { item: item.index, input: item.input, error: { name: 'ItemInvalid', ...item.error } };
}

function outcomeOf(item: SourceItem, result: Result): ItemOutcome {
  if (result.kind === 'done') return { item: item.index, result: result.result };
  return { item: item.index, input: item.input, error: result.error };
}

async function passOverItems(
  task: HandleTask,
  items: readonly SourceItem[],
  attempt: number,
): Promise<Map<number, Result>> {
  const results = new Map<number, Result>();
  const queue = items[Symbol.iterator]();
  const lane = async (): Promise<void> => {
    for (const item of queue) {
      if (task.signal.aborted) return;
      const result = await callForItem(task, item, attempt);
      // An item cut off by the end of time did not fail: the next delivery tries it again.
      if (result.kind === 'done' || !task.signal.aborted) results.set(item.index, result);
    }
  };
  await untilAborted(
    Promise.all(Array.from({ length: Math.min(task.itemConcurrency, items.length) }, lane)),
    task.signal,
  );
  return results;
}

async function callForItem(task: HandleTask, item: SourceItem, attempt: number): Promise<Result> {
  try {
    return checkResult(await task.job.handler?.(item.input, contextOf(task, item.index, attempt)));
  } catch (error) {
    return failure(error);
  }
}

async function passOverBatch(
  task: HandleTask,
  items: readonly SourceItem[],
  attempt: number,
): Promise<Map<number, Result>> {
  const inputs = items.map((item) => item.input);
  const first = items[0]?.index ?? 0;
  const call = async (): Promise<readonly Result[]> => {
    try {
      const results = await task.job.handleBatch?.(inputs, contextOf(task, first, attempt));
      if (results === undefined) return items.map(() => ({ kind: 'done', result: null }));
      if (!Array.isArray(results) || results.length !== items.length) {
        const got = Array.isArray(results) ? `${results.length} results` : typeof results;
        throw new TypeError(
          `handleBatch must return one result for each of its ${items.length} items, or nothing; got ${got}`,
        );
      }
      return results.map((result) => (result instanceof Error ? failure(result) : checkResult(result)));
    } catch (error) {
      return items.map(() => failure(error));
    }
  };
  const results = await untilAborted(call(), task.signal);
  return new Map(results?.map((result, index) => [(items[index] as SourceItem).index, result]));
}

function contextOf(
  { job: _job, runId, batch, params, signal, log }: HandleTask,
  index: number,
  attempt: number,
): HandlerContext {
  return { signal, log: log.child({ item: index, attempt }), runId, batch, index, attempt, params };
}

/** A handler that ignores the signal must not keep the batch from being handed back. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  if (signal.aborted) return undefined;
  let stopWaiting = () => {};
  const aborted = new Promise<undefined>((resolve) => {
    stopWaiting = () => resolve(undefined);
    signal.addEventListener('abort', stopWaiting, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stopWaiting);
  }
}

function checkResult(value: unknown): Result {
  let text: string | undefined;
  try {
    text = value === undefined ? 'null' : JSON.stringify(value);
  } catch (error) {
    return invalidResult(messageOf(error));
  }
  if (text === undefined) return invalidResult(`a ${typeof value} is not JSON`);
  const bytes = Buffer.byteLength(text);
  if (bytes > RESULT_BYTES_MAX)
    return invalidResult(`it takes ${bytes} bytes, at most ${RESULT_BYTES_MAX} are allowed`);
  return { kind: 'done', result: JSON.parse(text) as Json };
}

function invalidResult(why: string): Result {
  const message = `the handler's result cannot be stored: ${why}`;
  return { kind: 'failed', error: { code: 'resultInvalid', name: 'ResultInvalid', message }, permanent: true };
}

function failure(error: unknown): Result {
  const permanent = isPermanentError(error);
  const name = error instanceof Error ? error.name : 'Error';
  const message = messageOf(error).slice(0, ERROR_CHARACTERS_MAX);
  return { kind: 'failed', error: { code: permanent ? 'permanent' : 'attemptsExhausted', name, message }, permanent };
}
