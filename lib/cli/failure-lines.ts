import type { Failures } from '../report/data.ts';
import { errorKind } from './failure-kind.ts';
import { formatCount, plural } from './format.ts';
import type { JobStacks } from './job-stacks.ts';

const GROUPS_SHOWN = 5;

/**
 * Failed items by their error, the most frequent first, with examples and where in the job they were thrown.
 *
 * @example
 * failureLines(await readFailures(ports, run), stacks)
 * // ['12 × attemptsExhausted (TypeError)', '  item 3: v is undefined; input {"v":""}', '    at handler (jobs/count.ts:7:23)']
 */
export function failureLines({ groups, read }: Failures, stacks: Pick<JobStacks, 'of'>): readonly string[] {
  const shown = groups
    .slice(0, GROUPS_SHOWN)
    .flatMap(({ code, name, count, examples }) => [
      `${formatCount(count)} × ${errorKind({ code, name })}`,
      ...examples.flatMap(({ item, message, input }) => [
        `  item ${item}: ${message}; input ${input}`,
        ...stacks.of(name, message).map((line) => `    ${line}`),
      ]),
    ]);
  const counted = groups.slice(0, GROUPS_SHOWN).reduce((sum, { count }) => sum + count, 0);
  const rest = read - counted;
  return rest > 0 ? [...shown, `and ${plural(rest, 'item')} with other errors`] : shown;
}
