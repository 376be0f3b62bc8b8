import { parseOptions } from '../../lib/core/job/options.ts';
import { type Plan, planOf } from '../../lib/plan/plan.ts';
import { costOf, PRICES_DATE, PRICES_REGION } from '../../lib/plan/prices.ts';
import { AWS_TIMINGS, type Workload } from '../../lib/plan/workload.ts';
import type { Goal } from '../goals.ts';
import type { Part, Section } from '../part.ts';
import { number, table } from '../table.ts';

const ITEMS = 1_000_000;
const WORKERS = 20;
/** The handler's own time is the same in every way of running it. */
const ITEM_SECONDS = 0.01;
const BATCH_SIZES = [1, 10, 100, 1_000];
/** Compressed outcomes of one item: in the record up to 2 KiB a batch, else an object. */
const SMALL_BYTES = 3;
const LARGE_BYTES = 4_096;

interface Row {
  readonly batchSize: number;
  readonly small: number;
  readonly objects: number;
  readonly alternatives: readonly { readonly name: string; readonly usd: number }[];
}

/** What a million items cost beside the handler's own time. */
export const cost: Part = {
  name: 'cost',
  title: 'Cost of a million items, beside the handler',
  run: async () => sectionOf(BATCH_SIZES.map(rowOf)),
};

function rowOf(batchSize: number): Row {
  const small = planned(batchSize, Math.min(SMALL_BYTES * batchSize, 2_048));
  return {
    batchSize,
    small: overheadOf(small),
    objects: overheadOf(planned(batchSize, LARGE_BYTES * batchSize)),
    alternatives: small.alternatives.map(({ name, cost: { usd } }) => ({ name, usd: usd - handlerUsd(small) })),
  };
}

function planned(batchSize: number, resultBytes: number): Plan {
  const workload: Workload = {
    ...{ options: parseOptions({ workers: WORKERS, batchSize }), sourceKind: 'range', items: ITEMS },
    ...{ itemsPerBatch: batchSize, itemSeconds: ITEM_SECONDS, retriedShare: 0, messageBytes: 200 },
    ...{ inputBytes: 0, resultBytes, objectBytes: 0 },
  };
  return planOf(workload, AWS_TIMINGS);
}

/** All but the handler: what is left when each item's time is taken out of the workers' bill. */
function overheadOf(plan: Plan): number {
  return plan.cost.usd - handlerUsd(plan);
}

function handlerUsd({ items }: Plan): number {
  const { memoryMiB } = parseOptions({});
  return costOf({ lambdaGbSeconds: (items * ITEM_SECONDS * memoryMiB) / 1_024 }).usd;
}

function sectionOf(rows: readonly Row[]): Section {
  const names = rows[0]?.alternatives.map(({ name }) => name) ?? [];
  const usd = (value: number) => `$${number(value, value < 1 ? 3 : 2)}`;
  const text = `A range of a million items, ${WORKERS} workers, ${1_000 * ITEM_SECONDS} ms an item; the handler's own compute is left out of each cell. Requests, write units, transitions and
invocations as \`sluice plan\` counts them, which a test holds within 15 % of what runs on the local AWS were counted to ask for
(docs/plan.md), times its price table (${PRICES_REGION}, ${PRICES_DATE}).

${table(
  ['items in a batch', 'Sluice, small results', 'Sluice, an object a batch', ...names],
  rows.map((row) => [
    number(row.batchSize),
    usd(row.small),
    usd(row.objects),
    ...row.alternatives.map((one) => usd(one.usd)),
  ]),
)}

Of Sluice's cost at a hundred items a batch about half is the ledger (a record and a count for each batch), a third SQS, the rest logs, traces and
the producer. A plain queue keeps no account of items, and sends ten items a call whatever the batch size.`;
  const hundred = rows.find(({ batchSize }) => batchSize === 100);
  const ifMissed = 'the exact account is a record and a count for each batch, about half of it';
  const goals: readonly Goal[] = [
    {
      what: 'USD a million items, batches of 100',
      atMost: 0.04,
      found: hundred?.small ?? Number.NaN,
      digits: 3,
      ifMissed,
    },
    {
      ...{ what: 'the same, an object a batch', atMost: 0.1, digits: 3, ifMissed },
      found: hundred?.objects ?? Number.NaN,
    },
  ];
  return { text, goals, data: { rows } };
}
