import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { openApiDocument } from '../../../lib/api/openapi.ts';
import { OPERATION_IDS, OPERATIONS } from '../../../lib/api/operations.ts';
import { problemSchema } from '../../../lib/api/schemas.ts';
import { defineJob } from '../../../lib/core/job/job.ts';
import { range } from '../../../lib/core/sources/index.ts';
import { apiPipeline, type Call } from '../../support/api.ts';

// The fuzzer of the OpenAPI file does this from outside, on the local AWS; here there is time for more calls.
const job = defineJob({
  name: 'any',
  params: z.object({ a: z.number().optional() }),
  source: range(3),
  handler: () => 1,
});
let pipeline: ReturnType<typeof apiPipeline>;
beforeAll(() => {
  pipeline = apiPipeline(job);
});
afterAll(() => pipeline.stop());

// biome-ignore lint/suspicious/noExplicitAny: the document is JSON
const { paths } = openApiDocument('0') as any;
const statusesOf = (method: string, path: string) =>
  Object.keys(paths[path][method.toLowerCase()].responses).map(Number);

const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom('a--b', 'any-1', '../runs', '%2e'));
const body = fc.oneof(
  fc.json(),
  text,
  fc.record(
    {
      params: fc.oneof(fc.dictionary(text, fc.jsonValue()), fc.record({ a: fc.jsonValue() })),
      workers: fc.oneof(fc.integer({ min: -1, max: 12 }), fc.jsonValue()),
      reason: fc.oneof(text, fc.jsonValue()),
      halt: fc.constantFrom(false, 'true', null),
    },
    { requiredKeys: [] },
  ),
  fc.constant(undefined),
);
const anything: fc.Arbitrary<Call> = fc.record(
  {
    id: text,
    body,
    query: fc.dictionary(fc.oneof(text, fc.constant('limit')), fc.oneof(text, fc.integer().map(String))),
    headers: fc.dictionary(fc.constantFrom('idempotency-key', 'content-type', 'accept'), text),
  },
  { requiredKeys: ['id'] },
);

const good: fc.Arbitrary<Call> = fc.record(
  {
    id: fc.constant('any-1'),
    body: fc.record({ params: fc.record({ a: fc.oneof(fc.integer(), fc.jsonValue()) }, { requiredKeys: [] }) }),
    headers: fc.record({ 'idempotency-key': fc.constantFrom('a', 'b', 'c') }),
  },
  { requiredKeys: ['id', 'body'] },
);
const call = fc.oneof({ weight: 5, arbitrary: anything }, { weight: 1, arbitrary: good });

it('any call whatever is answered as the OpenAPI file says: no fault, and no refusal that is no problem', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...OPERATION_IDS), call, async (id, order) => {
      const { method, path, answer } = OPERATIONS[id];
      const { status, body: answered } = await pipeline.call(`${method} ${path}`, order);
      expect(statusesOf(method, path)).toContain(status);
      expect(status).toBeLessThan(500);
      if (status < 300) answer.parse(answered);
      else problemSchema.parse(answered);
    }),
    { numRuns: 400 },
  );
  expect(pipeline.started.size).toBeGreaterThan(0);
});
