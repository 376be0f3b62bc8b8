import { fileURLToPath } from 'node:url';
import type { Job } from '../core/job/job.ts';

/** Where in a job its handler threw. */
export interface JobStacks {
  /** The job, its errors noted on their way. */
  readonly job: Job;
  /** The lines of the stack that lie in the job, innermost first; empty when nobody knows. */
  of(name: string, message: string): readonly string[];
}

const STACKS_MAX = 100;
const LINES_MAX = 5;
const OWN = fileURLToPath(new URL('..', import.meta.url));

/** Keeps the stacks of what a job's handler throws: outcomes have no room for them. One for each error, of the first hundred. */
export function watchStacks(job: Job): JobStacks {
  const stacks = new Map<string, readonly string[]>();
  const note = (error: unknown) => {
    if (!(error instanceof Error) || stacks.size >= STACKS_MAX) return;
    const key = keyOf(error.name, error.message);
    if (!stacks.has(key)) stacks.set(key, jobLines(error.stack ?? ''));
  };
  const watched = async <T>(call: () => T | Promise<T>): Promise<T> => {
    try {
      return await call();
    } catch (error) {
      note(error);
      throw error;
    }
  };
  const { handler, handleBatch } = job;
  return {
    of: (name, message) => stacks.get(keyOf(name, message)) ?? [],
    job: {
      ...job,
      handler: handler && ((item, context) => watched(() => handler(item, context))),
      handleBatch:
        handleBatch &&
        (async (items, context) => {
          const results = await watched(() => handleBatch(items, context));
          if (Array.isArray(results)) results.forEach(note);
          return results;
        }),
    },
  };
}

function keyOf(name: string, message: string): string {
  return `${name}: ${message}`;
}

function jobLines(stack: string): readonly string[] {
  return stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line) && /[/\\]/.test(line) && !line.includes('node:') && !line.includes(OWN))
    .slice(0, LINES_MAX)
    .map((line) => line.trim());
}
