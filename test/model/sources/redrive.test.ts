import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../../lib/core/json.ts';
import { driverOf } from '../../../lib/core/sources/index.ts';
import { itemNumbersOf, pickItems } from '../../../lib/core/sources/redrive.ts';
import type {
  FailedBatch,
  PinnedRedrive,
  PlainSource,
  Slice,
  SourceContext,
} from '../../../lib/core/sources/source.ts';
import { objectOf, readerOf, slicesOf, utf8 } from '../../unit/core/sources/fixtures.ts';
import { expectExactlyOnce } from './laws.ts';

const WINDOW_BATCHES = 3;

/** One source of each kind with `count` items, and its items. */
function sources(count: number): readonly (readonly [PlainSource, SourceContext])[] {
  const numbers = Array.from({ length: count }, (_, n) => n);
  // Blank lines, line breaks within quotes and rows of all sizes between the items.
  const rows = numbers.map((n) => `"${n}\n${'x'.repeat((n * 7) % 30)}",${n}${n % 3 === 0 ? '\r\n\n' : '\n'}`);
  const csv = utf8(rows.join(''));
  const jsonl = utf8(numbers.map((n) => `${n % 4 === 0 ? '\n' : ''}{"n":${n}}`).join('\n'));
  const generate = async function* (cursor: Json) {
    for (const n of numbers) if (cursor === null || n > (cursor as number)) yield { item: { n }, cursor: n };
  };
  const axes = [
    { name: 'a', values: Array.from({ length: Math.max(1, count) }, (_, n) => n) },
    { name: 'b', values: ['x', 'y'] },
  ];
  return [
    [{ kind: 'range', count }, {}],
    [{ kind: 'grid', axes }, {}],
    [{ kind: 'csv', columns: ['a', 'b'], object: objectOf(csv), startByte: 0 }, { bytes: readerOf(csv) }],
    [{ kind: 'jsonl', object: objectOf(jsonl), startByte: 0 }, { bytes: readerOf(jsonl) }],
    [{ kind: 'from', count: null }, { generate }],
  ];
}

/** The failures of a run that had these slices, as the steps read them from its outcomes. */
function failuresOf(of: PlainSource, slices: readonly Slice[], failed: ReadonlySet<number>, context: SourceContext) {
  return async function* (from: Pick<FailedBatch, 'window' | 'batch'>): AsyncGenerator<FailedBatch> {
    for (const [batch, slice] of slices.entries()) {
      const wanted = new Set(itemNumbersOf(slice).filter((item) => failed.has(item)));
      if (batch < from.batch || wanted.size === 0) continue;
      const items = await pickItems(of, slice, wanted, context);
      yield { window: Math.floor(batch / WINDOW_BATCHES), batch, items };
    }
  };
}

function redriveOf(of: PlainSource, slices: readonly Slice[], failed: ReadonlySet<number>, context: SourceContext) {
  const windows = Math.ceil(slices.length / WINDOW_BATCHES);
  const pinned: PinnedRedrive = { kind: 'redrive', runId: 'run-1', windows, count: failed.size, of };
  return { pinned, context: { ...context, failures: failuresOf(of, slices, failed, context) } };
}

async function inputsOf(pinned: PlainSource, slices: readonly Slice[], context: SourceContext) {
  const items = await Promise.all(slices.map((slice) => driverOf(pinned).items(pinned, slice, context)));
  return new Map(items.flat().map(({ index, input }) => [index, input]));
}

const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
/** Which of the items fail, in the first run and in the second. */
const fates = fc.array(fc.constantFrom('good', 'once', 'twice'), { maxLength: 60 });

describe('redrive', () => {
  test('gives exactly the failed items under their numbers, from any cursor, also of what it took up itself', async () => {
    await fc.assert(
      fc.asyncProperty(fates, sizes, sizes, async (fate, [firstSize = 1], batchSizes) => {
        for (const [of, context] of sources(fate.length)) {
          const slices = await slicesOf(driverOf(of), of, firstSize, context);
          const inputs = await inputsOf(of, slices, context);
          const bad = [...inputs.keys()].filter((item) => (fate[item % fate.length] ?? 'good') !== 'good');
          const first = redriveOf(of, slices, new Set(bad), context);
          const driver = driverOf(first.pinned);
          const inputsOfBad = bad.map((item) => inputs.get(item) as Json);
          await expectExactlyOnce(driver, first.pinned, first.context, inputsOfBad, batchSizes, bad);

          const redriven = await slicesOf(driver, first.pinned, batchSizes[0] as number, first.context);
          const worse = bad.filter((item) => fate[item % fate.length] === 'twice');
          const second = redriveOf(of, redriven, new Set(worse), context);
          const inputsOfWorse = worse.map((item) => inputs.get(item) as Json);
          await expectExactlyOnce(driver, second.pinned, second.context, inputsOfWorse, batchSizes, worse);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('joins what follows each other, and cuts at 500 pieces', async () => {
    const of = { kind: 'range', count: 4_000 } as const;
    const slices = await slicesOf(driverOf(of), of, 1_000);
    const all = Array.from({ length: 4_000 }, (_, n) => n);
    const whole = redriveOf(of, slices, new Set(all), {});
    const [first] = await slicesOf(driverOf(whole.pinned), whole.pinned, 3_000, whole.context);
    expect(first?.payload).toEqual({
      kind: 'pieces',
      pieces: [{ firstItem: 0, count: 3_000, payload: { kind: 'ranks', start: 0, count: 3_000 } }],
    });
    const even = redriveOf(of, slices, new Set(all.filter((n) => n % 2 === 0)), {});
    const apart = await slicesOf(driverOf(even.pinned), even.pinned, 3_000, even.context);
    expect(apart.map(({ count }) => count)).toEqual([500, 500, 500, 500]);
  });

  test('keeps a batch within a message and a worker’s memory, however large its items are', async () => {
    const items = Array.from({ length: 5 }, () => 'x'.repeat(400_000));
    const generate = async function* () {
      for (const [cursor, item] of items.entries()) yield { item, cursor };
    };
    const of = { kind: 'from', count: null } as const;
    const slices = await slicesOf(driverOf(of), of, 10, { generate });
    const { pinned, context } = redriveOf(of, slices, new Set([0, 1, 2, 4]), { generate });
    await expectExactlyOnce(driverOf(pinned), pinned, context, items.slice(1), [10], [0, 1, 2, 4]);
    expect((await slicesOf(driverOf(pinned), pinned, 10, context)).map(({ count }) => count)).toEqual([2, 2]);
  });

  test('fails when the earlier run has fewer failed items than it had', async () => {
    const of = { kind: 'range', count: 10 } as const;
    const slices = await slicesOf(driverOf(of), of, 4);
    const { pinned, context } = redriveOf(of, slices, new Set([1, 5]), {});
    const short = { ...pinned, count: 3 };
    await expect(slicesOf(driverOf(short), short, 4, context)).rejects.toMatchObject({ code: 'sourceChanged' });
    const [slice] = slices;
    await expect(pickItems(of, slice as Slice, new Set([1, 5]), {})).rejects.toMatchObject({ code: 'sourceChanged' });
  });
});
