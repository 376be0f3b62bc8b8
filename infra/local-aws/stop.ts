import { identityOf, isAlive, processesWith, signalProcess, waitForEnd } from './processes.ts';
import type { InstanceState } from './state.ts';

const POLITE_MS = 10_000;
const KILLED_MS = 5_000;

/** Ends an instance: asked first, then killed, with everything that it started. */
export async function stopInstance(state: InstanceState): Promise<void> {
  if (isAlive(state)) {
    signalProcess(state.pid, 'SIGTERM');
    await waitForEnd(state, POLITE_MS);
  }
  await killInstance(state);
}

/** Kills an instance, and what is left of one that was killed. Returns when no process of it is there. */
export async function killInstance(state: InstanceState): Promise<void> {
  if (isAlive(state)) {
    signalProcess(-state.pid, 'SIGKILL');
    await waitForEnd(state, KILLED_MS);
  }
  // the keeper has the execution environments end; what it could not reach is found by the instance's name
  for (const pid of processesWith(state.instance)) {
    const identity = identityOf(pid);
    if (identity === null) continue;
    signalProcess(pid, 'SIGKILL');
    await waitForEnd(identity, KILLED_MS);
  }
}
