import fc from 'fast-check';
import { describe, test } from 'vitest';
import { keyOrder } from '../../../lib/core/key-order.ts';
import { s3ObjectsDriver } from '../../../lib/core/sources/s3-objects.ts';
import { memoryStorage } from '../../../lib/ports/memory/storage.ts';
import { expectExactlyOnce } from './laws.ts';

const sizesArbitrary = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 });
/** Keys of any characters, near each other: one is often the beginning of another. */
const keyArbitrary = fc.string({ unit: fc.constantFrom('a', 'b', '/', ' ', '+', '\u00e4', '\uffee', '\u{1f600}') });

describe('s3Objects', () => {
  test('gives each object once, in the order of keys, from any cursor and with pages of any size', async () => {
    const keys = fc.uniqueArray(keyArbitrary, { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(keys, sizesArbitrary, fc.integer({ min: 1, max: 7 }), async (suffixes, sizes, pageMax) => {
        const storage = memoryStorage();
        for (const suffix of suffixes) storage.write('bucket', `in${suffix}`, Buffer.from(suffix));
        storage.write('bucket', 'before', new Uint8Array());
        const found = suffixes.map((suffix) => `in${suffix}`).sort(keyOrder);
        const items = await Promise.all(found.map((key) => storage.describe('bucket', key)));
        await expectExactlyOnce(
          s3ObjectsDriver,
          { kind: 's3Objects', bucket: 'bucket', prefix: 'in' },
          { list: (listing, signal) => storage.list({ ...listing, limit: pageMax }, signal) },
          items.map(({ bucket, key, sizeBytes, etag }) => ({ bucket, key, size: sizeBytes, etag })),
          sizes,
        );
      }),
    );
  });
});
