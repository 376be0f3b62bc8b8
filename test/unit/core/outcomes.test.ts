import { expect, it } from 'vitest';
import { isPermanentError, isSluiceError, PermanentError, SluiceError } from '../../../lib/core/errors.ts';
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
  expect(() => decodeOutcomes(new Uint8Array([1, 2, 3]))).toThrow(expect.objectContaining({ code: 'internal' }));
});

it('errors keep literal names and are known across copies of the package', () => {
  expect(new SluiceError('usage', 'x').name).toBe('SluiceError');
  expect(new PermanentError('x').name).toBe('PermanentError');
  expect(isPermanentError(Object.assign(new Error('x'), { name: 'PermanentError' }))).toBe(true);
  expect(isSluiceError(new SluiceError('usage', 'x', { retryable: true }))).toBe(true);
  expect([isSluiceError(new Error('x')), isPermanentError('x')]).toEqual([false, false]);
});
