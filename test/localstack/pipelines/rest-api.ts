import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';

/** Where the API of a pipeline of the test app answers: the emulator has its own form of URL for it. */
export async function apiUrl(output: string): Promise<string> {
  const { Stacks = [] } = await new CloudFormationClient().send(new DescribeStacksCommand({}));
  const url = Stacks.flatMap(({ Outputs = [] }) => Outputs).find(({ OutputKey }) => OutputKey === output)?.OutputValue;
  const [, id, stage] = /^https:\/\/(\w+)\.execute-api\.[^/]+\/(\w+)\/$/.exec(url ?? '') ?? [];
  if (id === undefined) throw new Error(`output ${output} holds no URL of an API: ${url}`);
  return `${process.env.AWS_ENDPOINT_URL}/_aws/execute-api/${id}/${stage}`;
}

export interface HttpAnswer {
  readonly status: number;
  readonly type: string | null;
  readonly location: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: JSON as a caller sees it; the assertions say what must be in it
  readonly body: any;
}

export interface HttpCall {
  readonly body?: unknown;
  readonly key?: string;
}

/** Calls an operation, `POST /runs`, unsigned: nobody checks signatures here. */
export async function callApi(url: string, operation: string, { body, key }: HttpCall = {}): Promise<HttpAnswer> {
  const [method = '', path = ''] = operation.split(' ');
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const { headers, status } = answer;
  return { status, type: headers.get('content-type'), location: headers.get('location'), body: await answer.json() };
}
