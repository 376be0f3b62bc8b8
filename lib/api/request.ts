import type * as z from 'zod';
import { SluiceError } from '../core/errors.ts';
import { describeIssues } from '../core/job/options.ts';
import { API_BODY_BYTES_MAX } from '../core/limits.ts';
import { checkRunId } from '../door/run-id.ts';
import { isAboutRun, type OPERATIONS, type Operation, type OperationId } from './operations.ts';
import { keySchema } from './schemas.ts';

/** A call, as the edge hands it in. */
export interface ApiRequest {
  readonly method: string;
  /** The operation's path, `/runs/{id}`, not the one that was asked for. */
  readonly resource: string;
  readonly path: { readonly [name: string]: string };
  readonly query: { readonly [name: string]: string };
  /** By their names in lower case. */
  readonly headers: { readonly [name: string]: string };
  readonly body: string | null;
  /** Who calls, as AWS knows them. */
  readonly caller: string;
}

type Output<Schema> = Schema extends z.ZodType ? z.output<Schema> : null;

/** A call that was checked: nothing of it is as the caller alone would have it. */
export interface Input<Id extends OperationId> {
  readonly id: string;
  readonly query: Output<(typeof OPERATIONS)[Id]['query']>;
  readonly body: Output<(typeof OPERATIONS)[Id]['body']>;
  readonly key: string | null;
}

/**
 * Checks a call against its operation. API Gateway has done so as well, but passes over bodies of other content types.
 *
 * @throws SluiceError `usage` or `runIdInvalid`, with the value got and the values allowed.
 */
export function parseRequest<Id extends OperationId>(operation: Operation, request: ApiRequest): Input<Id> {
  return {
    id: isAboutRun(operation) ? checkRunId(request.path.id ?? '') : '',
    query: check(operation.query, numbersIn(request.query), 'the query'),
    body: bodyOf(operation, request),
    key: operation.takesKey ? keyOf(request) : null,
  } as Input<Id>;
}

function bodyOf({ body: schema }: Operation, { body, headers }: ApiRequest): unknown {
  const text = body ?? '';
  if (schema === null) {
    if (text === '') return null;
    throw new SluiceError('usage', 'this operation takes no body; send none');
  }
  const bytes = Buffer.byteLength(text);
  if (bytes > API_BODY_BYTES_MAX) {
    throw new SluiceError('usage', `the body takes ${bytes} bytes, at most ${API_BODY_BYTES_MAX} are allowed`);
  }
  const type = headers['content-type'] ?? 'none';
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    throw new SluiceError('usage', `the content type must be application/json, got ${type.slice(0, 100)}`);
  }
  return check(schema, parseJson(text), 'the body');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const got = text === '' ? 'none' : text.slice(0, 80);
    throw new SluiceError('usage', `the body must be a JSON object ("{}" at least), got ${got}`, { cause });
  }
}

function keyOf({ headers }: ApiRequest): string | null {
  const key = headers['idempotency-key'];
  if (key === undefined) return null;
  if (keySchema.safeParse(key).success) return key;
  throw new SluiceError('usage', `Idempotency-Key must be 1 to 255 printable ASCII characters, got ${key.length}`);
}

/** A query's values are texts: those that are whole numbers, written as such, are meant as numbers. */
function numbersIn(query: ApiRequest['query']): Record<string, string | number> {
  const value = (text: string) => (/^(0|-?[1-9]\d{0,14})$/.test(text) ? Number(text) : text);
  return Object.fromEntries(Object.entries(query).map(([name, text]) => [name, value(text)]));
}

function check(schema: z.ZodType, value: unknown, what: string): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new SluiceError(
    'usage',
    `${what}: ${describeIssues(parsed.error, value).replaceAll('unknown option', 'unknown')}`,
  );
}
