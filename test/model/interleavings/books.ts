import { decodeMessage } from '../../../lib/core/message.ts';
import type { Reserve } from '../../../lib/ports/ledger.ts';

/**
 * What is true of a run, kept from what took effect and never read from the ledger. A broken promise is remembered and told by
 * `check`: thrown at once it would be taken for a call that failed.
 */
export class Books {
  readonly reserved = new Set<number>();
  readonly counted = new Set<number>();
  cap: number;
  isStopped = false;
  #violation: string | null = null;
  #token = 0;
  readonly #intents = new Set<string>();
  readonly #bodies = new Map<number, string>();
  #items = 0;
  /** Sends of a batch beyond its first. */
  #copies = 0;

  constructor(cap: number) {
    this.cap = cap;
  }

  onLeased(token: number): void {
    this.#assert(token > this.#token, `token ${token} is lent after ${this.#token}`);
    this.#token = token;
  }

  onReserved(reserve: Reserve): void {
    const { token, intent, reservedBefore, windows, cap } = reserve;
    // The same intent again: its first answer got lost.
    if (this.#intents.has(intent.id)) return;
    this.#intents.add(intent.id);
    this.#assert(
      token === this.#token,
      `intent ${intent.id} is reserved under token ${token}, newest is ${this.#token}`,
    );
    this.#assert(!this.isStopped, `intent ${intent.id} is reserved after the stop mark`);
    this.#assert(cap === this.cap, `intent ${intent.id} is reserved under the cap ${cap}, which is ${this.cap}`);
    for (let batch = reservedBefore; batch < reservedBefore + intent.batches; batch += 1) {
      this.#assert(!this.reserved.has(batch), `batch ${batch} is reserved twice`);
      this.#assert(batch === this.reserved.size, `batch ${batch} is reserved after ${this.reserved.size} batches`);
      this.reserved.add(batch);
    }
    for (const { firstItem, items } of windows) {
      this.#assert(
        firstItem === this.#items,
        `a window begins at item ${firstItem}, the last one ended at ${this.#items}`,
      );
      this.#items += items;
    }
    this.#assert(this.outstanding <= this.cap, `${this.outstanding} batches are outstanding, the cap is ${this.cap}`);
  }

  onSent(body: string): void {
    const { batch } = decodeMessage(body);
    this.#assert(this.reserved.has(batch), `batch ${batch} is sent before it is reserved`);
    const before = this.#bodies.get(batch);
    if (before !== undefined) this.#copies += 1;
    this.#assert(before === undefined || before === body, `batch ${batch} is sent with other items than before`);
    this.#bodies.set(batch, body);
  }

  onCounted(batch: number): void {
    this.#assert(this.reserved.has(batch), `batch ${batch} is counted before it is reserved`);
    this.#assert(!this.counted.has(batch), `batch ${batch} is counted twice`);
    this.counted.add(batch);
  }

  /** After each step. @throws the first promise that was broken. */
  check(messages: number): void {
    const allowed = this.outstanding + this.#copies;
    this.#assert(
      messages <= allowed,
      `${messages} messages for ${this.outstanding} batches and ${this.#copies} copies`,
    );
    if (this.#violation !== null) throw new Error(this.#violation);
  }

  get outstanding(): number {
    return this.reserved.size - this.counted.size;
  }

  #assert(holds: boolean, message: string): void {
    if (!holds) this.#violation ??= message;
  }
}
