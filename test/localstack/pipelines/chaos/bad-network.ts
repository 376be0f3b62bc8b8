import type { Faults } from './proxy.ts';

/** Throttled answers by service, and connections that broke before and after the call took effect. */
export interface BadNetwork {
  readonly faults: Faults;
  readonly throttles: Record<string, number>;
  readonly resets: { before: number; after: number };
}

const EVERY_THROTTLE = 12;
const EVERY_RESET = 25;

/**
 * Of each service's calls every twelfth is throttled, and of every 25 one breaks before AWS hears of it and one when it has
 * taken effect. By count, not by chance: each fault is sure to occur, and the SDK's few repeats are seldom used up.
 */
export function badNetwork(): BadNetwork {
  const calls: Record<string, number> = {};
  const throttles: Record<string, number> = {};
  const resets = { before: 0, after: 0 };
  const before: NonNullable<Faults['before']> = ({ service }) => {
    const number = (calls[service] ?? 0) + 1;
    calls[service] = number;
    // CloudWatch's answers are CBOR; of its samples any may be lost
    if (number % EVERY_THROTTLE === 3 && service !== 'monitoring') {
      throttles[service] = (throttles[service] ?? 0) + 1;
      return 'throttle';
    }
    if (number % EVERY_RESET !== 11) return 'pass';
    resets.before += 1;
    return 'reset';
  };
  let effects = 0;
  const after = () => {
    effects += 1;
    if (effects % EVERY_RESET !== 19) return 'pass';
    resets.after += 1;
    return 'reset';
  };
  return { faults: { before, after }, throttles, resets };
}
