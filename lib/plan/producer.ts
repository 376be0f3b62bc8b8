import { secondsUntilRoom } from '../core/gate.ts';
import {
  FLAG_READ_INTERVAL_MS,
  INTENT_BATCHES_MAX,
  INTENT_BYTES_MAX,
  MESSAGE_BYTES_MAX,
  METRICS_INTERVAL_MS,
  OPEN_WINDOWS_MAX,
  SEND_BATCH_MAX,
  SEND_CALLS_MAX,
  WAIT_SECONDS_MAX,
  WINDOW_BATCHES_MAX,
} from '../core/limits.ts';
import { roomMinOf } from '../core/pacing.ts';
import { storesWindows, type Timings, type Workload } from './workload.ts';

/** How the producer goes round while batches flow. */
export interface ProducerLoop {
  readonly looksPerSecond: number;
  readonly sendsPerSecond: number;
  /** Share of looks that read the stop flag: those right after a send seldom do. */
  readonly flagShare: number;
  readonly batchesPerSend: number;
  /** Waits a second that are handed to Step Functions. */
  readonly handOversPerSecond: number;
  /** Windows not complete: each look reads them all. */
  readonly openWindows: number;
  readonly lookSeconds: number;
  /** From a look to what it sends lying in the queue. */
  readonly sendSeconds: number;
  /** The longest pause between two looks. */
  readonly waitSeconds: number;
}

/** Keys in one `BatchGetItem`, and such calls at a time (`lib/aws/ledger-table.ts`). */
const WINDOWS_PER_READ = 100;
const READS_AT_A_TIME = 4;
/** A slice that has not yet seen a batch finish waits so long (`secondsUntilRoom`). */
export const BLIND_WAIT_SECONDS = 0.5;
const ROUNDS = 12;

/** Reads of so many windows. */
export function windowReads(openWindows: number): number {
  return Math.ceil(openWindows / WINDOWS_PER_READ);
}

/** Calls of `SendMessageBatch` for so many batches: 10 messages and 1 MiB each. */
export function sendCalls(batches: number, messageBytes: number): number {
  const perCall = Math.max(1, Math.min(SEND_BATCH_MAX, Math.floor(MESSAGE_BYTES_MAX / messageBytes)));
  return Math.ceil(batches / perCall);
}

/** The most batches that one reserve takes: an intent, 8 MiB of input, the cap. */
export function intentMax(workload: Workload, cap: number): number {
  const byBytes = Math.ceil(INTENT_BYTES_MAX / Math.max(1, workload.inputBytes));
  return Math.max(1, Math.min(INTENT_BATCHES_MAX, cap, byBytes));
}

/** One look: flag, windows and both queues at the same time. */
export function lookSeconds(openWindows: number, timings: Timings): number {
  return Math.max(1, Math.ceil(windowReads(openWindows) / READS_AT_A_TIME)) * timings.lookSeconds;
}

/** A reserve and its send; those of a source that cannot be pinned store their windows first. */
export function sendSeconds(batches: number, workload: Workload, timings: Timings): number {
  const { requestSeconds, transactionSeconds } = timings;
  const stored = storesWindows(workload) ? requestSeconds : 0;
  const rounds = Math.ceil(sendCalls(batches, workload.messageBytes) / SEND_CALLS_MAX);
  return stored + transactionSeconds + rounds * requestSeconds;
}

/** The most batches a second that the producer can send: full intents, one after another. */
export function producerPerSecond(workload: Workload, cap: number, timings: Timings): number {
  const batches = intentMax(workload, cap);
  const windows = Math.ceil(cap / WINDOW_BATCHES_MAX);
  return batches / (lookSeconds(windows, timings) + sendSeconds(batches, workload, timings));
}

/** A new slice before its first look: the step, the run, the lease. */
export function sliceStartSeconds({ stepSeconds, requestSeconds }: Timings): number {
  return stepSeconds + 2 * requestSeconds;
}

