import { setImmediate } from 'node:timers/promises';

/**
 * Does `work`; Ctrl-C, or a polite end, aborts its signal instead of ending the process, so that it can clean up behind itself.
 *
 * @returns null when it was interrupted
 */
export async function interruptible<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result | null> {
  const controller = new AbortController();
  const abort = () => controller.abort(new Error('interrupted'));
  process.once('SIGINT', abort).once('SIGTERM', abort);
  try {
    const result = await work(controller.signal);
    return controller.signal.aborted ? null : result;
  } catch (error) {
    // What fails may have failed by the same Ctrl-C; without a turn of the event loop it is not heard yet.
    await setImmediate();
    if (controller.signal.aborted) return null;
    throw error;
  } finally {
    process.off('SIGINT', abort).off('SIGTERM', abort);
  }
}
