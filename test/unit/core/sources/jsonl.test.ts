import { describe, expect, expectTypeOf, test } from 'vitest';
import { BATCH_BYTES_MAX } from '../../../../lib/core/limits.ts';
import type { ItemOf } from '../../../../lib/core/sources/index.ts';
import { jsonl, jsonlDriver, makeJsonlDriver, pinJsonl } from '../../../../lib/core/sources/jsonl.ts';
import { itemsOf, objectOf, readerOf, slicesOf, slicesUntilError, utf8 } from './fixtures.ts';

async function read(bytes: Uint8Array) {
  const context = { bytes: readerOf(bytes) };
  const pinned = await pinJsonl(objectOf(bytes), context.bytes);
  return itemsOf(jsonlDriver, pinned, await slicesOf(jsonlDriver, pinned, 2, context), context);
}

describe('jsonl', () => {
  test('takes a file or an object of S3', () => {
    const source = jsonl<{ id: number }>({ file: 'a.jsonl' });
    expect(source).toEqual({ kind: 'jsonl', location: { kind: 'file', file: 'a.jsonl' } });
    expectTypeOf<ItemOf<typeof source>>().toEqualTypeOf<{ id: number }>();
    expect(jsonl({ s3: 's3://bucket/a' }).location).toEqual({ kind: 's3', bucket: 'bucket', key: 'a' });
  });

  test('fails on unknown options', () => {
    const message = 'jsonl: unknown option "columns"; allowed are file, s3';
    expect(() => jsonl({ file: 'a', columns: ['x'] } as never)).toThrow(expect.objectContaining({ message }));
  });
});

test('pinJsonl fixes the object, and where its first line begins', async () => {
  for (const [text, startByte] of [
    ['\ufeff1\n', 3],
    ['1\n', 0],
  ] as const) {
    const bytes = utf8(text);
    const pinned = { kind: 'jsonl', object: objectOf(bytes), startByte };
    expect(await pinJsonl(objectOf(bytes), readerOf(bytes))).toEqual(pinned);
  }
});

describe('jsonlDriver', () => {
  test('reads one JSON value a line, of any type', async () => {
    const items = await read(utf8('{"a":[1,null]}\r\n"x"\n 3 \nnull\nfalse'));
    expect(items.map(({ input }) => input)).toEqual([{ a: [1, null] }, 'x', 3, null, false]);
    expect(items.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4]);
  });

  test('skips a byte order mark and blank lines', async () => {
    expect(await read(utf8('\ufeff\n \t\r\n1\n\n\n2\n  '))).toEqual([
      { index: 0, input: 1 },
      { index: 1, input: 2 },
    ]);
    expect(await read(utf8(''))).toEqual([]);
    expect(await read(utf8('\ufeff'))).toEqual([]);
  });

  test('fails items that are not JSON or not UTF-8, with their text, and no others', async () => {
    const items = await read(Uint8Array.of(...utf8('1\n{"a":\r\n'), 0x22, 0xff, 0x22, 0x0a, ...utf8('\u00a0\n2')));
    expect(items).toEqual([
      { index: 0, input: 1 },
      { index: 1, input: '{"a":', error: { code: 'itemInvalid', message: expect.stringMatching(/^invalid JSON: /) } },
      { index: 2, input: '"\ufffd"', error: { code: 'itemInvalid', message: 'invalid UTF-8' } },
      { index: 3, input: '\u00a0', error: { code: 'itemInvalid', message: expect.stringMatching(/^invalid JSON: /) } },
      { index: 4, input: 2 },
    ]);
  });

  test('fails items with a byte order mark of their own, and items nested too deep', async () => {
    const items = await read(utf8(`1\n\ufeff2\n${'['.repeat(100_000)}${']'.repeat(100_000)}\n`));
    expect(items.map((item) => 'error' in item && item.error.message)).toEqual([
      false,
      expect.stringMatching(/^invalid JSON: /),
      'invalid JSON: it is nested deeper than 200 levels',
    ]);
  });

  test('fails on UTF-16', async () => {
    await expect(read(Uint8Array.of(0xff, 0xfe, 0x31, 0))).rejects.toThrow('jsonl: the file is UTF-16, expected UTF-8');
  });

  test('fails with sourceChanged where a range holds other lines than its slice says', async () => {
    const bytes = utf8('1\n2\n');
    const pinned = { kind: 'jsonl', object: objectOf(bytes), startByte: 0 } as const;
    const slice = { firstItem: 0, count: 1, payload: { kind: 'bytes', start: 0, end: 4 } } as const;
    const items = jsonlDriver.items(pinned, slice, { bytes: readerOf(bytes) });
    await expect(items).rejects.toMatchObject({ code: 'sourceChanged' });
  });

  test.each([1_000, 1_048_576, 4_000_000])(
    'fails on a line above 1 MiB, not on blank ones, chunks of %d',
    async (chunkBytes) => {
      const blank = ' '.repeat(9 * BATCH_BYTES_MAX);
      const bytes = utf8(`1\n${blank}\n2\n"${'x'.repeat(BATCH_BYTES_MAX)}"\n3\n`);
      const pinned = { kind: 'jsonl', object: objectOf(bytes), startByte: 0 } as const;
      const context = { bytes: readerOf(bytes) };
      const { slices, error } = await slicesUntilError(makeJsonlDriver({ chunkBytes }), pinned, 9, context);
      expect(slices.map(({ count, bytes }) => [count, bytes])).toEqual([
        [1, 2],
        [1, 2],
      ]);
      expect(error).toMatchObject({
        code: 'itemTooLarge',
        message: `key: item 2 starts at byte ${2 + blank.length + 1 + 2} and is larger than 1048576 bytes; each line must be one JSON value`,
      });
    },
  );
});
