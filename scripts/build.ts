import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// Makes dist/: JavaScript and types, and what TypeScript does not carry along. Run by `npm run build` and `prepare`.
const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');

rmSync(dist, { recursive: true, force: true });
compile('tsconfig.build.json');
// Types only of what can be imported, and of what that mentions.
compile('tsconfig.types.json');
copyLocalAws();
makeExecutable(join(dist, 'bin', 'sluice.js'));

function compile(project: string): void {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  execFileSync(process.execPath, [tsc, '-p', join(root, project)], { cwd: root, stdio: 'inherit' });
}

/** The local AWS is Python and plain modules beside the TypeScript that starts it. */
function copyLocalAws(): void {
  const from = join(root, 'infra', 'local-aws');
  if (!existsSync(from)) return;
  cpSync(from, join(dist, 'infra', 'local-aws'), {
    recursive: true,
    filter: (path) => basename(path) !== '__pycache__' && (statSync(path).isDirectory() || !/\.(ts|pyc)$/.test(path)),
  });
}

/** npm links `bin` to this file; it must say what runs it. */
function makeExecutable(file: string): void {
  if (!existsSync(file)) return;
  const shebang = '#!/usr/bin/env node\n';
  const text = readFileSync(file, 'utf8');
  if (!text.startsWith('#!')) writeFileSync(file, shebang + text);
  chmodSync(file, 0o755);
}
