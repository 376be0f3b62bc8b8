import { handleRequest } from '../../lib/api/handle.ts';
import type { ApiDependencies } from '../../lib/api/handlers.ts';
import type { ApiRequest } from '../../lib/api/request.ts';
import type { Job } from '../../lib/core/job/job.ts';
import { devPipeline } from '../../lib/dev/pipeline.ts';
import { memoryLog } from '../../lib/ports/memory/log.ts';
import { memoryStorage } from '../../lib/ports/memory/storage.ts';
import { systemClock } from '../../lib/ports/system-clock.ts';

export interface Answered {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  // biome-ignore lint/suspicious/noExplicitAny: JSON as a caller sees it; the assertions say what must be in it
  readonly body: any;
}

export type Call = Partial<Omit<ApiRequest, 'path' | 'body'>> & { readonly id?: string; readonly body?: unknown };

/** A call as API Gateway hands it over: `POST /runs/{id}/stop`. A body that is no text is sent as JSON. */
export function requestTo(operation: string, { id, body, headers, ...rest }: Call = {}): ApiRequest {
  const [method = '', resource = ''] = operation.split(' ');
  return {
    ...{ method, resource, path: id === undefined ? {} : { id }, query: {}, caller: 'arn:aws:iam::1:user/ada' },
    ...rest,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    body: typeof body === 'string' || body === undefined ? (body ?? null) : JSON.stringify(body),
  };
}

export function caller(deps: ApiDependencies) {
  return async (operation: string, call: Call = {}): Promise<Answered> => {
    const { body, ...answer } = await handleRequest(requestTo(operation, call), deps);
    return { ...answer, body: JSON.parse(body) };
  };
}

/** The API before a pipeline in this process: the real steps and the real loop. */
export function apiPipeline(job: Job) {
  const log = memoryLog();
  const pipeline = devPipeline({ job, clock: systemClock, storage: memoryStorage(), inputs: {}, log, handlerLog: log });
  const started = new Map<string, unknown>();
  const { executions } = pipeline.ports;
  const deps: ApiDependencies = {
    ...{ ...pipeline.ports, pipeline: { name: job.name, overlap: job.options.overlap }, clock: systemClock, log },
    executions: {
      ...executions,
      start: async (name, input) => {
        await executions.start(name, input);
        started.set(name, structuredClone(input));
      },
      input: async (name) => started.get(name) ?? null,
    },
  };
  return { deps, log, started, call: caller(deps), stop: () => pipeline.stop() };
}
