import { SluiceError } from '../core/errors.ts';
import { refusalOf } from '../door/door.ts';
import type { StartedRun } from '../door/start-run.ts';
import { isGone } from '../steps/queue.ts';
import { readStatus } from '../steps/status.ts';
import { statusDependencies } from './connect.ts';
import { type CliContext, type ExitCode, type PipelinePorts, printJson, say } from './context.ts';
import { followToEnd } from './follow.ts';
import { patientLook } from './patience.ts';

const POLL_MS = 3_000;

/**
 * Says what has become of a start, and with `wait` follows its run to the end: first, where it waits, until its turn has come.
 *
 * @param opened what to say of a run that is open.
 * @throws what Open refuses the run with when its turn has come; `openTimeout` when its execution was ended while it waited.
 */
export async function followStart(
  context: CliContext,
  ports: PipelinePorts,
  { runId, queued }: StartedRun,
  { wait = false, json = false }: { readonly wait?: boolean; readonly json?: boolean },
  opened: string,
): Promise<ExitCode> {
  say(context, `run ${runId} ${queued === null ? opened : `is ${queued}`}`);
  if (queued === null || (wait && (await awaitTurn(context, ports, runId)))) {
    if (wait) return followToEnd(context, ports, runId, json);
    say(context, `"sluice status ${runId}" shows it, "sluice stop" stops it`);
    if (json) await printJson(context, await readStatus(statusDependencies(context, ports), runId));
  } else {
    say(context, 'it starts when its turn has come; "sluice runs" shows those that wait');
    if (json) await printJson(context, { runId, state: 'queued' });
  }
  if (!json && !wait) await context.io.stdout(`${runId}\n`);
  return wait ? 130 : 0;
}

/** Waits until the run is open; false when nobody waits for that any more. */
async function awaitTurn(context: CliContext, ports: PipelinePorts, runId: string): Promise<boolean> {
  const { clock, signal } = context;
  const look = patientLook();
  while (!signal.aborted) {
    if (await look(() => hasStarted(context, ports, runId))) {
      say(context, `run ${runId} has started`);
      return true;
    }
    await clock.sleep(POLL_MS, signal);
  }
  return false;
}

/** @throws what the start was refused with; `openTimeout` when nobody will start it any more. */
async function hasStarted({ clock }: CliContext, ports: PipelinePorts, runId: string): Promise<boolean> {
  const { ledger } = ports;
  // Looked at first: a run is there, or an answer, before its start waits no more.
  const start = (await ledger.queued()).find((one) => one.runId === runId);
  if ((await ledger.get(runId)) !== null) return true;
  if (start !== undefined && !(await isGone(start, { ...ports, clock }))) return false;
  const answer = await ledger.readAnswer(runId);
  if (answer !== null && answer.outcome !== 'queued') throw refusalOf(answer);
  throw new SluiceError('openTimeout', `the execution of run ${runId} was ended while it waited; start it again`);
}
