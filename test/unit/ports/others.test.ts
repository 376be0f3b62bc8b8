import { describe, expect, it } from 'vitest';
import { memoryAlarms } from '../../../lib/ports/memory/alarms.ts';
import { memoryExecutions } from '../../../lib/ports/memory/executions.ts';
import { memoryLog } from '../../../lib/ports/memory/log.ts';
import { memoryMetrics } from '../../../lib/ports/memory/metrics.ts';
import { memoryWorkers } from '../../../lib/ports/memory/workers.ts';
import { executionsContract } from '../../contract/executions.ts';
import { workersContract } from '../../contract/workers.ts';

executionsContract('memory', async () => {
  const executions = memoryExecutions();
  return { executions, end: async (name) => executions.end(name) };
});

describe('memoryExecutions', () => {
  it('remember what they were started with', async () => {
    const executions = memoryExecutions();
    const input = { runId: 'r' };
    await executions.start('a', input);
    input.runId = 'changed';
    expect(executions.started).toEqual([{ name: 'a', input: { runId: 'r' } }]);
  });
});

workersContract('memory', async () => {
  const workers = memoryWorkers();
  return { workers, enabled: async () => workers.enabled(), concurrency: async () => workers.concurrency() };
});

describe('memoryLog', () => {
  it('keeps its lines, and those of its children with their data', () => {
    const log = memoryLog();
    log.info('one', { a: 1 });
    log.child({ runId: 'r' }).child({ batch: 2 }).warn('two', { a: 2 });
    log.debug('three');
    log.error('four');
    expect(log.lines).toEqual([
      { level: 'info', message: 'one', data: { a: 1 } },
      { level: 'warn', message: 'two', data: { runId: 'r', batch: 2, a: 2 } },
      { level: 'debug', message: 'three', data: {} },
      { level: 'error', message: 'four', data: {} },
    ]);
  });
});

describe('memoryMetrics and memoryAlarms', () => {
  it('keep what they were given', async () => {
    const metrics = memoryMetrics();
    const sample = { at: 1, outstanding: 2, cap: 3, depth: null, finished: 4, failedItems: 0 };
    await metrics.publish({ ...sample, nearMemoryLimit: 0, blockedSeconds: 0, stopped: 0 });
    expect(metrics.samples).toMatchObject([sample]);
    const alarms = memoryAlarms();
    await alarms.reset('resumed');
    expect(alarms.resets).toEqual(['resumed']);
  });
});
