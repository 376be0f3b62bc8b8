import type { Ledger } from '../../lib/ports/ledger.ts';
import { ledgerBatchesContract } from './ledger-batches.ts';
import { ledgerNotesContract } from './ledger-notes.ts';
import { ledgerQueueContract } from './ledger-queue.ts';
import { ledgerRunsContract } from './ledger-runs.ts';

/** What every ledger promises. `makeLedger` gives an empty one each time. */
export function ledgerContract(name: string, makeLedger: () => Promise<Ledger>): void {
  ledgerRunsContract(name, makeLedger);
  ledgerNotesContract(name, makeLedger);
  ledgerBatchesContract(name, makeLedger);
  ledgerQueueContract(name, makeLedger);
}
