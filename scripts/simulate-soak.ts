import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { simulate } from '../lib/sim/simulate.ts';
import { addSums, FAILURES_MAX, neverSeen, type SoakSum, soak } from '../lib/sim/soak.ts';

/**
 * Simulates many seeds on all cores and says how often everything that can go wrong did.
 *
 * Exit: 1 when an invariant does not hold, or when some fault or reason never occurred in 5,000 runs or more.
 */
const HELP = `Simulates many seeds on all cores and says how often everything that can go wrong did.

  npm run simulate:soak -- --runs 100000 [--seed 1] [--threads N]
  npm run simulate:soak -- --seed-only 4711 [--lines 200]    replays one seed and prints what happened`;

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', default: false },
    runs: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    threads: { type: 'string', default: String(availableParallelism()) },
    'seed-only': { type: 'string' },
    lines: { type: 'string', default: '200' },
  },
});

/** From this many runs on, what never occurred is an error. */
const COMPLETE_RUNS = 5_000;

/** A thread tells how far it is after this many; the main one says so at most this often. */
const PART_RUNS = 100;
const PROGRESS_MS = 10_000;

interface Progress {
  readonly runs: number;
  readonly failures: SoakSum['failures'];
}

const print = (text = '') => process.stdout.write(`${text}\n`);

if (!isMainThread) {
  const { first, last, step } = workerData as { first: number; last: number; step: number };
  parentPort?.postMessage(await soakInParts([...seedsOf(first, last, step)]));
} else if (values.help) {
  print(HELP);
} else if (values['seed-only'] !== undefined) {
  process.exitCode = await replay(numberOf('seed-only', values['seed-only']));
} else {
  process.exitCode = await soakAll();
}

function numberOf(option: string, text: string): number {
  if (!/^[1-9][0-9]{0,11}$/.test(text))
    throw new RangeError(`--${option} must be a whole number from 1, got "${text}"`);
  return Number(text);
}

function* seedsOf(first: number, last: number, step: number): Generator<number> {
  for (let seed = first; seed <= last; seed += step) yield seed;
}

async function replay(seed: number): Promise<number> {
  const result = await simulate(seed, { record: true });
  for (const line of result.trace.slice(-numberOf('lines', values.lines))) print(line.trimEnd());
  const { violation, batches, events, virtualSeconds, hash } = result;
  print(
    `\nseed ${seed}: ${batches} batches, ${events} events, ${Math.round(virtualSeconds)} s of virtual time, hash ${hash}`,
  );
  print(violation === null ? 'every invariant held' : `${violation.invariant}: ${violation.message}`);
  return violation === null ? 0 : 1;
}

/** Tells after each part how many runs it had; ends early once enough have failed. */
async function soakInParts(seeds: readonly number[]): Promise<SoakSum> {
  let sum = await soak([]);
  for (let at = 0; at < seeds.length && sum.failures.length < FAILURES_MAX; at += PART_RUNS) {
    const part = await soak(seeds.slice(at, at + PART_RUNS));
    sum = addSums(sum, part);
    parentPort?.postMessage({ runs: part.runs, failures: part.failures } satisfies Progress);
  }
  return sum;
}

async function soakAll(): Promise<number> {
  const runs = numberOf('runs', values.runs);
  const first = numberOf('seed', values.seed);
  const threads = Math.min(numberOf('threads', values.threads), runs);
  const startedAt = performance.now();
  let [done, failed, toldAt] = [0, 0, startedAt];
  const onProgress = (progress: Progress) => {
    done += progress.runs;
    failed += progress.failures.length;
    for (const { seed, message } of progress.failures) process.stderr.write(`seed ${seed}: ${message}\n`);
    const now = performance.now();
    if (now - toldAt < PROGRESS_MS) return;
    toldAt = now;
    const rate = (1_000 * done) / (now - startedAt);
    const minutes = Math.ceil((runs - done) / rate / 60);
    process.stderr.write(`${done} of ${runs} runs, ${failed} failed, about ${minutes} min to go\n`);
  };
  const sums = await Promise.all(
    Array.from({ length: threads }, (_, at) => inThread(first + at, first + runs - 1, threads, onProgress)),
  );
  const sum = { ...sums.reduce(addSums), seconds: (performance.now() - startedAt) / 1_000 };
  printSum(sum);
  const missing = runs >= COMPLETE_RUNS ? neverSeen(sum) : [];
  if (missing.length > 0) print(`\nnever seen: ${missing.join(', ')}`);
  for (const { seed, invariant, message } of sum.failures.slice(0, FAILURES_MAX)) {
    print(`\nseed ${seed}: ${invariant}: ${message}\n  replay: npm run simulate:soak -- --seed-only ${seed}`);
  }
  if (sum.failures.length === 0) print(`\nevery invariant held in ${sum.runs} runs`);
  return sum.failures.length > 0 || missing.length > 0 ? 1 : 0;
}

function inThread(
  first: number,
  last: number,
  step: number,
  onProgress: (progress: Progress) => void,
): Promise<SoakSum> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), {
      workerData: { first, last, step },
      argv: process.argv.slice(2),
    });
    worker.on('message', (message: SoakSum | Progress) => {
      if ('events' in message) resolve(message);
      else onProgress(message);
    });
    worker.once('error', reject);
  });
}

function printSum({ runs, seconds, events, virtualSeconds, counts, whys, batches }: SoakSum): void {
  const rate = (runs / seconds).toFixed(1);
  const years = (virtualSeconds / 86_400 / 365).toFixed(2);
  print(`${runs} runs in ${seconds.toFixed(1)} s (${rate} a second), ${events} events, ${years} years of virtual time`);
  const sorted = [...batches].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  print(
    `batches per run: least ${at(0)}, quarter ${at(0.25)}, half ${at(0.5)}, three quarters ${at(0.75)}, most ${at(1)}`,
  );
  print('\nhow often each fault and deed occurred');
  printTable(counts);
  print('\nhow often each reason was given');
  printTable(whys);
}

function printTable(table: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(table)) print(`  ${name.padEnd(22)}${String(count).padStart(10)}`);
}
