import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { identityOf, isAlive, type ProcessIdentity } from './processes.ts';

const POLL_MS = 100;

/**
 * Runs `work` while no other process runs under the same lock file. A lock whose holder has died is taken over.
 *
 * @example
 * await withLock('/tmp/x/lock', { onWait: () => log('waiting for another start') }, async () => start());
 */
export async function withLock<T>(
  file: string,
  options: { onWait?: () => void; signal?: AbortSignal | undefined },
  work: () => Promise<T>,
): Promise<T> {
  mkdirSync(dirname(file), { recursive: true });
  const content = JSON.stringify({ ...identityOf(process.pid), nonce: randomUUID() });
  let waited = false;
  while (!claim(file, content)) {
    if (breakIfStale(file)) continue;
    if (!waited) options.onWait?.();
    waited = true;
    await sleep(POLL_MS, undefined, { signal: options.signal });
  }
  try {
    return await work();
  } finally {
    if (read(file) === content) rmSync(file, { force: true });
  }
}

/** Makes the file with its content in one step, so that no one ever reads half of it. */
function claim(file: string, content: string): boolean {
  const draft = `${file}.${randomUUID()}`;
  writeFileSync(draft, content);
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function breakIfStale(file: string): boolean {
  const content = read(file);
  if (content === null) return true;
  if (isAlive(parseHolder(content))) return false;
  const aside = `${file}.${randomUUID()}`;
  try {
    renameSync(file, aside);
    // between our reading and our renaming another may have broken it and claimed anew: then give it back
    if (read(aside) !== content) linkSync(aside, file);
  } catch {
    // another was faster
  } finally {
    rmSync(aside, { force: true });
  }
  return true;
}

function parseHolder(content: string): ProcessIdentity {
  try {
    const { pid, startTime } = JSON.parse(content);
    return { pid: Number(pid), startTime: String(startTime) };
  } catch {
    return { pid: 0, startTime: '' };
  }
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
