import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identityOf, isAlive, type ProcessIdentity } from '../../../infra/local-aws/processes.ts';
import { MARKER, markWith } from '../../../scripts/watch/proc.ts';
import { kill, markedProcesses } from '../../../scripts/watch/processes.ts';
import { runSuites } from '../../../scripts/watch/run-suites.ts';
import type { Suite } from '../../../scripts/watch/suites.ts';

const HOLD = fileURLToPath(new URL('fixtures/hold.mjs', import.meta.url));
const INTERRUPTED = fileURLToPath(new URL('fixtures/interrupted.ts', import.meta.url));

let folder: string;
let said: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-watch-'));
  said = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const script = (code: string): string[] => [process.execPath, '-e', code];
const hold = (mib: number, milliseconds = 0): string[] => [
  process.execPath,
  HOLD,
  folder,
  String(mib),
  String(milliseconds),
];
const suite = (name: string, ...commands: string[][]): Suite => ({ name, commands, limitSeconds: 60 });

interface Overrides {
  memoryMib?: number;
  dataMib?: number;
  graceMs?: number;
  signal?: AbortSignal;
  watched?: boolean;
}

async function run(suites: Suite[], { watched = true, ...overrides }: Overrides = {}) {
  const id = randomUUID();
  const table = markedProcesses(id);
  const code = await runSuites(suites, {
    mark: markWith(id, process.env[MARKER]),
    table: watched ? table : null,
    memoryMib: 4096,
    dataMib: 4096,
    sampleMs: 100,
    graceMs: 0,
    print: (line) => said.push(line),
    output: 'ignore',
    ...overrides,
  });
  return { code, said: said.join('\n'), left: table.list() };
}

/** A process of `fixtures/hold.mjs`, once it has begun. */
async function begun(generation: 'child' | 'grandchild'): Promise<ProcessIdentity> {
  const file = join(folder, generation);
  while (!existsSync(file) || readFileSync(file, 'utf8') === '') await sleep(20);
  const pid = Number(readFileSync(file, 'utf8'));
  return identityOf(pid) ?? { pid, startTime: 'ended' };
}

/** Aborts as soon as both processes of `fixtures/hold.mjs` are there. */
async function abortWhenBegun(controller: AbortController): Promise<void> {
  await Promise.all([begun('child'), begun('grandchild')]);
  controller.abort();
}

