import { describe, expect, it } from 'vitest';
import { isPermanentError, isSluiceError, messageOf, PermanentError, SluiceError } from '../../../lib/core/errors.ts';

describe('an error', () => {
  it('keeps its literal name', () => {
    expect(new SluiceError('usage', 'x').name).toBe('SluiceError');
    expect(new PermanentError('x').name).toBe('PermanentError');
  });

  it('is not to be tried again unless it says so', () => {
    expect(new SluiceError('usage', 'x').retryable).toBe(false);
    expect(new SluiceError('usage', 'x', { retryable: true }).retryable).toBe(true);
  });

  it('has a cause only if one was given', () => {
    expect('cause' in new SluiceError('usage', 'x')).toBe(false);
    expect(new SluiceError('usage', 'x', { cause: 7 }).cause).toBe(7);
    expect(new PermanentError('x', { cause: 7 }).cause).toBe(7);
  });
});

describe('a SluiceError', () => {
  const alike = (fields: object) => Object.assign(new Error('x'), fields);
  const whole = { name: 'SluiceError', code: 'usage', retryable: false };

  it('is known across copies of the package', () => {
    expect([isSluiceError(new SluiceError('usage', 'x')), isSluiceError(alike(whole))]).toEqual([true, true]);
  });

  it.each([
    ['another name', alike({ ...whole, name: 'Error' })],
    ['no code', alike({ name: 'SluiceError', retryable: false })],
    ['no retryable', alike({ name: 'SluiceError', code: 'usage' })],
    ['no stack', whole],
    ['nothing', null],
    ['a text', 'SluiceError'],
  ])('is not what has %s', (_, value) => {
    expect(isSluiceError(value)).toBe(false);
  });
});

describe('a PermanentError', () => {
  it('is known across copies of the package', () => {
    expect(isPermanentError(Object.assign(new Error('x'), { name: 'PermanentError' }))).toBe(true);
    expect([new Error('x'), { name: 'PermanentError' }, null, 'x'].map(isPermanentError)).toEqual(Array(4).fill(false));
  });
});

it.each([
  [new SluiceError('usage', 'why'), 'why'],
  ['thrown text', 'thrown text'],
  [undefined, 'undefined'],
])('the message of %s is %s', (thrown, message) => {
  expect(messageOf(thrown)).toBe(message);
});
