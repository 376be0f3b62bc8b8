// Loaded into the process of a function before anything else: notes what it asks of AWS, each thing once.
import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync } from 'node:fs';

const { SLUICE_TEST_REQUESTS: file, AWS_LAMBDA_FUNCTION_NAME: name } = process.env;
const noted = new Set();

subscribe('http.client.request.created', ({ request }) => {
  const [, service] = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(request.getHeader('authorization') ?? '') ?? [];
  // the Runtime API is not signed
  if (service === undefined) return;
  const target = request.getHeader('x-amz-target');
  if (target === undefined) note(service, request.method, request.path);
  else whenSent(request, (body) => noteJson(service, target.slice(target.lastIndexOf('.') + 1), JSON.parse(body)));
});

function whenSent(request, tell) {
  const chunks = [];
  const { write, end } = request;
  request.write = (chunk, ...more) => {
    chunks.push(Buffer.from(chunk));
    return write.call(request, chunk, ...more);
  };
  request.end = (chunk, ...more) => {
    if (chunk !== undefined && typeof chunk !== 'function') chunks.push(Buffer.from(chunk));
    tell(Buffer.concat(chunks).toString());
    return end.call(request, chunk, ...more);
  };
}

function noteJson(service, operation, input) {
  const { TransactItems = [], RequestItems = {}, Entries = [] } = input;
  // a transaction is authorised as its parts
  for (const part of TransactItems) {
    for (const [kind, { TableName }] of Object.entries(part)) note(service, `${operation}/${kind}`, TableName);
  }
  if (TransactItems.length > 0) return;
  const { TableName, QueueUrl, Name, AlarmName, Namespace, stateMachineArn, executionArn } = input;
  const named = [TableName, QueueUrl, Name, AlarmName, Namespace, stateMachineArn, executionArn];
  named.push(...Object.keys(RequestItems));
  if (service === 'events') named.push(...Entries.map(({ EventBusName = 'default' }) => EventBusName));
  const found = named.filter((one) => one !== undefined);
  if (found.length === 0)
    throw new Error(`${operation} names no resource that the recorder knows: ${Object.keys(input)}`);
  for (const resource of found) note(service, operation, resource);
}

function note(service, operation, resource) {
  const line = JSON.stringify({ function: name, service, operation, resource });
  if (noted.has(line)) return;
  noted.add(line);
  appendFileSync(file, `${line}\n`);
}
