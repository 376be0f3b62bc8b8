import { describe, expect, expectTypeOf, test } from 'vitest';
import { BATCH_BYTES_MAX } from '../../../../lib/core/limits.ts';
import { csv, pinCsv } from '../../../../lib/core/sources/csv.ts';
import { csvDriver, makeCsvDriver } from '../../../../lib/core/sources/csv-driver.ts';
import type { ItemOf } from '../../../../lib/core/sources/index.ts';
import type { PinnedCsv } from '../../../../lib/core/sources/source.ts';
import { itemsOf, objectOf, readerOf, slicesOf, slicesUntilError, utf8 } from './fixtures.ts';

const pin = (bytes: Uint8Array, columns: readonly string[] | null = null) =>
  pinCsv({ columns }, objectOf(bytes), readerOf(bytes));

async function read(bytes: Uint8Array, columns: readonly string[] | null = null) {
  const pinned = await pin(bytes, columns);
  const context = { bytes: readerOf(bytes) };
  return itemsOf(csvDriver, pinned, await slicesOf(csvDriver, pinned, 2, context), context);
}
const inputs = async (text: string, columns: readonly string[] | null = null) =>
  (await read(utf8(text), columns)).map(({ input }) => input);

describe('csv', () => {
  test('takes a file with columns, and types its items by them', () => {
    const source = csv({ file: 'a.csv', columns: ['x', 'y'] });
    expect(source).toEqual({ kind: 'csv', location: { kind: 'file', file: 'a.csv' }, columns: ['x', 'y'] });
    expectTypeOf<ItemOf<typeof source>>().toEqualTypeOf<Record<'x' | 'y', string>>();
  });

  test('takes an object of S3 without columns', () => {
    const source = csv({ s3: 's3://some-bucket/a/b c.csv' });
    expect(source.location).toEqual({ kind: 's3', bucket: 'some-bucket', key: 'a/b c.csv' });
    expect(source.columns).toBeNull();
    expectTypeOf<ItemOf<typeof source>>().toEqualTypeOf<Record<string, string>>();
  });

  test.each([
    ['no place', {}, 'expected exactly one of file and s3, got none'],
    ['two places', { file: 'a', s3: 's3://bucket/a' }, 'expected exactly one of file and s3, got both'],
    ['no object', 'a.csv', 'expected { file } or { s3 }, got "a.csv"'],
    ['an unknown option', { file: 'a', column: [] }, 'unknown option "column"; allowed are file, s3, columns'],
    ['an empty path', { file: '' }, 'file: expected a path, got ""'],
    ['a URL of another kind', { s3: 'https://bucket/key' }, 'expected s3://bucket/key, got "https://bucket/key"'],
    ['a bucket without a key', { s3: 's3://bucket/' }, 'expected s3://bucket/key'],
    ['a bad bucket', { s3: 's3://Bucket/key' }, 'expected s3://bucket/key'],
    ['a long key', { s3: `s3://bucket/${'é'.repeat(513)}` }, 'the key is longer than 1024 bytes'],
    ['no columns', { file: 'a', columns: [] }, 'columns: expected at least one name, got none'],
    ['columns of no list', { file: 'a', columns: 'x' }, 'columns: expected a list of names, got "x"'],
    ['an empty name', { file: 'a', columns: ['x', ''] }, 'columns: name 2: expected a text that is not empty, got ""'],
    ['a name of no text', { file: 'a', columns: [1] }, 'columns: name 1: expected a text that is not empty, got 1'],
    ['equal names', { file: 'a', columns: ['x', 'y', 'x'] }, 'columns: names 1 and 3 are both "x"'],
    ['very many names', { file: 'a', columns: ['x'.repeat(65_536)] }, 'allowed are 65536'],
  ])('fails on %s', (_, options, message) => {
    const call = () => csv(options as never);
    expect(call).toThrow(message);
    expect(call).toThrow(expect.objectContaining({ code: 'sourceInvalid', message: expect.stringMatching(/^csv: /) }));
  });
});

