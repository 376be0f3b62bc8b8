import { randomUUID } from 'node:crypto';
import { ERROR_CODES, type ErrorCode, SluiceError } from '../core/errors.ts';
import type { Json } from '../core/json.ts';
import type { Clock } from '../ports/clock.ts';
import type { Executions } from '../ports/executions.ts';
import type { DoorAnswer, Ledger } from '../ports/ledger.ts';

const ANSWER_MS = 20_000;
const FIRST_POLL_MS = 200;
const LAST_POLL_MS = 1_000;
/** A new execution may stay unseen for a moment: only what has looked ended for this long has ended. */
const ENDED_MS = 2_000;

/** What the door needs of a pipeline. */
export interface DoorPorts {
  readonly ledger: Ledger;
  readonly executions: Executions;
}

/** Who stands before the door. */
export interface Caller {
  readonly clock: Clock;
  /** Aborted when the caller no longer waits for an answer. */
  readonly signal: AbortSignal;
  /** Who orders: written into the execution's input. */
  readonly user: string;
  /** The run that a refusal is about, once known. */
  readonly about: { runId?: string };
}

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
  caller: Caller,
  ports: DoorPorts,
  execution: string,
  order: OpenOrder,
): Promise<DoorAnswer> {
  await ports.executions.start(execution, { ...order, by: caller.user, nonce: randomUUID() });
  return hearAnswer(caller, ports, execution, order.runId);
}

/**
 * Waits for what Open says to an execution that was started, by whomever.
 *
 * @throws SluiceError as `passDoor` does.
 */
export async function hearAnswer(
  caller: Caller,
  ports: DoorPorts,
  execution: string,
  runId: string,
): Promise<DoorAnswer> {
  const answer = await awaitAnswer(caller, ports, execution, runId);
  if (answer.outcome === 'opened' || answer.outcome === 'queued') return answer;
  const refusal = refusalOf(answer);
  if (refusal.code === 'runOpen') caller.about.runId = (await ports.ledger.openRunId()) ?? runId;
  throw refusal;
}

/** What Open has refused a run with. */
export function refusalOf({ code, outcome, message }: DoorAnswer): SluiceError {
  const known = ERROR_CODES.find((one): one is ErrorCode => one === code) ?? 'internal';
  return new SluiceError(known, message ?? `the run was ${outcome}`);
}

async function awaitAnswer(
  { clock, signal }: Caller,
  { ledger, executions }: DoorPorts,
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
