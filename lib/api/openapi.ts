import * as z from 'zod';
import { API_BURST, API_RATE_PER_SECOND } from '../core/limits.ts';
import { COMMON_REFUSALS, isAboutRun, OPERATION_IDS, OPERATIONS, type Operation } from './operations.ts';
import { PROBLEMS, RETRY_AFTER_SECONDS } from './problem.ts';
import {
  idSchema,
  keySchema,
  problemSchema,
  queuedSchema,
  runSchema,
  runsSchema,
  startBody,
  stopBody,
} from './schemas.ts';

/** The stage's name, and with it the API's version in every URL. */
export const API_STAGE = 'v1';

type JsonObject = { readonly [name: string]: unknown };

const SCHEMAS = {
  Start: startBody,
  Stop: stopBody,
  Run: runSchema,
  Queued: queuedSchema,
  Runs: runsSchema,
  Problem: problemSchema,
};

/** What API Gateway answers by itself, before a call reaches the function. */
const GATEWAY_ANSWERS: { readonly [status: string]: string } = {
  403: 'Not signed, or not allowed: `execute-api:Invoke` on this operation',
  413: 'Above 10 MB',
  429: `Above ${API_RATE_PER_SECOND} calls a second, or ${API_BURST} at once`,
  504: 'No answer within 29 s',
};

/**
 * The API as an OpenAPI 3.1 document, out of the schemas that check every call.
 *
 * @example
 * writeFileSync('docs/openapi.json', JSON.stringify(openApiDocument('0.1.0'), null, 2))
 */
export function openApiDocument(version: string): JsonObject {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Sluice',
      version,
      description: 'Starts, shows, stops and resumes the runs of one pipeline. Calls are signed with AWS Signature 4.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [
      {
        url: `https://{api}.execute-api.{region}.amazonaws.com/${API_STAGE}`,
        variables: { api: { default: 'example' }, region: { default: 'us-east-1' } },
      },
    ],
    security: [{ sigv4: [] }],
    paths: paths(),
    components: {
      schemas: Object.fromEntries(Object.entries(SCHEMAS).map(([name, schema]) => [name, jsonSchema(schema)])),
      securitySchemes: {
        sigv4: { type: 'apiKey', name: 'Authorization', in: 'header', 'x-amazon-apigateway-authtype': 'awsSigv4' },
      },
    },
  };
}

/** A schema of ours as OpenAPI 3.1 has it; what goes in may leave out what has a default. */
function jsonSchema(schema: z.ZodType): JsonObject {
  const io = schema === startBody || schema === stopBody ? 'input' : 'output';
  const { $schema: _draft, ...rest } = z.toJSONSchema(schema, { io }) as JsonObject;
  return rest;
}

/**
 * The schema of a body as API Gateway's models have it: JSON Schema's fourth draft. There 2.0 is no integer; to the function, and
 * in OpenAPI 3.1, it is one.
 */
export function modelSchema(body: z.ZodType): JsonObject {
  const { $schema: _draft, ...rest } = z.toJSONSchema(body, {
    target: 'draft-4',
    io: 'input',
    override: ({ jsonSchema: made }) => {
      if (made.type === 'integer') made.type = 'number';
    },
  }) as JsonObject;
  return rest;
}

function paths(): JsonObject {
  const byPath: Record<string, Record<string, unknown>> = {};
  for (const id of OPERATION_IDS) {
    const operation: Operation = OPERATIONS[id];
    const { path, method } = operation;
    byPath[path] = { ...byPath[path], [method.toLowerCase()]: { operationId: id, ...describe(operation) } };
  }
  return byPath;
}

function describe(operation: Operation): JsonObject {
  const { summary, description, body } = operation;
  const parameters = parametersOf(operation);
  return {
    summary,
    description,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === null ? {} : { requestBody: { required: true, content: json(body) } }),
    responses: { ...answersOf(operation), ...refusalsOf(operation) },
  };
}

function parametersOf(operation: Operation): JsonObject[] {
  const query = jsonSchema(operation.query).properties as { readonly [name: string]: JsonObject };
  const parameter = (where: string, name: string, required: boolean, { description, ...schema }: JsonObject) => ({
    ...{ name, in: where, required, description, schema },
  });
  return [
    ...(isAboutRun(operation) ? [parameter('path', 'id', true, jsonSchema(idSchema))] : []),
    ...(operation.takesKey ? [parameter('header', 'Idempotency-Key', false, jsonSchema(keySchema))] : []),
    ...Object.entries(query).map(([name, schema]) => parameter('query', name, false, schema)),
  ];
}

function answersOf({ answers, answer, queued, takesKey }: Operation): JsonObject {
  const location = { description: "The run's own URL, relative to this one", schema: { type: 'string' } };
  const further = takesKey ? { headers: { Location: location }, links: linksToRun() } : {};
  return Object.fromEntries(
    Object.entries(answers).map(([status, description]) => [
      status,
      { description, ...further, content: json(status === '202' ? (queued ?? answer) : answer) },
    ]),
  );
}

/** What can be done with the run that an answer is about. */
function linksToRun(): JsonObject {
  const about = OPERATION_IDS.filter((id) => isAboutRun(OPERATIONS[id]));
  return Object.fromEntries(about.map((id) => [id, { operationId: id, parameters: { id: '$response.body#/runId' } }]));
}

/** Refusals by status: which codes there are, in the words of their titles. */
function refusalsOf({ refuses }: Operation): JsonObject {
  const said: Record<string, string[]> = Object.fromEntries(
    Object.entries(GATEWAY_ANSWERS).map(([status, text]) => [status, [text]]),
  );
  for (const code of [...COMMON_REFUSALS, ...refuses]) {
    const { status, title } = PROBLEMS[code];
    said[status] = [...(said[status] ?? []), `${title} (\`${code}\`)`];
  }
  // What may pass by itself is 503 whatever its code.
  const retry = {
    'Retry-After': { description: 'Seconds', schema: { type: 'integer', example: RETRY_AFTER_SECONDS } },
  };
  const content = { 'application/problem+json': { schema: reference('Problem') } };
  return Object.fromEntries(
    Object.entries(said).map(([status, texts]) => [
      status,
      { description: texts.join('; '), ...(status === '503' ? { headers: retry } : {}), content },
    ]),
  );
}

function json(schema: z.ZodType): JsonObject {
  const name = Object.entries(SCHEMAS).find(([, one]) => one === schema)?.[0] ?? '';
  return { 'application/json': { schema: reference(name) } };
}

function reference(name: string): JsonObject {
  return { $ref: `#/components/schemas/${name}` };
}
