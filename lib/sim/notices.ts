import type { Closing } from '../ports/ledger.ts';

/** Who is told of what, and each end that people must hear of. */
export interface Notices {
  /** A run was opened, or goes on. */
  began(runId: string, at: number): void;
  ended(runId: string, closing: Closing, at: number): void;
  /** Someone is told: an alarm would fire, whether or not its action is ever delivered; or a start was refused. */
  told(at: number): void;
  /** The first abnormal end that no alarm has told of; null when there is none. */
  untold(): string | null;
}

/** From the end of a run to the end of its execution, and AWS's own metrics are a minute behind. */
const TOLD_WITHIN_MS = 180_000;

export function newNotices(): Notices {
  const begun = new Map<string, number>();
  const ends: { readonly says: string; readonly from: number; readonly until: number }[] = [];
  const tellings: number[] = [];
  return {
    began: (runId, at) => void begun.set(runId, at),
    ended: (runId, { state, why }, at) => {
      // A person who stops a run in its last moment knows that without an alarm.
      if (state === 'succeeded' || state === 'partial' || why === 'stopped') return;
      // An execution may have been aborted before its run was in the ledger; an alarm of before a resume may come late.
      const from = why === 'executionEnded' || why === 'alarm' ? 0 : (begun.get(runId) ?? 0);
      ends.push({ says: `${runId} ended as ${state}, ${why}`, from, until: at + TOLD_WITHIN_MS });
    },
    told: (at) => void tellings.push(at),
    untold: () => {
      const silent = ends.find(({ from, until }) => !tellings.some((at) => at >= from && at <= until));
      return silent?.says ?? null;
    },
  };
}
