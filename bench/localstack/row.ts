import { type Spread, spreadOf } from '../statistics.ts';
import type { Contender } from './contenders.ts';
import type { Measured } from './rounds.ts';
import { CAP } from './settings.ts';

/** What the runs of one contender with items of one length came to. */
export interface Row {
  readonly seconds: Spread;
  /** Against the queue filled before, in the same turn. */
  readonly efficiency: Spread;
  readonly secondsToFirstItem: Spread;
  readonly secondsToEnd: Spread;
  /** Of the worst run; null for who has no queue. */
  readonly peakOverCap: number | null;
  readonly transitions: Spread;
  readonly requests: Spread;
  readonly usd: Spread;
}

/** @param prefilled the same turns of the contender that all are held against. */
export function rowOf(contender: Contender, runs: readonly Measured[], prefilled: readonly Measured[]): Row {
  const spread = (of: (run: Measured, turn: number) => number) => spreadOf(runs.map(of));
  return {
    seconds: spread(({ seconds }) => seconds),
    efficiency: spread(({ seconds }, turn) => (prefilled[turn]?.seconds ?? Number.NaN) / seconds),
    secondsToFirstItem: spread(({ secondsToFirstItem }) => secondsToFirstItem),
    secondsToEnd: spread(({ secondsToEnd }) => secondsToEnd),
    peakOverCap: contender === 'distributedMap' ? null : Math.max(...runs.map(({ peakDepth }) => peakDepth)) / CAP,
    transitions: spread(({ transitions }) => transitions),
    requests: spread(({ requests }) => requests),
    usd: spread(({ usd }) => usd),
  };
}
