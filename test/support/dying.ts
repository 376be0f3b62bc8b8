/** Thrown by every call of a process that has died. */
export class Died extends Error {}

/** A port, each of whose calls goes through `around`, which makes it when it sees fit. */
export function intercepted<T extends object>(
  target: T,
  around: (call: () => Promise<unknown>) => Promise<unknown>,
): T {
  return new Proxy(target, {
    get(object, key, receiver) {
      const value = Reflect.get(object, key, receiver);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => around(async () => value.apply(object, args));
    },
  });
}

/**
 * A process that dies at its `callsLeft`-th call of any port: before that call has an effect, or after it. Wrap each port with
 * `port`; the calls of all of them count together. Once dead, every call fails.
 */
export function mortal(callsLeft: number, when: 'before' | 'after') {
  let left = callsLeft;
  const port = <T extends object>(target: T): T =>
    intercepted(target, async (call) => {
      if (left <= 0) throw new Died('dead already');
      left -= 1;
      if (left === 0 && when === 'before') throw new Died('killed');
      const result = await call();
      if (left === 0) throw new Died('killed');
      return result;
    });
  return { port, isDead: () => left <= 0 };
}

/**
 * A process that is met just before its `meetAt`-th call of any port: `meet` goes through whole, then that call is made. Wrap each
 * port with `port`, as of a mortal one.
 */
export function met(meetAt: number, meet: () => Promise<unknown>) {
  let calls = 0;
  const port = <T extends object>(target: T): T =>
    intercepted(target, async (call) => {
      calls += 1;
      if (calls === meetAt) await meet();
      return call();
    });
  return { port, hasMet: () => calls >= meetAt };
}

/** The ports of a pipeline, each as `process` has it. */
export function seenBy<Ports extends Record<string, object>>(
  process: { readonly port: <T extends object>(target: T) => T },
  ports: Ports,
): Ports {
  return Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, process.port(port)])) as Ports;
}