describe('pinCsv', () => {
  test.each([
    ['a header row', 'x,y\n1,2\n', ['x', 'y'], 4],
    ['a byte order mark', '\ufeffx,y\n1,2\n', ['x', 'y'], 7],
    ['blank lines before the header row', '\r\n\nx,y\r\n', ['x', 'y'], 8],
    ['a header row alone, without line break', 'x', ['x'], 1],
    ['quotes and line breaks in names', '"x ""1""\n",y\n', ['x "1"\n', 'y'], 13],
    ['untrimmed names', ' x ,y\n', [' x ', 'y'], 6],
  ])('reads %s', async (_, text, columns, startByte) => {
    expect(await pin(utf8(text))).toEqual({ kind: 'csv', object: objectOf(utf8(text)), columns, startByte });
  });

  test('skips a byte order mark when columns are stated, and reads an empty file', async () => {
    const bytes = utf8('\ufeffx,y\n');
    const pinned = { kind: 'csv', object: objectOf(bytes), columns: ['a', 'b'], startByte: 3 };
    expect(await pin(bytes, ['a', 'b'])).toEqual(pinned);
    expect((await pin(utf8('x,y\n'), ['a', 'b'])).startByte).toBe(0);
    expect((await pin(utf8(''), ['a', 'b'])).startByte).toBe(0);
  });

  test('reads a header row longer than its first read', async () => {
    const columns = Array.from({ length: 4_000 }, (_, index) => `column-${index}`);
    const padded = `${columns.map((name) => `"${name}"`).join(',')}\n1\n`;
    const long = `${'\n'.repeat(65_000)}${padded}`;
    expect(long.length).toBeGreaterThan(100_000);
    expect((await pin(utf8(long))).columns).toEqual(columns);
  });

  test.each([
    ['an empty file', utf8(''), 'the file is empty: expected a header row, or state columns'],
    ['a byte order mark alone', utf8('\ufeff'), 'the file is empty'],
    ['blank lines alone', utf8('\n\r\n'), 'the file is empty'],
    ['little-endian UTF-16', Uint8Array.of(0xff, 0xfe, 0x78, 0), 'the file is UTF-16, expected UTF-8'],
    ['big-endian UTF-16', Uint8Array.of(0xfe, 0xff, 0, 0x78), 'the file is UTF-16, expected UTF-8'],
    ['an empty name', utf8('x,,y\n'), 'header row: name 2: expected a text that is not empty'],
    ['equal names', utf8('x,y,x\n'), 'header row: names 1 and 3 are both "x", expected different names'],
    ['an unclosed quote', utf8('x,"y\n1,2\n'), 'unclosed quote in the header row'],
    ['broken quotes', utf8('x,"y"z\n'), 'header row: invalid quotes'],
    ['bytes that are not UTF-8', Uint8Array.of(0x78, 0xe9, 0x0a), 'header row: invalid UTF-8'],
    ['an endless header row', new Uint8Array(BATCH_BYTES_MAX + 1).fill(0x61), 'the header row is larger than 1048576'],
  ])('fails on %s', async (_, bytes, message) => {
    await expect(pin(bytes)).rejects.toThrow(message);
    await expect(pin(bytes)).rejects.toMatchObject({
      code: 'sourceInvalid',
      message: expect.stringMatching(/^csv: /),
    });
  });
});

