import { setImmediate } from 'node:timers/promises';
import type { Goal } from '../goals.ts';
import { withLocalAws } from '../local-aws.ts';
import type { Part, Section } from '../part.ts';
import { percentile } from '../statistics.ts';
import { number, table } from '../table.ts';
import { alarmDelays } from './alarm.ts';
import { type AfterFlag, stopOnce } from './flag.ts';

const SAMPLES = 50;
const SHARES = [0.5, 0.9, 0.99, 1];

/** How long a stop takes: from the flag to the last send, and from the datapoint to the flag. */
export const stop: Part = {
  name: 'stop',
  title: 'Stop: from the datapoint to the flag, from the flag to the last send',
  async run(progress, signal) {
    progress('from the flag, simulated');
    const stops: AfterFlag[] = [];
    for (let seed = 1; seed <= SAMPLES; seed += 1) {
      // A simulation leaves the event loop no turn in which Ctrl-C could be heard.
      await setImmediate(undefined, { signal });
      stops.push(await stopOnce(seed));
    }
    progress(`from the datapoint, ${SAMPLES} alarms on the local AWS`);
    const delays = await withLocalAws({ signal, onProgress: progress }, () => alarmDelays(SAMPLES, signal));
    return sectionOf(stops, delays);
  },
};

function sectionOf(stops: readonly AfterFlag[], delays: readonly number[]): Section {
  const measures = {
    'flag to last reserve, s': stops.map(({ lastReserveMs }) => lastReserveMs / 1_000),
    'flag to last send, s': stops.map(({ lastSendMs }) => lastSendMs / 1_000),
    'intents reserved after the flag': stops.map(({ intents }) => intents),
    'datapoint to flag, s': delays,
  };
  const rows = Object.entries(measures).map(([name, values]) => [
    name,
    ...SHARES.map((share) => number(percentile(values, share), name.endsWith(', s') ? 2 : 0)),
  ]);
  const text = `${SAMPLES} samples each. The first three: the flag alone is set, at a random moment, while the real producer feeds 1,000 workers of ten batches a second
and so sends without a pause; requests take 12 ms (simulated). \`sluice stop\`, the API and the alarms mark the run in the ledger as well: after
the mark no reserve succeeds, and what was reserved is sent. The last: an alarm of 10 s and a function that it calls, on the local AWS,
whose alarms look every few seconds; on AWS it is for CloudWatch to say.

${table(['', 'median', '90 of 100', '99 of 100', 'most'], rows)}

The flag is read with the first look that comes 250 ms after the last reading; SSM gives an account 40 reads a second. So at full speed some intents of
1,024 batches may still be reserved after the flag alone; after the mark, none.`;
  const goals: readonly Goal[] = [
    {
      ...{ what: 'intents reserved after the flag alone', atMost: 1, digits: 0 },
      found: Math.max(...stops.map(({ intents }) => intents)),
      ifMissed: 'SSM allows no more readings; the mark that a stop sets beside the flag lets none through',
    },
  ];
  return { text, goals, data: measures };
}
