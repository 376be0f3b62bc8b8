import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { chooseSuites, UsageError } from '../../../scripts/watch/main.ts';
import { LONGER, SUITE_SECONDS, SUITES } from '../../../scripts/watch/suites.ts';

describe('the suites', () => {
  const names = SUITES.map(({ name }) => name);

  it('are lint and every project of vitest.config.ts', () => {
    expect(names[0]).toBe('lint');
    expect(names).toEqual(expect.arrayContaining(['unit', 'infra', 'localstack', 'pipelines']));
    expect(new Set(names).size).toBe(names.length);
  });

  it('have all that are said to need more time', () => {
    expect(names).toEqual(expect.arrayContaining(Object.keys(LONGER)));
  });

  it('that need more than the usual time say why', () => {
    for (const { name, limitSeconds, why } of SUITES) {
      expect(limitSeconds > SUITE_SECONDS, name).toBe(why !== undefined);
    }
  });

  it('run programs that exist', () => {
    for (const command of SUITES.flatMap(({ commands }) => commands)) expect(existsSync(command[1] ?? '')).toBe(true);
  });
});

describe('the command line', () => {
  const suites = [
    { name: 'lint', commands: [['a'], ['b']], limitSeconds: 1 },
    { name: 'unit', commands: [['vitest', 'run']], limitSeconds: 1 },
  ];

  it('runs all suites when it names none', () => {
    expect(chooseSuites([], suites)).toEqual(suites);
  });

  it('runs those that it names, in its order', () => {
    const chosen = chooseSuites(['--suite', 'unit', '--suite=lint'], suites);
    expect(chosen.map(({ name }) => name)).toEqual(['unit', 'lint']);
  });

  it('hands to vitest what follows --', () => {
    const [unit] = chooseSuites(['--suite', 'unit', '--', '-t', 'cap', '--', 'x'], suites);
    expect(unit?.commands).toEqual([['vitest', 'run', '-t', 'cap', '--', 'x']]);
  });

  it.each([
    [['--suite', 'nit'], 'no suite "nit"; there are lint, unit'],
    [['--suit', 'unit'], '--suit'],
    [['unit'], 'unit'],
    [['--', '-t', 'cap'], 'name one of its suites'],
    [['--suite', 'lint', '--', '-t', 'cap'], 'name one of its suites'],
    [['--suite', 'unit', '--suite', 'lint', '--', '-t', 'cap'], 'name one of its suites'],
  ])('fails for %j', (args, message) => {
    expect(() => chooseSuites(args, suites)).toThrow(UsageError);
    expect(() => chooseSuites(args, suites)).toThrow(message);
  });
});