describe('csvDriver', () => {
  test('reads records as objects of untrimmed strings', async () => {
    const text = 'x,y\n1, a \r\n\n"q ""1""\r\n",\n"",ü';
    expect(await inputs(text)).toEqual([
      { x: '1', y: ' a ' },
      { x: 'q "1"\r\n', y: '' },
      { x: '', y: 'ü' },
    ]);
  });

  test('numbers items from 0, and counts no header row', async () => {
    expect((await read(utf8('x\na\nb\nc\n'))).map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(await read(utf8('x\n'))).toEqual([]);
    expect(await read(utf8('x'))).toEqual([]);
    expect(await read(utf8(''), ['x'])).toEqual([]);
  });

  test('reads the first row as an item when columns are stated, after the byte order mark', async () => {
    expect(await inputs('\ufeff"a",b', ['x', 'y'])).toEqual([{ x: 'a', y: 'b' }]);
  });

  test('keeps a byte order mark elsewhere, and names like those of objects', async () => {
    const [item] = await inputs('\ufeffa,b', ['__proto__', 'constructor']);
    expect(JSON.stringify(item)).toBe('{"__proto__":"a","constructor":"b"}');
    expect(await inputs('x\n\ufeffa\n')).toEqual([{ x: '\ufeffa' }]);
  });

  test('fails items of another number of columns, with their text, and no others', async () => {
    expect(await read(utf8('x,y,z\n1,2,3\n1,2\r\n1,2,3,4\n4,5,6'))).toEqual([
      { index: 0, input: { x: '1', y: '2', z: '3' } },
      { index: 1, input: '1,2', error: { code: 'itemInvalid', message: 'expected 3 columns, got 2' } },
      { index: 2, input: '1,2,3,4', error: { code: 'itemInvalid', message: 'expected 3 columns, got 4' } },
      { index: 3, input: { x: '4', y: '5', z: '6' } },
    ]);
    expect(await read(utf8('x\n1,2\n'))).toMatchObject([{ error: { message: 'expected 1 column, got 2' } }]);
  });

  test('fails items with something after a closing quote, and no others', async () => {
    expect(await read(utf8('x,y\n"a"b,c\nd,"e"'))).toEqual([
      {
        index: 0,
        input: '"a"b,c',
        error: { code: 'itemInvalid', message: 'invalid quotes: a field goes on after its closing quote' },
      },
      { index: 1, input: { x: 'd', y: 'e' } },
    ]);
  });

  test('takes a quote inside an unquoted field as it stands', async () => {
    expect(await inputs('x,y\n5" disk,b\n')).toEqual([{ x: '5" disk', y: 'b' }]);
  });

  test('fails items that are not UTF-8, and no others', async () => {
    const bytes = Uint8Array.of(...utf8('x\na\n'), 0xff, 0x0a, ...utf8('b\n'));
    expect(await read(bytes)).toEqual([
      { index: 0, input: { x: 'a' } },
      { index: 1, input: '\ufffd', error: { code: 'itemInvalid', message: 'invalid UTF-8' } },
      { index: 2, input: { x: 'b' } },
    ]);
  });

  test('slices by batch size; blank lines belong to nobody', async () => {
    const bytes = utf8('x\n\na\n\nb\n\n\nc\n\n');
    const pinned = await pin(bytes);
    expect(await slicesOf(csvDriver, pinned, 2, { bytes: readerOf(bytes) })).toEqual([
      { firstItem: 0, count: 2, payload: { kind: 'bytes', start: 3, end: 8 }, bytes: 5, cursor: { byte: 8, item: 2 } },
      {
        firstItem: 2,
        count: 1,
        payload: { kind: 'bytes', start: 10, end: 12 },
        bytes: 2,
        cursor: { byte: 12, item: 3 },
      },
    ]);
    expect(csvDriver.total(pinned)).toBeNull();
  });
});

describe('csvDriver, large records', () => {
  const pinned = (sizeBytes: number): PinnedCsv => ({
    kind: 'csv',
    object: objectOf(sizeBytes),
    columns: ['x'],
    startByte: 0,
  });
  const row = (length: number) => `${'x'.repeat(length - 1)}\n`;

  test.each([1_000, 4_096, 1_048_576, 4_000_000])('cuts slices at 1 MiB, chunks of %d bytes', async (chunkBytes) => {
    const text = utf8(row(BATCH_BYTES_MAX / 2) + row(BATCH_BYTES_MAX / 2) + row(2) + row(BATCH_BYTES_MAX) + row(3));
    const driver = makeCsvDriver({ chunkBytes });
    const slices = await slicesOf(driver, pinned(text.length), 100, { bytes: readerOf(text) });
    expect(slices.map(({ count, bytes }) => [count, bytes])).toEqual([
      [2, BATCH_BYTES_MAX],
      [1, 2],
      [1, BATCH_BYTES_MAX],
      [1, 3],
    ]);
  });

  test.each([1_000, 1_048_576, 1_048_580, 4_000_000])(
    'fails on a record above 1 MiB, chunks of %d bytes',
    async (chunkBytes) => {
      const text = utf8(`a\nb\nc\n${row(BATCH_BYTES_MAX + 1)}d\n`);
      const context = { bytes: readerOf(text) };
      const { slices, error } = await slicesUntilError(makeCsvDriver({ chunkBytes }), pinned(text.length), 2, context);
      expect(slices.map(({ count }) => count)).toEqual([2, 1]);
      expect(error).toMatchObject({
        code: 'itemTooLarge',
        message: 'key: item 3 starts at byte 6 and is larger than 1048576 bytes; a quote may be left open in it',
      });
    },
  );

  test('stops reading soon after a record has grown too large', async () => {
    const text = utf8(`"${'x\n'.repeat(4 * BATCH_BYTES_MAX)}`);
    let read = 0;
    const inner = readerOf(text);
    const bytes = {
      read: (start: number, end: number) => {
        read = end;
        return inner.read(start, end);
      },
    };
    const { error } = await slicesUntilError(csvDriver, pinned(text.length), 2, { bytes });
    expect(error).toMatchObject({ code: 'itemTooLarge' });
    expect(read).toBeLessThanOrEqual(4 * BATCH_BYTES_MAX);
  });

  test.each([1, 3, 100])(
    'fails on an unclosed quote, after the items before it, chunks of %d bytes',
    async (chunkBytes) => {
      const text = utf8('a\nb\nc\n"d\ne\n');
      const context = { bytes: readerOf(text) };
      const { slices, error } = await slicesUntilError(makeCsvDriver({ chunkBytes }), pinned(text.length), 2, context);
      expect(slices.map(({ count }) => count)).toEqual([2, 1]);
      expect(error).toMatchObject({
        code: 'sourceInvalid',
        message: 'key: unclosed quote in the record that starts at byte 6 (item 3)',
      });
    },
  );
});

describe('csvDriver, what does not fit', () => {
  const text = utf8('a\nb\nc\n');
  const pinned: PinnedCsv = { kind: 'csv', object: objectOf(text), columns: ['x'], startByte: 0 };
  const context = { bytes: readerOf(text) };
  const items = (start: number, end: number, count: number) =>
    csvDriver.items(pinned, { firstItem: 0, count, payload: { kind: 'bytes', start, end } }, context);

  test('fails with sourceChanged where a range holds other records than its slice says', async () => {
    await expect(items(0, 4, 3)).rejects.toMatchObject({
      code: 'sourceChanged',
      message: 'bytes 0 to 4 of s3://bucket/key: expected 3 records, got 2 records',
    });
    await expect(items(0, 6, 2)).rejects.toMatchObject({ code: 'sourceChanged' });
    const quoted = { bytes: readerOf(utf8('a\n"b\nc')) };
    const slice = { firstItem: 0, count: 3, payload: { kind: 'bytes', start: 0, end: 6 } } as const;
    await expect(csvDriver.items(pinned, slice, quoted)).rejects.toMatchObject({
      code: 'sourceChanged',
      message: 'bytes 0 to 6 of s3://bucket/key: expected 3 records, got an unclosed quote',
    });
  });

  test.each([
    [0, 0],
    [4, 2],
    [0, 7],
    [-1, 2],
  ])('fails with messageInvalid on bytes %d to %d', async (start, end) => {
    await expect(items(start, end, 1)).rejects.toMatchObject({ code: 'messageInvalid' });
  });

  test('fails with messageInvalid on bytes before the first record and on ranges above 1 MiB', async () => {
    const later = { ...pinned, startByte: 2 };
    const slice = { firstItem: 0, count: 1, payload: { kind: 'bytes', start: 0, end: 2 } } as const;
    await expect(csvDriver.items(later, slice, context)).rejects.toMatchObject({ code: 'messageInvalid' });
    const large = { ...pinned, object: objectOf(BATCH_BYTES_MAX + 1) };
    const huge = { firstItem: 0, count: 1, payload: { kind: 'bytes', start: 0, end: BATCH_BYTES_MAX + 1 } } as const;
    await expect(csvDriver.items(large, huge, context)).rejects.toMatchObject({ code: 'messageInvalid' });
  });

  test('fails with messageInvalid on a payload of another kind', async () => {
    const slice = { firstItem: 0, count: 1, payload: { kind: 'ranks', start: 0, count: 1 } } as const;
    await expect(csvDriver.items(pinned, slice, context)).rejects.toMatchObject({ code: 'messageInvalid' });
  });

  test('fails with inputUnreadable, to be tried again, when a read comes back short', async () => {
    const short = { bytes: { read: async () => utf8('a\n') } };
    const error = { code: 'inputUnreadable', retryable: true };
    await expect(slicesOf(csvDriver, pinned, 2, short)).rejects.toMatchObject(error);
  });

  test.each([{ byte: 7, item: 0 }, { byte: -1, item: 0 }, { byte: 1.5, item: 0 }, { byte: 0, item: -1 }, { item: 0 }])(
    'fails on the cursor %o',
    async (cursor) => {
      await expect(slicesOf(csvDriver, pinned, 2, context, cursor)).rejects.toMatchObject({ code: 'internal' });
    },
  );

  test.each([0, 1.5, 10_001, Number.NaN])('fails on batch size %d', async (batchSize) => {
    await expect(slicesOf(csvDriver, pinned, batchSize, context)).rejects.toThrow('batchSize: expected');
  });
});

describe('csvDriver, reading', () => {
  const text = utf8('abc\n'.repeat(100));
  const pinned: PinnedCsv = { kind: 'csv', object: objectOf(text), columns: ['x'], startByte: 0 };

  test('reads one chunk ahead and no more, and aborts that one when its consumer stops', async () => {
    const reads: [number, number, AbortSignal | undefined][] = [];
    const inner = readerOf(text);
    const bytes = {
      read: (start: number, end: number, signal?: AbortSignal) => {
        reads.push([start, end, signal]);
        return inner.read(start, end);
      },
    };
    for await (const slice of makeCsvDriver({ chunkBytes: 10 }).slices(pinned, null, { batchSize: 1 }, { bytes })) {
      if (slice.firstItem === 0) break;
    }
    expect(reads.map(([start, end]) => [start, end])).toEqual([
      [0, 10],
      [10, 20],
    ]);
    expect(reads[1]?.[2]?.aborted).toBe(true);
  });

  test('leaves no unhandled rejection when the chunk read ahead fails and nobody wants it', async () => {
    const inner = readerOf(text);
    const bytes = {
      read: (start: number, end: number) => (start > 0 ? Promise.reject(new Error('away')) : inner.read(start, end)),
    };
    const slices = makeCsvDriver({ chunkBytes: 10 }).slices(pinned, null, { batchSize: 1 }, { bytes });
    for await (const _ of slices) break;
    await new Promise(setImmediate);
    await expect(slicesOf(makeCsvDriver({ chunkBytes: 10 }), pinned, 1, { bytes })).rejects.toThrow('away');
  });

  test('ends when its signal is aborted', async () => {
    const controller = new AbortController();
    const inner = readerOf(text);
    // Also when the reader does not heed the signal.
    const bytes = { read: (start: number, end: number) => inner.read(start, end) };
    const context = { bytes, signal: controller.signal };
    const read = async () => {
      for await (const _ of makeCsvDriver({ chunkBytes: 10 }).slices(pinned, null, { batchSize: 1 }, context)) {
        controller.abort(new Error('enough'));
      }
    };
    await expect(read()).rejects.toThrow('enough');
  });
});
