import type { Section } from '../part.ts';
import { type Spread, spreadOf } from '../statistics.ts';
import { number, table, withSpread } from '../table.ts';
import { CONTENDERS, type Contender } from './contenders.ts';
import type { Kills } from './kills.ts';
import type { Measured, Rounds } from './rounds.ts';
import { BATCH_SIZE, BATCHES, CAP, ITEMS, REPETITIONS, WORKERS } from './settings.ts';

const NAMES: Readonly<Record<Contender, string>> = {
  prefilled: 'queue filled before',
  sluice: 'Sluice',
  unbounded: 'unbounded producer',
  fixedWait: 'one batch a loop, fixed wait',
  distributedMap: 'Distributed Map',
};

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

/** The section of the page: tables of what was measured, what they say, and the same as numbers. */
export function sectionOf(rounds: Rounds, kills: Kills): Section {
  const byLength = Object.entries(rounds).map(([milliseconds, runs]) => {
    const rows = CONTENDERS.map((name) => [name, rowOf(name, runs[name], runs.prefilled)] as const);
    return { milliseconds: Number(milliseconds), rows: Object.fromEntries(rows) as Record<Contender, Row> };
  });
  const text = [
    INTRODUCTION,
    ...byLength.map(({ milliseconds, rows }) => `Items of ${milliseconds} ms:\n\n${tableOf(rows)}`),
    `One worker killed amid a batch, items of 20 ms:\n\n${killTable(kills)}`,
    said(byLength.map(({ rows }) => rows)),
  ].join('\n\n');
  const dataOf = (name: Contender) => {
    const rows = byLength.map(({ rows }) => rows[name]);
    const peaks = rows.flatMap(({ peakOverCap }) => (peakOverCap === null ? [] : [peakOverCap]));
    return {
      // the worst of the lengths, each by its median, and the highest peak of all runs
      efficiency: Math.min(...rows.map(({ efficiency }) => efficiency.median)),
      peakOverCap: peaks.length === 0 ? null : Math.max(...peaks),
      byItemMilliseconds: Object.fromEntries(byLength.map(({ milliseconds, rows }) => [milliseconds, rows[name]])),
      afterKill: kills[name] ?? null,
    };
  };
  const job = {
    items: ITEMS,
    batchSize: BATCH_SIZE,
    batches: BATCHES,
    workers: WORKERS,
    cap: CAP,
    repetitions: REPETITIONS,
  };
  return { text, data: { job, ...Object.fromEntries(CONTENDERS.map((name) => [name, dataOf(name)])), rounds } };
}

const INTRODUCTION = `${number(ITEMS)} items in ${BATCHES} batches of ${BATCH_SIZE}, ${WORKERS} workers, cap ${CAP}, ${REPETITIONS} turns of all contenders.
All but the Map feed the same queue, worker function and ledger; the others' batches are reserved for them beforehand, which costs them nothing.
Seconds go from the first call until the last item is done. Efficiency is the time of a queue that was filled before its workers were let
go, by the contender's time in the same turn. The observer reads the queue's depth each 40 ms. Requests are all that functions sent to AWS.`;

function tableOf(rows: Readonly<Record<Contender, Row>>): string {
  const head = ['', 'seconds', 'efficiency', 'peak ÷ cap', 'transitions', 'requests', 'USD'];
  return table(
    head,
    CONTENDERS.map((name) => {
      const { seconds, efficiency, peakOverCap, transitions, requests, usd } = rows[name];
      const isMap = name === 'distributedMap';
      return [
        isMap ? `${NAMES[name]} (the emulator's seconds)` : NAMES[name],
        withSpread(seconds),
        isMap ? '–' : withSpread(efficiency, 3),
        peakOverCap === null ? 'no queue' : number(peakOverCap, 3),
        withSpread(transitions, 0),
        withSpread(requests, 0),
        number(usd.median, 5),
      ];
    }),
  );
}

function killTable(kills: Kills): string {
  const rows = CONTENDERS.flatMap((name) => {
    const kill = kills[name];
    if (kill === undefined) return [];
    const { lost, handledAgain, account } = kill;
    const own = account === null ? 'keeps none' : `${account.lost} lost, ${account.doubled} doubled`;
    return [[NAMES[name], number(lost), number(handledAgain), own]];
  });
  return table(['', 'items lost', 'handled twice', 'its account of items'], rows);
}

function said(byLength: readonly Readonly<Record<Contender, Row>>[]): string {
  return '';
}
