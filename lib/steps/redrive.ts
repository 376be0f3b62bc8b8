import { SluiceError } from '../core/errors.ts';
import { RUN_LIFETIME_DAYS } from '../core/limits.ts';
import type { Run, RunPlan } from '../core/run.ts';
import type { PinnedRedrive } from '../core/sources/source.ts';
import { isAbandoned } from './abandoned.ts';
import { readCounts } from './counts.ts';
import type { OpenDependencies } from './dependencies.ts';
import { closeAbandoned, runOpen } from './open-run.ts';

/**
 * What a run over the failed items of an earlier one is made of: that run's source, settings and parameters as they were
 * pinned; its limits never above what is deployed now. Live changes of the earlier run are not taken over.
 *
 * @throws SluiceError `runUnknown`, `runExpired`; `runOpen` while the earlier run has not ended; `runNotRedrivable` when it left
 *   batches unfinished; `nothingToRedrive`; `sourceChanged` or `inputMissing` when its input is not what it was.
 */
export async function planRedrive(
  runId: string,
  deps: OpenDependencies,
): Promise<Pick<RunPlan, 'options' | 'params'> & { readonly source: PinnedRedrive }> {
  const { ledger, clock } = deps;
  const run = await endedRun(runId, deps);
  const ageDays = Math.floor((clock.now() - run.startedAt) / 86_400_000);
  if (ageDays >= RUN_LIFETIME_DAYS)
    throw new SluiceError('runExpired', `run "${runId}" began ${ageDays} days ago, the limit is ${RUN_LIFETIME_DAYS}`);
  const counts = await readCounts(ledger, run);
  const unfinished = run.reserved - counts.batches;
  if (unfinished > 0) {
    const resume = `"sluice resume ${runId}" goes on with it, then redrive what has failed`;
    throw new SluiceError('runNotRedrivable', `run "${runId}" left ${unfinished} batches unfinished; ${resume}`);
  }
  const count = counts.failed + counts.dead;
  if (count === 0)
    throw new SluiceError('nothingToRedrive', `no item of run "${runId}" failed: there is nothing to redrive`);
  const of = run.source.kind === 'redrive' ? run.source.of : run.source;
  await refuseIfChanged(of, deps);
  const workers = Math.min(run.options.workers, deps.options.workers);
  return {
    options: { ...run.options, workers },
    params: run.params,
    source: { kind: 'redrive', runId, windows: run.nextWindow, count, of },
  };
}

async function endedRun(runId: string, deps: OpenDependencies): Promise<Run> {
  const run = await deps.ledger.get(runId);
  if (run === null) throw new SluiceError('runUnknown', `no run "${runId}"; "sluice runs" lists them`);
  if (run.endedAt !== null) return run;
  if (!(await isAbandoned(run, deps))) throw runOpen(runId, run);
  await closeAbandoned(run, deps);
  return run;
}

/** Every read would find it out; said at the door, it costs no run. */
async function refuseIfChanged(source: PinnedRedrive['of'], { storage }: OpenDependencies): Promise<void> {
  if (!('object' in source)) return;
  const { bucket, key, etag, sizeBytes } = source.object;
  const found = await storage.describe(bucket, key);
  if (found.etag === etag && found.sizeBytes === sizeBytes) return;
  const hint = 'restore it, or start a new run over what it holds now';
  throw new SluiceError('sourceChanged', `s3://${bucket}/${key} is not what the earlier run read; ${hint}`);
}
