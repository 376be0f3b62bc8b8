import { readReport } from '../../lib/cli/write-report.ts';
import { range } from '../../lib/core/sources/index.ts';
import type { ReportData } from '../../lib/report/data.ts';
import { requestStop } from '../../lib/steps/stop.ts';
import { defineJob, timedPipeline } from './memory-pipeline.ts';

/** What an attacker would put into data that ends up on a page. */
export const HOSTILE = `<script>document.title='pwned'</script><img src=x onerror="document.title='pwned'">'"&`;

const RUN_ID = 'run-1';

/** A pipeline on virtual time whose batches take 3 to 6 s, by their number. */
function reportPipeline(options: {
  name: string;
  count: number;
  handle?: (item: number) => unknown;
  hangs?: readonly number[];
  more?: object;
}) {
  const { name, count, handle = (item) => item, hangs = [], more = {} } = options;
  return timedPipeline(
    (sleep) =>
      defineJob({
        ...{ name, source: range(count), batchSize: 50, workers: 8, maxBatchesPerWorker: 5, attempts: 1 },
        ...more,
        handler: async (item: number, { index }) => {
          if (index % 50 === 0) await sleep(3_000 + ((index / 50) % 7) * 500);
          if (hangs.includes(index)) await sleep(3_600_000);
          return handle(item) as never;
        },
      }),
    { startAt: Date.UTC(2026, 0, 2, 3, 4, 5) },
  );
}

type Timed = ReturnType<typeof reportPipeline>;

function reportOf(pipeline: Timed): Promise<ReportData> {
  return readReport({ clock: pipeline.clock, environment: {}, about: {} }, pipeline, RUN_ID);
}

/** 20,000 items, all well. */
export async function succeededRun(): Promise<ReportData> {
  const pipeline = reportPipeline({ name: 'thumbnails', count: 20_000, more: { maxBatchesPerWorker: 12 } });
  await pipeline.run();
  return reportOf(pipeline);
}

/** Stopped by an alarm, resumed two hours later under a lower cap, stopped for good by a person. */
export async function stoppedRun(): Promise<ReportData> {
  const pipeline = reportPipeline({ name: 'geocode', count: 60_000 });
  const { clock, ledger } = pipeline;
  const alarm = { why: 'alarm', reason: 'alarm Blocked: no batch has finished for 900 s', by: 'CloudWatch' } as const;
  void clock.sleep(90_000).then(() => requestStop(pipeline, { ...alarm, halt: true }));
  await pipeline.run();
  await pipeline.untilDone(clock.sleep(7_200_000), 60_000);
  void clock.sleep(60_000).then(() => ledger.setLimits(RUN_ID, { cap: 24 }, { by: 'ada@laptop', at: clock.now() }));
  const person = { why: 'stopped', reason: 'the address file is last year’s', by: 'ada@laptop', halt: false } as const;
  void clock.sleep(150_000).then(() => requestStop(pipeline, person));
  await pipeline.run({ action: 'resume', runId: RUN_ID }, { execution: `${RUN_ID}--r1` });
  return reportOf(pipeline);
}

/** Some items fail, with what an attacker wrote; two batches never come to an end; the whole is paced. */
export async function partlyFailedRun(): Promise<ReportData> {
  const handle = (item: number) => {
    if (item % 97 === 0) throw new TypeError(`row ${item}: "country" is missing`);
    if (item % 1_009 === 0) throw new RangeError(HOSTILE);
    return item;
  };
  const more = { ratePerSecond: 60, timeoutSeconds: 12 };
  const pipeline = reportPipeline({ name: 'invoices', count: 12_000, handle, hangs: [3_500, 7_500], more });
  await pipeline.run();
  return reportOf(pipeline);
}
