import { SluiceError } from '../errors.ts';
import type { Json } from '../json.ts';
import { INLINE_BYTES_MAX } from '../limits.ts';
import { payloadOf } from './checks.ts';
import type { PlainDriver, PlainSource, Slice } from './source.ts';

/** The brackets of a list; each item but the first adds a comma, and counting one for each errs on the safe side. */
export const LIST_BYTES = 2;
export const COMMA_BYTES = 1;

/** An item, bytes of its JSON, and where its source goes on after it. */
export interface CarriedItem {
  readonly item: Json;
  readonly bytes: number;
  readonly after: Json;
}

/** A slice being filled with the items themselves. Its cursor is `{ item, after }`: the next item's number, and the last one's place. */
export class CarriedPack {
  private items: Json[] = [];
  private bytes = LIST_BYTES;
  private after: Json = null;
  private firstItem: number;

  constructor(firstItem: number) {
    this.firstItem = firstItem;
  }

  get count(): number {
    return this.items.length;
  }

  fits({ bytes }: CarriedItem): boolean {
    return this.items.length === 0 || this.bytes + bytes + COMMA_BYTES <= INLINE_BYTES_MAX;
  }

  add({ item, bytes, after }: CarriedItem): void {
    this.items.push(item);
    this.bytes += bytes + COMMA_BYTES;
    this.after = after;
  }

  take(): Slice {
    const { items, bytes, firstItem } = this;
    this.firstItem = firstItem + items.length;
    this.items = [];
    this.bytes = LIST_BYTES;
    const cursor = { item: this.firstItem, after: this.after };
    return { firstItem, count: items.length, payload: { kind: 'items', items }, bytes, cursor };
  }
}

/** How the items of slices are read that carry them. */
export const carried: Pick<PlainDriver<PlainSource>, 'items' | 'pieces'> = {
  async items(_pinned, slice) {
    const { items } = payloadOf(slice, 'items');
    if (items.length !== slice.count)
      throw new SluiceError('messageInvalid', `payload: expected ${slice.count} items, got ${items.length}`);
    return items.map((input, offset) => ({ index: slice.firstItem + offset, input }));
  },

  async pieces(pinned, slice, context) {
    const items = await this.items(pinned, slice, context);
    return items.map(({ index, input }) => ({
      firstItem: index,
      count: 1,
      payload: { kind: 'items', items: [input] },
    }));
  },
};
