import type { RunEvents } from '../ports/run-events.ts';
import { type RunStatus, readStatus, type StatusDependencies } from './status.ts';

export interface FinishedDependencies extends StatusDependencies {
  /** Null where nobody has asked to be told. */
  readonly events: RunEvents | null;
}

/**
 * Tells that a run has ended, where somebody wants to know. Repeated with each try of whoever closes the run: the end is told at
 * least once.
 *
 * @param end what is told of the run's end, whatever has become of the run meanwhile: it may have been resumed.
 * @throws what the ports threw.
 */
export async function tellFinished(
  runId: string,
  end: Pick<RunStatus, 'state' | 'why'> & { readonly endedAt: number },
  deps: FinishedDependencies,
): Promise<void> {
  if (deps.events === null) return;
  const { state, why } = end;
  const endedAt = new Date(end.endedAt).toISOString();
  const status: RunStatus = { ...(await readStatus(deps, runId)), state, why, endedAt, etaSeconds: null };
  await deps.events.finished(status);
}
