import fc from 'fast-check';
import { test } from 'vitest';
import type { Ledger } from '../../../lib/ports/ledger.ts';
import { commandArbitrary } from './commands.ts';
import { LedgerPair } from './execute.ts';

/**
 * Any sequence of calls, by callers who may be late or wrong, is answered as the model answers it, and leaves what the model has.
 * `makeLedger` gives an empty one each time. Where it fails, the seed and the path that are printed, given to `fc.assert`, repeat it.
 */
export function ledgerModel(name: string, runs: number, commands: number, makeLedger: () => Promise<Ledger>): void {
  test(`a ledger on ${name} does what its model does, whatever is asked of it`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(commandArbitrary, { maxLength: commands, size: 'max' }), async (sequence) => {
        const pair = new LedgerPair(await makeLedger());
        await pair.execute({ kind: 'open', run: 0 });
        for (const command of sequence) await pair.execute(command);
      }),
      { numRuns: runs },
    );
  });
}
