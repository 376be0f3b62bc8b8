import { fileURLToPath } from 'node:url';
import { PutFunctionConcurrencyCommand } from '@aws-sdk/client-lambda';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { processContext } from '../../../lib/cli/main.ts';
import { learnOf } from '../../../lib/cli/plan-job.ts';
import { planOf } from '../../../lib/plan/plan.ts';
import { throughProxy } from './chaos/through-proxy.ts';
import { clients, findPipeline, leftovers } from './observer.ts';
import { type Compared, comparisonTable, missedBy, predictedOf } from './plan/compare.ts';
import { countedOf, invocationsOf } from './plan/counted.ts';
import { delaysOf } from './plan/delays.ts';
import { historiesOf, timeOf } from './plan/histories.ts';
import { recorder } from './plan/recorder.ts';
import { sluice, sluiceJson, uniqueIds } from './sluice.ts';

const TOLERANCE = 0.15;
/** How many windows a look reads hangs on the order in which their batches end: 24 % were missed on a machine with three times its load. */
const READ_UNITS_TOLERANCE = 0.35;
const NOTHING = { running: 0, queued: 0, dead: 0, leased: [] };
const ROWS = 1_800;
const id = uniqueIds();
const compared: Compared[] = [];

interface PlannedRun {
  readonly pipeline: string;
  readonly params: object;
  readonly state: 'succeeded' | 'partial';
  /** As `app.ts` has them. */
  readonly maxLoops?: number;
}

/** Plans a job, runs it with all requests of its functions counted, and plans it again with the delays that they met. */
async function planAndRun({ pipeline, params, state, maxLoops }: PlannedRun): Promise<Compared> {
  const { table, worker } = await findPipeline(pipeline);
  const jobFile = fileURLToPath(new URL(`jobs/${pipeline}.ts`, import.meta.url));
  const order = { jobFile, params, items: undefined, itemSeconds: undefined };
  const { workload } = await learnOf(processContext(new AbortController().signal), order);
  // LocalStack's CloudFormation leaves reserved concurrency out; Open would make up for it.
  const ReservedConcurrentExecutions = workload.options.workers;
  const reserve = new PutFunctionConcurrencyCommand({ FunctionName: worker, ReservedConcurrentExecutions });
  await clients.lambda().send(reserve);

  const { faults, calls } = recorder();
  const runId = id(`planned-${pipeline}`);
  const before = await invocationsOf(pipeline);
  const run = ['run', '--pipeline', pipeline, '--run-id', runId, '--params', JSON.stringify(params), '--wait'];
  expect(await throughProxy(pipeline, faults, () => sluiceJson(...run))).toMatchObject({ state });

  const histories = await historiesOf(pipeline, runId);
  const counted = await countedOf(table, calls(), histories, (await invocationsOf(pipeline)) - before);
  const plan = planOf(workload, delaysOf(calls(), histories), maxLoops);
  const measured = (timeOf(histories.at(-1)?.at(-1)) - timeOf(histories[0]?.[0])) / 1_000;
  const makespan = { predicted: plan.makespanSeconds, measured };
  return { job: pipeline, predicted: predictedOf(plan.counts), counted, makespan };
}

describe('a plan, held against a run on the local AWS', () => {
  let s3 = '';
  beforeAll(async () => {
    await sluice('stop', '--pipeline', 'slow', '--clear');
    const { bucket: Bucket } = await findPipeline('large');
    const rows = Array.from({ length: ROWS }, (_, n) => JSON.stringify({ n, text: 'x'.repeat(570) }));
    await clients.s3().send(new PutObjectCommand({ Bucket, Key: 'inputs/rows.jsonl', Body: rows.join('\n') }));
    s3 = `s3://${Bucket}/inputs/rows.jsonl`;
  });
  afterAll(() => process.stdout.write(`\nplan against reality\n${comparisonTable(compared)}\n`));

  const planned: Record<string, () => PlannedRun> = {
    'a generator whose waits are handed over': () => {
      return { pipeline: 'stored', params: {}, state: 'succeeded', maxLoops: 12 };
    },
    'a range with small results': () => {
      return { pipeline: 'slow', params: { count: 800, milliseconds: 80, isUneven: true }, state: 'succeeded' };
    },
    'a file with large results and failures': () => ({ pipeline: 'large', params: { s3 }, state: 'partial' }),
  };
  it.each(Object.keys(planned))('has what it asks of AWS right: %s', async (what) => {
    const run = (planned[what] as () => PlannedRun)();
    const comparison = await planAndRun(run);
    compared.push(comparison);
    expect(missedBy({ share: TOLERANCE, ofReadUnits: READ_UNITS_TOLERANCE }, comparison)).toEqual([]);
    expect(await leftovers(run.pipeline)).toEqual(NOTHING);
  });
});
