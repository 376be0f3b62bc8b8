import { describe, expect, it } from 'vitest';
import { decodeMessage, encodeMessage, runIdSchema } from '../../../lib/core/message.ts';

const message = {
  runId: 'count-1',
  window: 2,
  batch: 130,
  firstItem: 13_000,
  count: 100,
  payload: { kind: 'ranks', start: 13_000, count: 100 },
} as const;

describe('a message', () => {
  it('comes back as it was', () => {
    expect(decodeMessage(encodeMessage(message))).toEqual(message);
    const inline = { ...message, count: 2, payload: { kind: 'items' as const, items: [{ a: 'ä' }, null] } };
    expect(decodeMessage(encodeMessage(inline))).toEqual(inline);
  });

  it('fails when it would not fit into SQS', () => {
    const payload = { kind: 'items' as const, items: ['x'.repeat(1_048_577)] };
    expect(() => encodeMessage({ ...message, payload })).toThrow(/batch 130 takes \d+ bytes, a message holds 1048576/);
  });

  it.each([
    '',
    'null',
    '[]',
    '{}',
    JSON.stringify({ v: 2, ...message }),
    JSON.stringify({ v: 1, ...message, extra: 1 }),
    JSON.stringify({ v: 1, ...message, batch: -1 }),
    JSON.stringify({ v: 1, ...message, batch: 1.5 }),
    JSON.stringify({ v: 1, ...message, count: 10_001 }),
    JSON.stringify({ v: 1, ...message, runId: '../../other' }),
    JSON.stringify({ v: 1, ...message, payload: { kind: 'bytes', start: 5, end: 4 } }),
    JSON.stringify({ v: 1, ...message, payload: { kind: 'object', bucket: 'mine' } }),
  ])('fails for %s', (body) => {
    expect(() => decodeMessage(body)).toThrow(expect.objectContaining({ code: 'messageInvalid' }));
  });
});

describe('a run id', () => {
  it.each(['a', 'backfill-1', 'A_b-9', 'x'.repeat(64)])('may be %s', (id) =>
    expect(runIdSchema.safeParse(id).success).toBe(true),
  );
  it.each(['', '-a', 'a--2', 'a-', 'a b', 'a/b', 'a.b', 'ü', 'x'.repeat(65)])('may not be %j', (id) =>
    expect(runIdSchema.safeParse(id).success).toBe(false),
  );
});
