import { describe, expect, test } from 'vitest';
import { isClosed, RUN_STATES, type Run, type RunState } from '../../lib/core/run.ts';
import type { Ledger } from '../../lib/ports/ledger.ts';
import { memoryLedger } from '../../lib/ports/memory/ledger.ts';
import { newReserve, newRun, newStop, START } from '../contract/support/runs.ts';

/** A state, and whether the run is closed: a halted run is `stopped` and open. */
type Place = `${RunState}${'' | ', open'}`;
const OPEN: readonly Place[] = ['producing', 'draining', 'stopped, open'];
const CLOSED: readonly Place[] = ['succeeded', 'partial', 'stopped', 'failed'];
const ENDS = ['succeeded', 'partial', 'stopped', 'failed'] as const;

/** A ledger with one run in that place, and its lease. */
async function at(place: Place): Promise<{ ledger: Ledger; run: Run }> {
  const ledger = memoryLedger();
  const { runId } = newRun();
  await ledger.open(newRun({ runId }));
  await ledger.acquireLease(runId, 'holder', START, START + 1_000);
  const [state, open] = place.split(', ');
  if (state === 'draining') await ledger.update(runId, 1, { state });
  else if (state !== 'producing') {
    const endedAt = open === undefined ? START : null;
    await ledger.close(runId, { state: state as (typeof ENDS)[number], why: null, detail: null, endedAt });
  }
  return { ledger, run: (await ledger.get(runId)) as Run };
}

async function placeOf(ledger: Ledger, { runId }: Run): Promise<string> {
  const run = (await ledger.get(runId)) as Run;
  return `${run.state}${isClosed(run) || run.state === 'producing' || run.state === 'draining' ? '' : ', open'}`;
}

type Deed = (ledger: Ledger, run: Run) => Promise<unknown>;
const closing = (state: (typeof ENDS)[number], endedAt: number | null): Deed => {
  return (ledger, { runId }) => ledger.close(runId, { state, why: null, detail: null, endedAt });
};

/** Every way from one place to another; what is not named leaves the run where it is. */
const DEEDS: readonly [string, Deed, (from: Place) => Place][] = [
  ['a reserve', (ledger, run) => ledger.reserve(run.runId, newReserve(run, 1)), (from) => from],
  ['a stop mark', (ledger, { runId }) => ledger.markStop(runId, newStop()), (from) => from],
  [
    'a lowered cap',
    (ledger, { runId }) => ledger.setLimits(runId, { cap: 1 }, { by: 'test', at: START }),
    (from) => from,
  ],
  // A halted run as well: the redrive of an old execution lets it drain, which under its mark halts it again.
  [
    'the end of its sending',
    (ledger, { runId }) => ledger.update(runId, 1, { state: 'draining' }),
    (from) => (OPEN.includes(from) ? 'draining' : from),
  ],
  ['a halt', closing('stopped', null), (from) => (OPEN.includes(from) ? 'stopped, open' : from)],
  ...ENDS.map((end): [string, Deed, (from: Place) => Place] => [
    `a close as ${end}`,
    closing(end, START + 1),
    (from) => (OPEN.includes(from) ? end : from),
  ]),
  [
    'a resume',
    (ledger, { runId }) =>
      ledger
        .reopen(runId, { execution: 'e2', at: START, thresholdsFrom: { bad: 0, ended: 0 }, interruptions: [] })
        .catch(() => null),
    (from) => (['stopped', 'stopped, open', 'failed'].includes(from) ? 'producing' : from),
  ],
];

describe('the states of a run', () => {
  test('are all among the places of this table', () => {
    const states = [...OPEN, ...CLOSED].map((place) => place.split(', ')[0]);
    expect(new Set(states)).toEqual(new Set(RUN_STATES));
  });

  describe.each([...OPEN, ...CLOSED])('from %s', (from) => {
    test.each(DEEDS)('%s leads where it should', async (_, deed, to) => {
      const { ledger, run } = await at(from);
      expect(await placeOf(ledger, run)).toBe(from);
      await deed(ledger, run);
      const place = to(from);
      expect(await placeOf(ledger, run)).toBe(place);
      // Whatever is not closed keeps the door shut, and nothing else does.
      expect(await ledger.openRunId()).toBe(OPEN.includes(place) ? run.runId : null);
    });
  });
});
