import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { messageOf, SluiceError } from '../core/errors.ts';
import type { CliContext } from './context.ts';

/** Text on its way to a file that appears whole, or to standard output. */
export interface Output {
  write(text: string): Promise<void>;
  /** Makes the file appear under its name. */
  commit(): Promise<void>;
  /** Leaves nothing behind. */
  discard(): Promise<void>;
}

/**
 * Opens where `--out` points: `-` is standard output; a file is written beside its name and renamed at the end; a device
 * or a pipe is written to as it is.
 *
 * @throws SluiceError `outputUnwritable`, before anything is read.
 */
export async function openOutput(context: Pick<CliContext, 'io' | 'workingDirectory'>, out: string): Promise<Output> {
  if (out === '-') return { write: context.io.stdout, commit: async () => {}, discard: async () => {} };
  const { target, isDevice, mode } = await targetOf(context, out);
  return guarded(out, async () => {
    if (isDevice) return direct(out, await open(target, 'w'));
    await makeFolder(dirname(target));
    const draft = join(dirname(target), `.${basename(target).slice(0, 100)}.${randomUUID()}`);
    // never wider than the file it takes the place of, not even while it is a draft
    return renamed(out, await open(draft, 'wx', mode), { draft, target, mode });
  });
}

interface Target {
  readonly target: string;
  readonly isDevice: boolean;
  /** Who may do what with the file that is there; undefined where none is. */
  readonly mode: number | undefined;
}

/**
 * Where `--out` points, links followed.
 *
 * @throws SluiceError `outputUnwritable` for a folder.
 */
export async function targetOf(
  { workingDirectory }: Pick<CliContext, 'workingDirectory'>,
  out: string,
): Promise<Target> {
  const file = resolve(workingDirectory, out);
  const target = await realpath(file).catch(() => file);
  const found = await stat(target).catch(() => null);
  if (found?.isDirectory()) throw new SluiceError('outputUnwritable', `cannot write ${out}: it is a folder`);
  const isDevice = found !== null && !found.isFile();
  return { target, isDevice, mode: found === null ? undefined : found.mode & 0o777 };
}

/** Folder by folder: under `/proc` Node's own recursive `mkdir` never ends. */
async function makeFolder(folder: string): Promise<void> {
  if (await stat(folder).catch(() => null)) return;
  await makeFolder(dirname(folder));
  await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    // somebody else made it meanwhile
    if (error.code !== 'EEXIST') throw error;
  });
}

function direct(out: string, handle: FileHandle): Output {
  const close = () => handle.close();
  return { write: (text) => guarded(out, async () => void (await handle.write(text))), commit: close, discard: close };
}

interface Draft extends Omit<Target, 'isDevice'> {
  readonly draft: string;
}

function renamed(out: string, handle: FileHandle, { draft, target, mode }: Draft): Output {
  return {
    write: (text) => guarded(out, () => handle.appendFile(text)),
    commit: () =>
      guarded(out, async () => {
        // the umask may have taken rights away from the draft
        if (mode !== undefined) await handle.chmod(mode);
        await handle.close();
        await rename(draft, target);
      }),
    discard: async () => {
      await handle.close().catch(() => {});
      await rm(draft, { force: true }).catch(() => {});
    },
  };
}

async function guarded<T>(out: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new SluiceError('outputUnwritable', `cannot write ${out}: ${messageOf(cause)}`, { cause });
  }
}
