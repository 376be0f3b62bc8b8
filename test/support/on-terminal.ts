import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'vitest';

const driver = fileURLToPath(new URL('on_terminal.py', import.meta.url));

export const HAS_PYTHON = spawnSync('python3', ['--version']).status === 0;

export type Step = readonly ['see' | 'type', string] | readonly ['size', number, number];

export interface Played {
  readonly output: string;
  readonly exit: number;
  readonly restored: boolean;
  /** What was waited for in vain. */
  readonly missing: string | null;
}

const HIDE = '\u001b[?25l';
const SHOW = '\u001b[?25h';

/** Runs a Node program on a real pseudo-terminal and plays these steps against it. */
export async function playOnTerminal(program: readonly string[], steps: readonly Step[]): Promise<Played> {
  const { stdout } = await promisify(execFile)(
    'python3',
    [driver, JSON.stringify(steps), process.execPath, '--no-warnings', ...program],
    { env: { ...process.env, TERM: 'xterm', NO_COLOR: '1' } },
  );
  return JSON.parse(stdout) as Played;
}

export function expectTerminalLeftAsItWas({ output, restored, missing }: Played): void {
  expect(missing, output).toBeNull();
  expect(restored).toBe(true);
  expect(output).toContain(HIDE);
  expect(output.lastIndexOf(SHOW)).toBeGreaterThan(output.lastIndexOf(HIDE));
}

/** The views drawn one over the other, each as lines of plain text. The first begins with what was printed before it. */
export function framesOf({ output }: Played): readonly (readonly string[])[] {
  return output
    .split('\u001b[J')
    .slice(0, -1)
    .map((frame) =>
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a terminal is driven by
      frame.split('\r\n').map((line) => line.replaceAll(/\r|\u001b\[[?\d]*[A-Za-z]/g, '')),
    );
}
