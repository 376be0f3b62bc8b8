import { COUNT_NAMES } from '../core/counts.ts';
import { SluiceError } from '../core/errors.ts';
import type { Ledger } from '../ports/ledger.ts';
import { checkCounts, fieldsOf } from './ledger-fields.ts';
import { COUNT_ATTRIBUTES, outcomeAttributes, partAttributes, recordOf, windowOf } from './ledger-items.ts';
import { BATCH_SK_PREFIX, recordKey, windowKey, windowPk } from './ledger-keys.ts';
import { type LedgerTable, oldNumber } from './ledger-table.ts';

type BatchesPart = Pick<Ledger, 'windows' | 'finish' | 'record' | 'countStart' | 'savePart' | 'putOutcome' | 'records'>;

const NO_OUTCOME = 'attribute_not_exists(#c)';

/** The ledger's methods on windows and the records of their batches. */
export function dynamoBatches(table: LedgerTable): BatchesPart {
  const record: Ledger['record'] = async (runId, window, batch) => {
    const item = await table.get(recordKey(runId, window, batch));
    return item === null ? null : recordOf(batch, item);
  };

  return {
    windows: async (runId, numbers) => {
      const items = await table.getMany([...new Set(numbers)].map((number) => windowKey(runId, number)));
      const byPk = new Map(items.map((item) => [item.pk, item]));
      return numbers.flatMap((number) => {
        const item = byPk.get(windowPk(runId, number));
        return item === undefined ? [] : [windowOf(number, item)];
      });
    },

    finish: async (runId, window, batch, counts) => {
      checkCounts(counts);
      if (!Number.isSafeInteger(batch) || batch < 0) return 'unknown';
      const finished = await table.change(windowKey(runId, window), {
        add: {
          done: new Set([batch]),
          ...Object.fromEntries(COUNT_NAMES.map((name) => [COUNT_ATTRIBUTES[name], counts[name]])),
        },
        condition: 'attribute_exists(#pk) AND #f <= :batch AND #l >= :batch AND NOT contains(#done, :batch)',
        values: { batch },
      });
      if (finished.ok) return 'counted';
      const first = oldNumber(finished.old, 'f') ?? Number.POSITIVE_INFINITY;
      const last = oldNumber(finished.old, 'l') ?? Number.NEGATIVE_INFINITY;
      return first <= batch && batch <= last ? 'repeated' : 'unknown';
    },

    record,

    countStart: async (runId, window, batch, expiresAt) => {
      const change = { set: { expiresAt }, add: { s: 1 }, condition: NO_OUTCOME };
      const started = await table.change(recordKey(runId, window, batch), change, 'UPDATED_NEW');
      return started.ok ? fieldsOf(started.item, 'record').integer('s') : (oldNumber(started.old, 's') ?? 0);
    },

    savePart: async (runId, window, batch, part, expiresAt) => {
      const set = { p: partAttributes(part), s: 0, expiresAt };
      await table.change(recordKey(runId, window, batch), { set, condition: NO_OUTCOME });
    },

    putOutcome: async (runId, window, batch, outcome, expiresAt) => {
      checkCounts(outcome.counts);
      const set = { ...outcomeAttributes(outcome), expiresAt };
      const put = await table.change(recordKey(runId, window, batch), { set, condition: NO_OUTCOME });
      if (put.ok) return outcome;
      const standing = (await record(runId, window, batch))?.outcome ?? null;
      if (standing !== null) return standing;
      throw new SluiceError('ledgerUnavailable', `the outcome of batch ${batch} is gone`, { retryable: true });
    },

    records: async (runId, window) => {
      const items = await table.query(windowPk(runId, window), { prefix: BATCH_SK_PREFIX });
      return items.map((item) => {
        const batch = Number(fieldsOf(item, 'record').text('sk').slice(BATCH_SK_PREFIX.length));
        return recordOf(batch, item);
      });
    },
  };
}
