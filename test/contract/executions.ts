import { beforeEach, describe, expect, it } from 'vitest';
import type { Executions } from '../../lib/ports/executions.ts';

export interface ExecutionsUnderTest {
  readonly executions: Executions;
  /** Ends one that runs. */
  end(name: string): Promise<void>;
}

/** What all executions promise. `makeExecutions` gives those of a machine that runs until it is ended. */
export function executionsContract(name: string, makeExecutions: () => Promise<ExecutionsUnderTest>): void {
  describe(`executions on ${name}`, () => {
    let executions: Executions;
    let end: ExecutionsUnderTest['end'];
    beforeEach(async () => {
      ({ executions, end } = await makeExecutions());
    });

    it('run from their start to their end', async () => {
      await executions.start('run-1', { runId: 'run-1' });
      expect(await executions.state('run-1')).toBe('running');
      await end('run-1');
      expect(await executions.state('run-1')).toBe('ended');
    });

    it('that never were have ended', async () => {
      expect(await executions.state('nobody')).toBe('ended');
    });

    it('fail to start under a name that was used', async () => {
      await executions.start('run-1', { runId: 'run-1' });
      await end('run-1');
      await expect(executions.start('run-1', { runId: 'other' })).rejects.toMatchObject({ code: 'runIdUsed' });
      await executions.start('run-1--2', { runId: 'run-1' });
      expect(await executions.state('run-1--2')).toBe('running');
      await end('run-1--2');
    });
  });
}
