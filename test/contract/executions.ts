import { beforeEach, describe, expect, it } from 'vitest';
import type { ExecutionInputs, Executions } from '../../lib/ports/executions.ts';

export interface ExecutionsUnderTest {
  readonly executions: Executions & ExecutionInputs;
  /** Ends one that runs. */
  end(name: string): Promise<void>;
}

/** What all executions promise. `makeExecutions` gives those of a machine that runs until it is ended. */
export function executionsContract(name: string, makeExecutions: () => Promise<ExecutionsUnderTest>): void {
  describe(`executions on ${name}`, () => {
    let executions: ExecutionsUnderTest['executions'];
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

    it('tell what they were started with, also after their end', async () => {
      const input = { action: 'start', params: { year: 2026, text: 'ü' } };
      await executions.start('run-1', input);
      expect(await executions.input('run-1')).toEqual(input);
      await end('run-1');
      expect(await executions.input('run-1')).toEqual(input);
      expect(await executions.input('nobody')).toBeNull();
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
