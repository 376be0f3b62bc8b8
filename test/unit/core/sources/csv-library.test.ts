import { parse } from 'csv-parse/sync';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { csvDriver } from '../../../../lib/core/sources/csv-driver.ts';
import type { PinnedCsv } from '../../../../lib/core/sources/source.ts';
import { objectOf, readerOf, utf8 } from './fixtures.ts';

vi.mock('csv-parse/sync', { spy: true });
const library = vi.mocked(parse as (input: Buffer) => string[][]);

/** The items of a file of one column and two records. */
function items(text: string) {
  const bytes = utf8(text);
  const pinned: PinnedCsv = { kind: 'csv', object: objectOf(bytes), columns: ['x'], startByte: 0 };
  const slice = { firstItem: 0, count: 2, payload: { kind: 'bytes', start: 0, end: bytes.length } } as const;
  return csvDriver.items(pinned, slice, { bytes: readerOf(bytes) });
}

beforeEach(() => void library.mockReset());

test('the records of a slice are parsed in one call', async () => {
  expect(await items('a\nb\n')).toEqual([
    { index: 0, input: { x: 'a' } },
    { index: 1, input: { x: 'b' } },
  ]);
  expect(library).toHaveBeenCalledTimes(1);
});

test('each is parsed by itself where one is damaged, and that one is not parsed at all', async () => {
  expect(await items('"a"b\nb\n')).toMatchObject([{ error: {} }, { input: { x: 'b' } }]);
  expect(library).toHaveBeenCalledTimes(1);
});

describe('where the library does not see the records that the scanner sees, they fail, and none is lost', () => {
  const notOne = 'invalid record: it is not one row';
  test.each([
    ['nothing', () => [], notOne],
    ['a row more', (input: Buffer) => Array.from({ length: input.length === 4 ? 3 : 2 }, () => ['c']), notOne],
    [
      'an error',
      () => {
        throw new Error('odd');
      },
      'invalid record: odd',
    ],
  ])('%s', async (_, wrong, message) => {
    library.mockImplementation(wrong);
    expect(await items('a\nb\n')).toEqual([
      { index: 0, input: 'a', error: { code: 'itemInvalid', message } },
      { index: 1, input: 'b', error: { code: 'itemInvalid', message } },
    ]);
    expect(library).toHaveBeenCalledTimes(3);
  });
});
