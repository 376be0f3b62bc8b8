import fc from 'fast-check';
import { describe, test } from 'vitest';
import type { Json } from '../../../lib/core/json.ts';
import { INLINE_BYTES_MAX } from '../../../lib/core/limits.ts';
import { fromDriver } from '../../../lib/core/sources/from.ts';
import { expectExactlyOnce } from './laws.ts';

const sizesArbitrary = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 });
const pinned = { kind: 'from', count: null } as const;

/** Goes on after a cursor that says what came last. */
const generating = (inputs: readonly Json[]) => ({
  async *generate(cursor: Json) {
    const last = cursor === null ? -1 : (cursor as { last: number }).last;
    for (const [index, item] of inputs.entries()) if (index > last) yield { item, cursor: { last: index } };
  },
});

describe('from', () => {
  test('gives each item once, in order, from any cursor', async () => {
    const inputs = fc.array(fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as Json));
    await fc.assert(
      fc.asyncProperty(inputs, sizesArbitrary, async (items, sizes) => {
        await expectExactlyOnce(fromDriver, pinned, generating(items), items, sizes);
      }),
    );
  });

  test('gives each item once where items are large', async () => {
    const large = fc.integer({ min: 0, max: INLINE_BYTES_MAX - 5 }).map((length) => 'x'.repeat(length));
    await fc.assert(
      fc.asyncProperty(fc.array(large, { maxLength: 5 }), sizesArbitrary, async (items, sizes) => {
        await expectExactlyOnce(fromDriver, pinned, generating(items), items, sizes);
      }),
      { numRuns: 10 },
    );
  });
});
