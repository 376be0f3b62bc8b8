import { describe, expect, it } from 'vitest';
import { CONTENDERS, type Contender } from '../../../../bench/localstack/contenders.ts';
import { sectionOf } from '../../../../bench/localstack/section.ts';

const run = (seconds: number, peakDepth: number) => ({
  ...{ seconds, peakDepth, secondsToFirstItem: 0.5, secondsToEnd: seconds + 1 },
  ...{ transitions: 20, requests: 300, byService: {}, usd: 0.001 },
});

function roundOf(seconds: Readonly<Partial<Record<Contender, readonly number[]>>>) {
  const of = (name: Contender) => (seconds[name] ?? [20]).map((one) => run(one, name === 'unbounded' ? 40 : 8));
  return Object.fromEntries(CONTENDERS.map((name) => [name, of(name)])) as Record<Contender, ReturnType<typeof of>>;
}

const KILL = { lost: 0, handledAgain: 31, account: null };
const kills = { sluice: { ...KILL, account: { lost: 0, doubled: 0 } }, unbounded: KILL };

describe('the section on LocalStack', () => {
  const { text, data } = sectionOf(
    {
      20: roundOf({ prefilled: [10, 10, 10], sluice: [10, 12.5, 10], unbounded: [10, 10, 10] }),
      50: roundOf({ prefilled: [20, 20, 20], sluice: [25, 25, 40], unbounded: [20, 20, 20] }),
    },
    kills,
  );

  it('gives for machines the worst length’s efficiency and the highest peak', () => {
    expect(data.sluice).toMatchObject({ efficiency: 0.8, peakOverCap: 1, afterKill: kills.sluice });
    expect(data.unbounded).toMatchObject({ efficiency: 1, peakOverCap: 5 });
  });

  it('holds the Map against nothing: its seconds are the emulator’s', () => {
    expect(data.distributedMap).toMatchObject({ efficiency: null, peakOverCap: null });
    expect(text).toMatch(/Distributed Map \(the emulator's seconds\) +\|[^|]+\| +– \| +no queue/);
  });

  it('shows a spread where there is one', () => {
    expect(text).toMatch(/\| Sluice +\| +10\.0 \(10\.0–12\.5\) \| +1\.000 \(0\.800–1\.000\) \| +1\.000 \| +20 \|/);
  });

  it('tells what a kill left of each who was killed, and who has an account', () => {
    expect(text).toMatch(/\| Sluice +\| +0 \| +31 \| +0 lost, 0 doubled \|/);
    expect(text).toMatch(/\| unbounded producer +\| +0 \| +31 \| +keeps none \|/);
  });
});
