import { setTimeout as sleep } from 'node:timers/promises';
import { kill, type ProcessTable, type RunProcess } from './processes.ts';

const POLL_MS = 50;
/** A process that the kernel cannot end within this is stuck in it; whoever waits for it waits for ever. */
const KILL_MS = 10_000;

/** Waits until no process of the run is alive; those that are after the time given. */
export async function waitForNone(table: ProcessTable, milliseconds: number): Promise<RunProcess[]> {
  const deadline = Date.now() + milliseconds;
  let left = table.list();
  while (left.length > 0 && Date.now() < deadline) {
    await sleep(POLL_MS);
    left = table.list();
  }
  return left;
}

/**
 * Kills every process of the run, again and again until none is left: some may start others meanwhile. Returns those that
 * would not end, so none as a rule.
 */
export async function endAll(table: ProcessTable): Promise<RunProcess[]> {
  const deadline = Date.now() + KILL_MS;
  let left = table.list();
  while (left.length > 0 && Date.now() < deadline) {
    for (const { pid } of left) kill(pid);
    await sleep(POLL_MS);
    left = table.list();
  }
  return left;
}
