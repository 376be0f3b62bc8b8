import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { installInto } from './pack.ts';

/** The oldest Node that `engines` allows. */
const OLDEST = '22.12.0';
const JOB = `import { defineJob, range } from 'sluice';
enum Size { Small = 3 }
export default defineJob({ name: 'squares', source: range(10), batchSize: Size.Small, handler: async (n) => n * n });
`;
const SQUARES = Array.from({ length: 10 }, (_, item) => `{"item":${item},"result":${item * item}}\n`).join('');

const tsc = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url));
let folder = '';

/** An empty folder with the tarball and nothing of the CDK, and beside it the oldest Node. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-install-'));
  for (const name of ['app', 'oldest']) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'package.json'), '{ "private": true, "type": "module" }');
  }
  writeFileSync(join(folder, 'app', 'job.ts'), JOB);
  installInto(join(folder, 'app'), [inject('tarball').path]);
  installInto(join(folder, 'oldest'), [`node@${OLDEST}`]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const nodes = (): readonly (readonly [string, string])[] => [
  [OLDEST, join(folder, 'oldest', 'node_modules', 'node', 'bin', 'node')],
  [process.versions.node, process.execPath],
];

function run(program: string, ...args: readonly string[]) {
  // no Node of this repository on the PATH, and nothing that vitest told its own processes
  const env = { PATH: '/usr/bin:/bin', HOME: folder };
  return spawnSync(program, args, { cwd: join(folder, 'app'), encoding: 'utf8', timeout: 60_000, env });
}

describe('the installed package, without the CDK', () => {
  const bin = () => join(folder, 'app', 'node_modules', 'sluice', 'dist', 'bin', 'sluice.js');

  it('brings no part of the CDK', () => {
    for (const name of ['aws-cdk-lib', 'constructs', 'aws-cdk']) {
      expect(existsSync(join(folder, 'app', 'node_modules', name)), name).toBe(false);
    }
  });

  it('runs the CLI on the oldest Node and on this one', () => {
    for (const [version, node] of nodes()) {
      expect(run(node, '--version').stdout).toBe(`v${version}\n`);
      const help = run(node, bin(), '--help');
      expect([help.status, help.stderr], version).toEqual([0, '']);
      expect(help.stdout).toContain('Usage: sluice');
      expect(run(node, bin(), '--version').stdout).toContain(packageVersion());
    }
  });

  it('runs a job on the oldest Node and on this one', () => {
    for (const [version, node] of nodes()) {
      const { status, stdout, stderr } = run(node, bin(), 'dev', 'job.ts', '--out', '-');
      expect([status, stdout], `${version}: ${stderr}`).toEqual([0, SQUARES]);
    }
  });

  it('has types that a strict project takes without skipLibCheck', () => {
    for (const [module, resolution] of [
      ['nodenext', 'nodenext'],
      ['esnext', 'bundler'],
    ] as const) {
      const how = ['--module', module, '--moduleResolution', resolution, '--target', 'es2023', '--types', ''];
      const strict = ['--strict', '--exactOptionalPropertyTypes', '--skipLibCheck', 'false'];
      const { stdout } = run(process.execPath, tsc, '--ignoreConfig', '--noEmit', ...strict, ...how, 'job.ts');
      expect(stdout, module).toBe('');
    }
  });
});

function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
