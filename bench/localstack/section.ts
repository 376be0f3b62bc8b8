import type { Goal } from '../goals.ts';
import type { Section } from '../part.ts';
import type { Spread } from '../statistics.ts';
import { number, table, withSpread } from '../table.ts';
import { CONTENDERS, type Contender } from './contenders.ts';
import type { Kills } from './kills.ts';
import type { Rounds } from './rounds.ts';
import { type Row, rowOf } from './row.ts';
import { sentencesOn } from './sentences.ts';
import { BATCH_SIZE, BATCHES, CAP, ITEMS, REPETITIONS, WORKERS } from './settings.ts';

const NAMES: Readonly<Record<Contender, string>> = {
  prefilled: 'queue filled before',
  sluice: 'Sluice',
  unbounded: 'unbounded producer',
  fixedWait: 'one batch a loop, fixed wait',
  distributedMap: 'Distributed Map',
};

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
    sentencesOn(byLength, kills),
  ].join('\n\n');
  const dataOf = (name: Contender) => {
    const rows = byLength.map(({ rows }) => rows[name]);
    const peaks = rows.flatMap(({ peakOverCap }) => (peakOverCap === null ? [] : [peakOverCap]));
    return {
      // the worst of the lengths, each by its median, and the highest peak of all runs
      efficiency: name === 'distributedMap' ? null : Math.min(...rows.map(({ efficiency }) => efficiency.median)),
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
  const goals = goalsOf(dataOf('sluice'), dataOf('fixedWait'));
  return { text, data: { job, ...Object.fromEntries(CONTENDERS.map((name) => [name, dataOf(name)])), rounds }, goals };
}

interface Worst {
  readonly efficiency: number | null;
  readonly peakOverCap: number | null;
}

function goalsOf(sluice: Worst, fixedWait: Worst): readonly Goal[] {
  const efficiency = sluice.efficiency ?? Number.NaN;
  return [
    {
      ...{ what: 'peak ÷ cap, local AWS', atMost: 1, found: sluice.peakOverCap ?? Number.NaN, digits: 3 },
      ifMissed: 'a defect',
    },
    {
      ...{ what: 'efficiency, local AWS', atLeast: 0.95, found: efficiency, digits: 3 },
      ifMissed: 'a run begins with an execution and two functions before its first message',
    },
    {
      ...{ what: 'efficiency by that of the fixed wait', atLeast: 1, digits: 2 },
      ...{ found: efficiency / (fixedWait.efficiency ?? Number.NaN), ifMissed: 'a defect' },
    },
  ];
}

const INTRODUCTION = `${number(ITEMS)} items in ${BATCHES} batches of ${BATCH_SIZE}, ${WORKERS} workers, a cap of ${CAP} batches; ${REPETITIONS} turns of all contenders, the Map once, functions
loaded before. All but the Map feed the same queue, with the same worker function and the same ledger; for all but Sluice the batches are
reserved beforehand, which costs them nothing here. Seconds go from a contender's first call to the end of the last item. Efficiency is the
time of a queue that was filled before its workers were let go, by the contender's time in the same turn. The observer reads the queue's
depth each 40 ms; of the peaks the highest is shown. Requests are those that functions sent to AWS, counted by a proxy on the way. USD are requests,
transitions and function time by the price table, without alarms, metrics and logs.`;

function tableOf(rows: Readonly<Record<Contender, Row>>): string {
  const head = ['', 'seconds', 'efficiency', 'peak ÷ cap', 'transitions', 'requests', 'USD'];
  return table(
    head,
    CONTENDERS.map((name) => {
      const { seconds, efficiency, peakOverCap, transitions, requests, usd } = rows[name];
      const isMap = name === 'distributedMap';
      return [
        isMap ? `${NAMES[name]} (the emulator's seconds)` : NAMES[name],
        cell(seconds, 1),
        isMap ? '–' : cell(efficiency, 3),
        peakOverCap === null ? 'no queue' : number(peakOverCap, 3),
        cell(transitions, 0),
        cell(requests, 0),
        number(usd.median, 5),
      ];
    }),
  );
}

/** What is the same in each turn, or was done once, has no spread to show. */
function cell(spread: Spread, digits: number): string {
  return spread.least === spread.most ? number(spread.median, digits) : withSpread(spread, digits);
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
