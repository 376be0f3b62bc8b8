import type { Target } from '../../lib/aws/target.ts';
import { formatCount, formatSeconds, plural } from '../../lib/cli/format.ts';
import type { RunStatus } from '../../lib/steps/status.ts';
import type { Totals } from './verify.ts';

const DIFFERENCES_SHOWN = 5;

export interface Closing {
  readonly status: RunStatus;
  readonly totals: Totals;
  readonly wrong: readonly string[];
  readonly seconds: readonly (readonly [string, number])[];
  readonly results: string;
  readonly report: string;
  readonly target: Pick<Target, 'kind'>;
}

/** What `npm start` says at its end. */
export function closingLines({ status, totals, wrong, seconds, results, report, target }: Closing): readonly string[] {
  const { batches, cap, runId } = status;
  const addresses = [...totals.addresses.values()].reduce((sum, count) => sum + count, 0);
  const verdict =
    wrong.length === 0
      ? `verified: ${formatCount(addresses)} addresses in ${totals.addresses.size} countries, as a direct computation has them`
      : `WRONG: ${wrong.slice(0, DIFFERENCES_SHOWN).join('; ')}${wrong.length > DIFFERENCES_SHOWN ? '; …' : ''}`;
  return [
    '',
    `run ${runId} succeeded: ${plural(totals.ranges, 'row')} in ${plural(batches.finished, 'batch', 'batches')}`,
    `at most ${formatCount(batches.peakOutstanding)} batches were outstanding, the cap is ${formatCount(cap)}`,
    verdict,
    `time: ${seconds.map(([phase, took]) => `${phase} ${formatSeconds(took)}`).join(' · ')}`,
    `results: ${results}`,
    `report:  ${report} (open it in a browser)`,
    '',
    'next:  npm run -s sluice -- status        where the run stood at its end',
    '       npm run -s sluice -- run --wait    another run; in another terminal: npm run -s sluice -- stop',
    ...(target.kind === 'local' ? ['       npm run -s sluice -- local down    end the local AWS'] : []),
  ];
}
