import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from '../../../../infra/local-aws/index.ts';
import { ensureInstalled } from '../../../../infra/local-aws/install.ts';
import { findPythons, pythonCandidates } from '../../../../infra/local-aws/python.ts';
import { type CommandResult, runCommand } from '../../../../infra/local-aws/run-command.ts';
import { findUv } from '../../../../infra/local-aws/uv.ts';

/** schemathesis with all that it needs, each by its hash: `uv pip compile --universal --generate-hashes`. */
const requirements = fileURLToPath(new URL('requirements.txt', import.meta.url));
const INSTALL_MS = 180_000;
const quiet = () => {};

/** Installs schemathesis into `folder`, on the Python that the local AWS has; returns how to run it there. */
export async function installSchemathesis(
  folder: string,
): Promise<(args: readonly string[], timeoutMs: number) => Promise<CommandResult>> {
  const base = await ensureInstalled({ cache: cacheFolder(), onProgress: quiet });
  const uv = await findUv(cacheFolder(), await findPythons(pythonCandidates(process.env)), quiet);
  if (uv === null) throw new Error('there is neither uv nor a Python to install it with');
  const venv = join(folder, 'venv');
  const python = join(venv, 'bin', 'python');
  for (const step of [
    ['venv', '--quiet', '--no-project', '--python', base, venv],
    ['pip', 'install', '--quiet', '--python', python, '--require-hashes', '--no-deps', '-r', requirements],
  ]) {
    const { ok, stderr } = await uv.run(step, INSTALL_MS);
    if (!ok) throw new Error(`uv ${step[0]} failed: ${stderr.slice(-2_000)}`);
  }
  // It writes its findings and examples where it stands.
  const start = [
    '-c',
    'import os, sys; os.chdir(sys.argv.pop(1)); from schemathesis.cli import schemathesis; schemathesis()',
  ];
  return (args, timeoutMs) => runCommand(python, [...start, folder, ...args], { timeoutMs });
}
