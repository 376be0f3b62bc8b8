import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { SluiceError } from '../../lib/core/errors.ts';
import { type RunCommand, runCommand } from './run-command.ts';

/** A Python that was seen to run. */
export interface Python {
  path: string;
  /** Major and minor, such as `3.13`. */
  version: string;
  /** The exact version with its platform, such as `3.13.0-linux-x86_64`: part of the installed folder's name. */
  exact: string;
}

const PREFERRED = '3.13';
const OLDEST = [3, 12] as const;
/** The requirements have no wheels for later ones yet. */
const NEWEST = [3, 13] as const;
const PROBE_MS = 15_000;
const PROBE =
  "import platform, sys, venv, ssl; print('%d.%d' % sys.version_info[:2], platform.python_version() + '-' + sys.platform + '-' + platform.machine(), sys.executable)";

/**
 * Where a Python may be, best first: on the path, and in pyenv's folders (its shims on the path may refuse to run).
 *
 * @example
 * pythonCandidates({ HOME: '/home/u' }, () => ['3.13.0']); // ['python3.13', 'python3.12', 'python3', …'/versions/3.13.0/bin/python3']
 */
export function pythonCandidates(
  environment: NodeJS.ProcessEnv,
  list: (folder: string) => string[] = listFolder,
): string[] {
  const roots = new Set([environment.PYENV_ROOT ?? '', join(environment.HOME ?? homedir(), '.pyenv')].filter(Boolean));
  const managed = [...roots].flatMap((root) => {
    const versions = join(root, 'versions');
    return list(versions)
      .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
      .map((version) => join(versions, version, 'bin', 'python3'));
  });
  return ['python3.13', 'python3.12', 'python3', ...managed, 'python'];
}

function listFolder(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** Runs a candidate; null if it does not run. */
export async function probePython(path: string, run: RunCommand = runCommand): Promise<Python | null> {
  const result = await run(path, ['-c', PROBE], { timeoutMs: PROBE_MS });
  const [version, exact, executable] = result.stdout.trim().split(' ');
  return result.ok && version && exact && executable ? { path: executable, version, exact } : null;
}

/** Whether LocalStack and its requirements work with it. */
export function isSuitable(python: Python): boolean {
  const [major = 0, minor = 0] = python.version.split('.').map(Number);
  return major === OLDEST[0] && minor >= OLDEST[1] && minor <= NEWEST[1];
}

/** The preferred version if it is among them, else the first. */
export function bestPython(pythons: Python[]): Python | null {
  const suitable = pythons.filter(isSuitable);
  return suitable.find((python) => python.version === PREFERRED) ?? suitable[0] ?? null;
}

/** Every Python that runs, whatever its version. The preferred one ends the search. */
export async function findPythons(
  candidates: string[],
  probe: (path: string) => Promise<Python | null> = probePython,
): Promise<Python[]> {
  const found: Python[] = [];
  for (const candidate of candidates) {
    const python = await probe(candidate);
    if (python !== null) found.push(python);
    if (python?.version === PREFERRED) break;
  }
  return found;
}

/** The error that says what to install. */
export function pythonMissing(found: Python[], detail: string): SluiceError {
  const seen =
    found.length === 0 ? 'no Python at all' : `only Python ${found.map((python) => python.version).join(', ')}`;
  return new SluiceError(
    'localPythonMissing',
    `found ${seen}: the local AWS needs Python 3.12 or 3.13 (3.13 preferred) with its venv and ssl modules; ` +
      `install python3.13 with your package manager, with pyenv, or with "uv python install 3.13"${detail ? ` (${detail})` : ''}`,
  );
}
