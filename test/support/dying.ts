/** Thrown by every call of a process that has died. */
export class Died extends Error {}

/**
 * A process that dies at its `callsLeft`-th call of any port: before that call has an effect, or after it. Wrap each port with
 * `port`; the calls of all of them count together. Once dead, every call fails.
 */
export function mortal(callsLeft: number, when: 'before' | 'after') {
  let left = callsLeft;
  const port = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(object, key, receiver) {
        const value = Reflect.get(object, key, receiver);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]) => {
          if (left <= 0) throw new Died('dead already');
          left -= 1;
          if (left === 0 && when === 'before') throw new Died('killed');
          const result = await value.apply(object, args);
          if (left === 0) throw new Died('killed');
          return result;
        };
      },
    });
  return { port, isDead: () => left <= 0 };
}
