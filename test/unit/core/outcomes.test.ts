import { expect, it } from 'vitest';
import { decodeOutcomes, encodeOutcomes } from '../../../lib/core/outcomes.ts';

it('outcomes come back as they were', () => {
  const outcomes = [
    { item: 0, result: null },
    { item: 1, result: 'line\nbreak' },
    { item: 2, input: { a: 1 }, error: { code: 'permanent', name: 'E', message: 'm' }, dead: true as const },
  ];
  expect(decodeOutcomes(encodeOutcomes(outcomes))).toEqual(outcomes);
  expect(decodeOutcomes(encodeOutcomes([]))).toEqual([]);
});

it('fails for bytes that are no outcomes', () => {
  expect(() => decodeOutcomes(new Uint8Array([1, 2, 3]))).toThrow(
    expect.objectContaining({
      code: 'internal',
      message: 'stored outcomes cannot be read',
      cause: expect.objectContaining({ code: 'Z_DATA_ERROR' }),
    }),
  );
});
