import { defineCommand } from '../command.ts';
import { say } from '../context.ts';
import { formatCount, plural } from '../format.ts';
import { exportFrom, type OutcomesArgs, outcomesOptions, placeOf } from './results.ts';

const ERRORS_SHOWN = 10;

/** The items that failed or died, with their errors, in item order. */
export const failuresCommand = defineCommand<OutcomesArgs>({
  name: 'failures',
  description: 'write the failed items with their errors in item order, as JSON lines',
  example: `  sluice failures --out failures.jsonl
  sluice failures --out - | jq -r .error.message | sort | uniq -c`,
  options: outcomesOptions,
  run: async (context, args) => {
    const { errors, lines, runId } = await exportFrom(context, args, 'failures');
    say(context, `${plural(lines, 'failed item')} of run ${runId}${placeOf(args.out)}`);
    const byCount = [...errors].sort(([, a], [, b]) => b - a);
    for (const [error, count] of byCount.slice(0, ERRORS_SHOWN)) say(context, `  ${formatCount(count)} × ${error}`);
    if (byCount.length > ERRORS_SHOWN) say(context, `  and ${plural(byCount.length - ERRORS_SHOWN, 'more kind')}`);
    return 0;
  },
});
