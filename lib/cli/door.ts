import { randomUUID } from 'node:crypto';
import { ERROR_CODES, type ErrorCode, SluiceError } from '../core/errors.ts';
import type { Json } from '../core/json.ts';
import type { DoorAnswer } from '../ports/ledger.ts';
import type { CliContext, PipelinePorts } from './context.ts';

const ANSWER_MS = 20_000;
const FIRST_POLL_MS = 200;
const LAST_POLL_MS = 1_000;
/** A new execution may stay unseen for a moment: only what has looked ended for this long has ended. */
const ENDED_MS = 2_000;

/** What the state machine is started with. */
export interface OpenOrder {
  readonly action: 'start' | 'resume';
  readonly runId: string;
  readonly params?: Json;
  readonly workers?: number;
  readonly redriveOf?: string;
}

/**
 * Starts an execution and waits until Open has answered: the only door to a run. The answer is that the run is open, or queued.
 *
 * @throws SluiceError with the code of the refusal; `openTimeout` when nothing is heard within 20 s.
 */
export async function passDoor(
  context: CliContext,
  ports: PipelinePorts,
  execution: string,
  order: OpenOrder,
): Promise<DoorAnswer> {
  await ports.executions.start(execution, { ...order, by: context.user, nonce: randomUUID() });
  const answer = await awaitAnswer(context, ports, execution, order.runId);
  if (answer.outcome === 'opened' || answer.outcome === 'queued') return answer;
  const refusal = refusalOf(answer);
  if (refusal.code === 'runOpen') context.about.runId = (await ports.ledger.openRunId()) ?? order.runId;
  throw refusal;
}

/** What Open has refused a run with. */
export function refusalOf({ code, outcome, message }: DoorAnswer): SluiceError {
  const known = ERROR_CODES.find((one): one is ErrorCode => one === code) ?? 'internal';
  return new SluiceError(known, message ?? `the run was ${outcome}`);
}

async function awaitAnswer(
  { clock, signal }: CliContext,
  { ledger, executions }: PipelinePorts,
  execution: string,
  runId: string,
): Promise<DoorAnswer> {
  const until = clock.now() + ANSWER_MS;
  let endedSince: number | null = null;
  for (let pause = FIRST_POLL_MS; ; pause = Math.min(LAST_POLL_MS, pause * 1.5)) {
    // looked at first: an answer is written before its execution ends
    endedSince = (await executions.state(execution)) === 'ended' ? (endedSince ?? clock.now()) : null;
    const answer = await ledger.readAnswer(execution);
    if (answer !== null) return answer;
    const look = `"sluice status ${runId}" shows whether it opened; execution "${execution}" of the state machine says more`;
    if (endedSince !== null && clock.now() - endedSince >= ENDED_MS) {
      throw new SluiceError('openTimeout', `the execution ended before the run was opened; ${look}`);
    }
    if (signal.aborted) throw new SluiceError('openTimeout', `interrupted before the run was opened; ${look}`);
    if (clock.now() >= until) {
      const seconds = ANSWER_MS / 1_000;
      throw new SluiceError('openTimeout', `no answer within ${seconds} s; the run may still open: ${look}`);
    }
    await clock.sleep(pause, signal);
  }
}
