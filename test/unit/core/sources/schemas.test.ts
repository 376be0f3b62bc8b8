import { describe, expect, test } from 'vitest';
import { payloadSchema, pinnedSourceSchema } from '../../../../lib/core/sources/index.ts';

const object = { bucket: 'bucket', key: 'key', sizeBytes: 10, etag: '"1"' };
const csv = { kind: 'csv', object, columns: ['x'], startByte: 3 };

const piece = (firstItem: number, count = 1) => ({
  ...{ firstItem, count, payload: { kind: 'ranks', start: firstItem, count } },
});
const pieces = (...all: object[]) => ({ kind: 'pieces', pieces: all });
const many = (count: number) => Array.from({ length: count }, (_, n) => piece(n));
/** What is wrong with a value, in the schema's words. */
const issuesOf = (schema: typeof payloadSchema | typeof pinnedSourceSchema, value: unknown) =>
  schema.safeParse(value).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);

describe('payloadSchema', () => {
  test.each([
    pieces(piece(0, 10_000), piece(10_000), piece(20_000)),
    pieces(piece(Number.MAX_SAFE_INTEGER - 1)),
    { kind: 'items', items: new Array(10_000).fill(0) },
    { kind: 'bytes', start: 5, end: 6 },
    pieces({ firstItem: 7, count: 1, payload: { kind: 'items', items: [1] } }),
    { kind: 'ranks', start: 0, count: 1 },
    { kind: 'ranks', start: Number.MAX_SAFE_INTEGER - 10_000, count: 10_000 },
    { kind: 'bytes', start: 5, end: 5 + 1_048_576 },
    { kind: 'items', items: [null, { a: [1] }, 'x'] },
  ])('accepts %j', (payload) => {
    expect(payloadSchema.parse(payload)).toEqual(payload);
  });

  test.each([
    { kind: 'files', start: 0, count: 1 },
    { kind: 'ranks', start: 0, count: 0 },
    { kind: 'ranks', start: 0, count: 10_001 },
    { kind: 'ranks', start: -1, count: 1 },
    { kind: 'ranks', start: 2 ** 53, count: 1 },
    { kind: 'ranks', start: Number.MAX_SAFE_INTEGER, count: 1 },
    { kind: 'ranks', start: 0, count: 1, more: true },
    { kind: 'ranks', start: '0', count: 1 },
    { kind: 'bytes', start: 5, end: 5 },
    { kind: 'bytes', start: 5, end: 4 },
    { kind: 'bytes', start: 0, end: 1_048_577 },
    { kind: 'bytes', start: 0.5, end: 2 },
    { kind: 'items', items: [] },
    { kind: 'items', items: new Array(10_001).fill(0) },
    { kind: 'items', items: [undefined] },
    { kind: 'items', items: [new Date(0)] },
    { kind: 'items' },
    { kind: 'items', items: [1], more: true },
    { kind: 'bytes', start: 0, end: 1, more: true },
    { ...pieces(piece(0)), more: true },
    pieces({ ...piece(0), more: true }),
    pieces(),
    pieces(piece(0, 0)),
    pieces(piece(0, 10_001)),
    pieces(piece(-1)),
    pieces({ ...piece(0), payload: pieces(piece(0)) }),
    { kind: 'pieces' },
    null,
    'ranks',
  ])('fails on %j', (payload) => {
    expect(payloadSchema.safeParse(payload).success).toBe(false);
  });
});

test('a payload may have 500 pieces, and no more', () => {
  expect(payloadSchema.safeParse(pieces(...many(500))).success).toBe(true);
  expect(payloadSchema.safeParse(pieces(...many(501))).success).toBe(false);
});

test.each([
  [{ kind: 'ranks', start: Number.MAX_SAFE_INTEGER, count: 1 }, ': expected ranks below 2^53'],
  [{ kind: 'bytes', start: 5, end: 5 }, ': expected 1 to 1048576 bytes from start to end'],
  [{ kind: 'items', items: [undefined] }, 'items.0: expected JSON'],
  [pieces({ ...piece(0), firstItem: Number.MAX_SAFE_INTEGER }), 'pieces.0: expected items below 2^53'],
  [pieces(piece(0, 2), piece(1)), 'pieces: expected pieces in order, each item once'],
  [pieces(piece(3), piece(1)), 'pieces: expected pieces in order, each item once'],
])('the payload %j is wrong: %s', (payload, issue) => {
  expect(issuesOf(payloadSchema, payload)).toEqual([issue]);
});

test('columns may be 64 KiB of JSON, and no more', () => {
  const name = 'x'.repeat(65_536 - '[""]'.length);
  expect(issuesOf(pinnedSourceSchema, { ...csv, columns: [name] })).toBeUndefined();
  expect(issuesOf(pinnedSourceSchema, { ...csv, columns: [`${name}x`] })).toEqual([
    'columns: expected at most 65536 bytes of JSON',
  ]);
});

