import type { Random } from './random.ts';

/** Everything that may go wrong in a simulated run, by name. Each run draws which of them do, and how often. */
export const FAULTS = [
  // DynamoDB
  'ledgerRefused',
  'ledgerAnswerLost',
  'ledgerLate',
  // SQS: sends
  'sendRefused',
  'sendLost',
  'sendAnswerLost',
  'sendLate',
  // SQS: counts
  'depthMissing',
  'depthStale',
  'depthLying',
  // SQS: messages
  'delayedMessage',
  'duplicateDelivery',
  'deletedReappears',
  'messageVanishes',
  'messageCallFails',
  'setAside',
  'forgedMessage',
  // Lambda
  'workerCrash',
  'workerThrottled',
  'overPull',
  'slowStart',
  'stepCrash',
  'stepThrottled',
  'stepAnswerLost',
  'stall',
  // SSM, S3, CloudWatch and the control plane
  'flagUnreadable',
  'flagWriteFails',
  'storageFails',
  'controlFails',
  'executionStateStale',
  'metricLost',
  'alarmLate',
  'alarmAbsent',
  // clocks
  'slowCall',
] as const;
export type Fault = (typeof FAULTS)[number];

/** What people do to a run; counted like faults. */
export const OPERATOR_DEEDS = [
  'stop',
  'halt',
  'abort',
  'redrive',
  'purge',
  'pause',
  'capLowered',
  'capRaised',
  'redeploy',
  'secondStart',
  'resume',
  'foreignFlag',
  'sourceChange',
] as const;

/** Everything that is counted beside faults: what people do, and what is seen to happen. */
export const DEEDS = [
  ...OPERATOR_DEEDS,
  'alarmRings',
  'timeout',
  'zombie',
  'continued',
  'queued',
  'reconcile',
  'partSaved',
  'sidelined',
] as const;
export type Deed = (typeof DEEDS)[number];

/** The strongest each fault may be: its chance at each occasion. Those that end a process are rarer, or nothing would end. */
const STRONGEST: Record<Fault, number> = {
  ledgerRefused: 0.1,
  ledgerAnswerLost: 0.1,
  ledgerLate: 0.05,
  sendRefused: 0.3,
  sendLost: 0.3,
  sendAnswerLost: 0.3,
  sendLate: 0.3,
  depthMissing: 0.5,
  depthStale: 1,
  depthLying: 1,
  delayedMessage: 0.3,
  duplicateDelivery: 0.2,
  deletedReappears: 0.1,
  messageVanishes: 0.05,
  messageCallFails: 0.1,
  setAside: 0.1,
  forgedMessage: 0.05,
  workerCrash: 0.08,
  workerThrottled: 0.3,
  overPull: 0.5,
  slowStart: 0.3,
  stepCrash: 0.03,
  stepThrottled: 0.3,
  stepAnswerLost: 0.3,
  stall: 0.03,
  flagUnreadable: 0.7,
  flagWriteFails: 0.3,
  storageFails: 0.1,
  controlFails: 0.3,
  executionStateStale: 0.5,
  metricLost: 0.5,
  alarmLate: 1,
  alarmAbsent: 1,
  slowCall: 0.1,
};

export interface Faults {
  /** Whether it happens now. Never once healed. */
  happens(fault: Fault): boolean;
  /** Counts what was done to the run. */
  done(deed: Deed): void;
  heal(): void;
  healed(): boolean;
  /** Whether a fault is part of this run at all. */
  has(fault: Fault): boolean;
  readonly counts: Readonly<Record<Fault | Deed, number>>;
}

/** How often each fault happens at its occasions; those that are not named never do. */
export type FaultRates = Readonly<Partial<Record<Fault, number>>>;

/** The swarm: about a third of all faults in each run, each as strong as its own draw; one run in twelve has none. */
export function drawFaults(random: Random, none = false): Faults {
  const draw = random.stream('swarm');
  const share = none || draw.chance(1 / 12) ? 0 : draw.pick([0.1, 0.3, 0.3, 0.5]);
  const rates: Partial<Record<Fault, number>> = {};
  for (const fault of FAULTS) {
    const strength = 10 ** -(2 * draw.next());
    if (draw.chance(share)) rates[fault] = STRONGEST[fault] * strength;
  }
  return faultsAt(random, rates);
}

/** Exactly these faults, each at its rate. */
export function faultsAt(random: Random, given: FaultRates): Faults {
  const rates = new Map(Object.entries(given) as [Fault, number][]);
  const streams = new Map([...rates.keys()].map((fault) => [fault, random.stream(`fault/${fault}`)]));
  const counts = Object.fromEntries([...FAULTS, ...DEEDS].map((name) => [name, 0])) as Record<Fault | Deed, number>;
  let healed = false;
  return {
    counts,
    happens: (fault) => {
      const stream = streams.get(fault);
      if (stream === undefined || healed || !stream.chance(rates.get(fault) as number)) return false;
      counts[fault] += 1;
      return true;
    },
    done: (deed) => {
      counts[deed] += 1;
    },
    heal: () => {
      healed = true;
    },
    healed: () => healed,
    has: (fault) => rates.has(fault),
  };
}
