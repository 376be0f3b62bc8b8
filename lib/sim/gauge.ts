import type { Why } from '../core/why.ts';
import type { Call, ProcessKind } from './process.ts';

/** Batches outstanding at a time of the run. */
export interface CurvePoint {
  readonly seconds: number;
  readonly outstanding: number;
}

/** The longest time for which a run waited for the same thing. */
export interface LongestWait {
  readonly why: Why;
  readonly seconds: number;
}

/** Measures one simulated run, until it is told to read no more. */
export interface Gauge {
  onCall(call: Call): void;
  onProcess(kind: ProcessKind, what: 'starts' | 'ends', now: number): void;
  look(now: number, outstanding: number, why: Why | null): void;
  read(now: number): GaugeReading;
}

export interface GaugeReading {
  readonly curve: readonly CurvePoint[];
  readonly longestWait: LongestWait | null;
  /** Invocations of all functions, and those of the worker. */
  readonly invocations: number;
  readonly workerInvocations: number;
  /** Calls of `SendMessageBatch`. */
  readonly sends: number;
  /** Time of all worker invocations together. */
  readonly busyMs: number;
}

const POINTS_MAX = 240;

export function newGauge(): Gauge {
  let invocations = 0;
  let workerInvocations = 0;
  let sends = 0;
  let running = 0;
  let busyMs = 0;
  let changedAt = 0;
  let wait: { readonly why: Why; readonly from: number } | null = null;
  let longestWait: LongestWait | null = null;
  const curve = newCurve();

  const account = (now: number) => {
    busyMs += running * (now - changedAt);
    changedAt = now;
  };
  return {
    onCall: ({ service, name }) => {
      if (service === 'queue' && name === 'send') sends += 1;
    },
    onProcess: (kind, what, now) => {
      const begun = what === 'starts' ? 1 : 0;
      invocations += begun;
      if (kind !== 'worker') return;
      workerInvocations += begun;
      account(now);
      running += what === 'starts' ? 1 : -1;
    },
    look: (now, outstanding, why) => {
      curve.add({ seconds: now / 1_000, outstanding });
      if (why === null) wait = null;
      else if (wait?.why !== why) wait = { why, from: now };
      const seconds = wait === null ? 0 : (now - wait.from) / 1_000;
      if (wait !== null && seconds > (longestWait?.seconds ?? 0)) longestWait = { why: wait.why, seconds };
    },
    read: (now) => {
      account(now);
      return { curve: curve.points(), longestWait, invocations, workerInvocations, sends, busyMs };
    },
  };
}

/** A curve of few points, however long the run: once there are too many, each two become the higher one. */
function newCurve(): { add(point: CurvePoint): void; points(): readonly CurvePoint[] } {
  let points: CurvePoint[] = [];
  let every = 1;
  let held: CurvePoint | null = null;
  let looks = 0;
  return {
    add: (point) => {
      held = held === null || point.outstanding >= held.outstanding ? point : held;
      looks += 1;
      if (looks % every !== 0) return;
      points.push(held);
      held = null;
      if (points.length <= POINTS_MAX) return;
      points = Array.from({ length: Math.ceil(points.length / 2) }, (_, at) =>
        higher(points[2 * at], points[2 * at + 1]),
      );
      every *= 2;
    },
    points: () => (held === null ? points : [...points, held]),
  };
}

function higher(one: CurvePoint | undefined, other: CurvePoint | undefined): CurvePoint {
  if (one === undefined || other === undefined) return (one ?? other) as CurvePoint;
  return one.outstanding > other.outstanding ? one : other;
}
