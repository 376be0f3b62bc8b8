import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { devLog, jobOutput } from '../../../lib/cli/dev-log.ts';

/** What a handler's log writes to standard error for this data. */
function written(data?: object): string {
  let text = '';
  const stderr = (part: string) => {
    text += part;
  };
  const log = devLog(jobOutput({ stderr, isTty: false }));
  log.child({ item: 7 }).info('seen', data);
  return text;
}

class Circle {
  readonly self = this;
}
const thrower = (key: PropertyKey) => ({
  n: 10,
  [key]: () => {
    throw new Error('not for JSON');
  },
});

describe('the log of a handler in "sluice dev"', () => {
  test('writes data as JSON', () => {
    expect(written()).toBe('info item 7: seen\n');
    expect(written({ n: 1, of: ['a'] })).toBe('info item 7: seen {"n":1,"of":["a"]}\n');
  });

  test.each([
    ['a BigInt', { n: 10n }, '{ n: 10n }'],
    ['a circle', new Circle(), '[Circular *1]'],
    ['an error beside a BigInt', { n: 10n, cause: new Error('lost\nfound') }, 'cause: Error: lost found'],
    ['its own JSON, which throws', thrower('toJSON'), 'n: 10'],
    ['a BigInt with a view of its own, which throws', { ...thrower(inspect.custom), m: 10n }, 'm: 10n'],
  ])('does not throw for what JSON does not know, and keeps to one line: %s', (_what, data, shown) => {
    const text = written(data);
    expect(text).toMatch(/^info item 7: seen [^\n]+\n$/);
    expect(text).toContain(shown);
  });
});
