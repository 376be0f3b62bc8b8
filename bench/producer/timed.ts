export const KINDS = ['flag', 'depth', 'ledger', 'send'] as const;
export type Kind = (typeof KINDS)[number];
/** Shares of a whole, from 0 to 1; `none`: neither request was under way, so the time was spent here. */
export type Shares = Readonly<Record<Kind | 'none', number>>;

/** Watches calls of ports, and tells in which share of the time at least one of a kind was under way. */
export function timed() {
  const under = { flag: 0, depth: 0, ledger: 0, send: 0 };
  const sums = { flag: 0, depth: 0, ledger: 0, send: 0, none: 0 };
  let at = performance.now();
  const pass = () => {
    const now = performance.now();
    for (const kind of KINDS) if (under[kind] > 0) sums[kind] += now - at;
    if (KINDS.every((kind) => under[kind] === 0)) sums.none += now - at;
    at = now;
  };
  const call = async (kind: Kind, method: () => unknown) => {
    pass();
    under[kind] += 1;
    try {
      return await method();
    } finally {
      pass();
      under[kind] -= 1;
    }
  };
  return {
    watch: <Port extends object>(kind: Kind, methods: readonly (keyof Port)[] | 'all', port: Port): Port =>
      Object.fromEntries(
        Object.entries(port).map(([name, method]) => {
          if (typeof method !== 'function' || (methods !== 'all' && !methods.includes(name as keyof Port)))
            return [name, method];
          return [name, (...input: unknown[]) => call(kind, () => method(...input))];
        }),
      ) as Port,
    sharesOf: (milliseconds: number): Shares => {
      pass();
      return Object.fromEntries(Object.entries(sums).map(([kind, sum]) => [kind, sum / milliseconds])) as Shares;
    },
  };
}
