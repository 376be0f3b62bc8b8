import { createHash, randomInt } from 'node:crypto';
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
  return `${stemOf(job)}-${stamp}-${tail}`;
}

/** 80 bits: by chance, two keys meet once among 10¹² of them. With the longest name it fits into a run id. */
const KEY_DIGITS = 20;

/**
 * The run id that belongs to an idempotency key: the same each time.
 *
 * @example
 * runIdOfKey('count', 'nightly-2026-01-02') // 'count-' and 20 hexadecimal digits
 */
export function runIdOfKey(job: string, key: string): string {
  return `${stemOf(job)}-${createHash('sha256').update(key).digest('hex').slice(0, KEY_DIGITS)}`;
}

/** A job's name may hold double hyphens, which run ids keep for continued executions. */
function stemOf(job: string): string {
  return job.replaceAll(/-+/g, '-').replace(/-$/, '');
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
