import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { withLock } from '../../../infra/local-aws/lock.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-lock-'));
  file = join(folder, 'lock');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a lock file', () => {
  test('lets one in at a time, and is gone afterwards', async () => {
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      most = Math.max(most, ++inside);
      await sleep(20);
      inside--;
    };
    await Promise.all(Array.from({ length: 5 }, () => withLock(file, {}, work)));
    expect(most).toBe(1);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('is released when the work fails', async () => {
    const failing = withLock(file, {}, () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    expect(existsSync(file)).toBe(false);
  });

  test.each([
    ['whose holder has ended', JSON.stringify({ pid: 2 ** 30, startTime: '1' })],
    ['whose holder had this id before us', JSON.stringify({ pid: process.pid, startTime: 'earlier' })],
    ['that cannot be read', 'garbage'],
  ])('%s is taken over', async (_, content) => {
    writeFileSync(file, content);
    expect(await withLock(file, {}, async () => 'done')).toBe('done');
    expect(readdirSync(folder)).toEqual([]);
  });

  test('says once that it waits, and stops waiting when told to', async () => {
    const controller = new AbortController();
    const said: string[] = [];
    await withLock(file, {}, async () => {
      const second = withLock(file, { onWait: () => said.push('waits'), signal: controller.signal }, async () => {});
      setTimeout(() => controller.abort(), 250);
      await expect(second).rejects.toMatchObject({ name: 'AbortError' });
    });
    expect(said).toEqual(['waits']);
  });
});
