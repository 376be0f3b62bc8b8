import { readFileSync } from 'node:fs';
import { GetEventSourceMappingCommand, InvokeCommand } from '@aws-sdk/client-lambda';
import { dynamoLedger } from '../../lib/aws/ledger.ts';
import { sqsWorkQueue } from '../../lib/aws/work-queue.ts';
import { lambdaWorkers } from '../../lib/aws/workers.ts';
import type { Job } from '../../lib/core/job/job.ts';
import type { Ledger } from '../../lib/ports/ledger.ts';
import { memoryLog } from '../../lib/ports/memory/log.ts';
import type { Deployed } from './deployed.ts';
import { executionSucceeded, startExecution } from './executions.ts';
import type { PlainBatch } from './functions/plain-worker.ts';
import { type Journal, readJournal } from './journal.ts';
import { closeRun, prepareRun } from './prepared-run.ts';
import { BATCH_SIZE, BATCHES, CAP, type Errand, ITEMS } from './settings.ts';
import { until } from './until.ts';

/** One run of one contender. */
export interface RunOrder extends Errand {
  /** Unique. */
  readonly runId: string;
}

export interface RanOnce {
  /** When its first call was made, in milliseconds since 1970. */
  readonly startedAt: number;
  /** Its execution of Step Functions, if it has one. */
  readonly execution: string | null;
}

export const CONTENDERS = ['prefilled', 'sluice', 'unbounded', 'fixedWait', 'distributedMap'] as const;
export type Contender = (typeof CONTENDERS)[number];

/** How to run each contender from its start to the end of everything it has begun. */
export function contendersOn(
  deployed: Deployed,
  job: Job,
  signal: AbortSignal,
): Readonly<Record<Contender, (order: RunOrder) => Promise<RanOnce>>> {
  const { clients, pipeline, contenders } = deployed;
  const { queue, deadLetterQueue, table, worker, mapping, stateMachine } = pipeline;
  const ledger = dynamoLedger({ client: clients.dynamo, table });
  const succeeded = (execution: string) => executionSucceeded(clients.stepFunctions(), execution, signal);
  const start = (machine: string, { runId }: RunOrder, input: object) =>
    startExecution(clients.stepFunctions(), machine, runId, input);

  return {
    prefilled: async (order) => {
      const workers = lambdaWorkers({ client: clients.lambda, workerFunction: worker, mappingId: mapping });
      const mappingIs = (state: string) =>
        until(`a mapping that is ${state}`, signal, async () => {
          const { State } = await clients.lambda().send(new GetEventSourceMappingCommand({ UUID: mapping }));
          return State === state ? true : null;
        });
      await workers.pause();
      await mappingIs('Disabled');
      const bodies = await prepare(ledger, job, order);
      const sqs = { client: clients.sqs, queueUrl: queue, deadLetterQueueUrl: deadLetterQueue, log: memoryLog() };
      const unsent = await sqsWorkQueue(sqs).send(bodies);
      if (unsent.length > 0) throw new Error(`${unsent.length} messages were not accepted`);
      const startedAt = Date.now();
      await workers.resume();
      await allHandled(order, signal);
      await mappingIs('Enabled');
      await closeRun(ledger, order.runId, signal);
      return { startedAt, execution: null };
    },

    sluice: async (order) => {
      const { runId, milliseconds, journal } = order;
      const startedAt = Date.now();
      const execution = await start(stateMachine, order, { action: 'start', runId, params: { milliseconds, journal } });
      await allHandled(order, signal);
      await succeeded(execution);
      return { startedAt, execution };
    },

    unbounded: async (order) => {
      const bodies = await prepare(ledger, job, order);
      const startedAt = Date.now();
      await sendAll(deployed, queue, bodies);
      await allHandled(order, signal);
      await closeRun(ledger, order.runId, signal);
      return { startedAt, execution: null };
    },

    fixedWait: async (order) => {
      const bodies = await prepare(ledger, job, order);
      const input = fixedWaitInput(deployed, queue, bodies);
      const startedAt = Date.now();
      const execution = await start(contenders.fixedWait.machine, order, input);
      await allHandled(order, signal);
      await succeeded(execution);
      await closeRun(ledger, order.runId, signal);
      return { startedAt, execution };
    },

    distributedMap: async (order) => {
      const startedAt = Date.now();
      const execution = await start(contenders.distributedMap.machine, order, { batches: plainBatches(order) });
      await allHandled(order, signal);
      await succeeded(execution);
      return { startedAt, execution };
    },
  };
}

function prepare(ledger: Ledger, job: Job, { runId, milliseconds, journal }: RunOrder): Promise<readonly string[]> {
  return prepareRun(ledger, job, runId, { milliseconds, journal });
}

/** The unbounded producer: one call of its function. */
export async function sendAll(
  { clients, contenders, asFunctionsSee }: Deployed,
  queueUrl: string,
  bodies: readonly string[],
): Promise<void> {
  const Payload = JSON.stringify({ queueUrl: asFunctionsSee(queueUrl), bodies });
  const command = new InvokeCommand({ FunctionName: contenders.unbounded.sender, Payload });
  const { FunctionError } = await clients.lambda().send(command);
  if (FunctionError !== undefined) throw new Error(`the unbounded producer failed: ${FunctionError}`);
}

export function fixedWaitInput({ asFunctionsSee }: Deployed, queueUrl: string, bodies: readonly string[]): object {
  return { queueUrl: asFunctionsSee(queueUrl), bodies, next: 0, batches: bodies.length, cap: CAP };
}

/** The job's batches for workers without a ledger. */
export function plainBatches({ milliseconds, journal }: Errand): readonly PlainBatch[] {
  return Array.from({ length: BATCHES }, (_, batch) => ({
    ...{ first: batch * BATCH_SIZE, count: BATCH_SIZE },
    ...{ milliseconds, journal },
  }));
}

export function journalOf({ journal }: Pick<Errand, 'journal'>): Journal {
  return readJournal(readFileSync(journal, 'utf8'));
}

/** Waits until each item was handled to its end. */
export async function allHandled(errand: Errand, signal: AbortSignal): Promise<Journal> {
  return until(`the end of ${errand.journal}`, signal, () => {
    const journal = journalOf(errand);
    return journal.handled === ITEMS ? journal : null;
  });
}
