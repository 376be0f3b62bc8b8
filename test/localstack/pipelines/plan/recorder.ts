import type { Call, Faults } from '../chaos/proxy.ts';

/** One request of a pipeline's functions, and how long AWS took over it. Times are milliseconds since 1970. */
export interface RecordedCall {
  readonly service: string;
  readonly operation: string;
  /** What it asks for, of services that speak JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: the input of whatever operation it is
  readonly input: any;
  /** The caller's end of its connection: a client of one process keeps to the same one while it asks in turn. */
  readonly port: number;
  readonly from: number;
  readonly to: number;
}

/** Keeps all that passes a proxy, and disturbs nothing. Those that AWS refused, a failed condition, have no time of their own. */
export function recorder(): { readonly faults: Faults; readonly calls: () => readonly RecordedCall[] } {
  const recorded = new Map<Call, RecordedCall>();
  const now = () => performance.timeOrigin + performance.now();
  const before = (call: Call) => {
    const { service, operation, port } = call;
    const input = service === 'dynamodb' || service === 'sqs' ? JSON.parse(call.body) : null;
    recorded.set(call, { service, operation, input, port, from: now(), to: Number.NaN });
    return 'pass' as const;
  };
  const after = (call: Call) => {
    const found = recorded.get(call);
    if (found !== undefined) recorded.set(call, { ...found, to: now() });
    return 'pass' as const;
  };
  return { faults: { before, after }, calls: () => [...recorded.values()] };
}
