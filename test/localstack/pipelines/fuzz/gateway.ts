import { isUtf8 } from 'node:buffer';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PROBLEM_TEMPLATE } from '../../../../infra/api.ts';

/**
 * Stands before the local AWS and does what the emulator leaves out: its own refusals have the template and the content type of
 * the API's gateway responses; bodies that are no text, of which it dies, are refused as those that are no JSON; and so it is
 * spared multipart types, which it would parse though nobody asks for it. All else passes as it is.
 */
export async function startGateway(upstream: string): Promise<{ readonly url: string; close(): Promise<void> }> {
  const { host, hostname, port, pathname } = new URL(upstream);
  const server = createServer(async (incoming, outgoing) => {
    const sent = await bytesOf(incoming);
    if (!isUtf8(sent)) {
      outgoing.writeHead(400, PROBLEM).end(problem('BAD_REQUEST_BODY', 'Invalid request body'));
      return;
    }
    const isMultipart = incoming.headers['content-type']?.startsWith('multipart/') === true;
    const headers = { ...incoming.headers, host, ...(isMultipart ? { 'content-type': 'text/plain' } : {}) };
    const options = { hostname, port, method: incoming.method, path: `${pathname}${incoming.url}`, headers };
    const call = request(options, async (answer) => {
      const { status, type, body } = await asGateway(answer);
      outgoing.writeHead(status, { ...answer.headers, ...type, 'content-length': Buffer.byteLength(body) }).end(body);
    });
    call.on('error', () => outgoing.destroy());
    call.end(sent);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function asGateway(answer: IncomingMessage) {
  const body = await bytesOf(answer);
  const status = answer.statusCode ?? 502;
  delete answer.headers['transfer-encoding'];
  const refusal = answer.headers['x-amzn-errortype'];
  if (refusal === undefined) return { status, type: {}, body };
  const { message = '' } = JSON.parse(body.toString()) as { readonly message?: string };
  return { status, type: PROBLEM, body: Buffer.from(problem(String(refusal), message)) };
}

const PROBLEM = { 'content-type': 'application/problem+json' };

function problem(responseType: string, message: string): string {
  return PROBLEM_TEMPLATE.replace('$context.error.responseType', responseType).replace(
    '$context.error.messageString',
    JSON.stringify(message),
  );
}

async function bytesOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
