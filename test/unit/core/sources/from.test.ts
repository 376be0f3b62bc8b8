import { describe, expect, expectTypeOf, test } from 'vitest';
import type { Json } from '../../../../lib/core/json.ts';
import { INLINE_BYTES_MAX } from '../../../../lib/core/limits.ts';
import { from, fromDriver } from '../../../../lib/core/sources/from.ts';
import { type ItemOf, isPinnable } from '../../../../lib/core/sources/index.ts';
import type { Generate, PinnedFrom } from '../../../../lib/core/sources/source.ts';
import { itemsOf, slicesOf, slicesUntilError } from './fixtures.ts';

const pinned: PinnedFrom = { kind: 'from', count: null };

/** A generator that yields these, whatever they are, with their positions as cursors. */
const yielding = (items: readonly unknown[]): Generate =>
  async function* (cursor) {
    for (let at = cursor === null ? 0 : (cursor as number); at < items.length; at++) {
      yield { item: items[at] as Json, cursor: at + 1 };
    }
  };

describe('from', () => {
  test('types its items, and its cursor where the author says so', () => {
    const users = from(async function* (cursor: string | null) {
      yield { item: { id: 1, after: cursor }, cursor: 'a' };
    });
    expectTypeOf<ItemOf<typeof users>>().toEqualTypeOf<{ id: number; after: string | null }>();
    const plain = from(
      async function* (cursor) {
        yield { item: 'x', cursor };
      },
      { count: 3 },
    );
    expectTypeOf<ItemOf<typeof plain>>().toEqualTypeOf<string>();
    expect(plain).toMatchObject({ kind: 'from', count: 3 });
    expect(users.count).toBeNull();
    expect(from(async function* () {}, { count: 0 }).count).toBe(0);
    expect(isPinnable('from')).toBe(false);
  });

  test.each([
    ['no function', [5], 'expected an async generator function, got 5'],
    ['bad options', [yielding([]), 5], 'expected { count? } as options, got 5'],
    ['an unknown option', [yielding([]), { total: 5 }], 'unknown option "total"; the only one is "count"'],
    ['a bad count', [yielding([]), { count: -1 }], 'count: expected a whole number from 0 to 9007199254740991, got -1'],
  ])('fails on %s', (_, parameters, message) => {
    const call = () => (from as (...all: unknown[]) => unknown)(...parameters);
    expect(call).toThrow(message);
    expect(call).toThrow(expect.objectContaining({ code: 'sourceInvalid' }));
  });
});

