import { isSluiceError, messageOf, SluiceError } from '../core/errors.ts';
import type { Caller } from '../door/door.ts';
import { type ApiDependencies, HANDLERS } from './handlers.ts';
import { OPERATION_IDS, OPERATIONS, type OperationId } from './operations.ts';
import { problemOf, RETRY_AFTER_SECONDS } from './problem.ts';
import { type ApiRequest, parseRequest } from './request.ts';

export interface ApiResponse {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
}

/**
 * Answers one call. Never rejects: whatever goes wrong is an answer too, as problem details.
 *
 * @example
 * await handleRequest({ method: 'GET', resource: '/runs', path: {}, query: {}, headers: {}, body: null, caller: 'me' }, deps)
 * // { status: 200, headers: { 'content-type': 'application/json', … }, body: '{"runs":[…]}' }
 */
export async function handleRequest(request: ApiRequest, deps: ApiDependencies): Promise<ApiResponse> {
  const { clock } = deps;
  const caller: Caller = { clock, signal: new AbortController().signal, user: request.caller, about: {} };
  try {
    const operation = operationOf(request);
    const input = parseRequest(OPERATIONS[operation], request);
    if (input.id !== '') caller.about.runId = input.id;
    const { status, headers = {}, body } = await HANDLERS[operation](input as never, deps, caller);
    return respond(status, 'application/json', body, headers);
  } catch (error) {
    return refuse(error, request, deps, caller.about.runId);
  }
}

/** API Gateway passes on nothing else; whoever may invoke the function could. */
function operationOf({ method, resource }: ApiRequest): OperationId {
  const id = OPERATION_IDS.find((one) => OPERATIONS[one].method === method && OPERATIONS[one].path === resource);
  if (id !== undefined) return id;
  throw new SluiceError('usage', `there is no operation ${method.slice(0, 20)} ${resource.slice(0, 80)}`);
}

function refuse(error: unknown, request: ApiRequest, { log }: ApiDependencies, runId?: string): ApiResponse {
  const problem = problemOf(error, runId);
  const { method, resource, caller } = request;
  const data = { method, resource, caller, status: problem.status, error: messageOf(error) };
  if (problem.status < 500) log.info('refused', { ...data, code: problem.code });
  else
    log.error('failed', { ...data, stack: error instanceof Error && !isSluiceError(error) ? error.stack : undefined });
  const again = problem.status === 503 ? { 'retry-after': String(RETRY_AFTER_SECONDS) } : {};
  return respond(problem.status, 'application/problem+json', problem, again);
}

function respond(status: number, type: string, body: object, headers: ApiResponse['headers']): ApiResponse {
  return {
    status,
    headers: { 'content-type': type, 'cache-control': 'no-store', ...headers },
    body: JSON.stringify(body),
  };
}
