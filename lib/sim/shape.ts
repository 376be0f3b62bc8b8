import type { HandlerContext, Job } from '../core/job/job.ts';
import { defineJob } from '../core/job/job.ts';
import type { Json } from '../core/json.ts';
import { type AnyDefinition, csv, from, grid, jsonl, range } from '../core/sources/index.ts';
import type { VirtualClock } from './clock.ts';
import { hash, type Random } from './random.ts';

/** What becomes of an item when nothing else is wrong: drawn from the seed and the item's number alone. */
export type ItemKind = 'fine' | 'flaky' | 'fails' | 'permanent' | 'slow' | 'stuck' | 'poison';

/** One simulated job: how large it is, how it is cut, and what its items do. */
export interface Shape {
  readonly job: Job;
  readonly items: number;
  readonly batchSize: number;
  /** Bytes to put under `s3://data/input` before the run opens; null for sources that need none. */
  readonly input: Uint8Array | null;
  /** What the handler must be given for an item. */
  readonly inputOf: (item: number) => Json;
  readonly kindOf: (item: number) => ItemKind;
  /** How long one call of the handler takes with an item, if nothing is odd about it. */
  readonly callMs: (item: number) => number;
  /** Loops of an execution before the run goes on in another. */
  readonly maxLoops: number;
  /** The source gives something that is no item, at this number. */
  readonly invalidAt: number | null;
  readonly resultBytes: number;
}

/** What the source of a shape needs of the world: time, and someone who watches how far ahead it is read. */
export interface SourceWatch {
  readonly clock: VirtualClock;
  readonly onGenerated: (item: number) => void;
}

const KINDS: readonly ItemKind[] = ['flaky', 'fails', 'permanent', 'slow', 'stuck', 'poison'];

/** Draws a job. Small on purpose: many short runs meet more interleavings than one long one. */
export function drawShape(random: Random, seed: number, watch: SourceWatch): Shape {
  const draw = random.stream('shape');
  const batches = draw.chance(0.03) ? 0 : draw.logBetween(1, 120);
  const batchSize = draw.logBetween(1, 24);
  const items = batches === 0 ? 0 : (batches - 1) * batchSize + draw.between(1, batchSize);
  const timeoutSeconds = draw.between(3, 20);
  const shares = new Map(KINDS.map((kind) => [kind, draw.chance(0.2) ? 10 ** -(1 + 2 * draw.next()) : 0]));
  const kindOf = (item: number): ItemKind => {
    let at = hash(seed, `item ${item}`) / 4_294_967_296;
    for (const [kind, share] of shares) {
      at -= share;
      if (at < 0) return kind;
    }
    return 'fine';
  };
  const drawn = drawSource(draw, items, watch);
  const options = {
    workers: draw.pick([1, 1, 2, 3, 5, 8]),
    maxBatchesPerWorker: draw.pick([1, 2, 3, 5, 10, 40]),
    blockTimeoutSeconds: draw.pick([0, 1, 3, 10]),
    attempts: draw.between(1, 3),
    itemConcurrency: draw.between(1, 3),
    maxBlockedMinutes: draw.between(1, 4),
    onAlarm: draw.pick(['stop', 'halt'] as const),
    overlap: random.stream('overlap').chance(0.3) ? ('queue' as const) : ('skip' as const),
    ...(draw.chance(0.15) ? { ratePerSecond: draw.logBetween(5, 500) } : {}),
    ...(draw.chance(0.15) ? { maxFailedItems: draw.between(0, 10) } : {}),
    ...(draw.chance(0.15) ? { maxFailedPercent: draw.between(1, 30) } : {}),
  };
  const { source, input, inputOf, invalidAt } = drawn;
  const job = defineJob({ name: 'sim', source, batchSize, timeoutSeconds, ...options, handler: () => null });
  const batchMs = Math.min(timeoutSeconds * 250, draw.pick([0, 50, 300, 1_500, 5_000]));
  // The first item of a batch takes the time of all.
  const callMs = (item: number) => (item % batchSize === 0 ? batchMs : 0);
  const maxLoops = draw.pick([2, 5, 20, 800]);
  const resultBytes = draw.chance(0.1) ? 3_000 : 8;
  return { job, items, batchSize, input, inputOf, kindOf, callMs, maxLoops, invalidAt, resultBytes };
}

