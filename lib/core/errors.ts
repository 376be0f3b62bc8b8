/**
 * Every error of Sluice has a code from this closed list; `docs/errors.md` says for each what it means and what to do.
 * Codes are a contract: scripts read them from `--json`, Step Functions matches on `name`.
 */
export const ERROR_CODES = [
  'usage',
  'jobInvalid',
  'jobNotFound',
  'jobLoadFailed',
  'optionsInvalid',
  'paramsInvalid',
  'inputMissing',
  'inputUnreadable',
  'inputNotDeployed',
  'sourceInvalid',
  'sourceChanged',
  'itemTooLarge',
  'itemInvalid',
  'resultInvalid',
  'permanent',
  'attemptsExhausted',
  'startsExhausted',
  'lost',
  'messageInvalid',
  'runUnknown',
  'runIdUsed',
  'runIdInvalid',
  'idempotencyKeyReused',
  'runOpen',
  'queueFull',
  'runQueued',
  'runNotResumable',
  'runExpired',
  'runEnded',
  'runNotRedrivable',
  'nothingToRedrive',
  'stopLatched',
  'openTimeout',
  'pipelineMissing',
  'pipelineAmbiguous',
  'stackMissing',
  'credentialsMissing',
  'accessDenied',
  'targetUnreachable',
  'deployFailed',
  'workersOutOfRange',
  'limitOutOfRange',
  'outputUnwritable',
  'ledgerUnavailable',
  'eventsUnavailable',
  'leaseLost',
  'localPythonMissing',
  'localInstallFailed',
  'localStartFailed',
  'localPortTaken',
  'nodeTooOld',
  'internal',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/**
 * The one error class of Sluice.
 *
 * `name` is literal, never taken from the constructor: bundles are minified, and a Step Functions `Catch` matches the name.
 * `retryable` says whether the same call may succeed later with nothing changed.
 *
 * @example
 * throw new SluiceError('runUnknown', `no run "${runId}"; "sluice runs" lists them`);
 */
export class SluiceError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, options: { retryable?: boolean; cause?: unknown } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : {});
    this.name = 'SluiceError';
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}

/** True for a `SluiceError`, also one made by another copy of the package (a job's bundle has its own). */
export function isSluiceError(error: unknown): error is SluiceError {
  return error instanceof Error && error.name === 'SluiceError' && 'code' in error && 'retryable' in error;
}

/**
 * Throw this from a handler to fail the item at once: further attempts would only repeat the failure.
 *
 * @example
 * if (response.status === 404) throw new PermanentError(`no page at ${item.url}`);
 */
export class PermanentError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'PermanentError';
  }
}

/** True for a `PermanentError`, also one made by another copy of the package. */
export function isPermanentError(error: unknown): boolean {
  return error instanceof Error && error.name === 'PermanentError';
}

/** The message of anything thrown, without its stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const PASSING =
  /Throttl|ThroughputExceeded|TooManyRequests|LimitExceeded|SlowDown|Timeout|^Resource(InUse|Conflict)|^ECONN|^ENOTFOUND|^EAI_AGAIN/;

/** What the SDK gives up on that would be tried again: throttling, a service's own fault, a broken connection, a resource that is being changed. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { $fault, $retryable } = error as { readonly $fault?: unknown; readonly $retryable?: unknown };
  if ($fault === 'server' || $retryable !== undefined) return true;
  return PASSING.test(error.name);
}
