import { handleItem } from '../handle-item.ts';
import type { Errand } from '../settings.ts';

/** A batch as the plain contenders pass it on. */
export interface PlainBatch extends Errand {
  readonly first: number;
  readonly count: number;
}

type Event = PlainBatch | { readonly Records: readonly { readonly body: string }[] };

/** A worker as people write it, for a queue or a Map state: item by item, with no account of what is done. */
export async function handler(event: Event): Promise<void> {
  const batches = 'Records' in event ? event.Records.map(({ body }) => JSON.parse(body) as PlainBatch) : [event];
  for (const { first, count, ...errand } of batches)
    for (let item = first; item < first + count; item += 1) await handleItem(item, errand);
}