describe('fromDriver', () => {
  test('carries items in batches, and goes on after a cursor', async () => {
    const context = { generate: yielding(['a', { b: 1 }, null, [1], 2.5]) };
    const slices = await slicesOf(fromDriver, pinned, 2, context);
    expect(slices).toEqual([
      {
        firstItem: 0,
        count: 2,
        payload: { kind: 'items', items: ['a', { b: 1 }] },
        bytes: 2 + 4 + 8,
        cursor: { item: 2, after: 2 },
      },
      {
        firstItem: 2,
        count: 2,
        payload: { kind: 'items', items: [null, [1]] },
        bytes: 2 + 5 + 4,
        cursor: { item: 4, after: 4 },
      },
      { firstItem: 4, count: 1, payload: { kind: 'items', items: [2.5] }, bytes: 6, cursor: { item: 5, after: 5 } },
    ]);
    expect(await slicesOf(fromDriver, pinned, 2, context, slices[0]?.cursor)).toEqual(slices.slice(1));
    expect((await itemsOf(fromDriver, pinned, slices)).map(({ index }) => index)).toEqual([0, 1, 2, 3, 4]);
    expect(fromDriver.total({ kind: 'from', count: 7 })).toBe(7);
  });

  test('cuts slices where their JSON would be above what a message carries', async () => {
    const third = 'é'.repeat((INLINE_BYTES_MAX - 6) / 6 - 1);
    const slices = await slicesOf(fromDriver, pinned, 10, { generate: yielding([third, third, third, third]) });
    expect(slices.map(({ count }) => count)).toEqual([3, 1]);
    for (const { payload, bytes } of slices) {
      const size = Buffer.byteLength(JSON.stringify(payload.kind === 'items' ? payload.items : null));
      expect(size).toBeLessThanOrEqual(bytes);
      expect(bytes).toBeLessThanOrEqual(INLINE_BYTES_MAX);
    }
  });

  test('carries the largest item, and fails on one larger, after the items before it', async () => {
    const largest = 'x'.repeat(INLINE_BYTES_MAX - 5);
    const fits = await slicesOf(fromDriver, pinned, 10, { generate: yielding([1, largest, 2]) });
    expect(fits.map(({ count }) => count)).toEqual([1, 1, 1]);
    const { slices, error } = await slicesUntilError(fromDriver, pinned, 10, {
      generate: yielding([1, `${largest}x`]),
    });
    expect(slices.map(({ count }) => count)).toEqual([1]);
    expect(error).toMatchObject({
      code: 'itemTooLarge',
      message:
        'from: item 1 is 1046526 bytes of JSON, allowed are 1046525; put large data in a file or a bucket and yield its place',
    });
  });

  const cyclic: { self?: unknown } = {};
  cyclic.self = cyclic;
  test.each([
    ['undefined', undefined, 'from: item 1 is not JSON: it is undefined'],
    ['a date within', { seen: [new Date(0)] }, 'from: item 1 is not JSON: .seen[0] is a Date'],
    ['an undefined member', { a: { b: undefined } }, '.a.b is undefined'],
    ['a function', () => 1, 'it is a function'],
    ['a bigint', 1n, 'it is a bigint'],
    ['infinity', Number.POSITIVE_INFINITY, 'it is Infinity'],
    ['a map', new Map(), 'it is a Map'],
    ['a cycle', cyclic, 'it is nested deeper than 200 levels'],
  ])('fails on an item that is %s', async (_, item, message) => {
    const { slices, error } = await slicesUntilError(fromDriver, pinned, 10, { generate: yielding([1, item]) });
    expect(slices.map(({ count }) => count)).toEqual([1]);
    expect(error).toMatchObject({ code: 'sourceInvalid', message: expect.stringContaining(message) });
  });

  test.each([
    ['no object', 5, 'from: item 0: expected { item, cursor }, got 5'],
    ['no cursor', { item: 1 }, 'from: item 0: expected { item, cursor }, got {"item":1}'],
    ['no item', { cursor: 1 }, 'expected { item, cursor }, got {"cursor":1}'],
    ['a cursor that is not JSON', { item: 1, cursor: undefined }, 'from: item 0: cursor is not JSON: it is undefined'],
    [
      'a large cursor',
      { item: 1, cursor: 'x'.repeat(4_095) },
      'from: item 0: the cursor is 4097 bytes of JSON, allowed are 4096',
    ],
  ])('fails when the generator yields %s', async (_, value, message) => {
    const generate = async function* () {
      yield value as { item: Json; cursor: Json };
    };
    const { slices, error } = await slicesUntilError(fromDriver, pinned, 10, { generate });
    expect(slices).toEqual([]);
    expect(error).toMatchObject({ code: 'sourceInvalid', message: expect.stringContaining(message) });
  });

  test('takes the largest cursor', async () => {
    const cursor = 'x'.repeat(4_094);
    const generate = async function* () {
      yield { item: 1, cursor };
    };
    const [slice] = await slicesOf(fromDriver, pinned, 10, { generate });
    expect(slice?.cursor).toEqual({ item: 1, after: cursor });
  });

  test.each([
    [[1], '[1]'],
    [null, 'null'],
    [undefined, 'undefined'],
    [5, '5'],
  ])('fails when the function is no async generator and returns %j', async (returned, shown) => {
    const { error } = await slicesUntilError(fromDriver, pinned, 10, { generate: (() => returned) as never });
    expect(error).toMatchObject({
      code: 'sourceInvalid',
      message: `from: expected an async generator function (async function*), it returned ${shown}`,
    });
  });

  test('fails without a generator', async () => {
    const message = 'from: the context has no generator';
    expect((await slicesUntilError(fromDriver, pinned, 10)).error).toMatchObject({ code: 'internal', message });
  });

  test('copies what is yielded: a generator may use one object again and again', async () => {
    const generate = async function* () {
      const item = { n: 0 };
      const cursor = { at: 0 };
      for (; item.n < 4; item.n++, cursor.at++) yield { item, cursor };
    };
    const slices = await slicesOf(fromDriver, pinned, 2, { generate });
    expect(slices.map(({ payload }) => payload)).toEqual([
      { kind: 'items', items: [{ n: 0 }, { n: 1 }] },
      { kind: 'items', items: [{ n: 2 }, { n: 3 }] },
    ]);
    expect(slices.map(({ cursor }) => cursor)).toEqual([
      { item: 2, after: { at: 1 } },
      { item: 4, after: { at: 3 } },
    ]);
  });

  test('closes the generator when the consumer stops, when an item is wrong, and when the signal is aborted', async () => {
    let closed = 0;
    const closing = (item: unknown): Generate =>
      async function* () {
        try {
          for (let cursor = 0; ; cursor++) yield { item: item as Json, cursor };
        } finally {
          closed += 1;
        }
      };
    for await (const _ of fromDriver.slices(pinned, null, { batchSize: 2 }, { generate: closing(1) })) break;
    expect(closed).toBe(1);
    await slicesUntilError(fromDriver, pinned, 2, { generate: closing(undefined) });
    expect(closed).toBe(2);
    const signal = AbortSignal.abort(new Error('enough'));
    expect((await slicesUntilError(fromDriver, pinned, 2, { generate: closing(1), signal })).error).toMatchObject({
      message: 'enough',
    });
    expect(closed).toBe(3);
  });

  test("hands on the generator's own error", async () => {
    const generate: Generate = async function* () {
      yield { item: 1, cursor: 1 };
      throw new Error('database away');
    };
    const { error } = await slicesUntilError(fromDriver, pinned, 2, { generate });
    expect(error).toMatchObject({ message: 'database away' });
  });

  test('fails with messageInvalid where a payload holds another number of items', async () => {
    const slice = { firstItem: 0, count: 2, payload: { kind: 'items', items: [1] } } as const;
    await expect(fromDriver.items(pinned, slice, {})).rejects.toMatchObject({ code: 'messageInvalid' });
  });
});
