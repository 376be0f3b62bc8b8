import type { Context } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { lambda } from '../../../lambdas/support/lambda.ts';
import { SluiceError } from '../../../lib/core/errors.ts';
import { memoryLog } from '../../../lib/ports/memory/log.ts';

const named = (name: string, more: object = {}) => Object.assign(new Error('of a service'), { name, ...more });

/** The name under which Step Functions sees what a step throws, and what the log says. */
async function thrown(error: Error) {
  const log = memoryLog();
  const handler = lambda(z.strictObject({}), log, () => Promise.reject(error));
  const context = { awsRequestId: 'id', getRemainingTimeInMillis: () => 1_000 } as Context;
  const seen = await handler({}, context).then(
    () => null,
    (one: Error) => one.name,
  );
  return { seen, logged: log.lines[0]?.data };
}

describe('what a step throws', () => {
  it.each([
    ['a reason of its own that may pass', new SluiceError('leaseLost', 'later', { retryable: true })],
    ['no capacity', named('ProvisionedThroughputExceededException', { $fault: 'client' })],
    ['a throttle', named('ThrottlingException', { $fault: 'client' })],
    ["a service's own fault", named('InternalServerError', { $fault: 'server' })],
    ['silence', named('TimeoutError')],
    ['a mapping that is being changed', named('ResourceInUseException', { $fault: 'client' })],
  ])('is retried with patience: %s', async (_, error) => {
    const { name } = error;
    expect(await thrown(error)).toMatchObject({ seen: 'SluiceRetryableError', logged: { name } });
  });

  it.each([
    ['a reason that stays', new SluiceError('runUnknown', 'no such run')],
    ['a right that is missing', named('AccessDeniedException', { $fault: 'client' })],
    ['a bug', new TypeError('undefined is not a function')],
  ])('keeps its name: %s', async (_, error) => {
    expect((await thrown(error)).seen).toBe(error.name);
  });
});
