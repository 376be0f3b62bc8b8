import { isSluiceError, messageOf } from '../core/errors.ts';

/** What a function threw, by the name that Step Functions matches on; `lambdas/` names it in the same way. */
export function lambdaError(error: unknown): Error {
  const retryable = isSluiceError(error) && error.retryable;
  return namedError(retryable ? 'SluiceRetryableError' : ((error as Error).name ?? 'Error'), messageOf(error));
}

/** An error as Step Functions sees it: Lambda gives the cause as JSON. */
export function namedError(name: string, message: string): Error {
  return Object.assign(new Error(JSON.stringify({ errorType: name, errorMessage: message })), { name });
}