/** The loop while the cap is full: the producer fills each place as it falls free, or waits for room of a whole send. */
export function loopAtCap(perSecond: number, cap: number, workload: Workload, timings: Timings): ProducerLoop {
  const roomMin = roomMinOf({ cap, workers: workload.options.workers });
  const loopOf = roomMin === 1 ? loopByPlaces : loopByRooms(roomMin);
  let loop: ProducerLoop = {
    ...{ looksPerSecond: 1, sendsPerSecond: 1, batchesPerSend: Math.max(1, perSecond), handOversPerSecond: 0 },
    ...{ openWindows: 1, lookSeconds: 0, sendSeconds: 0, waitSeconds: 0, flagShare: 1 },
  };
  for (let round = 0; round < ROUNDS; round += 1) loop = loopOf(loop, perSecond, cap, workload, timings);
  return loop;
}

/** One step towards the balance of a loop whose looks and sends take as long as those of the loop before. */
type Balance = (
  before: ProducerLoop,
  perSecond: number,
  cap: number,
  workload: Workload,
  timings: Timings,
) => ProducerLoop;

/**
 * Batches finish at random at a rate (a Poisson stream: many workers, each in its own time). After a send the producer looks again
 * at once; a look that finds a free place sends, one that finds none waits for one batch's time.
 */
const loopByPlaces: Balance = (before, perSecond, cap, workload, timings) => {
  const { blockTimeoutSeconds } = workload.options;
  const handsOverAtOnce = blockTimeoutSeconds < BLIND_WAIT_SECONDS;
  const inPlace = secondsUntilRoom(perSecond);
  const waitSeconds = handsOverAtOnce ? blindHandOver(timings) : inPlace;
  const look = lookSeconds(before.openWindows, timings);
  const send = sendSeconds(before.batchesPerSend, workload, timings);
  const foundAfterSend = 1 - Math.exp(-perSecond * (look + send));
  const foundAfterWait = 1 - Math.exp(-perSecond * (look + waitSeconds));
  /** Share of looks that come right after a send: as many as find room. */
  const afterSend = foundAfterWait / (1 - foundAfterSend + foundAfterWait);
  const interval = afterSend * (look + send) + (1 - afterSend) * (look + waitSeconds);
  const sendsPerSecond = afterSend / interval;
  const blocksPerSecond = (afterSend * (1 - foundAfterSend)) / interval;
  const waitsInPlace = Math.max(0, Math.floor((blockTimeoutSeconds - inPlace) / (inPlace + look)) + 1);
  const handOversPerSecond = handsOverAtOnce
    ? (1 - afterSend) / interval
    : blocksPerSecond * (1 - foundAfterWait) ** waitsInPlace;
  const batchesPerSend = Math.min(intentMax(workload, cap), Math.max(1, perSecond / sendsPerSecond));
  return {
    looksPerSecond: 1 / interval,
    sendsPerSecond,
    flagShare: 1 - afterSend + afterSend * flagShareAfterSend(look + send, foundAfterSend),
    batchesPerSend,
    handOversPerSecond,
    openWindows: openWindowsOf(cap, batchesPerSend),
    lookSeconds: look,
    sendSeconds: send,
    waitSeconds,
  };
};

/** Every other wait falls short, as batches finish at random: one more look, after the shortest wait. */
const SHORT_WAITS = 0.5;
const SHORTEST_WAIT_SECONDS = 0.25;

