import { number } from '../table.ts';
import { FIXED_WAIT_SECONDS } from './contender-stacks.ts';
import type { Contender } from './contenders.ts';
import type { Kills } from './kills.ts';
import type { Row } from './row.ts';
import { BATCHES } from './settings.ts';

export interface ItemLength {
  readonly milliseconds: number;
  readonly rows: Readonly<Record<Contender, Row>>;
}

/** What the tables show, in words, with their own numbers. */
export function sentencesOn(lengths: readonly ItemLength[], kills: Kills): string {
  const peakOf = (name: Contender) => Math.max(...lengths.map(({ rows }) => rows[name].peakOverCap ?? 0));
  const dearer = lengths.map(({ rows }) => rows.sluice.usd.median / rows.unbounded.usd.median);
  return [
    `Sluice's queue held at most ${number(peakOf('sluice'), 3)} of its cap, the unbounded producer's ${number(peakOf('unbounded'), 1)} times as much as the cap: all that it had.`,
    `Where its time goes: ${lengths.map(startOf).join('; ')}.`,
    `An unbounded producer loses no time either. It has no bound and no stop; Sluice's cost ${number(Math.min(...dearer), 1)} to ${number(Math.max(...dearer), 1)} times as much here: reserves, and a function that waits in place.`,
    ...lengths.map(fixedWaitOf),
    'The emulator tells that pattern the depth as it is; on AWS it may be a minute old.',
    killedOf(kills),
  ].join('\n');
}

function startOf({ milliseconds, rows: { sluice, prefilled } }: ItemLength): string {
  const working = ({ seconds, secondsToFirstItem }: Row) => number(seconds.median - secondsToFirstItem.median, 1);
  const first = ({ secondsToFirstItem }: Row) => number(secondsToFirstItem.median, 2);
  return `with items of ${milliseconds} ms Sluice's first begins after ${first(sluice)} s (the filled queue's ${first(prefilled)} s after its mapping is enabled), from there to the end it takes ${working(sluice)} s (${working(prefilled)} s)`;
}

function fixedWaitOf({ milliseconds, rows: { fixedWait, sluice } }: ItemLength): string {
  const loop = number(fixedWait.seconds.median / BATCHES, 2);
  const share = number(100 * fixedWait.efficiency.median);
  const dearer = number(fixedWait.usd.median / sluice.usd.median, 1);
  return `A loop with a wait of ${FIXED_WAIT_SECONDS} s sends one batch each ${loop} s, so with items of ${milliseconds} ms its workers are busy for ${share} % of the time, at ${dearer} times Sluice's cost.`;
}

function killedOf({ sluice, ...others }: Kills): string {
  const plain = Object.values(others);
  const lost = [sluice, ...plain].reduce((sum, kill) => sum + (kill?.lost ?? 0), 0);
  const again = plain.map(({ handledAgain }) => handledAgain);
  const wrong = (sluice?.account?.lost ?? 0) + (sluice?.account?.doubled ?? 0);
  return [
    `A worker killed amid a batch loses ${lost === 0 ? 'nothing anywhere: its batch is done again' : `${number(lost)} items in all`}.`,
    `Sluice's handler then came to its end twice for ${number(sluice?.handledAgain ?? 0)} items, of which its account has ${wrong === 0 ? 'each once' : `${number(wrong)} wrong`};`,
    `a plain worker's did for ${number(Math.min(...again))} to ${number(Math.max(...again))}, and nothing tells which.`,
  ].join(' ');
}
