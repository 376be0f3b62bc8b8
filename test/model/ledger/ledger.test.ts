import { memoryLedger } from '../../../lib/ports/memory/ledger.ts';
import { ledgerModel } from './ledger-model.ts';

ledgerModel('memory', 500, 60, async () => memoryLedger());
