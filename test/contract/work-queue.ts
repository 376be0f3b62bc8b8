import { beforeEach, describe, expect, it } from 'vitest';
import { MESSAGE_BYTES_MAX } from '../../lib/core/limits.ts';
import { totalDepth, type WorkQueue } from '../../lib/ports/work-queue.ts';

export interface Received {
  readonly receiptHandle: string;
  readonly body: string;
}

/** A queue, and its consumers' side, which the port leaves to Lambda. */
export interface QueueUnderTest {
  readonly queue: WorkQueue;
  /** Up to 10 visible messages, invisible from then on. */
  receive(): Promise<readonly Received[]>;
}

/** What every work queue promises. `makeQueue` gives an empty one each time, whose messages stay invisible for a minute. */
export function workQueueContract(name: string, makeQueue: () => Promise<QueueUnderTest>): void {
  describe(`work queue on ${name}`, () => {
    let queue: WorkQueue;
    let receive: QueueUnderTest['receive'];
    beforeEach(async () => {
      ({ queue, receive } = await makeQueue());
    });

    const drain = async (): Promise<readonly Received[]> => {
      const all: Received[] = [];
      for (let batch = await receive(); batch.length > 0; batch = await receive()) all.push(...batch);
      return all;
    };

    it('is empty at first', async () => {
      expect(await queue.depths()).toEqual({ visible: 0, notVisible: 0, delayed: 0, dead: 0 });
      expect(await queue.send([])).toEqual([]);
      expect(await receive()).toEqual([]);
    });

    it('delivers everything sent, unchanged, more than one call holds', async () => {
      const bodies = Array.from({ length: 137 }, (_, n) => JSON.stringify({ n, text: 'ä "\n\t𝄞' }));
      expect(await queue.send(bodies)).toEqual([]);
      expect(await queue.depths()).toEqual({ visible: 137, notVisible: 0, delayed: 0, dead: 0 });
      const received = await drain();
      expect(received.map(({ body }) => body).sort()).toEqual([...bodies].sort());
    });

    it('sends the largest messages, and reports those that are larger or empty', async () => {
      const largest = 'x'.repeat(MESSAGE_BYTES_MAX);
      const bodies = ['a', `${largest}x`, largest, '', 'é'.repeat(MESSAGE_BYTES_MAX / 2 + 1), largest, 'b'];
      expect(await queue.send(bodies)).toEqual([1, 3, 4]);
      const lengths = (await drain()).map(({ body }) => body.length);
      expect(lengths.sort((a, b) => a - b)).toEqual([1, 1, MESSAGE_BYTES_MAX, MESSAGE_BYTES_MAX]);
    });

    it('sends nothing under a signal that is aborted, and reports all', async () => {
      expect(await queue.send(['a', 'b', 'c'], AbortSignal.abort())).toEqual([0, 1, 2]);
      expect(totalDepth(await queue.depths())).toBe(0);
    });

    it('tells visible from in flight, and forgets what is deleted', async () => {
      await queue.send(['a', 'b', 'c']);
      const received = await drain();
      expect(await queue.depths()).toMatchObject({ visible: 0, notVisible: 3 });
      await queue.delete(received[0]?.receiptHandle ?? '');
      expect(totalDepth(await queue.depths())).toBe(2);
      expect(await receive()).toEqual([]);
    });

    it('takes a second delete of the same message for no error', async () => {
      await queue.send(['a']);
      const receipt = (await receive())[0]?.receiptHandle ?? '';
      await queue.delete(receipt);
      await queue.delete(receipt);
      expect(totalDepth(await queue.depths())).toBe(0);
    });

    it('makes a message visible again at once, or keeps it hidden', async () => {
      await queue.send(['a', 'b']);
      for (const { body, receiptHandle } of await drain()) {
        await queue.setVisibility(receiptHandle, body === 'a' ? 0 : 600);
      }
      expect((await drain()).map(({ body }) => body)).toEqual(['a']);
      expect(await queue.depths()).toMatchObject({ visible: 0, notVisible: 2 });
    });

    it('takes the visibility of a message that is gone for no error', async () => {
      await queue.send(['a']);
      const receipt = (await receive())[0]?.receiptHandle ?? '';
      await queue.delete(receipt);
      await expect(queue.setVisibility(receipt, 30)).resolves.toBeUndefined();
    });
  });
}
