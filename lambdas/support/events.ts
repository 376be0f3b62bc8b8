import * as z from 'zod';
import type { Delivery } from '../../lib/steps/work.ts';

/** What Produce and Settle get from the state machine. */
export const sliceEvent = z.object({ runId: z.string(), loops: z.number().int().min(0) });

/** One SQS message, as the mapping delivers it: batches of one. */
export const sqsEvent = z.object({
  Records: z
    .array(
      z.object({
        messageId: z.string(),
        receiptHandle: z.string(),
        body: z.string(),
        attributes: z.object({ ApproximateReceiveCount: z.coerce.number().int().min(1) }),
      }),
    )
    .length(1),
});

export function deliveryOf(event: z.output<typeof sqsEvent>): Delivery & { readonly messageId: string } {
  const [record] = event.Records;
  if (record === undefined) throw new Error('the mapping delivered no message');
  const { messageId, receiptHandle, body, attributes } = record;
  return { messageId, receiptHandle, body, receiveCount: attributes.ApproximateReceiveCount };
}
