import {
  COUNT_BYTES_MAX,
  HISTORY_SAMPLES_MAX,
  LIST_OBJECTS_MAX,
  METRICS_INTERVAL_MS,
  WINDOW_BATCHES_MAX,
} from '../core/limits.ts';
import { STEP_SECONDS } from '../state-machine/definition.ts';
import { LOOPS_DEFAULT } from '../state-machine/events.ts';
import { CLOSING_MS } from '../steps/slice.ts';
import { type Makespan, type Phases, SETTLE_POLL_SECONDS } from './makespan.ts';
import type { Pace } from './pace.ts';
import { BLIND_WAIT_SECONDS, lookSeconds, sendCalls, windowReads } from './producer.ts';
import { listsObjects, readsObject, storesResults, storesWindows, type Timings, type Workload } from './workload.ts';

export const REQUEST_KINDS = ['dynamodb', 'sqs', 'ssm', 's3', 'cloudwatch', 'lambda'] as const;
export type RequestKind = (typeof REQUEST_KINDS)[number];

/** What one function does in a run. */
export interface StepCounts {
  readonly invocations: number;
  /** HTTP requests of the function, by service. */
  readonly requests: Readonly<Record<RequestKind, number>>;
  /** DynamoDB write units, twice as many in transactions, and read units. */
  readonly writes: number;
  readonly reads: number;
  readonly s3Puts: number;
}

export interface Counts {
  readonly open: StepCounts;
  readonly produce: StepCounts;
  readonly settle: StepCounts;
  readonly close: StepCounts;
  readonly worker: StepCounts;
  /** States entered by all executions of the run. */
  readonly transitions: number;
  readonly executions: number;
  readonly messages: number;
}

/** Requests of Lambda's own interface that Open makes: concurrency, mapping twice. */
const OPEN_LAMBDA_REQUESTS = 3;
const CHUNK_BYTES = 1_048_576;
/** Bytes of one sample in the history; 100 samples share an item, which is written whole each time. */
const SAMPLE_BYTES = 120;
const SAMPLES_PER_ITEM = 100;
const WRITE_UNIT_BYTES = 1_024;
/** What a record holds beside its outcomes. */
const RECORD_BYTES = 160;
/** Loops of Settle until its slice hands over: its function has a minute, less the time for the last writes. */
const SETTLE_SECONDS_MAX = STEP_SECONDS.settle - CLOSING_MS / 1_000;
const SLICE_SECONDS = STEP_SECONDS.produce - CLOSING_MS / 1_000;
const SETTLE_WAIT_SECONDS = 2;
/** Metrics, sample, save, limits: one after the other. */
const REPORT_REQUESTS = 4;
const REPORT_SECONDS = METRICS_INTERVAL_MS / 1_000;

type Parts = Partial<Record<RequestKind, number>> & Partial<Pick<StepCounts, 'writes' | 'reads' | 's3Puts'>>;

/**
 * What a run asks of AWS when nothing goes wrong, by the rules its steps follow: `lib/steps` and `lib/aws`, request by request.
 * `docs/plan.md` lists the rules, and a test holds the numbers against runs on the local AWS.
 *
 * @param maxLoops loops in one execution of the state machine.
 */
export function countsOf(
  workload: Workload,
  pace: Pace,
  { makespan, phases }: { readonly makespan: Makespan; readonly phases: Phases },
  timings: Timings,
  maxLoops = LOOPS_DEFAULT,
): Counts {
  const produced = produceCounts(workload, pace, makespan, phases, timings);
  const settled = settleCounts(workload, pace, makespan, phases, timings);
  const { invocations: slices } = produced.step;
  const continued = Math.floor((slices + settled.step.invocations - 1) / maxLoops);
  // A further execution begins with Produce, which has nothing to do where the run is settling.
  const idle = continued - Math.min(continued, Math.floor((slices - 1) / maxLoops));
  const loops = slices + idle + settled.step.invocations;
  const waits = produced.waits + settled.waits;
  return {
    open: openCounts(workload, continued),
    produce: sumOf([produced.step, scale(idle, stepCounts(1, { dynamodb: 3, reads: 1, writes: 2 }))]),
    settle: settled.step,
    close: stepCounts(1, { dynamodb: 2, reads: 1, writes: 4 }),
    worker: workerCounts(workload, pace),
    // Open, Close and Succeeded with their choices; a loop and its choice, and its wait; a continuation, in a wait's place, and Open again.
    transitions: 5 + 2 * loops + Math.max(0, waits - continued) + 4 * continued,
    executions: 1 + continued,
    messages: pace.batches,
  };
}

