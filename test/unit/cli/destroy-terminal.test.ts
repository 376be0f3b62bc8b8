import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { HAS_PYTHON, playOnTerminal } from '../../support/on-terminal.ts';

const program = fileURLToPath(new URL('../../support/destroy-on-terminal.ts', import.meta.url));

describe.skipIf(!HAS_PYTHON)('the question of destroy on a real terminal', () => {
  test.each([
    ['Ctrl-C', '\u0003', 130],
    ['no', 'n\r', 1],
    ['the end of input', '\u0004', 1],
  ])('%s destroys nothing and exits with its own code', async (_what, typed, exit) => {
    const played = await playOnTerminal(
      [program],
      [
        ['see', '[y/N]'],
        ['type', typed],
        ['see', 'nothing was destroyed'],
      ],
    );
    expect(played.missing, played.output).toBeNull();
    expect([played.exit, played.restored]).toEqual([exit, true]);
  });
});
