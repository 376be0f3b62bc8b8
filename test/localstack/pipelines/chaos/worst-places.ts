import { killCaller } from '../processes.ts';
import { type Is, isDelete, isRecord, isReserve, isSend } from './calls.ts';
import type { Faults } from './proxy.ts';

/** A place between two calls: a process is killed when the first has taken effect and it has not heard of it yet. */
interface Place {
  readonly after: Is;
  readonly kills: number;
  /** Of how many passes one is the last. */
  readonly every: number;
}

/** Each kill costs the run a lease of 30 s. */
export const PRODUCER_PLACES = {
  'reserve and send': { after: isReserve, kills: 2, every: 3 },
  'send and confirm': { after: isSend, kills: 1, every: 4 },
} as const satisfies Record<string, Place>;

/** The batches that are deleted but not counted hold room until the end: fewer than the cap. */
export const WORKER_PLACES = {
  'record and delete': { after: isRecord, kills: 8, every: 5 },
  'delete and count': { after: isDelete, kills: 6, every: 9 },
} as const satisfies Record<string, Place>;

/** Faults that kill a function's processes at these places, and how often each was hit. */
export function killAt<Name extends string>(
  functionName: RegExp,
  places: Readonly<Record<Name, Place>>,
): { readonly faults: Faults; readonly killed: Record<Name, number> } {
  const names = Object.keys(places) as Name[];
  const zeros = () => Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;
  const [passed, killed] = [zeros(), zeros()];
  const after: NonNullable<Faults['after']> = (call) => {
    const name = names.find((one) => places[one].after(call));
    if (name === undefined) return 'pass';
    passed[name] += 1;
    const { kills, every } = places[name];
    if (passed[name] % every > 0 || killed[name] >= kills || !killCaller(functionName, call)) return 'pass';
    killed[name] += 1;
    return 'reset';
  };
  return { faults: { after }, killed };
}