/** Run, flag, input, the four items of a new run, answer, run; and run and flag again on either side of letting the workers go. */
function openCounts(workload: Workload, continued: number): StepCounts {
  const { objectBytes } = workload;
  const look = listsObjects(workload) ? 1 : 0;
  const scanned = objectBytes <= COUNT_BYTES_MAX ? Math.ceil(objectBytes / CHUNK_BYTES) : 0;
  return stepCounts(1 + continued, {
    dynamodb: 6 + 2 * continued,
    reads: 4 + continued,
    writes: 4 * 2 + 1 + continued,
    ssm: 3,
    lambda: OPEN_LAMBDA_REQUESTS,
    // size and ETag, byte order mark, header row, and a scan that counts; or one look whether the bucket may be listed
    s3: readsObject(workload) ? 3 + scanned : look,
    s3Puts: look,
  });
}

function produceCounts(workload: Workload, pace: Pace, makespan: Makespan, phases: Phases, timings: Timings) {
  const { batches, cap, loop } = pace;
  const steadySeconds = phases.producingSeconds - phases.fillSeconds;
  const filled = phases.fillSends === 0 ? 0 : Math.min(cap, batches);
  const steadySends = batches > filled ? (batches - filled) / loop.batchesPerSend : 0;
  const sends = phases.fillSends + steadySends;
  const cuts = Math.floor(phases.producingSeconds / SLICE_SECONDS);
  const waits = steadySends > 0 ? Math.round(loop.handOversPerSecond * steadySeconds) : 0;
  const slices = cuts + waits + 1;
  // A slice reports with its first look and then every five seconds; with those it looks whether the limits were changed.
  const sliceSeconds = phases.producingSeconds / slices - (waits > 0 ? loop.waitSeconds : 0);
  const later = slices * Math.max(0, Math.floor(sliceSeconds / REPORT_SECONDS));
  const reports = slices + later;
  // Each send has its look; so has each wait, each slice, and the end of the source.
  const lookingSeconds = Math.max(0, steadySeconds - later * REPORT_REQUESTS * timings.requestSeconds);
  const isBlind = waits === 0 && pace.pacedPerSecond === null;
  const timedLooks = looksIn(lookingSeconds, isBlind, pace, timings);
  const steadyLooks = steadySends > 0 ? Math.max(steadySends, timedLooks) : 0;
  const looks = phases.fillSends + steadyLooks + 1;
  const fillWindows = Math.ceil(filled / WINDOW_BATCHES_MAX);
  const windowsRead = phases.fillSends * (fillWindows / 2) + steadyLooks * loop.openWindows + fillWindows;
  const batchGets =
    Math.max(0, phases.fillSends - 1) * windowReads(fillWindows / 2) +
    (steadyLooks + 1) * windowReads(loop.openWindows);
  const windows = fillWindows + steadySends * Math.ceil(loop.batchesPerSend / WINDOW_BATCHES_MAX);
  const samples = samplesOf(makespan.seconds, reports);
  const flags = Math.max(slices, 1 + steadyLooks * loop.flagShare);
  const stored = storesWindows(workload) ? windows : 0;
  // A page for each thousand objects, and one again where a slice goes on in the middle of it.
  const listed = listsObjects(workload) ? Math.max(1, Math.ceil(workload.items / LIST_OBJECTS_MAX)) + slices - 1 : 0;
  const scanned = Math.ceil(workload.objectBytes / CHUNK_BYTES) + (readsObject(workload) ? 2 * (slices - 1) : 0);
  const step = stepCounts(slices, {
    // run, lease and last save; plan; windows; transaction of each reserve; samples and saves of each report; limits
    dynamodb: 3 * slices + 1 + batchGets + sends + samples.count + reports + later,
    reads: slices + 1 + windowsRead + later,
    writes: 2 * slices + 2 * (sends + windows) + samples.writes + reports,
    sqs:
      2 * looks +
      phases.fillSends * sendCalls(filled / Math.max(1, phases.fillSends), workload.messageBytes) +
      steadySends * sendCalls(loop.batchesPerSend, workload.messageBytes),
    ssm: flags,
    s3: stored + listed + scanned,
    s3Puts: stored + listed,
    cloudwatch: reports,
  });
  return { step, waits };
}

/** Looks at the full cap. Until a first batch has ended, its worker's loading included, nobody knows a rate: half a second each. */
function looksIn(seconds: number, isBlindAtFirst: boolean, { loop, work }: Pace, { coldSeconds }: Timings): number {
  const blindSeconds = isBlindAtFirst ? Math.min(seconds, coldSeconds + work.batchSeconds) : 0;
  return blindSeconds / (BLIND_WAIT_SECONDS + loop.lookSeconds) + loop.looksPerSecond * (seconds - blindSeconds);
}

