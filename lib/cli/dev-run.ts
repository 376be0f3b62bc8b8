import { mkdtemp, rm } from 'node:fs/promises';
import { url as debuggerUrl } from 'node:inspector';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SluiceError } from '../core/errors.ts';
import { type Job, parseParams, sourceOf } from '../core/job/job.ts';
import type { Json } from '../core/json.ts';
import { DEV_BATCHES_MAX } from '../core/limits.ts';
import { messageShape } from '../core/message-shape.ts';
import { debuggerClock } from '../dev/clock.ts';
import { type DevPipeline, devPipeline } from '../dev/pipeline.ts';
import { folderStorage } from '../dev/storage.ts';
import { passDoor } from '../door/door.ts';
import { newRunId } from '../door/run-id.ts';
import type { Clock } from '../ports/clock.ts';
import { SILENT_LOG } from '../ports/silent-log.ts';
import { type CliContext, type ExitCode, printJson, say } from './context.ts';
import { devLog, jobOutput } from './dev-log.ts';
import { exportOutcomes } from './export-outcomes.ts';
import { failureLines } from './failure-lines.ts';
import { followRun } from './follow.ts';
import { formatCount, plural } from './format.ts';
import { besideJob } from './in-process.ts';
import { inputsHere } from './inputs.ts';
import { unlessClosed } from './io.ts';
import { type JobStacks, watchStacks } from './job-stacks.ts';
import { targetOf } from './output-file.ts';
import { finishedItems } from './progress-line.ts';
import { readFailures } from './read-failures.ts';
import { endLines } from './summary.ts';

export interface DevRunOrder {
  readonly jobFile: string;
  readonly params: Json;
  /** Items to run, from the first. */
  readonly limit: number | undefined;
  readonly out: string | undefined;
  readonly asJson: boolean;
}

/**
 * Runs a job in this process, over ports in memory, and says how it ended.
 *
 * @throws SluiceError what loading, parameters, source and `--out` have to say; nothing for what its handler does.
 */
export function runHere(context: CliContext, order: DevRunOrder): Promise<ExitCode> {
  const output = jobOutput(context.io);
  return besideJob(async () => {
    const loaded = await context.services.loadJob(order.jobFile);
    const params = parseParams(loaded, order.params);
    const most = DEV_BATCHES_MAX * loaded.options.batchSize;
    checkLimit(order.limit, most);
    // a run is too long to find out at its end
    if (order.out !== undefined && order.out !== '-') await targetOf(context, order.out);
    const { storage, inputs } = await inputsHere(context, sourceOf(loaded, params), order.jobFile);
    const stacks = watchStacks(firstItems(loaded, order.limit ?? most));
    const clock = debuggerClock(context.clock, () => debuggerUrl() !== undefined);
    const folder = await mkdtemp(join(tmpdir(), 'sluice-dev-'));
    const pipeline = devPipeline({
      ...{ job: stacks.job, clock, inputs },
      ...{ storage: folderStorage(folder, storage), log: SILENT_LOG, handlerLog: devLog(output) },
    });
    try {
      return await followHere({ ...context, clock: wakingClock(clock, pipeline.ended) }, pipeline, stacks, order);
    } finally {
      await pipeline.stop();
      clock.stop();
      await rm(folder, { recursive: true, force: true });
    }
  }, output);
}

/** @throws SluiceError `usage`: no more than the ledger in memory may hold. */
function checkLimit(limit: number | undefined, most: number): void {
  if (limit === undefined || limit <= most) return;
  throw new SluiceError(
    'usage',
    `--limit: this job may have at most ${most} here (${DEV_BATCHES_MAX} batches of batchSize), got ${limit}; "sluice local up" has no such limit`,
  );
}

function firstItems(job: Job, first: number): Job {
  const source = (params: Json) => ({ ...sourceOf(job, params), first });
  return { ...job, source: source as Job['source'] };
}

async function followHere(
  context: CliContext,
  { ports }: DevPipeline,
  stacks: JobStacks,
  order: DevRunOrder,
): Promise<ExitCode> {
  const { job } = stacks;
  const runId = newRunId(job.name, context.clock.now());
  await passDoor(context, ports, runId, { action: 'start', runId, params: order.params });
  const { status, exit } = await followRun(context, ports, runId);
  const run = await ports.ledger.get(runId);
  const ended =
    exit === 130 ? [`interrupted: ${plural(finishedItems(status), 'item')} had ended; nothing goes on`] : [];
  for (const line of ended.length > 0 ? ended : endLines(status, run?.detail)) say(context, line);
  const most = DEV_BATCHES_MAX * job.options.batchSize;
  if (order.limit === undefined && status.items.generated === most) {
    say(context, `that was the first ${formatCount(most)} items: a run in this process has no more`);
  }
  const found = await readFailures(ports, { runId, nextWindow: run?.nextWindow ?? 0 }, ({ message }) =>
    messageShape(message),
  );
  for (const line of failureLines(found, stacks)) say(context, line);
  if (exit !== 130) await unlessClosed(writeResults(context, ports, runId, order.out));
  // with "-" standard output holds the results themselves
  if (order.asJson && order.out !== '-') await printJson(context, status);
  return exit;
}

async function writeResults(
  context: CliContext,
  ports: DevPipeline['ports'],
  runId: string,
  out: string | undefined,
): Promise<void> {
  if (out === undefined) return say(context, 'results: --out results.jsonl writes them');
  const { lines } = await exportOutcomes(context, ports, runId, 'results', out);
  say(context, `${plural(lines, 'result')}${out === '-' ? '' : ` in ${out}`}`);
}

/** Wakes whoever follows the run as soon as it has ended. */
function wakingClock(clock: Clock, ended: Promise<void>): Clock {
  const over = new AbortController();
  void ended.then(() => over.abort());
  const sleep = (milliseconds: number, signal?: AbortSignal) => {
    if (over.signal.aborted) return clock.sleep(milliseconds, signal);
    return clock.sleep(milliseconds, signal === undefined ? over.signal : AbortSignal.any([signal, over.signal]));
  };
  return { now: clock.now, sleep };
}
