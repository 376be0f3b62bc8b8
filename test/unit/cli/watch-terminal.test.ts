import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import {
  expectTerminalLeftAsItWas,
  framesOf,
  HAS_PYTHON,
  playOnTerminal,
  type Step,
} from '../../support/on-terminal.ts';

const program = fileURLToPath(new URL('../../support/watch-on-terminal.ts', import.meta.url));
const play = (...steps: readonly Step[]) => playOnTerminal([program], steps);

describe.skipIf(!HAS_PYTHON)('watch on a real terminal', () => {
  test('Ctrl-C leaves the run, the cursor and the terminal as they were', async () => {
    const played = await play(['see', 'q quit'], ['type', '\u0003'], ['see', 'the run goes on']);
    expectTerminalLeftAsItWas(played);
    expect(played.exit).toBe(130);
  });

  test('keys need no Enter, and a change of size draws anew', async () => {
    const played = await play(
      ['see', 'batches  1/12 out'],
      ['size', 40, 20],
      ['see', 'q quit'],
      ['type', 's'],
      ['see', 'stop this run?'],
      ['type', 'y'],
      ['see', 'stopped by hand'],
      ['type', 'q'],
      ['see', 'the run goes on'],
    );
    expectTerminalLeftAsItWas(played);
    expect(played.exit).toBe(130);
    const frames = framesOf(played).slice(-2);
    expect(frames).toHaveLength(2);
    for (const line of frames.flat()) expect(line.length).toBeLessThan(40);
  });
});
