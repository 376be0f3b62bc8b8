import { randomUUID } from 'node:crypto';
import type { Call } from './proxy.ts';

const DYNAMO = 'com.amazonaws.dynamodb.v20120810#';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

const CAPACITY =
  'The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.';
const ON_DEMAND = 'Throughput exceeds the current capacity of your table or index.';

/**
 * How AWS says "too many requests": status, headers and body in the words of the service that was called. The SDK tells by
 * the code whether, and after how long a pause, it tries again.
 *
 * DynamoDB: Programming.Errors · SQS: CommonErrors (`RequestThrottled`) · S3: ErrorResponses (`SlowDown`) · Lambda: Invoke
 * (`TooManyRequestsException`) · the others: CommonErrors (`ThrottlingException`).
 */
export function throttledAnswer({ service, operation, body }: Pick<Call, 'service' | 'operation' | 'body'>): Answer {
  switch (service) {
    case 'dynamodb':
      if (operation === 'TransactWriteItems') return cancelled(JSON.parse(body).TransactItems.length);
      return operation === 'UpdateItem'
        ? json('1.0', 'com.amazon.coral.availability#ThrottlingException', ON_DEMAND)
        : json('1.0', `${DYNAMO}ProvisionedThroughputExceededException`, CAPACITY);
    case 'sqs':
      return json('1.0', 'com.amazonaws.sqs#RequestThrottled', 'The request was denied due to request throttling.', {
        'x-amzn-query-error': 'RequestThrottled;Sender',
      });
    case 's3':
      return {
        status: 503,
        headers: { 'content-type': 'application/xml', 'x-amz-request-id': randomUUID() },
        text: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message><RequestId>${randomUUID()}</RequestId><HostId>${randomUUID()}</HostId></Error>`,
      };
    case 'lambda':
      return {
        ...json('1.1', 'TooManyRequestsException', 'Rate Exceeded.', {
          'x-amzn-errortype': 'TooManyRequestsException',
        }),
        status: 429,
      };
    default:
      return json('1.1', 'ThrottlingException', 'Rate exceeded');
  }
}

function json(version: string, type: string, message: string, headers: Record<string, string> = {}): Answer {
  return {
    status: 400,
    headers: { 'content-type': `application/x-amz-json-${version}`, 'x-amzn-requestid': randomUUID(), ...headers },
    text: JSON.stringify({ __type: type, message }),
  };
}

/** A transaction tells of each of its actions; the SDK does not repeat it by itself. */
function cancelled(actions: number): Answer {
  const codes = Array.from({ length: actions }, (_, action) => (action === 0 ? 'ThrottlingError' : 'None'));
  const Message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes.join(', ')}]`;
  const CancellationReasons = codes.map((Code) => (Code === 'None' ? { Code } : { Code, Message: ON_DEMAND }));
  const answer = json('1.0', `${DYNAMO}TransactionCanceledException`, '');
  return {
    ...answer,
    text: JSON.stringify({ __type: `${DYNAMO}TransactionCanceledException`, Message, CancellationReasons }),
  };
}
