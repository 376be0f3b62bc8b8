import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ErrorCode, SluiceError } from '../core/errors.ts';
import type { JobOptions } from '../core/job/options.ts';
import type { Listing, SourceKind } from '../core/sources/source.ts';
import { bundleJobSync, findJob } from './bundle.ts';
import { modulePath } from './package.ts';

/** What a job says of itself without being run: all that a deployment needs to know. */
export interface Manifest {
  readonly name: string;
  /** What the job states, and defaults for the rest. */
  readonly options: JobOptions;
  /** null where the source is a function of parameters that have no defaults. */
  readonly sourceKind: SourceKind | null;
  /** The local file that the source reads, as the job writes it. */
  readonly file: string | null;
  /** The `s3://bucket/key` that the source reads. */
  readonly s3: string | null;
  /** The objects of S3 that the source lists. */
  readonly listing: Pick<Listing, 'bucket' | 'prefix'> | null;
  readonly hasParams: boolean;
}

/** What the child process leaves in its file. */
export type ManifestAnswer =
  | { readonly manifest: Manifest }
  | { readonly error: { readonly code: ErrorCode; readonly message: string } };

/** A job's module may compute what it likes when imported, but not for ever. */
const LOAD_TIMEOUT_MS = 30_000;
/** Bounds what is kept of a job that prints while it loads. */
const OUTPUT_BYTES_MAX = 1_048_576;

/**
 * Reads a job's manifest, synchronously: constructs cannot wait. The job is imported in a process of its own, so that
 * nothing it does on import stays behind in this one.
 *
 * @throws SluiceError as `loadJob` does; `jobLoadFailed` also when the job has not loaded within 30 s.
 * @example
 * readManifest('jobs/count.ts').options.workers // 10
 */
export function readManifest(file: string): Manifest {
  const path = findJob(file);
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'sluice-manifest-'));
  try {
    const bundle = bundleJobSync(path, folder);
    const answer = join(folder, 'manifest.json');
    const child = spawnSync(process.execPath, [modulePath('lib/loading/describe-job'), bundle, file, answer], {
      // Not the parent's standard output: a job may print, and callers own theirs.
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
      timeout: LOAD_TIMEOUT_MS,
      killSignal: 'SIGKILL',
      maxBuffer: OUTPUT_BYTES_MAX,
    });
    if (existsSync(answer)) return read(answer);
    throw new SluiceError('jobLoadFailed', `${file}: ${whyNot(child)}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function read(path: string): Manifest {
  const answer = JSON.parse(readFileSync(path, 'utf8')) as ManifestAnswer;
  if ('manifest' in answer) return answer.manifest;
  throw new SluiceError(answer.error.code, answer.error.message);
}

function whyNot(child: { error?: Error; status: number | null; stderr: string }): string {
  const code = (child.error as NodeJS.ErrnoException | undefined)?.code;
  if (code === 'ETIMEDOUT') return `it did not load within ${LOAD_TIMEOUT_MS / 1_000} s`;
  if (code === 'ENOBUFS') return `it printed more than ${OUTPUT_BYTES_MAX} bytes while it loaded`;
  if (child.error !== undefined) return child.error.message;
  const said = child.stderr.trim().split('\n').slice(-5).join(' | ').slice(-1_000);
  return `its process ended (exit code ${child.status}) before it had loaded${said === '' ? '' : `: ${said}`}`;
}
