import { describe, expect, test } from 'vitest';
import {
  csv,
  driverOf,
  from,
  generateOf,
  grid,
  isPinnable,
  jsonl,
  locationOf,
  pinnedSourceSchema,
  pinSource,
  range,
  s3Objects,
} from '../../../../lib/core/sources/index.ts';
import { type PinnedSource, SOURCE_KINDS, type SourceDefinition } from '../../../../lib/core/sources/source.ts';
import { itemsOf, objectOf, readerOf, slicesOf, utf8 } from './fixtures.ts';

const bytes = utf8('"x"\n"y"\n');
const reader = readerOf(bytes);
const generate = async function* (cursor: number | null) {
  for (let at = cursor ?? 0; at < 2; at++) yield { item: at, cursor: at + 1 };
};
const cases: [SourceDefinition, PinnedSource, unknown[]][] = [
  [csv({ file: 'a' }), { kind: 'csv', object: objectOf(bytes), columns: ['x'], startByte: 4 }, [{ x: 'y' }]],
  [jsonl({ file: 'a' }), { kind: 'jsonl', object: objectOf(bytes), startByte: 0 }, ['x', 'y']],
  [range(2), { kind: 'range', count: 2 }, [0, 1]],
  [grid({ a: [1, 2] }), { kind: 'grid', axes: [{ name: 'a', values: [1, 2] }] }, [{ a: 1 }, { a: 2 }]],
  [from(generate, { count: 2 }), { kind: 'from', count: 2 }, [0, 1]],
  [
    s3Objects('s3://bucket/in/'),
    { kind: 's3Objects', bucket: 'bucket', prefix: 'in/' },
    [{ bucket: 'bucket', key: 'key', size: bytes.length, etag: '"1"' }],
  ],
];

describe('sources', () => {
  test('are all tested here', () => {
    expect(cases.map(([{ kind }]) => kind)).toEqual(SOURCE_KINDS);
  });

  test.each(cases)('pin as plain JSON and give their items: %j', async (definition, pinned, inputs) => {
    const got = await pinSource(definition, { object: objectOf(bytes), reader });
    expect(got).toStrictEqual(pinned);
    expect(pinnedSourceSchema.parse(JSON.parse(JSON.stringify(got)))).toEqual(pinned);
    const generator = generateOf(definition);
    const list = async () => ({ objects: [objectOf(bytes)], more: false });
    const context = { bytes: reader, list, ...(generator === undefined ? {} : { generate: generator }) };
    const driver = driverOf(got);
    const items = await itemsOf(driver, got, await slicesOf(driver, got, 1, context), context);
    expect(items.map(({ input }) => input)).toEqual(inputs);
  });

  test('say whether they can be pinned, and where their bytes lie', () => {
    expect(SOURCE_KINDS.filter((kind) => !isPinnable(kind))).toEqual(['from', 's3Objects']);
    expect(isPinnable('redrive')).toBe(false);
    expect(cases.map(([definition]) => locationOf(definition)?.kind ?? null)).toEqual([
      'file',
      'file',
      null,
      null,
      null,
      null,
    ]);
  });

  test('have a generator only if they are made from one, whatever else a definition holds', () => {
    const stray = { ...range(2), generate, location: { kind: 'file', file: 'a' } };
    expect([generateOf(stray), locationOf(stray), generateOf(from(generate))]).toEqual([undefined, null, generate]);
  });

  test('fail to pin a definition made by hand that is none', async () => {
    const made = { kind: 'range', count: -1 } as SourceDefinition;
    await expect(pinSource(made)).rejects.toMatchObject({
      code: 'sourceInvalid',
      message: expect.stringMatching(/^range: count: .*>=0; make it with range\(…\)$/),
    });
    const axes = [{ name: 7, values: [1] }];
    await expect(pinSource({ kind: 'grid', axes } as unknown as SourceDefinition)).rejects.toThrow(
      /^grid: axes\.0\.name: .*; make it with grid\(…\)$/,
    );
    await expect(pinSource(csv({ file: 'a' }))).rejects.toMatchObject({
      code: 'internal',
      message: 'csv: pinning needs its object',
    });
  });
});
