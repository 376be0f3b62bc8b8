import * as z from 'zod';
import { SluiceError } from '../core/errors.ts';
import { queueWith, queueWithout, runBefore } from '../core/queued-starts.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ledger, QueuedStart } from '../ports/ledger.ts';
import { pause } from './bounded.ts';
import { fieldsOf } from './ledger-fields.ts';
import { QUEUE_KEY } from './ledger-keys.ts';
import type { LedgerTable } from './ledger-table.ts';

type QueuePart = Pick<Ledger, 'queued' | 'enqueue' | 'dequeue'>;

/** All of them may come at once, each beaten by all others. */
const RETRIES = { attempts: 20, pauseMs: 20, pauseMsMax: 500 } as const;
const startsSchema = z.array(
  z.object({ runId: z.string(), execution: z.string(), at: z.number(), seenAt: z.number() }),
);

/** The ledger's methods about the starts that wait: one small item, changed only if it is as it was read. */
export function dynamoQueue(table: LedgerTable, clock: Clock): QueuePart {
  const read = async (): Promise<{ readonly text: string | null; readonly queue: readonly QueuedStart[] }> => {
    const item = await table.get(QUEUE_KEY);
    if (item === null) return { text: null, queue: [] };
    const fields = fieldsOf(item, 'queue of starts');
    const parsed = startsSchema.safeParse(fields.json('starts'));
    if (parsed.success) return { text: fields.text('starts'), queue: parsed.data };
    throw new SluiceError('ledgerUnavailable', `the ledger's queue of starts is not valid: ${parsed.error.message}`);
  };

  /** `change` gives the new queue; null leaves it as it is. */
  const write = async (change: (queue: readonly QueuedStart[]) => readonly QueuedStart[] | null) => {
    for (let attempt = 1; attempt <= RETRIES.attempts; attempt += 1) {
      const { text, queue } = await read();
      const after = change(queue);
      if (after === null) return null;
      const changed = await table.change(QUEUE_KEY, {
        set: { starts: JSON.stringify(after) },
        condition: text === null ? 'attribute_not_exists(#pk)' : '#starts = :before',
        values: text === null ? {} : { before: text },
      });
      if (changed.ok) return after;
      await pause({ clock, ...RETRIES }, attempt);
    }
    throw new SluiceError('ledgerUnavailable', 'others keep changing the queue of starts; try again', {
      retryable: true,
    });
  };

  return {
    queued: async () => (await read()).queue,
    enqueue: async (start) => {
      const after = await write((queue) => queueWith(queue, start));
      return after === null ? { kind: 'full' } : { kind: 'queued', behind: runBefore(after, start.runId) };
    },
    dequeue: async (runId, execution) => {
      await write((queue) => {
        const after = queueWithout(queue, runId, execution);
        return after.length === queue.length ? null : after;
      });
    },
  };
}
