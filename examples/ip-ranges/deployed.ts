import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from '../../infra/local-aws/index.ts';
import type { Pipeline } from '../../lib/aws/pipelines.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DATA = 'node_modules/@ip-location-db/asn-country/asn-country-ipv4.csv';
/** All that decides what is deployed; the local AWS itself is no part of that. */
const SOURCES = [
  'lib',
  'lambdas',
  'infra',
  'bin',
  'examples/ip-ranges',
  'package.json',
  'package-lock.json',
  'cdk.json',
  DATA,
];
const LEFT_OUT = ['infra/local-aws', 'lib/cli'];

export const JOB_FILE = join(ROOT, 'examples/ip-ranges/job.ts');
export const DATA_FILE = join(ROOT, DATA);

/** What was deployed where: as long as nothing of it has changed, deploying again would change nothing. */
export interface Deployed {
  readonly fingerprint: string;
  readonly target: string;
  /** The local AWS's process: another one has forgotten everything. */
  readonly pid: number | null;
  readonly pipeline: Pipeline;
}

/** A hash of everything that a deployment is made of. */
export function fingerprintOf(root = ROOT, sources: readonly string[] = SOURCES): string {
  const hash = createHash('sha256');
  for (const file of sources.flatMap((source) => filesOf(root, join(root, source)))) {
    hash
      .update(`${relative(root, file)}\0`)
      .update(readFileSync(file))
      .update('\0');
  }
  return hash.digest('hex');
}

function filesOf(root: string, path: string): readonly string[] {
  if (!existsSync(path) || LEFT_OUT.includes(relative(root, path))) return [];
  const entries = readdirSyncOrNull(path);
  if (entries === null) return [path];
  return entries.toSorted().flatMap((entry) => filesOf(root, join(path, entry)));
}

function readdirSyncOrNull(path: string): string[] | null {
  try {
    return readdirSync(path);
  } catch {
    return null;
  }
}

function noteFile(): string {
  return join(cacheFolder(), 'local', 'deployed-ip-ranges.json');
}

/** What the last deployment noted; null when there is none, or when it cannot be read. */
export function readDeployed(): Deployed | null {
  try {
    return JSON.parse(readFileSync(noteFile(), 'utf8')) as Deployed;
  } catch {
    return null;
  }
}

/** Notes a deployment; a note that cannot be written only costs time. */
export function writeDeployed(deployed: Deployed): void {
  const file = noteFile();
  const draft = `${file}.${process.pid}`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(draft, `${JSON.stringify(deployed)}\n`);
    renameSync(draft, file);
  } catch {
    // the next start deploys again
  }
}
