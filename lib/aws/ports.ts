import { SluiceError } from '../core/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import { cloudWatchAlarms } from './alarms.ts';
import {
  cloudWatchClient,
  dynamoClient,
  eventBridgeClient,
  lambdaClient,
  type RequestCounter,
  s3Client,
  sqsClient,
  ssmClient,
  stepFunctionsClient,
} from './clients.ts';
import { stepFunctionsExecutions } from './executions.ts';
import { dynamoLedger } from './ledger.ts';
import { cloudWatchMetrics } from './metrics.ts';
import { eventBridgeRunEvents } from './run-events.ts';
import { ssmStopFlag } from './stop-flag.ts';
import { s3Storage } from './storage.ts';
import { sqsWorkQueue } from './work-queue.ts';
import { lambdaWorkers } from './workers.ts';

/** Where one pipeline's parts lie. A process names only those it uses. */
export interface AwsPortsConfig {
  readonly pipeline?: string;
  readonly table?: string;
  readonly bucket?: string;
  readonly queueUrl?: string;
  readonly deadLetterQueueUrl?: string;
  readonly stopParameter?: string;
  readonly stateMachineArn?: string;
  readonly workerFunction?: string;
  readonly mappingId?: string;
  readonly alarmNames?: readonly string[];
}

/** What ports on AWS are made of. */
export interface Wiring {
  readonly config: AwsPortsConfig;
  readonly log: Log;
  readonly clock: Clock;
  readonly counter: RequestCounter;
}

/** @throws SluiceError `internal` for a part that this process was not told of. */
function given<K extends keyof AwsPortsConfig>({ config }: Wiring, name: K): NonNullable<AwsPortsConfig[K]> {
  const value = config[name];
  if (value === undefined) throw new SluiceError('internal', `this process was given no ${name}`);
  return value;
}

// Each port by itself: a function's bundle holds only those that it asks for, and the SDK's clients only of these.

export const ledgerPort = (wiring: Wiring) =>
  dynamoLedger({ client: dynamoClient(wiring.counter), table: given(wiring, 'table'), clock: wiring.clock });

export const queuePort = (wiring: Wiring) => {
  const { counter, log, clock } = wiring;
  const urls = { queueUrl: given(wiring, 'queueUrl'), deadLetterQueueUrl: given(wiring, 'deadLetterQueueUrl') };
  return sqsWorkQueue({ client: sqsClient(counter), ...urls, log, clock });
};

export const flagPort = (wiring: Wiring) =>
  ssmStopFlag({ client: ssmClient(wiring.counter), parameter: given(wiring, 'stopParameter'), clock: wiring.clock });

export const storagePort = (wiring: Wiring) =>
  s3Storage({ client: s3Client(wiring.counter), bucket: given(wiring, 'bucket'), clock: wiring.clock });

export const metricsPort = (wiring: Wiring) =>
  cloudWatchMetrics({ client: cloudWatchClient(wiring.counter), pipeline: given(wiring, 'pipeline'), log: wiring.log });

export const workersPort = (wiring: Wiring) => {
  const names = { workerFunction: given(wiring, 'workerFunction'), mappingId: given(wiring, 'mappingId') };
  return lambdaWorkers({ client: lambdaClient(wiring.counter), ...names, clock: wiring.clock });
};

export const alarmsPort = (wiring: Wiring) =>
  cloudWatchAlarms({
    client: cloudWatchClient(wiring.counter),
    alarmNames: given(wiring, 'alarmNames'),
    clock: wiring.clock,
  });

export const executionsPort = (wiring: Wiring) =>
  stepFunctionsExecutions({
    client: stepFunctionsClient(wiring.counter),
    stateMachineArn: given(wiring, 'stateMachineArn'),
  });

export const eventsPort = (wiring: Wiring) =>
  eventBridgeRunEvents({
    client: eventBridgeClient(wiring.counter),
    stateMachineArn: given(wiring, 'stateMachineArn'),
  });