test.each([
  [{ ...csv, columns: ['x', 'x'] }, 'columns: expected different names'],
  [{ ...csv, startByte: 11 }, ': expected startByte within the object'],
  [{ kind: 'jsonl', object, startByte: 11 }, ': expected startByte within the object'],
  [{ kind: 'grid', axes: [1, 2].map(() => ({ name: 'a', values: [1] })) }, 'axes: expected different names'],
  [{ kind: 'grid', axes: [] }, 'axes: expected at least one axis, got none'],
])('the source %j is wrong: %s', (pinned, issue) => {
  expect(issuesOf(pinnedSourceSchema, pinned)).toEqual([issue]);
});

describe('pinnedSourceSchema', () => {
  test.each([
    { ...csv, startByte: 10 },
    { kind: 'jsonl', object, startByte: 10, first: 0 },
    { kind: 's3Objects', bucket: 'b'.repeat(63), prefix: 'x'.repeat(1_024) },
    { kind: 'jsonl', object: { ...object, key: 'k'.repeat(1_024), etag: 'e'.repeat(1_024) }, startByte: 0 },
    { kind: 'grid', axes: [{ name: '', values: [] }] },
    { ...csv, first: 1 },
    { kind: 'grid', axes: [{ name: 'a', values: [1] }], first: 1 },
    { kind: 'from', count: 0, first: 1 },
    { kind: 'range', count: 3, first: 1 },
    csv,
    { kind: 'jsonl', object: { ...object, sizeBytes: 0 }, startByte: 0 },
    { kind: 'range', count: 0 },
    { kind: 'grid', axes: [{ name: 'a', values: [1, { b: null }] }] },
    { kind: 'from', count: null },
    { kind: 'from', count: 3 },
    { kind: 's3Objects', bucket: 'bucket', prefix: '' },
    { kind: 's3Objects', bucket: 'bucket', prefix: 'in/', first: 7 },
  ])('accepts %j', (pinned) => {
    expect(pinnedSourceSchema.parse(pinned)).toEqual(pinned);
  });

  test.each([
    { ...csv, columns: [] },
    { ...csv, columns: [''] },
    { ...csv, columns: ['x', 'x'] },
    { ...csv, startByte: 11 },
    { ...csv, startByte: -1 },
    { ...csv, delimiter: ';' },
    { ...csv, object: { ...object, etag: '' } },
    { ...csv, object: { ...object, sizeBytes: 2 ** 53 } },
    { ...csv, object: { ...object, version: '1' } },
    { kind: 'jsonl', object, startByte: 11 },
    { kind: 'range', count: 2 ** 53 },
    { kind: 'range', count: 1.5 },
    { kind: 'grid', axes: [] },
    { kind: 'grid', axes: [{ name: 'a', values: [undefined] }] },
    { kind: 'grid', axes: [{ name: 'a', values: ['x'.repeat(65_536)] }] },
    { kind: 'grid', axes: [1, 2].map(() => ({ name: 'a', values: [] })) },
    { kind: 'grid', axes: Array.from({ length: 53 }, (_, index) => ({ name: `${index}`, values: [0, 1] })) },
    { kind: 'from' },
    { kind: 'from', count: -1 },
    { kind: 'from', count: 1, generate: 'x' },
    { kind: 's3Objects', bucket: '', prefix: '' },
    { kind: 's3Objects', bucket: 'bucket' },
    { kind: 's3Objects', bucket: 'bucket', prefix: 'x'.repeat(1_025) },
    { kind: 's3Objects', bucket: 'b'.repeat(64), prefix: '' },
    { kind: 'jsonl', object: { ...object, bucket: '' }, startByte: 0 },
    { kind: 'jsonl', object: { ...object, key: '' }, startByte: 0 },
    { kind: 'jsonl', object: { ...object, key: 'k'.repeat(1_025) }, startByte: 0 },
    { kind: 'jsonl', object: { ...object, etag: 'e'.repeat(1_025) }, startByte: 0 },
    { kind: 'jsonl', object: { ...object, sizeBytes: -1 }, startByte: 0 },
    { kind: 'jsonl', startByte: 0 },
    { kind: 'jsonl', object, startByte: 0, more: true },
    { kind: 'range', count: 1, more: true },
    { kind: 'range', count: 1, first: -1 },
    { kind: 'grid', axes: [{ name: 'a', values: [1] }], more: true },
    { kind: 'grid', axes: [{ name: 'a', values: [1], more: true }] },
    { kind: 'grid', axes: [{ name: 7, values: [1] }] },
    { kind: 's3Objects', bucket: 'bucket', prefix: '', more: true },
    { kind: 'redrive', runId: 'run-1', windows: 1, count: 1, of: { kind: 'range', count: 1 } },
    { kind: 'sql' },
  ])('fails on %j', (pinned) => {
    expect(pinnedSourceSchema.safeParse(pinned).success).toBe(false);
  });
});
