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
import { requestCounter } from './clients.ts';
import { lazily } from './lazily.ts';
import {
  type AwsPortsConfig,
  alarmsPort,
  eventsPort,
  executionsPort,
  flagPort,
  ledgerPort,
  metricsPort,
  queuePort,
  storagePort,
  type Wiring,
  workersPort,
} from './ports.ts';

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
export function awsPorts(config: AwsPortsConfig, { log, clock = systemClock }: { log: Log; clock?: Clock }): AwsPorts {
  const counter = requestCounter();
  const once = <Port>(make: (wiring: Wiring) => Port) => lazily(() => make({ config, log, clock, counter }));
  const [ledger, queue, flag, storage] = [once(ledgerPort), once(queuePort), once(flagPort), once(storagePort)];
  const [metrics, workers, alarms] = [once(metricsPort), once(workersPort), once(alarmsPort)];
  const [executions, events] = [once(executionsPort), once(eventsPort)];
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
    requests: counter.sent,
  };
}
