import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { WHYS } from '../core/why.ts';
import type { Clock } from '../ports/clock.ts';
import type { DoorAnswer, HistorySample, Ledger } from '../ports/ledger.ts';
import { systemClock } from '../ports/system-clock.ts';
import { dynamoBatches } from './ledger-batches.ts';
import { fieldsOf, type Item } from './ledger-fields.ts';
import { answerKey, HISTORY_CHUNK, historyKey, historyPk, REFUSED_KEY } from './ledger-keys.ts';
import { dynamoPipeline } from './ledger-pipeline.ts';
import { dynamoQueue } from './ledger-queue.ts';
import { dynamoRuns } from './ledger-run.ts';
import { ledgerTable } from './ledger-table.ts';

export interface DynamoLedgerSettings {
  readonly client: () => DynamoDBDocumentClient;
  /** A table with string keys `pk` and `sk`, and `expiresAt` as its TTL attribute. */
  readonly table: string;
  readonly clock?: Clock;
}

const OUTCOMES = ['opened', 'queued', 'refused', 'invalid'] as const;
const SAMPLE = /^n\d\d$/;

/**
 * The ledger on DynamoDB.
 *
 * What a batch costs in write request units, where its result is small: 1 for its record, 1 for its count, and its share
 * of a reserve (2 for each of up to 16 windows and 2 for the run, for 1,024 batches: 0.03).
 */
export function dynamoLedger({ client, table: name, clock = systemClock }: DynamoLedgerSettings): Ledger {
  const table = ledgerTable({ client, table: name, clock });
  return {
    ...dynamoRuns(table),
    ...dynamoPipeline(table),
    ...dynamoBatches(table),
    ...dynamoQueue(table, clock),

    countRefused: async () => {
      await table.change(REFUSED_KEY, { add: { n: 1 } });
    },

    answer: async (answer, expiresAt) => {
      const { execution, runId, outcome, code, message } = answer;
      await table.put({ ...answerKey(execution), execution, runId, outcome, code, message, expiresAt });
    },

    readAnswer: async (execution): Promise<DoorAnswer | null> => {
      const item = await table.get(answerKey(execution));
      if (item === null) return null;
      const read = fieldsOf(item, 'answer');
      const [code, message] = [read.textOrNull('code'), read.textOrNull('message')];
      return { execution, runId: read.text('runId'), outcome: read.oneOf('outcome', OUTCOMES), code, message };
    },

    // Each sample has an attribute of its own, so that a repeated write adds nothing.
    appendSample: async (runId, number, sample, expiresAt) => {
      const { at, outstanding, cap, workers, depth, busy, finished, items, failedItems, why } = sample;
      const map = { at, outstanding, cap, workers, depth, busy, finished, items, failedItems, why };
      const set = { [attributeOf(number)]: map, expiresAt };
      await table.change(historyKey(runId, number), { set });
    },

    history: async (runId) => {
      const chunks = await table.query(historyPk(runId));
      return chunks.flatMap((chunk) =>
        Object.keys(chunk)
          .filter((key) => SAMPLE.test(key))
          .sort()
          .map((key) => sampleOf(chunk[key] as Item)),
      );
    },
  };
}

function attributeOf(number: number): string {
  return `n${String(number % HISTORY_CHUNK).padStart(2, '0')}`;
}

function sampleOf(item: Item): HistorySample {
  const read = fieldsOf(item, 'history');
  const why = read.textOrNull('why') === null ? null : read.oneOf('why', WHYS);
  return {
    at: read.number('at'),
    outstanding: read.number('outstanding'),
    cap: read.number('cap'),
    workers: read.number('workers'),
    depth: read.numberOrNull('depth'),
    busy: read.numberOrNull('busy'),
    finished: read.number('finished'),
    items: read.number('items'),
    failedItems: read.number('failedItems'),
    why,
  };
}
