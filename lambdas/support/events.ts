import type { APIGatewayProxyResult } from 'aws-lambda';
import * as z from 'zod';
import type { ApiResponse } from '../../lib/api/handle.ts';
import type { ApiRequest } from '../../lib/api/request.ts';
import type { Delivery } from '../../lib/steps/work.ts';

/** What Produce and Settle get from the state machine. */
export const sliceEvent = z.object({ runId: z.string(), loops: z.number().int().min(0) });

/** One SQS message, as the mapping delivers it: batches of one. */
export const sqsEvent = z.object({
  Records: z
    .array(
      z.object({
        messageId: z.string(),
        receiptHandle: z.string(),
        body: z.string(),
        attributes: z.object({ ApproximateReceiveCount: z.coerce.number().int().min(1) }),
      }),
    )
    .length(1),
});

export function deliveryOf(event: z.output<typeof sqsEvent>): Delivery & { readonly messageId: string } {
  const [record] = event.Records;
  if (record === undefined) throw new Error('the mapping delivered no message');
  const { messageId, receiptHandle, body, attributes } = record;
  return { messageId, receiptHandle, body, receiveCount: attributes.ApproximateReceiveCount };
}

const texts = z
  .record(z.string(), z.string())
  .nullish()
  .transform((given) => given ?? {});

/** A call of the API, as API Gateway's proxy integration hands it over. */
export const apiEvent = z.object({
  httpMethod: z.string(),
  resource: z.string(),
  pathParameters: texts,
  queryStringParameters: texts,
  headers: texts,
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().default(false),
  requestContext: z.object({ identity: z.object({ userArn: z.string().nullish() }) }),
});

export function requestOf(event: z.output<typeof apiEvent>): ApiRequest {
  const { body, isBase64Encoded, headers } = event;
  return {
    method: event.httpMethod,
    resource: event.resource,
    path: event.pathParameters,
    query: event.queryStringParameters,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    body: isBase64Encoded ? Buffer.from(body ?? '', 'base64').toString() : (body ?? null),
    // Calls are signed: only where nobody checks that is there no name.
    caller: event.requestContext.identity.userArn ?? 'api',
  };
}

export function apiAnswer({ status, headers, body }: ApiResponse): APIGatewayProxyResult {
  return { statusCode: status, headers: { ...headers }, body };
}
