import { describe, expect, test } from 'vitest';
import { payloadSchema, pinnedSourceSchema } from '../../../../lib/core/sources/index.ts';

const object = { bucket: 'bucket', key: 'key', sizeBytes: 10, etag: '"1"' };
const csv = { kind: 'csv', object, columns: ['x'], startByte: 3 };

describe('payloadSchema', () => {
  test.each([
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
    null,
    'ranks',
  ])('fails on %j', (payload) => {
    expect(payloadSchema.safeParse(payload).success).toBe(false);
  });
});

describe('pinnedSourceSchema', () => {
  test.each([
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
    { ...csv, columns: ['x'.repeat(65_536)] },
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
    { kind: 'sql' },
  ])('fails on %j', (pinned) => {
    expect(pinnedSourceSchema.safeParse(pinned).success).toBe(false);
  });
});
