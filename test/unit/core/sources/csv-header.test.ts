import { expect, test } from 'vitest';
import { BATCH_BYTES_MAX, PINNED_BYTES_MAX } from '../../../../lib/core/limits.ts';
import { csv, pinCsv } from '../../../../lib/core/sources/csv.ts';
import { objectOf, readerOf, utf8 } from './fixtures.ts';

/** Pins a file whose columns are in its header row, and says which bytes that read. */
async function pin(text: string) {
  const bytes = utf8(text);
  const inner = readerOf(bytes);
  const reads: [number, number][] = [];
  const reader = {
    read(start: number, end: number) {
      reads.push([start, end]);
      return inner.read(start, end);
    },
  };
  return { reads, pinned: await pinCsv({ columns: null }, objectOf(bytes), reader) };
}
const rows = (bytes: number) => 'x'.repeat(bytes);

test('a header row is read in steps that double until it is whole', async () => {
  const short = await pin(`x,y\n${rows(200_000)}`);
  expect(short.reads).toEqual([
    [0, 3],
    [0, 65_536],
  ]);
  const late = await pin(`\ufeff${'\n'.repeat(150_000)}x,y\n${rows(500_000)}`);
  expect(late.reads).toEqual([
    [0, 3],
    [3, 3 + 65_536],
    [3, 3 + 131_072],
    [3, 3 + 262_144],
  ]);
  expect(late.pinned).toMatchObject({ columns: ['x', 'y'], startByte: 3 + 150_000 + 4 });
});

test('a header row may end with the first 1 MiB after the byte order mark, and no later', async () => {
  const until = (end: number) => pin(`\ufeff${'\n'.repeat(end - 2)}x\n${rows(10)}`);
  expect((await until(BATCH_BYTES_MAX)).pinned).toMatchObject({ columns: ['x'], startByte: 3 + BATCH_BYTES_MAX });
  await expect(until(BATCH_BYTES_MAX + 1)).rejects.toThrow(
    'csv: the header row is larger than 1048576 bytes; a quote may be left open in it',
  );
});

test('a file of a header row alone may end without a line break, in 1 MiB and no later', async () => {
  const alone = (size: number) => pin(`${'\n'.repeat(size - 1)}x`);
  expect((await alone(BATCH_BYTES_MAX)).pinned).toMatchObject({ columns: ['x'], startByte: BATCH_BYTES_MAX });
  await expect(alone(BATCH_BYTES_MAX + 1)).rejects.toThrow('the header row is larger than');
});

test('a last quoted name before a lone CR is damaged', async () => {
  await expect(pin('x,"y"\r')).rejects.toThrow(
    'csv: header row: invalid quotes: a field goes on after its closing quote',
  );
});

test('names may be 64 KiB of JSON, and no more', () => {
  const name = 'x'.repeat(PINNED_BYTES_MAX - '[""]'.length);
  expect(csv({ file: 'a', columns: [name] }).columns).toEqual([name]);
  expect(() => csv({ file: 'a', columns: [`${name}x`] })).toThrow(
    'csv: columns: the names are 65537 bytes of JSON, allowed are 65536',
  );
});

test('names are copied: what their author does to the list afterwards changes nothing', () => {
  const columns = ['x', 'y'];
  const source = csv({ file: 'a', columns });
  columns.pop();
  expect(source.columns).toEqual(['x', 'y']);
});
