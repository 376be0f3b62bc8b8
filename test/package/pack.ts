import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LIMIT_MS = 180_000;

/** What `npm pack` made, and what is in it. */
export interface Tarball {
  readonly path: string;
  /** Bytes, compressed. */
  readonly size: number;
  readonly files: readonly string[];
}

/** Builds the package and packs it into `folder`, as it would be published. */
export function packInto(folder: string): Tarball {
  const output = npm(['pack', '--silent', '--json', '--pack-destination', folder], ROOT);
  // `prepare` writes before it: the JSON begins on a line of its own
  const [packed] = JSON.parse(output.slice(output.search(/^\[/m))) as [
    { filename: string; size: number; files: { path: string }[] },
  ];
  return { path: join(folder, packed.filename), size: packed.size, files: packed.files.map(({ path }) => path) };
}

/** Installs packages into `folder` as a user would; what npm has in its cache is not asked for again. */
export function installInto(folder: string, packages: readonly string[]): void {
  npm(['install', '--prefer-offline', '--no-audit', '--no-fund', ...packages], folder);
}

function npm(args: readonly string[], cwd: string): string {
  return execFileSync('npm', args, { cwd, encoding: 'utf8', timeout: LIMIT_MS, stdio: ['ignore', 'pipe', 'pipe'] });
}
