import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const CDK = /^node_modules\/(aws-cdk|aws-cdk-lib|constructs|cdk-nag|@aws-cdk)\//;

/** All that is imported from an entry on, statically and dynamically, through packages too. */
async function reachableFrom(entry: string): Promise<Metafile['inputs']> {
  const { metafile } = await build({
    entryPoints: [entry],
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    format: 'esm',
    mainFields: ['module', 'main'],
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  return metafile.inputs;
}

describe('what the CLI imports', () => {
  let inputs: Metafile['inputs'] = {};
  beforeAll(async () => {
    inputs = await reachableFrom('bin/sluice.ts');
  });

  it('is every command, and of infra/ the local AWS alone', () => {
    const files = Object.keys(inputs);
    const commands = readdirSync(`${root}/lib/cli/commands`).map((file) => `lib/cli/commands/${file}`);
    expect(files).toEqual(expect.arrayContaining(commands));
    const infra = files.filter((file) => file.startsWith('infra/'));
    expect(infra.length).toBeGreaterThan(0);
    expect(infra.filter((file) => !file.startsWith('infra/local-aws/'))).toEqual([]);
  });

  it('is no part of the CDK', () => {
    expect(Object.keys(inputs).filter((file) => CDK.test(file))).toEqual([]);
  });

  it('comes after the check of Node: only by a dynamic import', () => {
    const { imports = [] } = inputs['bin/sluice.ts'] ?? {};
    expect(imports.map(({ kind, path }) => ({ kind, path }))).toEqual([
      { kind: 'dynamic-import', path: 'lib/cli/main.ts' },
    ]);
  });

  it('does not reach the one module that runs under the CDK', () => {
    expect(readFileSync(`${root}/bin/app.ts`, 'utf8')).toContain("from 'aws-cdk-lib'");
    expect(Object.keys(inputs)).not.toContain('bin/app.ts');
  });
});
