import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { lineOf } from './journal.ts';
import type { Errand } from './settings.ts';

/**
 * The work of one item, the same for all contenders: a wait, noted before and after in a file of this machine. A file costs no
 * request, and a line that was written outlives its process.
 */
export async function handleItem(item: number, { milliseconds, journal }: Errand): Promise<void> {
  const note = (kind: 'begin' | 'end') =>
    appendFileSync(journal, lineOf({ kind, item, pid: process.pid, at: Date.now() }));
  note('begin');
  await sleep(milliseconds);
  note('end');
}
