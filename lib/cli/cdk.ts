import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SluiceError } from '../core/errors.ts';

export interface CdkOptions {
  readonly workingDirectory: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Hears every line that the CDK writes. */
  readonly onLine: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface CdkResult {
  readonly ok: boolean;
  /** The last lines written, for a person who wants to know why it failed. */
  readonly lines: readonly string[];
}

const LINES_KEPT = 400;
/** After Ctrl-C the CDK is asked to end, and made to a little later. */
const POLITE_MS = 3_000;

/**
 * Runs the CDK's own command line to its end; Ctrl-C ends it.
 *
 * @throws SluiceError `deployFailed` when it is not installed.
 */
export function runCdk(args: readonly string[], options: CdkOptions): Promise<CdkResult> {
  const program = cdkProgram(options.workingDirectory);
  const quiet = {
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    CDK_DISABLE_VERSION_CHECK: 'true',
    FORCE_COLOR: '0',
    NO_COLOR: '1',
  };
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], {
      cwd: options.workingDirectory,
      env: { ...options.environment, ...quiet },
      stdio: ['ignore', 'pipe', 'pipe'],
      // its own group: the app that it starts ends with it, and Ctrl-C reaches it once, from here
      detached: process.platform !== 'win32',
    });
    const lines: string[] = [];
    const onLine = (line: string) => {
      lines.push(line);
      if (lines.length > LINES_KEPT) lines.shift();
      options.onLine(line);
    };
    for (const stream of [child.stdout, child.stderr]) splitLines(stream, onLine);
    let killer: NodeJS.Timeout | undefined;
    const end = () => {
      signalGroup(child.pid, 'SIGTERM');
      killer = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), POLITE_MS);
    };
    if (options.signal.aborted) end();
    options.signal.addEventListener('abort', end, { once: true });
    child.once('error', (cause) =>
      reject(new SluiceError('deployFailed', `cannot start the CDK: ${cause.message}`, { cause })),
    );
    child.once('close', (code) => {
      clearTimeout(killer);
      options.signal.removeEventListener('abort', end);
      resolve({ ok: code === 0, lines });
    });
  });
}

function splitLines(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = `${rest}${text}`.split(/\r?\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') onLine(line);
  });
  stream.on('end', () => {
    if (rest.trim() !== '') onLine(rest);
  });
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, signal);
  } catch {
    // it has ended by itself
  }
}

/** The script of the `aws-cdk` package that Sluice was installed with; else of the one in the user's project. */
function cdkProgram(workingDirectory: string): string {
  for (const from of [import.meta.url, join(workingDirectory, 'package.json')]) {
    try {
      const manifest = createRequire(from).resolve('aws-cdk/package.json');
      const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: { cdk: string } };
      return join(dirname(manifest), bin.cdk);
    } catch {
      // sought elsewhere
    }
  }
  throw new SluiceError(
    'deployFailed',
    'deploying needs the CDK: npm install --save-dev aws-cdk@2 aws-cdk-lib@2 constructs',
  );
}

/** What the CDK runs as its app: ours, with the Node that runs this. */
export function cdkApp(): string {
  const here = fileURLToPath(import.meta.url);
  const app = join(dirname(here), '..', '..', 'bin', `app${extname(here)}`);
  // the CDK's parser takes off quotes that enclose the whole; the space at the end keeps these
  return `"${process.execPath}" "${app}" `;
}

/**
 * What of the CDK's output is worth showing while it works; null for the rest.
 *
 * @example
 * cdkProgress('Sluice-count |  3/20 | 10:00:00 | CREATE_COMPLETE | AWS::SQS::Queue | Count/Queue (CountQueue1)')
 * // '3/20 AWS::SQS::Queue Count/Queue'
 */
export function cdkProgress(line: string): string | null {
  const event = /\|\s*(\d+\/\d+|\d+)\s*\|[^|]*\|\s*([A-Z_]+)\s*\|\s*([\w:]+)\s*\|\s*(.*)$/.exec(line);
  if (event !== null) {
    const [, count, status = '', type, what = ''] = event;
    const failed = status.includes('FAILED') || status.includes('ROLLBACK');
    const name = what.replace(/\s*\([^)]*\)\s*$/, '').trim();
    return failed ? `${count} ${status} ${type} ${what.trim()}` : `${count} ${type} ${name}`;
  }
  const step =
    /(?:^|: )\s*(Synthesis time|deploying|bootstrapping|Bootstrapping|no changes|creating CloudFormation|start: Building|success: Published)/i.exec(
      line,
    );
  return step === null ? null : line.trim();
}
