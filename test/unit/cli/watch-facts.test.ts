import { expect, test } from 'vitest';
import { watchFacts } from '../../../lib/cli/watch-facts.ts';
import { fakeContext, openRun, START } from './fake-context.ts';
import { UNDER_WAY } from './run-status.ts';

/** How often a view that looks each second reads a run's history, from one age of the run to another, in seconds. */
async function historyReads(from: number, to: number): Promise<number> {
  const fake = fakeContext();
  await openRun(fake);
  let reads = 0;
  const { history } = fake.ports.ledger;
  Object.assign(fake.ports.ledger, {
    history: (runId: string) => {
      reads += 1;
      return history(runId);
    },
  });
  let age = from;
  const facts = watchFacts(fake.ports, { ...fake.clock, now: () => START + age * 1_000 });
  for (; age <= to; age += 1) await facts(UNDER_WAY);
  return reads;
}

test('a young run’s cost is read each tenth of its age, an old one’s once a minute', async () => {
  expect(await historyReads(10, 20)).toBe(6);
  expect(await historyReads(3_600, 3_780)).toBe(4);
});
