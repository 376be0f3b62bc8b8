import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { OutputClosed } from '../../../lib/cli/io.ts';
import { fakeContext, openRun, START, typed } from './fake-context.ts';

const bin = fileURLToPath(new URL('../../../bin/sluice.ts', import.meta.url));

describe('standard output', () => {
  test.skipIf(!existsSync('/dev/full'))('that is full is an error, not a reader that has gone', () => {
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync(process.execPath, [bin, '--help'], { stdio: ['ignore', full, 'pipe'] });
    closeSync(full);
    expect(String(stderr)).toMatch(/^error\[outputUnwritable\]: cannot write standard output: .*ENOSPC.*make room/);
    expect(status).toBe(1);
  });

  test('that nobody reads any more ends quietly', () => {
    const { status, stderr } = spawnSync('bash', [
      '-c',
      `set -o pipefail; "$0" "$1" --help | true`,
      process.execPath,
      bin,
    ]);
    expect(String(stderr)).toBe('');
    expect(status).toBe(0);
  });

  test('that nobody reads any more leaves the exit code that the run has', async () => {
    const fake = fakeContext();
    await openRun(fake);
    await fake.ports.ledger.close('one', { state: 'partial', why: 'failures', detail: null, endedAt: START });
    const io = { ...fake.context.io, stdout: () => Promise.reject(new OutputClosed()) };
    const closed = fakeContext({ ports: async () => fake.ports }, { io });
    expect(await typed(closed, 'watch', 'one', '--json')).toBe(2);
  });
});