/** Looks every half second, for as long as a slice of Produce would wait in place; then two seconds of Step Functions. */
function settleCounts(
  workload: Workload,
  { batches, cap, loop }: Pace,
  makespan: Makespan,
  { settlingSeconds }: Phases,
  timings: Timings,
) {
  const atFirst = batches > cap ? loop.openWindows : Math.ceil(batches / WINDOW_BATCHES_MAX);
  // Those that are complete are read no more: half of them on average.
  const windows = atFirst / 2;
  const look = lookSeconds(windows, timings) + timings.requestSeconds;
  const inPlace = Math.min(workload.options.blockTimeoutSeconds, SETTLE_SECONDS_MAX);
  const looksPerSlice = Math.floor(inPlace / (SETTLE_POLL_SECONDS + look)) + 1;
  const sliceSeconds = (looksPerSlice - 1) * SETTLE_POLL_SECONDS + looksPerSlice * look;
  const apart = SETTLE_WAIT_SECONDS + timings.stepSeconds + 2 * timings.requestSeconds;
  const whole = Math.floor(settlingSeconds / (sliceSeconds + apart));
  const rest = settlingSeconds - whole * (sliceSeconds + apart);
  const looksOfRest = 1 + Math.ceil(rest / (SETTLE_POLL_SECONDS + look));
  // What ends while Step Functions waits is found by the slice after it.
  const isFoundLater = looksOfRest > looksPerSlice;
  const waits = whole + (isFoundLater ? 1 : 0);
  const looks = waits * looksPerSlice + (isFoundLater ? 1 : looksOfRest);
  const slices = waits + 1;
  const later = slices * Math.floor((looks * (SETTLE_POLL_SECONDS + look)) / slices / REPORT_SECONDS);
  const reports = slices + later + 1;
  const samples = samplesOf(makespan.seconds, reports);
  const step = stepCounts(slices, {
    // run, lease and last save; plan; windows and the run's stop mark; samples and saves
    dynamodb: 3 * slices + 1 + looks * (1 + windowReads(windows)) + samples.count + reports + later,
    reads: slices + 1 + looks * (1 + windows) + later,
    writes: 2 * slices + samples.writes + reports,
    sqs: 2 * looks,
    ssm: looks,
    cloudwatch: reports,
  });
  return { step, waits };
}

/** Run, window, visibility; record, delete, count; for each further delivery what hands over and goes on. */
function workerCounts(workload: Workload, { batches, work }: Pace): StepCounts {
  const more = work.deliveries - 1;
  const puts = storesResults(workload) ? work.deliveries : 0;
  const gets = readsObject(workload) ? work.deliveries : 0;
  const inline = storesResults(workload) ? 0 : workload.resultBytes;
  const record = Math.ceil((RECORD_BYTES + inline) / WRITE_UNIT_BYTES);
  return scale(
    batches,
    stepCounts(work.deliveries, {
      dynamodb: 4 + 5 * more,
      reads: 2 + 3 * more,
      writes: record + 1 + (1 + record) * more,
      sqs: 2 + 2 * more,
      s3: puts + gets,
      s3Puts: puts,
    }),
  );
}

/** Samples that are due among so many reports, and what they cost: `isSampleDue` of `lib/core/history.ts`. */
function samplesOf(seconds: number, reports: number): { readonly count: number; readonly writes: number } {
  const due = seconds <= 750 ? seconds / (METRICS_INTERVAL_MS / 1_000) + 2 : 152 + 150 * Math.log(seconds / 750);
  const count = Math.min(reports, Math.floor(due), HISTORY_SAMPLES_MAX);
  const full = Math.ceil((Math.min(count, SAMPLES_PER_ITEM) * SAMPLE_BYTES) / 2 / WRITE_UNIT_BYTES);
  return { count, writes: count * full };
}

function stepCounts(invocations: number, parts: Parts): StepCounts {
  const whole = (name: keyof Parts) => Math.round(parts[name] ?? 0);
  const requests = Object.fromEntries(REQUEST_KINDS.map((kind) => [kind, whole(kind)])) as StepCounts['requests'];
  return { invocations, requests, writes: whole('writes'), reads: whole('reads'), s3Puts: whole('s3Puts') };
}

function scale(times: number, one: StepCounts): StepCounts {
  const requests = Object.fromEntries(
    REQUEST_KINDS.map((kind) => [kind, times * one.requests[kind]]),
  ) as StepCounts['requests'];
  return {
    invocations: times * one.invocations,
    requests,
    writes: times * one.writes,
    reads: times * one.reads,
    s3Puts: times * one.s3Puts,
  };
}

export const STEP_NAMES = ['open', 'produce', 'settle', 'close', 'worker'] as const;

/** All steps together. */
export function totalOf(counts: Counts): StepCounts {
  return sumOf(STEP_NAMES.map((name) => counts[name]));
}

function sumOf(steps: readonly StepCounts[]): StepCounts {
  const sum = (of: (step: StepCounts) => number) => steps.reduce((total, step) => total + of(step), 0);
  return {
    invocations: sum((step) => step.invocations),
    requests: Object.fromEntries(
      REQUEST_KINDS.map((kind) => [kind, sum((step) => step.requests[kind])]),
    ) as StepCounts['requests'],
    writes: sum((step) => step.writes),
    reads: sum((step) => step.reads),
    s3Puts: sum((step) => step.s3Puts),
  };
}
