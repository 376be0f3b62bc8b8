import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PROBLEM_TEMPLATE } from '../../../../infra/api.ts';

/**
 * Stands before the local AWS and does for its own refusals what the emulator leaves out: the template and the content type of
 * the API's gateway responses. All else passes as it is.
 */
export async function startGateway(upstream: string): Promise<{ readonly url: string; close(): Promise<void> }> {
  const { host, hostname, port, pathname } = new URL(upstream);
  const server = createServer((incoming, outgoing) => {
    const headers = { ...incoming.headers, host };
    const options = { hostname, port, method: incoming.method, path: `${pathname}${incoming.url}`, headers };
    const call = request(options, async (answer) => {
      const { status, type, body } = await asGateway(answer);
      outgoing.writeHead(status, { ...answer.headers, ...type, 'content-length': Buffer.byteLength(body) }).end(body);
    });
    call.on('error', () => outgoing.destroy());
    incoming.pipe(call);
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
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const status = answer.statusCode ?? 502;
  delete answer.headers['transfer-encoding'];
  const refusal = answer.headers['x-amzn-errortype'];
  if (refusal === undefined) return { status, type: {}, body };
  const { message = '' } = JSON.parse(body.toString()) as { readonly message?: string };
  const told = PROBLEM_TEMPLATE.replace('$context.error.responseType', String(refusal)).replace(
    '$context.error.messageString',
    JSON.stringify(message),
  );
  return { status, type: { 'content-type': 'application/problem+json' }, body: Buffer.from(told) };
}
