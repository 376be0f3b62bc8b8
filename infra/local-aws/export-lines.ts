import type { LocalAwsStatus } from './types.ts';

/** What an AWS client needs for a local AWS; any credentials do there. */
export function localEnvironment(endpoint: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
  };
}

/**
 * The lines by which a shell points other tools at it; none when it does not run.
 *
 * @example
 * exportLines(await localStatus())[0]; // 'export AWS_ENDPOINT_URL=http://127.0.0.1:4566'
 */
export function exportLines(status: LocalAwsStatus): string[] {
  if (!status.running || status.endpoint === null) return [];
  return Object.entries(localEnvironment(status.endpoint)).map(([name, value]) => `export ${name}=${value}`);
}
