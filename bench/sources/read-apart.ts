import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ContenderName, Input } from './contenders.ts';
import type { Reading } from './read-input.ts';

const program = fileURLToPath(new URL('read-input.ts', import.meta.url));
const run = promisify(execFile);
const LIMIT_MS = 600_000;

/** One reading, in a process of its own. */
export async function readApart(contender: ContenderName, input: Input): Promise<Reading> {
  const args = ['--expose-gc', '--enable-source-maps', program, contender, JSON.stringify(input)];
  const { stdout } = await run(process.execPath, args, { timeout: LIMIT_MS });
  return JSON.parse(stdout) as Reading;
}
