import { expect, it } from 'vitest';
import { memoryLedger } from '../../../lib/ports/memory/ledger.ts';
import { ledgerContract } from '../../contract/ledger.ts';

ledgerContract('memory', async () => memoryLedger());

it('tells how many messages were refused', async () => {
  const ledger = memoryLedger();
  await ledger.countRefused();
  await ledger.countRefused();
  expect(ledger.refused()).toBe(2);
});
