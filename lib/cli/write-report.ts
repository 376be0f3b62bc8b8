import type { Counts } from '../core/counts.ts';
import { SluiceError } from '../core/errors.ts';
import { isResumable, type Run } from '../core/run.ts';
import type { HistorySample } from '../ports/ledger.ts';
import type { Command, ReportCost, ReportData } from '../report/data.ts';
import { timelineOf } from '../report/timeline.ts';
import { utilisationOf, workerTimesOf } from '../report/worker-time.ts';
import { readCounts } from '../steps/counts.ts';
import { readState } from '../steps/status.ts';
import { asTyped, type CliContext, type PipelinePorts } from './context.ts';
import { openOutput } from './output-file.ts';
import { readFailures } from './read-failures.ts';

/**
 * Writes the page about a run, as one file that appears only when it is whole.
 *
 * @throws SluiceError `runUnknown`, `outputUnwritable`; or what the ports threw.
 */
export async function writeReport(
  context: CliContext,
  ports: PipelinePorts,
  runId: string,
  out: string,
): Promise<ReportData> {
  const data = await readReport(context, ports, runId);
  const { renderReport } = await import('../report/page.ts');
  const output = await openOutput(context, out);
  try {
    await output.write(renderReport(data));
    await output.commit();
  } catch (error) {
    await output.discard();
    throw error;
  }
  return data;
}

/** Reads what a report tells: the run first, so that no count is of a later time than the run. */
export async function readReport(
  context: Pick<CliContext, 'clock' | 'environment' | 'about'>,
  ports: PipelinePorts,
  runId: string,
): Promise<ReportData> {
  const found = await ports.ledger.get(runId);
  if (found === null) throw new SluiceError('runUnknown', `no run "${runId}"; "sluice runs" lists them`);
  const run = { ...found, ...(await readState({ ...ports, clock: context.clock }, found)) };
  const [counts, samples] = await Promise.all([readCounts(ports.ledger, run), ports.ledger.history(runId)]);
  const failed = counts.failed + counts.dead;
  const failures = failed === 0 ? { groups: [], read: 0, others: 0 } : await readFailures(ports, run);
  const commands = commandsFor(run, failed).map((one) => ({ ...one, command: asTyped(context, one.command) }));
  return {
    run,
    counts,
    samples,
    failures,
    cost: await costFor(run, counts, samples),
    commands,
    madeAt: context.clock.now(),
  };
}

/** What a run has cost so far, and what that rests on. */
export async function costFor(run: Run, items: Counts, samples: readonly HistorySample[]): Promise<ReportCost> {
  const [{ costOfRun }, { PRICES_DATE, PRICES_REGION }] = await Promise.all([
    import('../plan/cost-of-run.ts'),
    import('../plan/prices.ts'),
  ]);
  const timeline = timelineOf(run, samples);
  const times = workerTimesOf(timeline, run);
  const workerSeconds = utilisationOf(times) === null ? null : times.busy;
  const { usd, byService } = costOfRun(run, { items, seconds: timeline.seconds, workerSeconds });
  const basis = `An estimate: transitions and workers’ time as counted, requests by the rules of "sluice plan", at the prices of ${PRICES_REGION} of ${PRICES_DATE}, without free tiers, storage and traffic. On a local AWS nothing is billed.`;
  return { usd, byService, basis };
}

function commandsFor(run: Run, failed: number): readonly Command[] {
  const { runId } = run;
  return [
    { does: 'the results, in item order', command: `sluice results ${runId} --out results.jsonl` },
    ...(isResumable(run) ? [{ does: 'go on where it ended', command: `sluice resume ${runId} --wait` }] : []),
    ...(failed > 0
      ? [
          { does: 'the failed items with their errors', command: `sluice failures ${runId} --out failures.jsonl` },
          ...(run.endedAt === null ? [] : [{ does: 'run the failed items again', command: `sluice redrive ${runId}` }]),
        ]
      : []),
  ];
}
