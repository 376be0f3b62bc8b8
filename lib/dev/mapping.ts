import type { Clock } from '../ports/clock.ts';
import type { Delivery, MemoryWorkQueue } from '../ports/memory/work-queue.ts';
import type { WorkQueue } from '../ports/work-queue.ts';
import type { Workers } from '../ports/workers.ts';
import type { WorkResult } from '../steps/work.ts';

export interface MappingParts {
  readonly queue: MemoryWorkQueue;
  readonly clock: Clock;
  /** A worker's invocation. */
  readonly work: (delivery: Delivery) => Promise<WorkResult>;
  /** The sideline's. */
  readonly sideline: (delivery: Delivery) => Promise<unknown>;
  /** Told of an invocation that has failed; its message comes back by itself. */
  readonly onFailure: (error: unknown) => void;
  readonly over: AbortSignal;
}

/** The event source mapping in this process: as many deliveries at a time as there are workers. */
export interface DevMapping {
  readonly workers: Workers;
  /** The queue for those who send: what they send is delivered at once. */
  readonly queue: WorkQueue;
  /** Resolves when no delivery is in work. */
  idle(): Promise<void>;
}

/** Messages that come back do so by the time: nobody tells of them. */
const LOOK_MS = 200;

export function devMapping({ queue, clock, work, sideline, onFailure, over }: MappingParts): DevMapping {
  let enabled = true;
  let concurrency = 0;
  const inWork = new Set<Promise<void>>();

  const deliver = async (delivery: Delivery) => {
    try {
      if ((await work(delivery)) !== 'handBack') await queue.delete(delivery.receiptHandle);
    } catch (error) {
      onFailure(error);
    }
  };
  const poll = () => {
    while (enabled && !over.aborted && inWork.size < concurrency) {
      const [delivery] = queue.receive(1);
      if (delivery === undefined) return;
      const done: Promise<void> = deliver(delivery).finally(() => {
        inWork.delete(done);
        poll();
      });
      inWork.add(done);
    }
  };
  const look = async () => {
    while (!over.aborted) {
      poll();
      for (const delivery of queue.receiveDead(1)) {
        await sideline(delivery).then(() => queue.deleteDead(delivery.receiptHandle), onFailure);
      }
      await clock.sleep(LOOK_MS, over);
    }
  };
  void look();

  return {
    workers: {
      pause: async () => {
        enabled = false;
      },
      resume: async () => {
        enabled = true;
        poll();
      },
      setConcurrency: async (workers) => {
        concurrency = workers;
        poll();
      },
    },
    queue: {
      ...queue,
      send: async (bodies, signal) => {
        const unsent = await queue.send(bodies, signal);
        poll();
        return unsent;
      },
      setVisibility: async (receiptHandle, seconds) => {
        await queue.setVisibility(receiptHandle, seconds);
        if (seconds === 0) poll();
      },
    },
    idle: async () => {
      while (inWork.size > 0) await Promise.all(inWork);
    },
  };
}
