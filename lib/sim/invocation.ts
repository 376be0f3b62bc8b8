import type { Ground, SimProcess } from './process.ts';

/** How a Lambda invocation ended. */
export type InvocationEnd<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'threw'; readonly error: unknown }
  | { readonly kind: 'crashed' }
  | { readonly kind: 'timedOut' };

/** Runs `body` in a process of its own, which ends with it, by a crash, or at its time limit. */
export async function invocation<T>(
  { clock, faults, trace }: Ground,
  process: SimProcess,
  limitMs: number,
  body: (remainingMs: () => number) => Promise<T>,
): Promise<InvocationEnd<T>> {
  const endsAt = clock.now() + limitMs;
  const over = new AbortController();
  const done = body(() => endsAt - clock.now()).then(
    (value): InvocationEnd<T> => ({ kind: 'done', value }),
    (error: unknown): InvocationEnd<T> => ({ kind: 'threw', error }),
  );
  const crashed = process.death.then((): InvocationEnd<T> => ({ kind: 'crashed' }));
  const timedOut = clock.sleep(limitMs, over.signal).then((): InvocationEnd<T> => ({ kind: 'timedOut' }));
  const end = await Promise.race([done, crashed, timedOut]);
  over.abort('over');
  if (end.kind === 'timedOut') faults.done('timeout');
  if (end.kind !== 'crashed') trace.note(clock.now(), `${process.id} ${end.kind}`);
  // Nothing goes on in an environment without an invocation.
  process.kill();
  return end;
}
