import { expect, it } from 'vitest';
import { newRun } from '../../../lib/core/new-run.ts';
import { range } from '../../../lib/core/sources/index.ts';
import { produce } from '../../../lib/steps/produce.ts';
import { defineJob, memoryPipeline } from '../../support/memory-pipeline.ts';

const CALL_MS = 10;

it('flag, windows and depths are asked for at the same time, before each reserve', async () => {
  const job = defineJob({ name: 'job', source: range(1_500), batchSize: 1, workers: 20, handler: () => null });
  const pipeline = memoryPipeline(job);
  const { clock, slice, ledger } = pipeline;
  const startedAt = clock.now();
  const asked: string[] = [];
  const slow = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get:
        (target, name) =>
        async (...input: unknown[]) => {
          asked.push(`${clock.now() - startedAt} ${String(name)}`);
          await clock.sleep(CALL_MS);
          return (Reflect.get(target, name) as (...input: unknown[]) => unknown)(...input);
        },
    });
  const plan = { runId: 'run-1', job: 'job', options: job.options, source: { kind: 'range', count: 1_500 } } as const;
  await ledger.open(newRun({ ...plan, params: {}, total: 1_500, startedAt }, 'run-1'));
  const deps = { ...slice, ledger: slow(ledger), queue: slow(slice.queue), flag: slow(slice.flag) };
  void produce({ runId: 'run-1', loops: 0 }, deps, { id: 'one', remainingMs: () => 120_000 });
  await clock.advance(10 * CALL_MS);
  expect(asked).toEqual([
    ...['0 get', '10 acquireLease'],
    ...['20 windows', '20 depths', '20 read', '30 reserve', '40 send', '50 appendSample', '60 update'],
    // The flag was read less than a quarter of a second ago.
    ...['70 windows', '70 depths', '80 reserve', '90 send', '100 windows', '100 depths'],
  ]);
});
