import { describe, expect, it } from 'vitest';
import { manualClock } from '../../../lib/ports/memory/clock.ts';
import { memoryWorkQueue } from '../../../lib/ports/memory/work-queue.ts';
import { totalDepth } from '../../../lib/ports/work-queue.ts';
import { workQueueContract } from '../../contract/work-queue.ts';

workQueueContract('memory', async () => {
  const queue = memoryWorkQueue({ clock: manualClock(), visibilitySeconds: 60 });
  return { queue, receive: async () => queue.receive(10) };
});

describe('memoryWorkQueue', () => {
  const make = (options: { maxReceiveCount?: number; delaySeconds?: number } = {}) => {
    const clock = manualClock();
    return { clock, queue: memoryWorkQueue({ clock, visibilitySeconds: 30, ...options }) };
  };

  it('delivers a message again when its visibility time-out is over, under a new receipt', async () => {
    const { clock, queue } = make();
    await queue.send(['a']);
    const [first] = queue.receive();
    await clock.advance(29_999);
    expect(queue.receive()).toEqual([]);
    await clock.advance(1);
    const [second] = queue.receive();
    expect([first?.receiveCount, second?.receiveCount]).toEqual([1, 2]);
    await queue.delete(first?.receiptHandle ?? '');
    expect(totalDepth(await queue.depths())).toBe(1);
    await queue.delete(second?.receiptHandle ?? '');
    expect(totalDepth(await queue.depths())).toBe(0);
  });

  it('holds back delayed messages, counts them apart, and says when they come', async () => {
    const { clock, queue } = make({ delaySeconds: 5 });
    expect(queue.nextVisibleAt()).toBeNull();
    await queue.send(['a']);
    expect(await queue.depths()).toEqual({ visible: 0, notVisible: 0, delayed: 1, dead: 0 });
    expect(queue.nextVisibleAt()).toBe(5_000);
    await clock.advance(5_000);
    expect(queue.receive()).toHaveLength(1);
    expect(queue.nextVisibleAt()).toBe(35_000);
  });

  it('moves a message to the dead-letter queue instead of a delivery too many', async () => {
    const { clock, queue } = make({ maxReceiveCount: 2 });
    await queue.send(['a', 'b']);
    for (let delivery = 1; delivery <= 2; delivery += 1) {
      expect(queue.receive(10)).toHaveLength(2);
      await clock.advance(30_000);
    }
    expect(queue.receive(10)).toEqual([]);
    expect(await queue.depths()).toEqual({ visible: 0, notVisible: 0, delayed: 0, dead: 2 });
    const [dead] = queue.receiveDead(10);
    expect(dead).toMatchObject({ body: 'a', receiveCount: 1 });
    expect((await queue.depths()).dead).toBe(2);
    queue.deleteDead(dead?.receiptHandle ?? '');
    expect((await queue.depths()).dead).toBe(1);
    expect(queue.bodies()).toEqual([]);
  });

  it('leaves a visible message alone when its visibility is set late', async () => {
    const { clock, queue } = make();
    await queue.send(['a']);
    const receipt = queue.receive()[0]?.receiptHandle ?? '';
    await clock.advance(30_000);
    await queue.setVisibility(receipt, 600);
    expect(queue.receive()).toHaveLength(1);
  });
});
