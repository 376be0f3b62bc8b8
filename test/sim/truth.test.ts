import { describe, expect, it } from 'vitest';
import type { BatchMessage } from '../../lib/core/message.ts';
import { newRun } from '../../lib/core/new-run.ts';
import type { Run } from '../../lib/core/run.ts';
import type { Reserve } from '../../lib/ports/ledger.ts';
import { virtualClock } from '../../lib/sim/clock.ts';
import { drawFaults } from '../../lib/sim/faults.ts';
import { newProcesses } from '../../lib/sim/process.ts';
import { seededRandom } from '../../lib/sim/random.ts';
import { drawShape } from '../../lib/sim/shape.ts';
import { newTrace } from '../../lib/sim/trace.ts';
import { newTruth, type Truth } from '../../lib/sim/truth.ts';

const COUNTS = { batches: 1, deadBatches: 0, succeeded: 10, failed: 0, dead: 0, nearMemoryLimit: 0 };

/** The truth about a run of 100 items in batches of 10, with a cap of 4, whose lease is held until second 30. */
function world() {
  const clock = virtualClock();
  const random = seededRandom(1);
  const drawn = drawShape(random, 1, { clock, onGenerated: () => {} });
  const shape = { ...drawn, items: 100, batchSize: 10, invalidAt: null };
  const truth = newTruth(shape);
  const ground = { clock, random, faults: drawFaults(random, true), trace: newTrace(false) };
  const producer = newProcesses(ground)('produce');
  const options = { ...drawn.job.options, batchSize: 10, workers: 2, maxBatchesPerWorker: 2 };
  const plan = {
    runId: 'r0',
    job: 'sim',
    options,
    source: { kind: 'range', count: 100 },
    params: {},
    total: 100,
  } as const;
  const run: Run = newRun({ ...plan, startedAt: 0 }, 'r0');
  truth.opened(run);
  truth.leased({ ...run, lease: { owner: 'p', token: 1, expiresAt: 30_000 } }, producer);
  return { truth, producer };
}

function reserve(first: number, batches: number, changes: Partial<Reserve> = {}): Reserve {
  const items = batches * 10;
  const window = { number: first, firstBatch: first, batches, firstItem: first * 10, items };
  const cursors = { cursorBefore: null, cursorAfter: { next: 0 }, slicesKey: null, expiresAt: 0 };
  return {
    ...{
      token: 1,
      reservedBefore: first,
      cap: 4,
      ratePerSecond: null,
      confirms: null,
      generated: first * 10 + items,
      cursor: { next: 0 },
    },
    ...{ exhausted: false, peakOutstanding: 0, rateNextAt: 0, openWindows: [], folded: COUNTS, leaseExpiresAt: 30_000 },
    intent: { id: `i${first}`, firstWindow: first, windows: 1, batches },
    windows: [{ ...window, ...cursors }],
    ...changes,
  };
}

const message = (batch: number): BatchMessage => ({
  ...{ runId: 'r0', window: 0, batch, firstItem: batch * 10, count: 10 },
  payload: { kind: 'ranks', start: batch * 10, count: 10 },
});

function finish(truth: Truth, batch: number) {
  truth.recorded('r0', batch, { counts: COUNTS, body: { kind: 'object', key: 'k' } });
  truth.counted('r0', batch, COUNTS);
}

describe('the invariants', () => {
  it('hold for a run as it should be', () => {
    const { truth, producer } = world();
    truth.reserved('r0', reserve(0, 4), 0);
    for (const batch of [0, 1, 2, 3]) {
      truth.arrived(message(batch), truth.sends(producer, message(batch), 1));
      truth.sent(producer, message(batch), true);
    }
    truth.updated('r0', { confirms: 'i0' });
    for (const batch of [0, 1, 2, 3]) {
      truth.left(message(batch));
      finish(truth, batch);
    }
    truth.closed('r0', { state: 'succeeded', why: null, detail: null, endedAt: 1 });
    expect(truth.violation).toBeNull();
  });

  it.each<[string, string, (parts: ReturnType<typeof world>) => void]>([
    ['I1', 'more batches than the cap', ({ truth }) => truth.reserved('r0', reserve(0, 5), 0)],
    ['I1', 'a message without a reserve', ({ truth, producer }) => truth.sends(producer, message(0), 0)],
    [
      'I1',
      'a second message of a batch that nobody can account for',
      ({ truth }) => {
        truth.reserved('r0', reserve(0, 2), 0);
        truth.arrived(message(0), null);
        truth.arrived(message(0), null);
      },
    ],
    [
      'I1',
      'a message of a batch that is counted',
      ({ truth }) => {
        truth.reserved('r0', reserve(0, 1), 0);
        truth.arrived(message(0), null);
        finish(truth, 0);
      },
    ],
    [
      'I2',
      'a batch that is counted twice',
      ({ truth }) => {
        truth.reserved('r0', reserve(0, 1), 0);
        finish(truth, 0);
        truth.counted('r0', 0, COUNTS);
      },
    ],
    [
      'I2',
      'a batch that is counted before its record',
      ({ truth }) => {
        truth.reserved('r0', reserve(0, 1), 0);
        truth.counted('r0', 0, COUNTS);
      },
    ],
    [
      'I2',
      'an intent that is confirmed unsent',
      ({ truth }) => {
        truth.reserved('r0', reserve(0, 1), 0);
        truth.updated('r0', { confirms: 'i0' });
      },
    ],
    [
      'I2',
      'a run that is closed with batches outstanding',
      ({ truth }) => {
        truth.reserved('r0', reserve(0, 1), 0);
        truth.closed('r0', { state: 'succeeded', why: null, detail: null, endedAt: 1 });
      },
    ],
    [
      'I3',
      'a window that begins at another item',
      ({ truth }) => {
        const right = reserve(0, 1);
        const windows = right.windows.map((window) => ({ ...window, firstItem: 3 }));
        truth.reserved('r0', { ...right, windows }, 0);
      },
    ],
    [
      'I4',
      'a reserve after the stop mark',
      ({ truth }) => {
        truth.marked('r0', { why: 'stopped', reason: '', by: '', at: 0, haltedAt: null });
        truth.reserved('r0', reserve(0, 1), 0);
      },
    ],
    [
      'I4',
      'a reserve long after the flag was set',
      ({ truth }) => {
        truth.flagStalenessMs = 1_000;
        truth.flagLatchedAt = 0;
        truth.reserved('r0', reserve(0, 1), 1_001);
      },
    ],
    [
      'I6',
      'a send after the lease',
      ({ truth, producer }) => {
        truth.reserved('r0', reserve(0, 1), 0);
        truth.sends(producer, message(0), 30_001);
      },
    ],
    ['I6', 'a reserve under an old token', ({ truth }) => truth.reserved('r0', reserve(0, 1, { token: 0 }), 0)],
    [
      'I7',
      'an abnormal end without a why',
      ({ truth }) => truth.closed('r0', { state: 'stopped', why: null, detail: null, endedAt: 1 }),
    ],
  ])('%s is violated by %s', (invariant, _what, act) => {
    const parts = world();
    act(parts);
    expect(parts.truth.violation?.invariant).toBe(invariant);
  });
});
