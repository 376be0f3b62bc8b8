import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../../../bin/sluice.ts', import.meta.url));
/** Some runs go on while several tests pass. */
const LIMIT_MS = 400_000;

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the CLI as its users do: a process of its own. */
export function startSluice(...args: readonly string[]): {
  readonly child: ChildProcess;
  readonly result: Promise<CliResult>;
} {
  const child = spawn(process.execPath, [bin, ...args], { stdio: ['ignore', 'pipe', 'pipe'], timeout: LIMIT_MS });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (text) => (output.stdout += text));
  child.stderr.on('data', (text) => (output.stderr += text));
  const result = new Promise<CliResult>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...output }));
  });
  return { child, result };
}

export function sluice(...args: readonly string[]): Promise<CliResult> {
  return startSluice(...args).result;
}

/** The one JSON object that a command prints. */
// biome-ignore lint/suspicious/noExplicitAny: what a script sees; the assertions say what must be in it
export async function sluiceJson(...args: readonly string[]): Promise<any> {
  const { stdout, stderr } = await sluice(...args, '--json');
  try {
    return JSON.parse(stdout);
  } catch {
    throw new Error(`sluice ${args.join(' ')} printed no JSON: ${stdout}\n${stderr}`);
  }
}

/** The lines that `results` or `failures` write. */
export async function exported(
  command: 'results' | 'failures',
  pipeline: string,
  runId: string,
): Promise<Record<string, unknown>[]> {
  const { code, stdout, stderr } = await sluice(command, runId, '--pipeline', pipeline, '--out', '-');
  if (code !== 0) throw new Error(stderr);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

/** Run ids that no earlier round of the tests has used: a kept instance remembers them all. */
export function uniqueIds(): (name: string) => string {
  const round = Date.now().toString(36);
  return (name) => `${name}-${round}`;
}
