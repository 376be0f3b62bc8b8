import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { configOf, type Json, synth } from './support.ts';

const { app, template } = synth({ api: true });
const assembly = app.synth();

/** The bundled code of each function, by the function's id in the construct. */
function bundleOf(id: string): string {
  const functions = Object.entries(template.findResources('AWS::Lambda::Function')) as [string, Json][];
  const found = functions.find(([logical]) => new RegExp(`^Count${id}[0-9A-F]{8}$`).test(logical));
  const hash = found?.[1].Properties.Code.S3Key.replace('.zip', '');
  const folder = join(assembly.directory, `asset.${hash}`);
  expect(readdirSync(folder)).toEqual(['index.mjs']);
  return join(folder, 'index.mjs');
}

const IDS = ['Open', 'Produce', 'Settle', 'Close', 'Worker', 'Sideline', 'Stopper', 'ApiFunction'];

describe('a function’s bundle', () => {
  it.each(IDS)('of %s loads by itself and exports its handler', (id) => {
    const script = `const { handler } = await import(process.argv[1]); if (typeof handler !== 'function') process.exit(3);`;
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script, bundleOf(id)], {
      cwd: '/',
      encoding: 'utf8',
      env: { SLUICE_CONFIG: JSON.stringify(configOf(template, `Count${id}`)), AWS_REGION: 'us-east-1' },
      timeout: 30_000,
    });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  it.each(['Open', 'Produce', 'Settle', 'Worker', 'Sideline'])('of %s contains the job', (id) => {
    expect(readFileSync(bundleOf(id), 'utf8')).toContain('data/ranges.csv');
  });

  it.each(['Close', 'Stopper', 'ApiFunction'])('of %s does without the job', (id) => {
    expect(readFileSync(bundleOf(id), 'utf8')).not.toContain('data/ranges.csv');
  });

  it.each(IDS)('of %s stays small: a cold start reads and compiles it', (id) => {
    // Open alone talks to every service.
    expect(readFileSync(bundleOf(id)).length).toBeLessThan(id === 'Open' ? 1_100_000 : 1_000_000);
  });

  it('keeps the names of functions, which stacks and errors show', () => {
    expect(readFileSync(bundleOf('Worker'), 'utf8')).toContain('"handleItems"');
  });

  it('tells nothing of the machine it was made on', () => {
    for (const id of IDS) expect(readFileSync(bundleOf(id), 'utf8')).not.toContain(process.cwd());
  });
});
