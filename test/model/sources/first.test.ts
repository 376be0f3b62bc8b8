import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { driverOf, from, pinSource, range } from '../../../lib/core/sources/index.ts';
import type { ByteReader } from '../../../lib/core/sources/source.ts';
import { csv } from '../../../lib/index.ts';
import { expectExactlyOnce } from './laws.ts';

const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 });

describe('the first items of a source', () => {
  test('are those of the whole source, each once, in order, from any cursor', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(100), fc.nat(120), sizes, async (count, first, batchSizes) => {
        const pinned = await pinSource({ ...range(count), first });
        const inputs = Array.from({ length: Math.min(count, first) }, (_, index) => index);
        expect(driverOf(pinned).total(pinned)).toBe(inputs.length);
        await expectExactlyOnce(driverOf(pinned), pinned, {}, inputs, batchSizes);
      }),
    );
  });

  test('end in the middle of a file', async () => {
    const bytes = new TextEncoder().encode(`id\n${Array.from({ length: 40 }, (_, id) => `${id}\n`).join('')}`);
    const reader: ByteReader = { read: async (start, end) => bytes.slice(start, end) };
    const object = { bucket: 'b', key: 'k', sizeBytes: bytes.length, etag: '"e"' };
    await fc.assert(
      fc.asyncProperty(fc.nat(50), sizes, async (first, batchSizes) => {
        const pinned = await pinSource({ ...csv({ s3: 's3://bucket/k' }), first }, { object, reader });
        expect(driverOf(pinned).total(pinned)).toBeNull();
        const inputs = Array.from({ length: Math.min(40, first) }, (_, id) => ({ id: String(id) }));
        await expectExactlyOnce(driverOf(pinned), pinned, { bytes: reader }, inputs, batchSizes);
      }),
    );
  });

  test('are all that a generator is asked for when they fit into a batch', async () => {
    let made = 0;
    const source = from(async function* () {
      for (let n = 0; ; n += 1) {
        made += 1;
        yield { item: n, cursor: n };
      }
    });
    const pinned = await pinSource({ ...source, first: 3 });
    const slices: number[] = [];
    const context = { generate: source.generate };
    for await (const { count } of driverOf(pinned).slices(pinned, null, { batchSize: 100 }, context))
      slices.push(count);
    expect(slices).toEqual([3]);
    expect(made).toBe(3);
  });
});
