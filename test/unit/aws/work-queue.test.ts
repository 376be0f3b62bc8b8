import type { SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { sqsWorkQueue } from '../../../lib/aws/work-queue.ts';
import { MESSAGE_BYTES_MAX } from '../../../lib/core/limits.ts';
import { memoryLog } from '../../../lib/ports/memory/log.ts';
import { awsError, type Call, hastyClock, stubClient } from './stub.ts';

function make(answer: (call: Call, number: number, signal?: AbortSignal) => unknown) {
  const stub = stubClient<SQSClient>(answer);
  const [clock, log] = [hastyClock(), memoryLog()];
  const urls = { queueUrl: 'work', deadLetterQueueUrl: 'dead' };
  return { ...stub, clock, log, queue: sqsWorkQueue({ client: stub.client, ...urls, clock, log }) };
}

type Entry = { Id: string; MessageBody: string };
const accept = ({ input }: Call) => ({ Successful: input.Entries.map(({ Id }: Entry) => ({ Id })) });
/** Accepts all but the bodies named, which fail for SQS's own reasons or, with `fault`, for the sender's. */
const refuse = (bodies: readonly string[], fault = false) => {
  return ({ input }: Call) => ({
    Successful: input.Entries.filter((entry: Entry) => !bodies.includes(entry.MessageBody)),
    Failed: input.Entries.filter((entry: Entry) => bodies.includes(entry.MessageBody)).map(({ Id }: Entry) => ({
      ...{ Id, SenderFault: fault, Code: fault ? 'InvalidMessageContents' : 'InternalError' },
    })),
  });
};
const bodiesOf = (call: Call | undefined) => call?.input.Entries.map((entry: Entry) => entry.MessageBody);

describe('send', () => {
  it('cuts calls at 10 messages', async () => {
    const { queue, calls } = make(accept);
    expect(await queue.send(Array.from({ length: 25 }, (_, n) => `${n}`))).toEqual([]);
    expect(calls.map((call) => call.input.Entries.length)).toEqual([10, 10, 5]);
    expect(calls.flatMap((call) => bodiesOf(call))).toEqual(Array.from({ length: 25 }, (_, n) => `${n}`));
  });

  it('cuts calls at 1 MiB, counted in UTF-8', async () => {
    const { queue, calls } = make(accept);
    const half = 'é'.repeat(MESSAGE_BYTES_MAX / 4);
    expect(await queue.send([half, half, half, 'a', `${half}b`])).toEqual([]);
    expect(calls.map((call) => call.input.Entries.length)).toEqual([2, 2, 1]);
  });

  it('tries again only what SQS refused for its own reasons', async () => {
    const { queue, calls, clock } = make((call, number) => (number === 1 ? refuse(['b', 'c'])(call) : accept(call)));
    expect(await queue.send(['a', 'b', 'c', 'd'])).toEqual([]);
    expect(calls.map(bodiesOf)).toEqual([
      ['a', 'b', 'c', 'd'],
      ['b', 'c'],
    ]);
    expect(clock.slept).toHaveLength(1);
  });

  it('gives an entry up after 3 more tries, and reports it alone', async () => {
    const { queue, calls } = make(refuse(['b']));
    expect(await queue.send(['a', 'b', 'c'])).toEqual([1]);
    expect(calls.map(bodiesOf)).toEqual([['a', 'b', 'c'], ['b'], ['b'], ['b']]);
  });

  it('does not try again what is the fault of the sender', async () => {
    const { queue, calls } = make(refuse(['b'], true));
    expect(await queue.send(['a', 'b'])).toEqual([1]);
    expect(calls).toHaveLength(1);
  });

  it('reports what an answer does not mention, after trying it again', async () => {
    const { queue, calls } = make(() => ({}));
    expect(await queue.send(['a', 'b'])).toEqual([0, 1]);
    expect(calls).toHaveLength(4);
  });

  it('never rejects: a call that throws is reported whole, the others stand', async () => {
    const { queue, log } = make((call) => {
      if (bodiesOf(call).includes('13')) throw awsError('TimeoutError');
      return accept(call);
    });
    const unsent = await queue.send(Array.from({ length: 25 }, (_, n) => `${n}`));
    expect(unsent).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
    expect(log.lines).toMatchObject([{ level: 'warn', data: { messages: 10, error: 'TimeoutError' } }]);
  });

  it('has at most 26 calls under way', async () => {
    let [now, most] = [0, 0];
    const { queue } = make(async (call) => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setImmediate(resolve));
      now -= 1;
      return accept(call);
    });
    await queue.send(Array.from({ length: 300 }, (_, n) => `${n}`));
    expect(most).toBe(26);
  });

  it('ends at once when the signal aborts: calls under way are unknown, the rest is not begun', async () => {
    const controller = new AbortController();
    const { queue, calls } = make((call, number, signal) => {
      if (number <= 26) return accept(call);
      expect(signal).toBe(controller.signal);
      controller.abort();
      throw awsError('AbortError');
    });
    const unsent = await queue.send(
      Array.from({ length: 600 }, (_, n) => `${n}`),
      controller.signal,
    );
    expect(calls.length).toBeLessThan(55);
    expect(unsent).toHaveLength(340);
    expect(unsent[0]).toBe(260);
  });
});

