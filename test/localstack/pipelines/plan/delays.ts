import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { Timings } from '../../../../lib/plan/workload.ts';
import { timeOf } from './histories.ts';
import type { RecordedCall } from './recorder.ts';

/** An emulator's queue counts exactly, its mapping starts with all its workers, and no environment is held to 10 invocations a second. */
const NONE_OF_ITS_OWN = {
  rampFrom: 1_000,
  rampPerMinute: Number.POSITIVE_INFINITY,
  invocationsPerSecondMax: Number.POSITIVE_INFINITY,
  depthLagSeconds: 0,
};
const MS = 1_000;
/** A look asks both queues. */
const DEPTHS = 2;

/** The local AWS's own delays during a run, as a plan takes them: what its requests, its steps and its mapping took. */
export function delaysOf(calls: readonly RecordedCall[], histories: readonly (readonly HistoryEvent[])[]): Timings {
  const clients = streams(calls);
  const workers = clients.filter((stream) => stream.some(isRecord));
  const events = histories.flat();
  const requestSeconds = mean(workers.flatMap(requestsOf)) / MS;
  return {
    ...NONE_OF_ITS_OWN,
    ...sendsOf(calls),
    requestSeconds,
    coldSeconds: mean(firstCallsOf(calls, events)) / MS - requestSeconds,
    stepSeconds: mean(clients.flatMap((stream) => stepsOf(stream, events))) / MS,
    deliverySeconds: mean(workers.flatMap(deliveriesOf)) / MS,
  };
}

/** Requests of each client to DynamoDB, in their order: a process asks for one after the other, on one connection. */
function streams(calls: readonly RecordedCall[]): readonly (readonly RecordedCall[])[] {
  const dynamo = calls.filter(({ service }) => service === 'dynamodb');
  return [...Map.groupBy(dynamo, ({ port }) => port).values()].map((stream) =>
    stream.toSorted((a, b) => a.from - b.from),
  );
}

/** A worker's requests that follow one another at once: its run before its window; record and delete before it counts. */
function requestsOf(stream: readonly RecordedCall[]): readonly number[] {
  return pairs(stream).flatMap(([a, b]) => {
    if (isRun(a) && b.operation === 'BatchGetItem') return [b.from - a.from];
    const half = (b.from - a.from) / 2;
    return isRecord(a) && isCount(b) ? [half, half] : [];
  });
}

/** From a worker's last request for a batch to its first for the next. */
function deliveriesOf(stream: readonly RecordedCall[]): readonly number[] {
  return pairs(stream).flatMap(([a, b]) => (isCount(a) && isRun(b) ? [b.from - a.to] : []));
}

/** From a look's first request to the reserve that follows, and from that to its send: a local AWS answers what is asked at once by turns. */
function sendsOf(calls: readonly RecordedCall[]): Pick<Timings, 'lookSeconds' | 'transactionSeconds'> {
  const asked = calls.toSorted((a, b) => a.from - b.from);
  const sends = asked.flatMap((reserve, at) => {
    if (reserve.operation !== 'TransactWriteItems') return [];
    const [, look] = asked.slice(0, at).filter(isDepth).slice(-DEPTHS).toReversed();
    const send = asked.slice(at).find(({ operation }) => operation === 'SendMessageBatch');
    return look === undefined || send === undefined
      ? []
      : [{ look: reserve.from - look.from, reserve: send.from - reserve.from }];
  });
  return {
    lookSeconds: mean(sends.map(({ look }) => look)) / MS,
    transactionSeconds: mean(sends.map(({ reserve }) => reserve)) / MS,
  };
}

/** From the entry of Produce and of Settle to their functions' second request, the lease, where those are called for the first time. */
function firstCallsOf(calls: readonly RecordedCall[], events: readonly HistoryEvent[]): readonly number[] {
  const leases = calls.filter(isLease);
  return ['Produce', 'Settle'].flatMap((name) => {
    const entered = timeOf(events.find(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name === name));
    const lease = leases.find(({ from }) => from >= entered);
    return lease === undefined ? [] : [lease.from - entered];
  });
}

/** From a slice's last request to the next one's first, less the wait between them. Further executions come by Open: not those. */
function stepsOf(stream: readonly RecordedCall[], events: readonly HistoryEvent[]): readonly number[] {
  return pairs(stream).flatMap(([last, run], at) => {
    const lease = stream[at + 2];
    if (!isRun(run) || lease === undefined || !isLease(lease)) return [];
    const between = events.filter((event) => timeOf(event) > last.to && timeOf(event) < run.from);
    if (between.some(({ type }) => type === 'ExecutionStarted')) return [];
    const waits = between.filter(({ type }) => type === 'WaitStateEntered');
    const waitMs = waits.map(
      ({ stateEnteredEventDetails }) => MS * JSON.parse(stateEnteredEventDetails?.input ?? '').waitSeconds,
    );
    return [run.from - last.to - waitMs.reduce((sum, ms) => sum + ms, 0)];
  });
}

const isRun = ({ operation }: RecordedCall) => operation === 'Query';
const isDepth = ({ operation }: RecordedCall) => operation === 'GetQueueAttributes';
const isRecord = ({ operation, input }: RecordedCall) =>
  operation === 'UpdateItem' && input.Key.sk.S.startsWith('batch#');
const isCount = ({ operation, input }: RecordedCall) => operation === 'UpdateItem' && input.Key.sk.S === 'window';
const isLease = ({ operation, input }: RecordedCall) =>
  operation === 'UpdateItem' && input.UpdateExpression.includes('#leaseOwner = ');

function pairs<T>(list: readonly T[]): readonly (readonly [T, T])[] {
  return list.slice(1).map((next, index) => [list[index] as T, next]);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
