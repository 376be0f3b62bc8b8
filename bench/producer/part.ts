import { INTENT_WINDOWS_MAX, SEND_CALLS_MAX } from '../../lib/core/limits.ts';
import type { Goal } from '../goals.ts';
import { withLocalAws } from '../local-aws.ts';
import type { Part, Section } from '../part.ts';
import { type Spread, spreadOf } from '../statistics.ts';
import { number, table, withSpread } from '../table.ts';
import { type Ceiling, ceilingOf } from './ceiling.ts';
import { BATCHES, sendBare, sendBySluice } from './send-all.ts';
import { KINDS, type Shares } from './timed.ts';

/** The local AWS stands still for most of a second every three or four rounds, in turns for the one and the other: few rounds would let chance decide whom it hits. */
const REPETITIONS = 15;
/** Run items and windows of a transaction: 100 actions (DynamoDB). */
const WINDOWS_MOST = 99;

/** How fast one invocation of the producer sends, against nothing but the same sends. */
export const producer: Part = {
  name: 'producer',
  title: 'Producer: against a bare loop of SendMessageBatch',
  run: (progress, signal) =>
    withLocalAws({ signal, onProgress: progress }, async () => {
      progress('warming up');
      const { bodies } = await sendBySluice();
      const [sluice, bare]: [number[], number[]] = [[], []];
      const shares: Shares[] = [];
      for (let round = 1; round <= REPETITIONS; round += 1) {
        signal.throwIfAborted();
        progress(`round ${round} of ${REPETITIONS}`);
        const sent = await sendBySluice();
        sluice.push(sent.batchesPerSecond);
        shares.push(sent.shares);
        bare.push(await sendBare(bodies));
      }
      return sectionOf(spreadOf(sluice), spreadOf(bare), shares);
    }),
};

function sectionOf(sluice: Spread, bare: Spread, shares: readonly Shares[]): Section {
  const ratio = sluice.median / bare.median;
  const kinds = [...KINDS, 'none'] as const;
  const median = (kind: (typeof kinds)[number]) => spreadOf(shares.map((one) => one[kind])).median;
  const ceilings = [
    ceilingOf(INTENT_WINDOWS_MAX, SEND_CALLS_MAX),
    ceilingOf(4 * INTENT_WINDOWS_MAX, SEND_CALLS_MAX),
    ceilingOf(WINDOWS_MOST, SEND_CALLS_MAX),
    ceilingOf(INTENT_WINDOWS_MAX, 2 * SEND_CALLS_MAX),
  ];
  const text = `One invocation sends ${number(BATCHES)} batches of a range, in two intents, on the local AWS; the bare loop sends the same bodies to a queue, as many calls at a
time (${SEND_CALLS_MAX}). In turns, ${REPETITIONS} times each: every few rounds the local AWS stands still for most of a second, whomever that hits, hence the spread.

${table(
  ['sender', 'batches a second'],
  [
    ['Sluice', withSpread(sluice, 0)],
    ['bare `SendMessageBatch`', withSpread(bare, 0)],
    ['ratio of the medians', number(ratio, 2)],
  ],
)}

Where Sluice's time goes: the share in which at least one request of a kind was under way; those of one look overlap.

${table(
  ['flag', 'depth', 'ledger', 'send', 'none: generating, and Sluice itself'],
  [kinds.map((kind) => `${number(100 * median(kind))} %`)],
)}

The ceiling at the usual latencies of AWS, simulated (12 ms a request, a transaction two; the processor's time is not in it):

${table(['batches in an intent', 'calls at a time', 'batches a second', 'of a bare loop'], ceilings.map(ceilingCells))}

Larger intents would lift it most. They are what may lie in the queue twice after a send of unknown outcome, so they stay at ${number(64 * INTENT_WINDOWS_MAX)} batches:
that feeds 1,000 workers at ten batches a second each, the most that Lambda gives.`;
  const goals: readonly Goal[] = [
    {
      ...{ what: 'producer by a bare loop', atLeast: 0.8, found: ratio, digits: 2 },
      ifMissed: 'each intent has its look and its transaction before it is sent',
    },
  ];
  return {
    text,
    goals,
    data: { ratio, sluice, bare, shares: Object.fromEntries(kinds.map((kind) => [kind, median(kind)])), ceilings },
  };
}

function ceilingCells({ intentBatches, callsAtATime, batchesPerSecond, bare }: Ceiling): string[] {
  return [number(intentBatches), number(callsAtATime), number(batchesPerSecond), number(batchesPerSecond / bare, 2)];
}