// where there is no /proc, the last test is the only one that can hold
describe.runIf(process.platform === 'linux')('a watched run', () => {
  it('that is in order passes, tells each suite, and ends with the peak', async () => {
    const { code, said, left } = await run([suite('one', script('')), suite('two', script(''), script(''))]);
    expect(code).toBe(0);
    expect(said).toMatch(/one: passed in \d+ s\n.*two: begins.*\n.*two: passed in \d+ s\n/);
    expect(said).toMatch(/\npeak memory: [1-9]\d* MiB of 4096 \((one|two)\)$/);
    expect(left).toEqual([]);
  });

  it('has the status of the first suite that failed, and still runs the others', async () => {
    const suites = [suite('one', script('process.exit(3)'), script('')), suite('two', script('process.exit(4)'))];
    const { code, said } = await run(suites);
    expect(code).toBe(3);
    expect(said).toMatch(/one: failed \(3\)[\s\S]*two: failed \(4\)/);
  });

  it.each([
    ['is killed', script('process.kill(process.pid, "SIGKILL")'), 'ended by SIGKILL'],
    ['does not exist', ['/no/such/program'], 'failed'],
  ])('fails with a program that %s', async (_, command, reason) => {
    const { code, said } = await run([suite('one', command)]);
    expect(code).not.toBe(0);
    expect(said).toContain(reason);
  });

  it('over its memory ends at once, a detached grandchild too, and tells who held what', async () => {
    const { code, said, left } = await run([suite('greedy', hold(400)), suite('next', script(''))], { memoryMib: 300 });
    expect(code).toBe(1);
    expect(said).toMatch(/greedy: over its limit, \d+ MiB of 300/);
    // it may be looked at before it holds all of its 400
    expect(said).toMatch(/\d+ +[2-4]\d\d {2}.*hold\.mjs/);
    expect(said).not.toContain('next: begins');
    expect(left).toEqual([]);
  });

  it('over its time ends at once', async () => {
    const { code, said, left } = await run([{ ...suite('slow', hold(1)), limitSeconds: 0.5 }]);
    expect(code).toBe(1);
    expect(said).toMatch(/slow: over its limit, \d+ s of 0.5/);
    expect(left).toEqual([]);
  });

  it('that leaves a process behind names it, ends it, and fails', async () => {
    const { code, said, left } = await run([suite('careless', hold(1, 1)), suite('next', script(''))]);
    expect(code).toBe(1);
    expect(said).toMatch(/careless: left a process behind\n.*\n.*hold\.mjs.* grandchild\n.*careless: failed \(1\)/);
    expect(said).toContain('next: passed');
    expect(left).toEqual([]);
  });

  it('gives what it started a moment to end', async () => {
    const detached = 'spawn("sleep", ["0.3"], { detached: true, stdio: "ignore" }).unref()';
    const { code } = await run([suite('one', script(`require("child_process").${detached}`))], { graceMs: 20_000 });
    expect(code).toBe(0);
  });

  it('finds a process whose environment is not its parent’s by its parent', async () => {
    const clean = 'spawn("sleep", ["60"], { env: { PATH: process.env.PATH } })';
    const { code, left } = await run([
      { ...suite('clean', script(`require("child_process").${clean}`)), limitSeconds: 0.5 },
    ]);
    expect(code).toBe(1);
    expect(left).toEqual([]);
    expect(said.join('\n')).toMatch(/ sleep 60/);
  });

  it('that is interrupted ends all that it started', async () => {
    const controller = new AbortController();
    const [{ code, left, said }] = await Promise.all([
      run([suite('endless', hold(1)), suite('next', script(''))], { signal: controller.signal }),
      abortWhenBegun(controller),
    ]);
    expect(code).toBe(130);
    expect(said).not.toContain('next: begins');
    expect(left).toEqual([]);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('that gets %s ends all that it started', async (signal) => {
    const watcher = spawn(process.execPath, [INTERRUPTED, HOLD, folder], { stdio: 'ignore' });
    const exit = new Promise((resolve) => watcher.on('exit', resolve));
    const started = await Promise.all([begun('child'), begun('grandchild')]);
    expect(started.map(isAlive)).toEqual([true, true]);
    watcher.kill(signal);
    expect(await exit).toBe(130);
    expect(started.map(isAlive)).toEqual([false, false]);
  });
});

describe.runIf(process.platform === 'linux')('the limit of one process', () => {
  // only asked for, not used: the kernel refuses it all the same
  const ask = script('Buffer.allocUnsafeSlow(1024 ** 3)');

  it('is kept by the kernel', async () => {
    expect((await run([suite('one', ask)], { dataMib: 1024 })).code).not.toBe(0);
  });

  it('lets pass what is within it', async () => {
    expect((await run([suite('one', ask)], { dataMib: 4096 })).code).toBe(0);
  });

  it('holds for what a process starts, too', async () => {
    const child = `process.exit(require("child_process").spawnSync(process.execPath, ["-e", ${JSON.stringify(ask[2])}]).status)`;
    expect((await run([suite('one', script(child))], { dataMib: 1024 })).code).not.toBe(0);
    expect((await run([suite('one', script(child))], { dataMib: 4096 })).code).toBe(0);
  });
});

describe('a run on a system without /proc', () => {
  it('says that memory is not watched, and runs on', async () => {
    const { code, said } = await run([suite('one', script(''))], { watched: false });
    expect(code).toBe(0);
    expect(said).toMatch(/^memory is not watched/);
    expect(said).not.toContain('peak memory');
  });

  it('still ends a suite, with its group, when its time is over', async () => {
    const running = run([{ ...suite('slow', hold(1)), limitSeconds: 3 }], { watched: false });
    const [child, grandchild] = await Promise.all([begun('child'), begun('grandchild')]);
    expect((await running).code).toBe(1);
    expect(isAlive(child)).toBe(false);
    kill(grandchild.pid); // it has left the group: nothing but /proc finds it
  });
});