/** Waits, at most 5 s at a time, until so much room is free that a send makes a window of its own worth while. */
function loopByRooms(roomMin: number): Balance {
  return (before, perSecond, cap, workload, timings) => {
    const { blockTimeoutSeconds } = workload.options;
    const handsOverAtOnce = blockTimeoutSeconds < BLIND_WAIT_SECONDS;
    const look = lookSeconds(before.openWindows, timings);
    const send = sendSeconds(before.batchesPerSend, workload, timings);
    const freeSeconds = roomMin / perSecond;
    const missingSeconds = freeSeconds - look - send;
    const longest = handsOverAtOnce ? blindHandOver(timings) : METRICS_INTERVAL_MS / 1_000;
    const waits = missingSeconds > 0 ? Math.ceil(missingSeconds / longest) + SHORT_WAITS : 0;
    const shortest = look + send + waits * (SHORTEST_WAIT_SECONDS + look);
    const interval = Math.max(shortest, freeSeconds, waits * (handsOverAtOnce ? longest : 0));
    const slice = blockTimeoutSeconds + longest + sliceStartSeconds(timings);
    const handOvers = handsOverAtOnce
      ? waits
      : freeSeconds > blockTimeoutSeconds
        ? Math.max(1, freeSeconds / slice)
        : 0;
    const batchesPerSend = Math.min(intentMax(workload, cap), Math.max(1, perSecond * interval));
    return {
      looksPerSecond: (1 + waits) / interval,
      sendsPerSecond: perSecond / batchesPerSend,
      flagShare: (waits + flagShareAfterSend(look + send, waits > 0 ? 0 : 1)) / (1 + waits),
      batchesPerSend,
      handOversPerSecond: handOvers / interval,
      openWindows: openWindowsOf(cap, batchesPerSend),
      lookSeconds: look,
      sendSeconds: send,
      waitSeconds: Math.max(SHORTEST_WAIT_SECONDS, missingSeconds),
    };
  };
}

/** The wait of a slice that knows no drain and waits nowhere but in Step Functions. */
function blindHandOver(timings: Timings): number {
  return Math.ceil(BLIND_WAIT_SECONDS) + sliceStartSeconds(timings);
}

/**
 * Looks right after a send come in rows: each finds room, and is followed by another one, with the same chance. A wait is long enough
 * for the flag to be read after it; within a row it is read with each m-th look, the first that comes 250 ms after the last reading,
 * half a look's distance later on average.
 */
function flagShareAfterSend(lookSeconds: number, found: number): number {
  const m = Math.max(1, FLAG_READ_INTERVAL_MS / 1_000 / lookSeconds + 0.5);
  return found >= 1 ? 1 / m : (found ** (m - 1) * (1 - found)) / (1 - found ** m);
}

/** The loop under `ratePerSecond`: each send as many batches as fit into one second's items, at least one; then the rate's wait. */
export function loopAtRate(
  itemsPerSecond: number,
  itemsPerBatch: number,
  outstanding: number,
  cap: number,
  workload: Workload,
  timings: Timings,
): ProducerLoop {
  const within = Math.max(1, Math.min(intentMax(workload, cap), Math.floor(itemsPerSecond / itemsPerBatch)));
  const batches = within > WINDOW_BATCHES_MAX ? within - (within % WINDOW_BATCHES_MAX) : within;
  const openWindows = openWindowsOf(outstanding, batches);
  const look = lookSeconds(openWindows, timings);
  const send = sendSeconds(batches, workload, timings);
  const pause = Math.max(0.25, (batches * itemsPerBatch) / itemsPerSecond - look - send);
  const waits = Math.ceil(pause / WAIT_SECONDS_MAX);
  const handsOver = Math.min(pause, WAIT_SECONDS_MAX) > workload.options.blockTimeoutSeconds;
  const waited = handsOver ? Math.ceil(pause) + waits * sliceStartSeconds(timings) : pause;
  const interval = send + look + waited + waits * look;
  return {
    looksPerSecond: (1 + waits) / interval,
    sendsPerSecond: 1 / interval,
    flagShare: 1,
    batchesPerSend: batches,
    handOversPerSecond: handsOver ? waits / interval : 0,
    openWindows,
    lookSeconds: look,
    sendSeconds: send,
    waitSeconds: waited,
  };
}

/**
 * Outstanding batches lie in the windows that they were sent in: small sends leave many, larger ones are of whole windows. The oldest
 * is done in part, so that n batches in a row touch 1 + (n − 1) / m windows of m on average.
 */
function openWindowsOf(outstanding: number, batchesPerSend: number): number {
  const batchesPerWindow = Math.min(batchesPerSend, WINDOW_BATCHES_MAX);
  // A look comes, on average, when half of the next send's places are free.
  const held = Math.max(1, outstanding - batchesPerSend / 2);
  return Math.min(OPEN_WINDOWS_MAX, 1 + (held - 1) / batchesPerWindow);
}