describe('depths', () => {
  const attributes = (visible: unknown, notVisible: unknown, delayed: unknown) => ({
    Attributes: {
      ApproximateNumberOfMessages: visible,
      ApproximateNumberOfMessagesNotVisible: notVisible,
      ApproximateNumberOfMessagesDelayed: delayed,
    },
  });

  it('reads both queues', async () => {
    const { queue } = make(({ input }) =>
      input.QueueUrl === 'work' ? attributes('3', '2', '1') : attributes('10', '20', '30'),
    );
    expect(await queue.depths()).toEqual({ visible: 3, notVisible: 2, delayed: 1, dead: 60 });
  });

  it.each([undefined, '', 'NaN', '-1', '1.5', '1e3', ' 1', '99999999999999999999', 'Infinity'])(
    'takes %j for unread, never for 0',
    async (text) => {
      const { queue } = make(() => attributes('3', text, '1'));
      expect(await queue.depths()).toEqual({ visible: 3, notVisible: null, delayed: 1, dead: null });
    },
  );

  it('never rejects: what could not be read is null, of each queue by itself', async () => {
    const { queue, log } = make(({ input }) => {
      if (input.QueueUrl === 'work') throw awsError('RequestThrottled', 403);
      return attributes('1', '0', '0');
    });
    expect(await queue.depths()).toEqual({ visible: null, notVisible: null, delayed: null, dead: 1 });
    expect(log.lines).toHaveLength(1);
    const empty = make(() => ({}));
    expect(await empty.queue.depths()).toEqual({ visible: null, notVisible: null, delayed: null, dead: null });
  });
});

describe('delete and setVisibility', () => {
  it.each(['InvalidParameterValue', 'ReceiptHandleIsInvalid', 'MessageNotInflight'])(
    'take %s for an expired receipt',
    async (name) => {
      for (const thrown of [name, `AWS.SimpleQueueService.${name}`]) {
        const { queue } = make(() => {
          throw awsError(thrown, 400);
        });
        await expect(queue.delete('r')).resolves.toBeUndefined();
        await expect(queue.setVisibility('r', 5)).resolves.toBeUndefined();
      }
    },
  );

  it('fail with anything else', async () => {
    const { queue } = make(() => {
      throw awsError('QueueDoesNotExist', 400);
    });
    await expect(queue.delete('r')).rejects.toThrow('QueueDoesNotExist');
    await expect(queue.setVisibility('r', 5)).rejects.toThrow('QueueDoesNotExist');
  });

  it.each([
    [0, 0],
    [-1, 0],
    [0.2, 1],
    [50_000, 43_200],
  ])('keep %d seconds within what SQS allows', async (seconds, expected) => {
    const { queue, calls } = make(() => ({}));
    await queue.setVisibility('r', seconds);
    expect(calls[0]?.input).toEqual({ QueueUrl: 'work', ReceiptHandle: 'r', VisibilityTimeout: expected });
  });
});
