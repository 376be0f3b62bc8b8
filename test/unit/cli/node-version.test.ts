import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const bin = fileURLToPath(new URL('../../../bin/sluice.ts', import.meta.url));
const manifest = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');

/** The CLI on this Node, which says that it is another. */
function onNode(version: string, ...args: readonly string[]) {
  const pretend = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });`;
  const preload = `data:text/javascript,${encodeURIComponent(pretend)}`;
  return spawnSync(process.execPath, ['--import', preload, bin, ...args], { encoding: 'utf8', timeout: 30_000 });
}

describe('the CLI on a Node that', () => {
  it.each(['20.20.2', '22.11.0', '9.0.0'])('is too old (%s) says so and does nothing else', (version) => {
    const { status, stdout, stderr } = onNode(version, '--version');
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toBe(`error[nodeTooOld]: sluice needs Node 22.12 or newer, this is ${version}\n`);
  });

  it('is too old answers --json with one object', () => {
    const { stdout } = onNode('20.0.0', 'status', '--json');
    expect(JSON.parse(stdout)).toEqual({ error: { code: 'nodeTooOld', message: expect.stringContaining('20.0.0') } });
  });

  it.each(['22.12.0', '100.0.0'])('is new enough (%s) goes on', (version) => {
    const { status, stdout } = onNode(version, '--version');
    expect([status, stdout]).toEqual([0, `${JSON.parse(manifest).version}\n`]);
  });

  it('is the one that the package asks for', () => {
    expect(JSON.parse(manifest).engines).toEqual({ node: '>=22.12' });
  });
});
