import {
  GetEventSourceMappingCommand,
  GetFunctionConcurrencyCommand,
  type LambdaClient,
  PutFunctionConcurrencyCommand,
  UpdateEventSourceMappingCommand,
  type UpdateEventSourceMappingCommandInput,
} from '@aws-sdk/client-lambda';
import type { Clock } from '../ports/clock.ts';
import { systemClock } from '../ports/system-clock.ts';
import type { Workers } from '../ports/workers.ts';
import { errorName, withRetries } from './bounded.ts';

export interface LambdaWorkersSettings {
  readonly client: () => LambdaClient;
  /** Name or ARN of the worker function. */
  readonly workerFunction: string;
  /** UUID of its event source mapping. */
  readonly mappingId: string;
  readonly clock?: Clock;
}

/**
 * A mapping that is being changed refuses further changes; Lambda tells no bound for that. This is ours: 9 to 18 seconds, which fit into
 * each function that asks. Whoever called tries the whole again.
 */
const BUSY_RETRIES = { attempts: 9, pauseMs: 500, pauseMsMax: 3_000 } as const;
const BUSY = new Set(['ResourceInUseException', 'ResourceConflictException']);
/** Lambda: the least `MaximumConcurrency` of a mapping. */
const MAXIMUM_CONCURRENCY_MIN = 2;

/** The worker function and its event source mapping on Lambda. Writes only what differs: each write pauses deliveries a little. */
export function lambdaWorkers(settings: LambdaWorkersSettings): Workers {
  const { client, workerFunction: FunctionName, mappingId: UUID, clock = systemClock } = settings;

  const mapping = () => client().send(new GetEventSourceMappingCommand({ UUID }));
  const change = async (changes: Omit<UpdateEventSourceMappingCommandInput, 'UUID'>) => {
    const command = new UpdateEventSourceMappingCommand({ UUID, ...changes });
    await withRetries(
      { clock, ...BUSY_RETRIES },
      (error) => BUSY.has(errorName(error)),
      () => client().send(command),
    );
  };

  const limitMapping = async (workers: number) => {
    const MaximumConcurrency = Math.max(MAXIMUM_CONCURRENCY_MIN, workers);
    const { ScalingConfig } = await mapping();
    if (ScalingConfig?.MaximumConcurrency !== MaximumConcurrency) {
      await change({ ScalingConfig: { MaximumConcurrency } });
    }
  };

  const reserveConcurrency = async (workers: number, before: number | undefined) => {
    if (before === workers) return;
    const command = new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: workers });
    await withRetries(
      { clock, ...BUSY_RETRIES },
      (error) => BUSY.has(errorName(error)),
      () => client().send(command),
    );
  };

  return {
    pause: async () => {
      const { State } = await mapping();
      if (State !== 'Disabled' && State !== 'Disabling') await change({ Enabled: false });
    },

    resume: async () => {
      const { State } = await mapping();
      if (State !== 'Enabled' && State !== 'Enabling') await change({ Enabled: true });
    },

    setConcurrency: async (workers) => {
      const { ReservedConcurrentExecutions: before } = await client().send(
        new GetFunctionConcurrencyCommand({ FunctionName }),
      );
      // The mapping must never deliver more than the function takes: it is lowered first and raised last.
      if (before !== undefined && workers < before) {
        await limitMapping(workers);
        await reserveConcurrency(workers, before);
      } else {
        await reserveConcurrency(workers, before);
        await limitMapping(workers);
      }
    },
  };
}
