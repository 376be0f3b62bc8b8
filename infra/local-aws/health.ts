import { endpointOf } from './state.ts';

/** Whether a LocalStack answers on that port. One that is hard at work may take seconds to; where nobody listens, no time is lost. */
export async function isHealthy(port: number, timeoutMs: number): Promise<boolean> {
  try {
    const response = await fetch(`${endpointOf(port)}/_localstack/health`, { signal: AbortSignal.timeout(timeoutMs) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
