import { type ErrorCode, isPassing, isSluiceError, type SluiceError } from '../core/errors.ts';
import type { Problem } from './schemas.ts';

interface Kind {
  readonly status: 400 | 404 | 409 | 422 | 500 | 503;
  readonly title: string;
}

/** What the API says of each error that its operations may end with. */
export const PROBLEMS = {
  usage: { status: 400, title: 'The request is not as the API has it' },
  runUnknown: { status: 404, title: 'There is no such run' },
  runQueued: { status: 409, title: 'The run waits for its turn' },
  runOpen: { status: 409, title: 'A run is open' },
  queueFull: { status: 409, title: 'Too many starts wait already' },
  stopLatched: { status: 409, title: 'The pipeline is stopped' },
  runIdUsed: { status: 409, title: 'The key was used before' },
  runEnded: { status: 409, title: 'The run has ended' },
  runNotResumable: { status: 409, title: 'The run is neither stopped nor failed' },
  runExpired: { status: 409, title: 'The run began too long ago' },
  runIdInvalid: { status: 422, title: 'The id is no run id' },
  idempotencyKeyReused: { status: 422, title: 'The key belongs to another order' },
  paramsInvalid: { status: 422, title: 'The parameters do not fit the job' },
  workersOutOfRange: { status: 422, title: 'More workers than are deployed' },
  inputMissing: { status: 422, title: 'The input is not there' },
  inputUnreadable: { status: 422, title: 'The input cannot be read' },
  inputNotDeployed: { status: 422, title: 'The input was not deployed' },
  sourceInvalid: { status: 422, title: 'The input cannot be cut into items' },
  itemTooLarge: { status: 422, title: 'An item is too large' },
  jobInvalid: { status: 422, title: 'The job gives no source for these parameters' },
  openTimeout: { status: 503, title: 'No answer yet: the run may still open' },
  targetUnreachable: { status: 503, title: 'AWS does not answer, or is busy' },
  ledgerUnavailable: { status: 503, title: 'The ledger cannot be reached' },
  internal: { status: 500, title: 'A fault of the API' },
} as const satisfies Partial<Record<ErrorCode, Kind>>;

export type ProblemCode = keyof typeof PROBLEMS;

/** How long to wait before a call that found the service busy is repeated. */
export const RETRY_AFTER_SECONDS = 5;

/** The status of an error: one that may pass by itself is 503, whatever its code. */
function statusOf(error: Pick<SluiceError, 'code' | 'retryable'>): Kind['status'] {
  return error.retryable ? 503 : kindOf(error.code).status;
}

/**
 * Anything thrown, as problem details (RFC 9457). Of what is no SluiceError nothing is told: it may name what is nobody's business.
 *
 * @param runId the run that it is about, where there is one.
 */
export function problemOf(error: unknown, runId?: string): Problem & { readonly status: Kind['status'] } {
  const about = runId === undefined ? {} : { runId };
  if (!isSluiceError(error) || !(error.code in PROBLEMS)) {
    const code = isPassing(error) ? 'targetUnreachable' : 'internal';
    const { status, title } = PROBLEMS[code];
    return {
      type: typeOf(code),
      title,
      status,
      detail: "the function's log says more",
      code,
      ...about,
    };
  }
  const { code, message } = error;
  return { type: typeOf(code), title: kindOf(code).title, status: statusOf(error), detail: message, code, ...about };
}

function kindOf(code: ErrorCode): Kind {
  return code in PROBLEMS ? PROBLEMS[code as ProblemCode] : PROBLEMS.internal;
}

function typeOf(code: ErrorCode): string {
  return `urn:sluice:error:${code}`;
}
