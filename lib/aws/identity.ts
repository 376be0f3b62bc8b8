import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { messageOf, SluiceError } from '../core/errors.ts';
import { clientSettings } from './client-settings.ts';

/** Longer than any step of the credential chain; shorter than a person's patience. */
const PATIENCE_MS = 20_000;

/**
 * Whose account and which region the SDK's credentials lead to.
 *
 * @throws SluiceError `credentialsMissing` when there are none, they have expired, or no region is set;
 *   `targetUnreachable` when AWS does not answer in time.
 */
export async function readIdentity(): Promise<{ readonly account: string; readonly region: string }> {
  const client = new STSClient(clientSettings({ attempts: 2, requestSeconds: 8 }));
  try {
    const region = await client.config.region();
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const { Account } = await client.send(new GetCallerIdentityCommand({}), { abortSignal: signal });
    return { account: Account ?? 'unknown', region };
  } catch (error) {
    throw friendly(error);
  } finally {
    client.destroy();
  }
}

const CREDENTIALS = /credential|token|signature|AccessDenied|UnrecognizedClient|profile|region/i;

function friendly(error: unknown): SluiceError {
  const name = error instanceof Error ? error.name : '';
  const text = messageOf(error);
  if (CREDENTIALS.test(name) || CREDENTIALS.test(text)) {
    const help = 'start a local AWS with "sluice local up", or set AWS_PROFILE and AWS_REGION to use an account';
    return new SluiceError('credentialsMissing', `no usable AWS credentials (${text}); ${help}`, { cause: error });
  }
  return new SluiceError('targetUnreachable', `AWS does not answer (${text})`, { retryable: true, cause: error });
}
