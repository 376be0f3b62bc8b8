import { connect } from 'node:net';
import { SluiceError } from '../core/errors.ts';

/** Which AWS the commands talk to. */
export interface Target {
  /** `local`: an endpoint on this machine; `endpoint`: one elsewhere; `account`: AWS itself. */
  readonly kind: 'local' | 'endpoint' | 'account';
  readonly endpoint: string | null;
  readonly region: string;
  /** null until asked for, where it takes no part in the description. */
  readonly account: string | null;
  /** What the first line on standard error says of it. */
  readonly description: string;
}

/** How to get there: what to set and unset in the environment of the SDK and of child processes. */
export interface TargetPlan {
  readonly endpoint: string | null;
  readonly isLoopback: boolean;
  readonly profile: string | null;
  /** null: left to the SDK. */
  readonly region: string | null;
  readonly set: Readonly<Record<string, string>>;
  readonly unset: readonly string[];
}

export interface TargetDependencies {
  /** Changed: what the plan sets and unsets. */
  readonly environment: NodeJS.ProcessEnv;
  /** The endpoint of a running `sluice local`, if there is one. */
  readonly localEndpoint: () => Promise<string | null>;
  readonly probe?: (endpoint: string) => Promise<void>;
  readonly identity?: () => Promise<{ readonly account: string; readonly region: string }>;
}

const LOCAL_REGION = 'us-east-1';
const CONNECT_MS = 3_000;

/**
 * Chooses the target: `AWS_ENDPOINT_URL`; else an explicit `AWS_PROFILE` or `AWS_ACCESS_KEY_ID`; else a running local AWS;
 * else whatever the SDK finds. Pure, apart from asking for the local endpoint when nothing before it decides.
 *
 * @example
 * (await planTarget({}, async () => 'http://127.0.0.1:4566')).set.AWS_ENDPOINT_URL // 'http://127.0.0.1:4566'
 */
export async function planTarget(
  environment: Readonly<NodeJS.ProcessEnv>,
  localEndpoint: () => Promise<string | null>,
): Promise<TargetPlan> {
  const has = (name: string) => (environment[name] ?? '') !== '';
  const region = environment.AWS_REGION || environment.AWS_DEFAULT_REGION || null;
  const profile = environment.AWS_PROFILE || null;
  const hasCredentials = profile !== null || has('AWS_ACCESS_KEY_ID');

  if (has('AWS_ENDPOINT_URL')) return planEndpoint(environment.AWS_ENDPOINT_URL ?? '', environment, hasCredentials);
  if (!hasCredentials) {
    const endpoint = await localEndpoint();
    if (endpoint !== null) {
      const set = { ...endpointVariables(endpoint, environment), ...testCredentials(LOCAL_REGION) };
      return { endpoint, isLoopback: true, profile: null, region: LOCAL_REGION, set, unset: ['AWS_SESSION_TOKEN'] };
    }
  }
  const set = region === null ? {} : regionVariables(region);
  return { endpoint: null, isLoopback: false, profile, region, set, unset: [] };
}

function planEndpoint(endpoint: string, environment: Readonly<NodeJS.ProcessEnv>, hasCredentials: boolean): TargetPlan {
  if (!URL.canParse(endpoint)) throw new SluiceError('usage', `AWS_ENDPOINT_URL must be a URL, got "${endpoint}"`);
  const isLoopback = isLoopbackHost(new URL(endpoint).hostname);
  const given = environment.AWS_REGION || environment.AWS_DEFAULT_REGION || null;
  const region = given ?? (isLoopback && !environment.AWS_PROFILE ? LOCAL_REGION : null);
  const needsCredentials = isLoopback && !hasCredentials;
  return {
    endpoint,
    isLoopback,
    profile: environment.AWS_PROFILE || null,
    region,
    set: {
      ...endpointVariables(endpoint, environment),
      ...(region === null ? {} : regionVariables(region)),
      ...(needsCredentials ? testCredentials(region ?? LOCAL_REGION) : {}),
    },
    unset: needsCredentials ? ['AWS_SESSION_TOKEN'] : [],
  };
}

/** The CDK's asset uploads look at the second one only. */
function endpointVariables(endpoint: string, environment: Readonly<NodeJS.ProcessEnv>): Record<string, string> {
  return { AWS_ENDPOINT_URL: endpoint, AWS_ENDPOINT_URL_S3: environment.AWS_ENDPOINT_URL_S3 || endpoint };
}

function regionVariables(region: string): Record<string, string> {
  return { AWS_REGION: region, AWS_DEFAULT_REGION: region };
}

function testCredentials(region: string): Record<string, string> {
  return { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', ...regionVariables(region) };
}

/** True for names and addresses that never leave this machine. */
export function isLoopbackHost(host: string): boolean {
  return (
    host === '[::1]' ||
    /^127(\.\d{1,3}){3}$/.test(host) ||
    /(^|\.)localhost$/.test(host) ||
    /(^|\.)localhost\.localstack\.cloud$/.test(host)
  );
}

/**
 * Chooses the target, makes the environment point at it, and makes sure that it answers.
 *
 * @throws SluiceError `targetUnreachable` within seconds, `credentialsMissing` with what to do.
 */
export async function resolveTarget(deps: TargetDependencies): Promise<Target> {
  const { environment, localEndpoint, probe = probeEndpoint } = deps;
  const plan = await planTarget(environment, localEndpoint);
  for (const name of plan.unset) delete environment[name];
  Object.assign(environment, plan.set);
  if (plan.endpoint !== null) {
    await probe(plan.endpoint);
    const region = plan.region ?? LOCAL_REGION;
    const description = `${plan.isLoopback ? 'local AWS' : 'AWS'} at ${plan.endpoint}`;
    return {
      kind: plan.isLoopback ? 'local' : 'endpoint',
      endpoint: plan.endpoint,
      region,
      account: null,
      description,
    };
  }
  const identity = deps.identity ?? (await import('./identity.ts')).readIdentity;
  const { account, region } = await identity();
  const profile = plan.profile === null ? '' : ` (profile ${plan.profile})`;
  return { kind: 'account', endpoint: null, region, account, description: `account ${account}, ${region}${profile}` };
}

/** Opens and closes one connection: the SDK would try for minutes. */
export function probeEndpoint(endpoint: string): Promise<void> {
  const { hostname, port, protocol } = new URL(endpoint);
  const host = hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(port) || (protocol === 'https:' ? 443 : 80) });
    const fail = (why: string) => {
      socket.destroy();
      const hint = 'is it running? "sluice local up" starts a local AWS; unset AWS_ENDPOINT_URL to use it';
      reject(
        new SluiceError('targetUnreachable', `nothing answers at ${endpoint} (${why}); ${hint}`, { retryable: true }),
      );
    };
    socket.setTimeout(CONNECT_MS, () => fail(`no answer within ${CONNECT_MS / 1_000} s`));
    socket.once('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
  });
}
