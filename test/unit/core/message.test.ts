import { describe, expect, it } from 'vitest';
import { decodeMessage, encodeMessage, runIdOfExecution, runIdSchema } from '../../../lib/core/message.ts';

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

  it('holds no character that SQS refuses, and carries each all the same', () => {
    const input = 'a\uFFFE\uFFFF\\ufffe\u0000\uD800\u{1F600}';
    const carried = { ...message, count: 1, payload: { kind: 'items' as const, items: [input, { [input]: 1 }] } };
    const body = encodeMessage({ ...carried, count: 2 });
    // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
    expect(body).toMatch(/^[\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]*$/u);
    expect(decodeMessage(body).payload).toEqual(carried.payload);
  });

  it('fails when it would not fit into SQS', () => {
    const payload = { kind: 'items' as const, items: ['x'.repeat(1_048_577)] };
    expect(() => encodeMessage({ ...message, payload })).toThrow(
      expect.objectContaining({
        code: 'itemTooLarge',
        message: expect.stringMatching(/batch 130 takes \d+ bytes, a message holds 1048576/),
      }),
    );
  });

  it('may fill a message of SQS to its last byte', () => {
    const filled = (characters: number) => ({
      ...message,
      payload: { kind: 'items' as const, items: ['x'.repeat(characters)] },
    });
    const room = 1_048_576 - encodeMessage(filled(0)).length;
    expect(encodeMessage(filled(room))).toHaveLength(1_048_576);
    expect(() => encodeMessage(filled(room + 1))).toThrow('takes 1048577 bytes');
  });

  it('says what is wrong with it', () => {
    expect(() => decodeMessage('{')).toThrow('the message is not JSON');
    const wrong = { v: 1, ...message, batch: -1, payload: { ...message.payload, start: 'x' } };
    expect(() => decodeMessage(JSON.stringify(wrong))).toThrow(
      /^the message is not a batch: batch: [^;]+; payload\.start: [^;]+$/,
    );
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

describe('the run id of an execution', () => {
  it('is its name where that can be one', () => {
    expect(runIdOfExecution('count-1')).toBe('count-1');
  });

  it('is else a hash of the name: the same each time, and a run id', () => {
    const name = `8f0c3a4e-1111-2222-3333-444455556666_${'9'.repeat(40)}`;
    const id = runIdOfExecution(name);
    expect(id).toMatch(/^run-[0-9a-f]{16}$/);
    expect([runIdOfExecution(name), runIdSchema.safeParse(id).success]).toEqual([id, true]);
    expect(runIdOfExecution(`${name}0`)).not.toBe(id);
  });
});

it('a run id that may not be is told why', () => {
  const issues = (id: string) => runIdSchema.safeParse(id).error?.issues.map((issue) => issue.message);
  expect(issues('x'.repeat(65))).toEqual(['must have at most 64 characters']);
  expect(issues('a--2')).toEqual([
    'must consist of letters, digits, "_" and single "-", and begin with a letter or digit',
  ]);
});