type DrawnSource = Pick<Shape, 'input' | 'inputOf' | 'invalidAt'> & { readonly source: AnyDefinition };

function drawSource(draw: Random, items: number, watch: SourceWatch): DrawnSource {
  const plain = { input: null, invalidAt: null };
  switch (draw.pick(['range', 'range', 'grid', 'csv', 'jsonl', 'from', 'from'])) {
    case 'grid': {
      // Prime factors would change the number of items: one axis of two, and one for the rest.
      const wide = items % 2 === 0 && items > 0 ? 2 : 1;
      const axes = {
        a: Array.from({ length: items / wide }, (_, n) => n),
        b: Array.from({ length: wide }, (_, n) => n),
      };
      const inputOf = (item: number) => ({ a: Math.floor(item / wide), b: item % wide });
      return { ...plain, source: grid(axes), inputOf };
    }
    case 'csv': {
      const rows = Array.from({ length: items }, (_, n) => `${n},"v ${n}"\r\n`).join('');
      const inputOf = (item: number) => ({ n: String(item), v: `v ${item}` });
      const source = csv({ s3: 's3://data/input', columns: ['n', 'v'] });
      return { source, input: new TextEncoder().encode(rows), inputOf, invalidAt: null };
    }
    case 'jsonl': {
      const rows = Array.from({ length: items }, (_, n) => `{"n":${n}}\n`).join('');
      const inputOf = (item: number) => ({ n: item });
      return {
        source: jsonl({ s3: 's3://data/input' }),
        input: new TextEncoder().encode(rows),
        inputOf,
        invalidAt: null,
      };
    }
    case 'from': {
      const pauseMs = draw.pick([0, 0, 0, 20, 400, 2_500]);
      const invalidAt = draw.chance(0.05) && items > 0 ? draw.between(0, items - 1) : null;
      return { source: slowSource(items, pauseMs, invalidAt, watch), input: null, inputOf: (item) => item, invalidAt };
    }
    default:
      return { ...plain, source: range(items), inputOf: (item) => item };
  }
}

/** A generator that takes its time now and then. */
function slowSource(items: number, pauseMs: number, invalidAt: number | null, watch: SourceWatch): AnyDefinition {
  return from(async function* (cursor: Json) {
    for (let item = cursor === null ? 0 : (cursor as number) + 1; item < items; item += 1) {
      if (pauseMs > 0 && item % 7 === 0) await watch.clock.sleep(pauseMs);
      watch.onGenerated(item);
      yield { item: (item === invalidAt ? 10n : item) as number, cursor: item };
    }
  });
}

/** The result that an item must have. */
export function resultOf(shape: Pick<Shape, 'resultBytes'>, item: number): Json {
  let text = '';
  // Text that does not compress, so that a long one goes to storage; an LCG (Numerical Recipes) is quick.
  for (let state = hash(item, 'result'); text.length < shape.resultBytes; text += state.toString(36)) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  }
  return { item, text };
}

/** How long the handler takes for an item, all its attempts together. */
export function handlingMs(shape: Pick<Shape, 'job' | 'callMs' | 'kindOf'>, item: number): number {
  const { attempts, timeoutSeconds } = shape.job.options;
  const kind = shape.kindOf(item);
  const tries = kind === 'fails' ? attempts : kind === 'flaky' ? Math.min(2, attempts) : 1;
  return tries * (shape.callMs(item) + (kind === 'slow' ? timeoutSeconds * 250 : 0));
}

/** A handler as the shape's items would have it. `die` ends the worker there and then. */
export function handlerOf(shape: Shape, sleep: (ms: number) => Promise<void>, die: () => void): Job['handler'] {
  const limitMs = shape.job.options.timeoutSeconds * 1_000;
  return async (_input: unknown, { index, attempt }: HandlerContext) => {
    const kind = shape.kindOf(index);
    const callMs = shape.callMs(index);
    if (callMs > 0) await sleep(callMs);
    if (kind === 'slow') await sleep(Math.floor(limitMs * 0.25));
    if (kind === 'stuck') await sleep(10 * limitMs);
    if (kind === 'poison') {
      die();
      await sleep(1);
    }
    if (kind === 'fails' || (kind === 'flaky' && attempt === 1)) throw new Error(`no ${index}`);
    if (kind === 'permanent') throw Object.assign(new Error(`never ${index}`), { name: 'PermanentError' });
    return resultOf(shape, index);
  };
}
