import { join } from 'node:path';
import type { InstanceFolder } from './folders.ts';
import { endpointOf } from './state.ts';

/** Of the caller's environment only these are passed on: a stray `DEBUG`, `PERSISTENCE` or `AWS_PROFILE` would change LocalStack. */
const PASSED_ON = [
  'PATH',
  'LANG',
  'LC_ALL',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  // by which a test run knows its processes: scripts/watch
  'SLUICE_TEST_RUN',
];

/**
 * The environment of the LocalStack process.
 *
 * @example
 * localstackEnvironment({ port: 4566, instance: 'x', folder: instanceFolder(), extra: {} }).GATEWAY_LISTEN; // '127.0.0.1:4566'
 */
export function localstackEnvironment(options: {
  port: number;
  instance: string;
  folder: InstanceFolder;
  extra: Record<string, string>;
  caller?: NodeJS.ProcessEnv;
  node?: string;
}): Record<string, string> {
  const { port, instance, folder, extra, caller = process.env, node = process.execPath } = options;
  const passedOn = PASSED_ON.flatMap((name) => (caller[name] === undefined ? [] : [[name, caller[name]]]));
  return {
    ...Object.fromEntries(passedOn),
    // all that it writes stays in the run folder, and it reads no AWS settings of the user
    HOME: join(folder.runFolder, 'home'),
    TMPDIR: join(folder.runFolder, 'tmp'),
    FILESYSTEM_ROOT: join(folder.runFolder, 'root'),
    LOCALSTACK_VOLUME_DIR: join(folder.runFolder, 'root'),
    OVERRIDE_IN_DOCKER: '0',
    PYTHONPATH: join(folder.runFolder, 'plugin'),
    PYTHONUNBUFFERED: '1',
    // its hundreds of threads would each keep a heap of their own
    MALLOC_ARENA_MAX: '2',
    // where it listens; it must resolve no name, ask no one and fetch nothing
    GATEWAY_LISTEN: `127.0.0.1:${port}`,
    LOCALSTACK_HOST: `127.0.0.1:${port}`,
    SQS_ENDPOINT_STRATEGY: 'path',
    DNS_ADDRESS: '0',
    SKIP_SSL_CERT_DOWNLOAD: '1',
    DISABLE_EVENTS: '1',
    EAGER_SERVICE_LOADING: '0',
    // a line for each request would fill the disk in a long run
    LS_LOG: 'warn',
    // its services call each other without HTTP: twice the throughput
    IN_MEMORY_CLIENT: '1',
    // what is ours
    LAMBDA_RUNTIME_EXECUTOR: 'sluice',
    PROVIDER_OVERRIDE_DYNAMODB: 'sluice',
    // longer than any function may take to load and run: the executor keeps these times itself
    LAMBDA_RUNTIME_ENVIRONMENT_TIMEOUT: '1000',
    // idle functions give their memory back sooner than after LocalStack's ten minutes
    LAMBDA_KEEPALIVE_MS: '30000',
    SQS_CLOUDWATCH_METRICS_REPORT_INTERVAL: '5',
    SLUICE_LOCAL: '1',
    SLUICE_LOCAL_INSTANCE: instance,
    SLUICE_LOCAL_NODE: node,
    SLUICE_LOCAL_ENDPOINT: endpointOf(port),
    ...extra,
  };
}
