import type { DoorAnswer } from '../../../lib/ports/ledger.ts';
import { bad, type Fake, ok, openRun } from './fake-context.ts';

/** Lets Open answer every start: `opened` makes the run as Open does. */
export function answering(
  fake: Fake,
  answer: Pick<DoorAnswer, 'outcome' | 'code' | 'message'>,
  onOpened?: () => Promise<void>,
) {
  const { executions, ledger } = fake.ports;
  const start = executions.start;
  executions.start = async (name, input) => {
    await start(name, input);
    const { runId } = input as { runId: string };
    executions.start = start;
    if (answer.outcome === 'opened' && (await ledger.get(runId)) === null) {
      // the execution runs already: the helper may not start it again
      executions.start = async () => {};
      await openRun(
        fake,
        [
          [
            [ok(0), ok(1)],
            [ok(2), bad(3)],
          ],
        ],
        { runId, execution: name, total: 4 },
      );
      executions.start = start;
    }
    await onOpened?.();
    await ledger.answer({ execution: name, runId, ...answer }, 0);
  };
}

export const OPENED = { outcome: 'opened', code: null, message: null } as const;
