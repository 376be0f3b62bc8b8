import { SluiceError } from '../core/errors.ts';
import type { Alarms } from '../ports/alarms.ts';
import type { Clock } from '../ports/clock.ts';
import type { ExecutionInputs, Executions } from '../ports/executions.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { RunEvents } from '../ports/run-events.ts';
import type { StopFlag } from '../ports/stop-flag.ts';
import type { Storage } from '../ports/storage.ts';
import { systemClock } from '../ports/system-clock.ts';
import type { WorkQueue } from '../ports/work-queue.ts';
import type { Workers } from '../ports/workers.ts';
import { cloudWatchAlarms } from './alarms.ts';
import { type AwsClients, awsClients } from './clients.ts';
import { stepFunctionsExecutions } from './executions.ts';
import { lazily } from './lazily.ts';
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

/** The ports of one pipeline on AWS. Each is made when it is first asked for, and so is its client. */
export interface AwsPorts {
  readonly ledger: Ledger;
  readonly queue: WorkQueue;
  readonly flag: StopFlag;
  readonly storage: Storage;
  readonly metrics: Metrics;
  readonly workers: Workers;
  readonly alarms: Alarms;
  readonly executions: Executions & ExecutionInputs;
  readonly events: RunEvents;
  readonly clock: Clock;
  /** AWS requests of these ports so far. */
  requests(): number;
}

/**
 * Wires a pipeline's ports to AWS, with credentials, region and endpoint from the ordinary environment.
 *
 * @throws SluiceError `internal`, at the first use of a port whose configuration is missing.
 * @example
 * const { ledger, flag } = awsPorts({ table: 'T', stopParameter: '/count/stop' }, { log });
 */
export function awsPorts(
  config: AwsPortsConfig,
  { log, clients = awsClients(), clock = systemClock }: { log: Log; clients?: AwsClients; clock?: Clock },
): AwsPorts {
  const given = <K extends keyof AwsPortsConfig>(name: K): NonNullable<AwsPortsConfig[K]> => {
    const value = config[name];
    if (value === undefined) throw new SluiceError('internal', `this process was given no ${name}`);
    return value;
  };
  const ledger = lazily(() => dynamoLedger({ client: clients.dynamo, table: given('table'), clock }));
  const queue = lazily(() => {
    const urls = { queueUrl: given('queueUrl'), deadLetterQueueUrl: given('deadLetterQueueUrl') };
    return sqsWorkQueue({ client: clients.sqs, ...urls, log, clock });
  });
  const flag = lazily(() => ssmStopFlag({ client: clients.ssm, parameter: given('stopParameter'), clock }));
  const storage = lazily(() => s3Storage({ client: clients.s3, bucket: given('bucket'), clock }));
  const metrics = lazily(() => cloudWatchMetrics({ client: clients.cloudWatch, pipeline: given('pipeline'), log }));
  const workers = lazily(() => {
    const names = { workerFunction: given('workerFunction'), mappingId: given('mappingId') };
    return lambdaWorkers({ client: clients.lambda, ...names, clock });
  });
  const alarms = lazily(() => cloudWatchAlarms({ client: clients.cloudWatch, alarmNames: given('alarmNames') }));
  const executions = lazily(() =>
    stepFunctionsExecutions({ client: clients.stepFunctions, stateMachineArn: given('stateMachineArn') }),
  );
  const events = lazily(() =>
    eventBridgeRunEvents({ client: clients.eventBridge, stateMachineArn: given('stateMachineArn') }),
  );
  return {
    get ledger() {
      return ledger();
    },
    get queue() {
      return queue();
    },
    get flag() {
      return flag();
    },
    get storage() {
      return storage();
    },
    get metrics() {
      return metrics();
    },
    get workers() {
      return workers();
    },
    get alarms() {
      return alarms();
    },
    get executions() {
      return executions();
    },
    get events() {
      return events();
    },
    clock,
    requests: clients.requests,
  };
}
