import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_MS = 100;
/** Longer than any run takes, on a busy machine too. */
const LIMIT_MS = 300_000;

/**
 * Looks again and again until there is something else than null.
 *
 * @throws Error when there is none within five minutes, or the signal's reason.
 */
export async function until<Value>(
  what: string,
  signal: AbortSignal,
  look: () => Promise<Value | null> | Value | null,
  lookMs = LOOK_MS,
): Promise<Value> {
  const deadline = Date.now() + LIMIT_MS;
  while (Date.now() < deadline) {
    const found = await look();
    if (found !== null) return found;
    await sleep(lookMs, undefined, { signal });
  }
  throw new Error(`waited in vain for ${what}`);
}
