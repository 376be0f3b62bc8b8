import { describe, expect, test } from 'vitest';
import { DEAD, evidence, found, HANDLER, MAPPING, QUEUE } from './sound.ts';

describe('a sound stack', () => {
  test('has no finding, though each of its numbers is at the edge', () => {
    expect(found({})).toEqual([]);
  });

  test('is one with nothing in it too', () => {
    expect(found({ functions: [], mappings: [], queues: [], alarms: [] })).toEqual([]);
  });
});

describe('overPull', () => {
  const OVER_PULL = ['overPull function handler'];
  const mapped = (...limits: readonly Partial<typeof MAPPING>[]) => ({
    mappings: limits.map((limit, number) => ({ ...MAPPING, id: `m${number + 1}`, ...limit })),
  });

  test('is a mapping without MaximumConcurrency to a function with reserved concurrency', () => {
    expect(found(mapped({ maximumConcurrency: null }))).toEqual(OVER_PULL);
    expect(evidence(mapped({ maximumConcurrency: null }))).toEqual([
      'reserved concurrency 4; mapping m1 without MaximumConcurrency',
    ]);
  });

  test('is nothing where none is reserved, nor where nothing is mapped', () => {
    const functions = [{ ...HANDLER, reservedConcurrency: null }];
    expect(found({ functions, ...mapped({ maximumConcurrency: null }) })).toEqual([]);
    expect(found({ functions: [{ ...HANDLER, reservedConcurrency: 0 }], mappings: [] })).toEqual([]);
  });

  test.each([
    ['just as much', [4], []],
    ['one more', [5], OVER_PULL],
    ['two mappings that fit together', [2, 2], []],
    ['two mappings that do not', [2, 3], OVER_PULL],
    ['one of two without a limit', [2, null], OVER_PULL],
  ])('adds mappings up: %s', (_what, limits, expected) => {
    expect(found(mapped(...limits.map((maximumConcurrency) => ({ maximumConcurrency }))))).toEqual(expected);
  });

  test('knows that a function of one has no mapping of less than two', () => {
    const functions = [{ ...HANDLER, reservedConcurrency: 1 }];
    expect(found({ functions, ...mapped({ maximumConcurrency: 2 }) })).toEqual([]);
    expect(found({ functions, ...mapped({ maximumConcurrency: 3 }) })).toEqual(OVER_PULL);
    expect(found({ functions, ...mapped({ maximumConcurrency: 2 }, { maximumConcurrency: 2 }) })).toEqual(OVER_PULL);
  });

  test('counts ten invocations for each poller of the provisioned mode', () => {
    const functions = [{ ...HANDLER, reservedConcurrency: 20 }];
    const provisioned = (pollersMax: number) => mapped({ maximumConcurrency: null, pollersMax });
    expect(found({ functions, ...provisioned(2) })).toEqual([]);
    expect(found({ functions, ...provisioned(3) })).toEqual(OVER_PULL);
  });

  test('does not add up what is disabled, and brings no message', () => {
    expect(found(mapped({}, { enabled: false }))).toEqual([]);
    expect(found(mapped({ maximumConcurrency: null, enabled: false }))).toEqual([]);
    const together = mapped({ maximumConcurrency: 5 }, { enabled: false });
    expect(evidence(together)).toEqual(['reserved concurrency 4; mapping m1 with MaximumConcurrency 5']);
  });

  test("does not look at other functions' mappings", () => {
    const other = `${HANDLER.arn}-2`;
    expect(found(mapped({}, { functionArn: other, maximumConcurrency: null }))).toEqual([]);
  });
});

describe('shortVisibility', () => {
  test.each([
    [60, 10, []],
    [59, 10, ['shortVisibility queue orders']],
    [60, 11, ['shortVisibility queue orders']],
    [null, 10, ['shortVisibility queue orders']],
    [60, null, ['shortVisibility queue orders']],
    [0, 0, []],
  ])('of %s s for a timeout of %s s', (visibilitySeconds, timeoutSeconds, expected) => {
    const queues = [{ ...QUEUE, visibilitySeconds }, DEAD];
    expect(found({ queues, functions: [{ ...HANDLER, timeoutSeconds }] })).toEqual(expected);
  });

  test('says what would do', () => {
    const [said] = evidence({ queues: [{ ...QUEUE, visibilitySeconds: 30 }, DEAD] });
    expect(said).toBe('visibility timeout 30 s, function handler has a timeout of 10 s, expected at least 60 s');
    const [unread] = evidence({ functions: [{ ...HANDLER, timeoutSeconds: null }] });
    expect(unread).toBe('visibility timeout 60 s, function handler has a timeout of a value that cannot be read');
  });
});

describe('wholeBatchRetries', () => {
  test.each([
    [1, false, []],
    [2, false, ['wholeBatchRetries mapping m1']],
    [null, false, ['wholeBatchRetries mapping m1']],
    [10_000, true, []],
  ])('with a batch size of %s, partial responses: %s', (batchSize, reportsBatchItemFailures, expected) => {
    expect(found({ mappings: [{ ...MAPPING, batchSize, reportsBatchItemFailures }] })).toEqual(expected);
  });
});
