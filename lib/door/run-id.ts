import { randomInt } from 'node:crypto';
import { SluiceError } from '../core/errors.ts';
import { runIdSchema } from '../core/message.ts';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';

/**
 * A run id that sorts by time and reads well.
 *
 * @example
 * newRunId('count', Date.UTC(2026, 0, 2, 3, 4, 5)) // 'count-20260102-030405-k3f9'
 */
export function newRunId(job: string, now: number, random: (max: number) => number = randomInt): string {
  const [date = '', time = ''] = new Date(now).toISOString().split('T');
  const stamp = `${date.replaceAll('-', '')}-${time.slice(0, 8).replaceAll(':', '')}`;
  const tail = Array.from({ length: 4 }, () => ALPHABET[random(ALPHABET.length)]).join('');
  // a job's name may hold double hyphens, which run ids keep for continued executions
  return `${job.replaceAll(/-+/g, '-').replace(/-$/, '')}-${stamp}-${tail}`;
}

/** @throws SluiceError `runIdInvalid`. */
export function checkRunId(runId: string): string {
  const parsed = runIdSchema.safeParse(runId);
  if (parsed.success) return parsed.data;
  const why = parsed.error.issues.map((issue) => issue.message).join('; ');
  throw new SluiceError('runIdInvalid', `run id ${why}, got "${runId}"`);
}

/** A resumed run's execution: run ids never hold a double hyphen, so the names of two runs never meet. */
export function resumeExecution(runId: string, now: number): string {
  return `${runId}--r${now.toString(36)}`;
}
