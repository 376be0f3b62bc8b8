import { type Faults, startFaultProxy } from './proxy.ts';
import { routeThrough } from './route.ts';

/** Does `work` while all functions of a pipeline reach AWS only through these faults. */
export async function throughProxy<T>(pipeline: string, faults: Faults, work: () => Promise<T>): Promise<T> {
  const endpoint = process.env.AWS_ENDPOINT_URL ?? '';
  const proxy = await startFaultProxy(endpoint, faults);
  try {
    const undo = await routeThrough(pipeline, endpoint, proxy.endpoint);
    try {
      return await work();
    } finally {
      await undo();
    }
  } finally {
    await proxy.close();
  }
}
