import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

const support = (file: string) => fileURLToPath(new URL(`../../support/${file}`, import.meta.url));
const HAS_PYTHON = spawnSync('python3', ['--version']).status === 0;

type Step = readonly ['see' | 'type', string] | readonly ['size', number, number];

interface Played {
  readonly output: string;
  readonly exit: number;
  readonly restored: boolean;
  /** What was waited for in vain. */
  readonly missing: string | null;
}

/** Runs `sluice watch` on a real pseudo-terminal and plays these steps against it. */
async function play(...steps: readonly Step[]): Promise<Played> {
  const program = [process.execPath, '--no-warnings', support('watch-on-terminal.ts')];
  const { stdout } = await promisify(execFile)(
    'python3',
    [support('on_terminal.py'), JSON.stringify(steps), ...program],
    {
      env: { ...process.env, TERM: 'xterm', NO_COLOR: '1' },
    },
  );
  return JSON.parse(stdout) as Played;
}

const HIDE = '\u001b[?25l';
const SHOW = '\u001b[?25h';

function expectTerminalLeftAsItWas({ output, restored, missing }: Played) {
  expect(missing, output).toBeNull();
  expect(restored).toBe(true);
  expect(output).toContain(HIDE);
  expect(output.lastIndexOf(SHOW)).toBeGreaterThan(output.lastIndexOf(HIDE));
}

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
    const frames = played.output.split('\u001b[J').slice(-3, -1);
    expect(frames).toHaveLength(2);
    for (const line of frames.join('').split('\r\n')) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a terminal is driven by
      expect(line.replaceAll(/\r|\u001b\[[?\d]*[A-Za-z]/g, '').length).toBeLessThan(40);
    }
  });
});
