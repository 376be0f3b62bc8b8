import {
  Agent,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { throttledAnswer } from './throttled-answer.ts';

/** One request of AWS, as the SDK of a function's process sends it. */
export interface Call {
  /** As the signature's scope has it: `dynamodb`, `sqs`, `s3`, … */
  readonly service: string;
  /** Of services that speak JSON the operation, else the HTTP method. */
  readonly operation: string;
  readonly body: string;
  /** The two ends of the caller's connection, by which its process is found. */
  readonly port: number;
  readonly proxyPort: number;
}

/** What comes between a process and AWS. Both answer at once, so that nothing else happens in between. */
export interface Faults {
  /** Before AWS hears of the call. `throttle` answers as AWS does, `reset` breaks the connection. */
  before?(call: Call): 'pass' | 'throttle' | 'reset';
  /** After a call has taken effect, before its caller hears of it. `reset` loses the answer. */
  after?(call: Call): 'pass' | 'reset';
}

export interface FaultProxy {
  readonly endpoint: string;
  close(): Promise<void>;
}

/** The most that a call may have: SQS takes 1 MiB, an object of our results less than 8. */
const BODY_BYTES_MAX = 8 * 1_048_576;
/** Headers of one connection, which are not for the other. */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'expect']);

/** Stands in front of a local AWS, on a free port of 127.0.0.1, and does to each call what `faults` says. */
export async function startFaultProxy(upstream: string, faults: Faults): Promise<FaultProxy> {
  const agent = new Agent({ keepAlive: true });
  const server = createServer((incoming, response) => {
    serve(incoming, response, upstream, agent, faults).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      agent.destroy();
    },
  };
}

async function serve(
  incoming: IncomingMessage,
  response: ServerResponse,
  upstream: string,
  agent: Agent,
  faults: Faults,
): Promise<void> {
  const body = await bodyOf(incoming);
  const call = callOf(incoming, body);
  const reset = () => incoming.socket.resetAndDestroy();
  const wanted = faults.before?.(call) ?? 'pass';
  if (wanted === 'reset') return void reset();
  if (wanted === 'throttle') {
    const { status, headers, text } = throttledAnswer(call);
    return void response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(text) }).end(text);
  }
  const answer = await forward(incoming, body, upstream, agent);
  if (answer.status < 300 && faults.after?.(call) === 'reset') return void reset();
  response.writeHead(answer.status, { ...answer.headers, 'content-length': answer.bytes }).end(answer.body);
}

function callOf({ headers, method = '', socket }: IncomingMessage, body: Buffer): Call {
  const [, service = 'unknown'] = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(headers.authorization ?? '') ?? [];
  const target = headers['x-amz-target'];
  const operation = typeof target === 'string' ? target.slice(target.lastIndexOf('.') + 1) : method;
  return { service, operation, body: body.toString(), port: socket.remotePort ?? 0, proxyPort: socket.localPort ?? 0 };
}

async function bodyOf(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw new Error(`a body of more than ${BODY_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** What the answer says of its body's length. */
  readonly bytes: number;
}

async function forward(incoming: IncomingMessage, body: Buffer, upstream: string, agent: Agent): Promise<Answer> {
  const { host } = new URL(upstream);
  const headers = { ...endToEnd(incoming.headers), host, 'content-length': body.length };
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    request(new URL(incoming.url ?? '/', upstream), { method: incoming.method, headers, agent }, resolve)
      .on('error', reject)
      .end(body);
  });
  const received = await bodyOf(answer);
  // The answer to a HEAD has the length of what a GET would bring.
  const bytes = incoming.method === 'HEAD' ? Number(answer.headers['content-length'] ?? 0) : received.length;
  return { status: answer.statusCode ?? 502, headers: endToEnd(answer.headers), body: received, bytes };
}

function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name)));
}
