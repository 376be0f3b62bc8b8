// A Lambda Runtime API client: loads a handler and serves it one invocation at a time.
// Protocol: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
// Usage: node bootstrap.mjs HANDLER INSTANCE (the instance only marks the process for whoever looks for it)
import { existsSync } from 'node:fs';
import http from 'node:http';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';

const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`;
const agent = new http.Agent({ keepAlive: true, noDelay: true });
let requestId;

function call(method, path, body, headers = {}) {
  const data = body === undefined ? undefined : Buffer.from(body);
  return new Promise((resolve, reject) => {
    const length = data ? { 'content-length': data.length } : {};
    const request = http.request(
      `${api}/${path}`,
      { method, agent, headers: { ...length, ...headers } },
      (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }),
        );
        response.on('error', reject);
      },
    );
    request.on('error', reject);
    request.end(data);
  });
}

// A full pipe makes writes wait in memory: what was printed must be out before the answer is, or it is missed.
const flush = (stream) => stream.writableLength > 0 && new Promise((resolve) => stream.write('', resolve));

async function post(path, body) {
  await flush(process.stdout);
  await flush(process.stderr);
  // when the other side is gone there is nobody to work for
  await call('POST', path, body, { 'content-type': 'application/json' }).catch(() => process.exit(1));
}

function describe(error) {
  const known = error instanceof Error || (typeof error === 'object' && error !== null && 'message' in error);
  if (!known) return JSON.stringify({ errorType: typeof error, errorMessage: String(error), trace: [] });
  return JSON.stringify({
    errorType: String(error.name ?? 'Error'),
    errorMessage: String(error.message),
    trace: String(error.stack ?? '').split('\n'),
  });
}

const named = (name, message) => Object.assign(new Error(message), { name });

async function load(setting) {
  const folder = dirname(setting);
  const [module, ...path] = basename(setting).split('.');
  const base = join(process.env.LAMBDA_TASK_ROOT, folder, module);
  const file = ['.js', '.mjs', '.cjs'].map((extension) => base + extension).find((candidate) => existsSync(candidate));
  if (!file) throw named('Runtime.ImportModuleError', `Error: Cannot find module '${module}'`);
  const loaded = await import(pathToFileURL(file));
  const find = (root) => path.reduce((value, key) => value?.[key], root);
  const handler = find(loaded) ?? find(loaded.default);
  if (typeof handler !== 'function') {
    throw named('Runtime.HandlerNotFound', `${setting} is undefined or not exported`);
  }
  return handler;
}

function contextOf(headers) {
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  return {
    awsRequestId: requestId,
    callbackWaitsForEmptyEventLoop: true,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}

// A handler either returns (a promise of) its result or, with three parameters, calls back.
function run(handler, event, context) {
  return new Promise((resolve, reject) => {
    const result = handler(event, context, (error, value) => (error ? reject(error) : resolve(value)));
    if (typeof result?.then === 'function') result.then(resolve, reject);
    else if (result !== undefined || handler.length < 3) resolve(result);
  });
}

async function serve(handler) {
  const next = await call('GET', 'invocation/next').catch(() => process.exit(1));
  if (next.status !== 200) process.exit(0);
  requestId = next.headers['lambda-runtime-aws-request-id'];
  if (next.headers['lambda-runtime-trace-id']) process.env._X_AMZN_TRACE_ID = next.headers['lambda-runtime-trace-id'];
  try {
    const result = await run(handler, JSON.parse(next.body.toString() || 'null'), contextOf(next.headers));
    await post(`invocation/${requestId}/response`, JSON.stringify(result ?? null));
  } catch (error) {
    print('ERROR', 'Invoke Error', error);
    await post(`invocation/${requestId}/error`, describe(error));
  }
}

// As AWS's runtime does: each line says when and for which request it was printed.
function print(level, ...values) {
  const text = format(...values).replaceAll('\n', '\r');
  process.stdout.write(`${new Date().toISOString()}\t${requestId}\t${level}\t${text}\n`);
}
const levels = { debug: 'DEBUG', error: 'ERROR', info: 'INFO', log: 'INFO', trace: 'TRACE', warn: 'WARN' };
for (const [method, level] of Object.entries(levels)) console[method] = print.bind(undefined, level);

async function die(error, status) {
  print('ERROR', error);
  await post(requestId ? `invocation/${requestId}/error` : 'init/error', describe(error));
  process.exit(status);
}
process.on('uncaughtException', (error) => die(error, 129));
process.on('unhandledRejection', (reason) =>
  die(named('Runtime.UnhandledPromiseRejection', `${reason?.name ?? 'Error'}: ${reason?.message ?? reason}`), 128),
);

let handler;
try {
  handler = await load(process.argv[2] ?? process.env._HANDLER);
} catch (error) {
  print('ERROR', 'Uncaught Exception', error);
  await post('init/error', describe(error));
  process.exit(1);
}
for (;;) await serve(handler);
