import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../../lib/core/json.ts';
import { pinCsv } from '../../../lib/core/sources/csv.ts';
import { makeCsvDriver } from '../../../lib/core/sources/csv-driver.ts';
import { makeJsonlDriver, pinJsonl } from '../../../lib/core/sources/jsonl.ts';
import { objectOf, readerOf, utf8 } from '../../unit/core/sources/fixtures.ts';
import { expectExactlyOnce } from './laws.ts';

const sizesArbitrary = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 });
const chunkArbitrary = fc.integer({ min: 1, max: 200 });
const breakArbitrary = fc.constantFrom('\n', '\r\n', '\n\n', '\r\n\n\r\n');
const fieldArbitrary = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({ unit: fc.constantFrom('a', 'é', '"', ',', '\n', '\r', ' '), maxLength: 12 }),
);

/** A field as text: quoted where it must be, and sometimes where it need not. */
const written = (field: string, quoted: boolean) =>
  quoted || /[",\r\n]/.test(field) || field === '' ? `"${field.replaceAll('"', '""')}"` : field;

/** A whole file: rows of one width with their line breaks, some blank lines, perhaps a byte order mark. */
const csvArbitrary = fc.integer({ min: 1, max: 4 }).chain((width) => {
  const row = fc.array(fc.tuple(fieldArbitrary, fc.boolean()), { minLength: width, maxLength: width });
  return fc
    .record({
      mark: fc.boolean(),
      rows: fc.array(fc.tuple(row, breakArbitrary), { maxLength: 30 }),
      lastBreak: fc.boolean(),
    })
    .map(({ mark, rows, lastBreak }) => {
      const lines = rows.map(([fields, ending]) => [
        fields.map(([field, quoted]) => written(field, quoted)).join(','),
        ending,
      ]);
      const text = lines
        .map((line, index) => (index < lines.length - 1 || lastBreak ? line.join('') : line[0]))
        .join('');
      return {
        columns: Array.from({ length: width }, (_, column) => `c${column}`),
        text: (mark ? '\ufeff' : '') + text,
      };
    });
});

const library = (text: string, columns: string[] | true): Json[] =>
  parse(text, { bom: true, columns, skip_empty_lines: true, record_delimiter: ['\r\n', '\n'] });

describe('csv', () => {
  test('gives what csv-parse gives on the whole file, each record once, from any cursor, in any chunks', async () => {
    await fc.assert(
      fc.asyncProperty(csvArbitrary, sizesArbitrary, chunkArbitrary, async ({ columns, text }, sizes, chunkBytes) => {
        const bytes = utf8(text);
        const context = { bytes: readerOf(bytes) };
        const pinned = await pinCsv({ columns }, objectOf(bytes), context.bytes);
        await expectExactlyOnce(makeCsvDriver({ chunkBytes }), pinned, context, library(text, columns), sizes);
      }),
      { numRuns: 300 },
    );
  });

  test('takes the names of the header row as csv-parse does', async () => {
    await fc.assert(
      fc.asyncProperty(csvArbitrary, chunkArbitrary, async ({ columns, text }, chunkBytes) => {
        const mark = text.startsWith('\ufeff') ? '\ufeff' : '';
        const whole = `${mark}\r\n${columns.map((name) => `"${name}\n"`).join(',')}\r\n${text.slice(mark.length)}`;
        const bytes = utf8(whole);
        const context = { bytes: readerOf(bytes) };
        const pinned = await pinCsv({ columns: null }, objectOf(bytes), context.bytes);
        expect(pinned.columns).toEqual(columns.map((name) => `${name}\n`));
        await expectExactlyOnce(makeCsvDriver({ chunkBytes }), pinned, context, library(whole, true), [3]);
      }),
    );
  });

  test('on any bytes at all, gives the same slices in any chunks, and as many items as it counts', async () => {
    const soup = fc.array(
      fc.oneof(fc.constantFrom(0x0a, 0x0d, 0x22, 0x2c, 0x61, 0x00, 0xef, 0xbb, 0xbf), fc.integer({ min: 0, max: 255 })),
      { maxLength: 200 },
    );
    const run = async (bytes: Uint8Array, chunkBytes: number, batchSize: number) => {
      const context = { bytes: readerOf(bytes) };
      const driver = makeCsvDriver({ chunkBytes });
      const pinned = { kind: 'csv', object: objectOf(bytes), columns: ['x', 'y'], startByte: 0 } as const;
      const found: unknown[] = [];
      try {
        for await (const slice of driver.slices(pinned, null, { batchSize }, context)) {
          const items = await driver.items(pinned, slice, context);
          expect(items.map(({ index }) => index)).toEqual(items.map((_, offset) => slice.firstItem + offset));
          expect(items).toHaveLength(slice.count);
          found.push(slice, items);
        }
      } catch (error) {
        expect(error).toMatchObject({ code: 'sourceInvalid', message: expect.stringMatching(/^key: unclosed quote/) });
        found.push((error as Error).message);
      }
      return found;
    };
    await fc.assert(
      fc.asyncProperty(soup, chunkArbitrary, fc.integer({ min: 1, max: 20 }), async (list, chunkBytes, batchSize) => {
        const bytes = Uint8Array.from(list);
        expect(await run(bytes, chunkBytes, batchSize)).toEqual(await run(bytes, 1_000, batchSize));
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('jsonl', () => {
  const space = fc.string({ unit: fc.constantFrom(' ', '\t', '\r'), maxLength: 3 });
  const value = fc.jsonValue({ maxDepth: 3 }).map((json) => JSON.parse(JSON.stringify(json)) as Json);
  const line = fc.tuple(space, fc.option(value, { nil: undefined }), space);

  test('gives each value once, in order, from any cursor, in any chunks', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(line),
        fc.boolean(),
        sizesArbitrary,
        chunkArbitrary,
        async (lines, mark, sizes, chunkBytes) => {
          const text = lines.map(
            ([before, json, after]) => `${before}${json === undefined ? '' : JSON.stringify(json)}${after}`,
          );
          const bytes = utf8(`${mark ? '\ufeff' : ''}${text.join('\n')}`);
          const inputs = lines.map(([, json]) => json).filter((json) => json !== undefined);
          const context = { bytes: readerOf(bytes) };
          const pinned = await pinJsonl(objectOf(bytes), context.bytes);
          await expectExactlyOnce(makeJsonlDriver({ chunkBytes }), pinned, context, inputs, sizes);
        },
      ),
      { numRuns: 300 },
    );
  });
});
