import type { FaultRates } from './faults.ts';

/** Troubles that come together, each at the chance of its occasions: what a bad day of one kind is like. */
export interface FaultMix {
  readonly name: string;
  /** What it stands for, in a few words. */
  readonly says: string;
  readonly rates: FaultRates;
}

/**
 * The bad days that a job is simulated under, after one on which nothing goes wrong. Each fault is in just one of them. They are far worse
 * than AWS is: a mix in which little happens says little.
 */
export const FAULT_MIXES: readonly FaultMix[] = [
  {
    name: 'staleCounts',
    says: "SQS's counts lie a minute behind, or are missing",
    rates: { depthStale: 0.9, depthLying: 0.5, depthMissing: 0.05 },
  },
  {
    name: 'throttles',
    says: 'DynamoDB, SQS and Lambda refuse calls',
    rates: { ledgerRefused: 0.002, sendRefused: 0.05, workerThrottled: 0.1, overPull: 0.2, stepThrottled: 0.1 },
  },
  {
    name: 'crashes',
    says: 'functions die at any call, or freeze',
    rates: { workerCrash: 0.002, stepCrash: 0.002, stall: 0.0005 },
  },
  {
    name: 'duplicates',
    says: 'messages come twice, come back, or were written by nobody',
    rates: { duplicateDelivery: 0.05, deletedReappears: 0.02, sendLate: 0.1, forgedMessage: 0.05 },
  },
  {
    name: 'lostMessages',
    says: 'messages vanish, or go to the dead-letter queue',
    rates: { messageVanishes: 0.005, sendLost: 0.1, setAside: 0.02 },
  },
  {
    name: 'lostAnswers',
    says: 'calls take effect, but their answers are lost or late',
    rates: {
      ...{ ledgerAnswerLost: 0.005, ledgerLate: 0.005, sendAnswerLost: 0.05, stepAnswerLost: 0.1 },
      ...{ messageCallFails: 0.02, storageFails: 0.02 },
    },
  },
  {
    name: 'slowStarts',
    says: 'functions take seconds to load, calls to answer, messages to appear',
    rates: { slowStart: 0.1, slowCall: 0.005, delayedMessage: 0.1 },
  },
  {
    name: 'blindness',
    says: 'the stop flag, metrics, alarms and the control plane fail',
    rates: {
      ...{ flagUnreadable: 0.2, flagWriteFails: 0.2, metricLost: 0.3, alarmLate: 0.3, alarmAbsent: 0.3 },
      ...{ controlFails: 0.2, executionStateStale: 0.3 },
    },
  },
];
