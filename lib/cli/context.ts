import type { Pipeline } from '../aws/pipelines.ts';
import type { Target } from '../aws/target.ts';
import type { Job } from '../core/job/job.ts';
import type { StackDescription } from '../doctor/description.ts';
import type { Clock } from '../ports/clock.ts';
import type { Executions } from '../ports/executions.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { StopFlag } from '../ports/stop-flag.ts';
import type { Storage } from '../ports/storage.ts';
import type { WorkQueue } from '../ports/work-queue.ts';
import type { Workers } from '../ports/workers.ts';
import type { CdkOptions, CdkResult } from './cdk.ts';
import { printableLines } from './fit-line.ts';
import { type Io, unlessClosed } from './io.ts';
import type { Terminal } from './terminal.ts';

/**
 * How a command ended; scripts rely on it.
 * 0 done · 1 error · 2 finished with failed items · 3 stopped · 4 refused, a run is open · 130 Ctrl-C · 143 terminated or hung up.
 */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 130 | 143;

/** The ports of one pipeline that commands use. */
export interface PipelinePorts {
  readonly ledger: Ledger;
  readonly flag: StopFlag;
  readonly queue: WorkQueue;
  readonly storage: Storage;
  readonly workers: Workers;
  readonly executions: Executions;
}

/** Where the local AWS stands. */
export interface LocalStatus {
  readonly running: boolean;
  readonly endpoint: string | null;
  readonly port: number | null;
  readonly pid: number | null;
}

export interface LocalUpOptions {
  readonly port?: number;
  readonly onProgress: (message: string) => void;
  readonly signal: AbortSignal;
}

/** The world outside this process, loaded only when it is asked for: `--help` needs none of it. */
export interface Services {
  readonly localUp: (options: LocalUpOptions) => Promise<LocalStatus & { readonly reused: boolean }>;
  readonly localDown: (onProgress: (message: string) => void) => Promise<{ readonly stopped: boolean }>;
  readonly localStatus: () => Promise<LocalStatus>;
  readonly exportLines: (status: LocalStatus) => Promise<readonly string[]>;
  readonly target: () => Promise<Target>;
  /** The account that the target's credentials belong to. */
  readonly account: () => Promise<string>;
  readonly pipelines: () => Promise<readonly Pipeline[]>;
  readonly ports: (pipeline: Pipeline) => Promise<PipelinePorts>;
  /** What a deployed stack has in queues, functions and alarms. */
  readonly describeStack: (stack: string) => Promise<StackDescription>;
  readonly stackStatus: (stack: string) => Promise<string | null>;
  /** How many objects it has deleted: all of them, where the signal did not end it. */
  readonly emptyBucket: (bucket: string, signal: AbortSignal) => Promise<number>;
  readonly deleteStack: (stack: string, onProgress: (message: string) => void, signal: AbortSignal) => Promise<void>;
  /** Loads the job and returns its name. */
  readonly jobName: (file: string) => Promise<string>;
  /** Loads the job itself, to be run in this process. */
  readonly loadJob: (file: string) => Promise<Job>;
  /** Finds the local file that a job's source names. */
  readonly inputFile: (file: string, jobFile: string) => Promise<string>;
  /** Objects in S3 that sources read. */
  readonly inputs: () => Promise<Storage>;
  readonly cdk: (args: readonly string[], options: CdkOptions) => Promise<CdkResult>;
}

/** Everything a command may touch. */
export interface CliContext {
  readonly io: Io;
  readonly environment: NodeJS.ProcessEnv;
  readonly workingDirectory: string;
  readonly clock: Clock;
  /** Aborted by Ctrl-C, and where the process is told to end. */
  readonly signal: AbortSignal;
  readonly services: Services;
  /** Asks a yes-or-no question; null where there is no terminal to ask on. */
  readonly confirm: ((question: string) => Promise<boolean>) | null;
  /** For a view that is drawn over and over and takes keys; null where there is no terminal. */
  readonly terminal: Terminal | null;
  /** Who orders: written into the run and the stop flag. */
  readonly user: string;
  /** The run that an error is about, and what names the pipeline where there are several, once known. */
  readonly about: { runId?: string; pipeline?: string };
}

/** One line for people on standard error. */
export function say(context: Pick<CliContext, 'io' | 'environment' | 'about'>, line: string): void {
  context.io.stderr(`${forPeople(context, line)}\n`);
}

/** Text for people on standard output, where it is what the command was asked for. */
export async function print(context: Pick<CliContext, 'io' | 'environment' | 'about'>, text: string): Promise<void> {
  await unlessClosed(context.io.stdout(forPeople(context, text)));
}

/** Handlers' errors and the reasons of stops are other people's text: their terminal sequences are none of ours. */
function forPeople(context: Pick<CliContext, 'environment' | 'about'>, text: string): string {
  return printableLines(asTyped(context, text));
}

const HINT =
  /\bsluice (run|status|watch|runs|stop|resume|set|redrive|results|failures|report|plan|dev|simulate|deploy|destroy|doctor|local)\b(?! -- )/g;
const ABOUT_A_PIPELINE = /^(run|status|watch|runs|stop|resume|set|redrive|results|failures|report)$/;

/**
 * Commands in a text, as this user has to type them: by npm where the CLI was started so, and with `--pipeline` where there are
 * several. Everywhere else they are written plainly, `sluice stop`.
 */
export function asTyped({ environment, about }: Pick<CliContext, 'environment' | 'about'>, text: string): string {
  const program = environment.npm_lifecycle_event === 'sluice' ? 'npm run -s sluice --' : 'sluice';
  return text.replace(HINT, (_, command: string) => {
    const which = about.pipeline !== undefined && ABOUT_A_PIPELINE.test(command) ? ` --pipeline ${about.pipeline}` : '';
    return `${program} ${command}${which}`;
  });
}

/** The one object that `--json` prints. */
export async function printJson(context: Pick<CliContext, 'io'>, value: unknown): Promise<void> {
  await unlessClosed(context.io.stdout(`${JSON.stringify(value, null, 2)}\n`));
}
