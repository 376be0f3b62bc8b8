import { open, stat } from 'node:fs/promises';
import { SluiceError } from '../core/errors.ts';
import { listingOf, locationOf } from '../core/sources/index.ts';
import type { SourceDefinition } from '../core/sources/source.ts';
import type { Storage } from '../ports/storage.ts';
import type { DeployedInputs } from '../steps/pin-source.ts';
import { connectTarget } from './connect.ts';
import type { CliContext } from './context.ts';

/** Where a source that is read in this process finds its bytes. */
export interface HereInputs {
  readonly storage: Storage;
  readonly inputs: DeployedInputs;
}

/**
 * Finds what a job's source reads, for a command that runs it in this process: a file of this machine, or objects in S3. Only
 * the latter need the target.
 *
 * @throws SluiceError `inputMissing`, or what the target threw.
 */
export async function inputsHere(
  context: CliContext,
  definition: SourceDefinition,
  jobFile: string,
): Promise<HereInputs> {
  const listing = listingOf(definition);
  if (listing !== null) {
    const storage = await targetInputs(context);
    await storage.list({ ...listing, after: null, limit: 1 });
    return { storage, inputs: {} };
  }
  const location = locationOf(definition);
  if (location === null) return { storage: localInputs(), inputs: {} };
  if (location.kind === 'file') {
    const key = await context.services.inputFile(location.file, jobFile);
    return { storage: localInputs(), inputs: { [location.file]: { bucket: 'local', key } } };
  }
  const storage = await targetInputs(context);
  await storage.describe(location.bucket, location.key);
  return { storage, inputs: {} };
}

async function targetInputs(context: CliContext): Promise<Storage> {
  await connectTarget(context);
  return context.services.inputs();
}

/** Files of this machine as inputs, under their absolute paths: for commands that run a job's source in this process. */
function localInputs(): Storage {
  const none = async () => {
    throw new SluiceError('internal', 'this process has no bucket');
  };
  return {
    put: none,
    get: none,
    list: none,
    describe: async (bucket, path) => {
      const { size, mtimeMs } = await stat(path);
      return { bucket, key: path, sizeBytes: size, etag: `"${size}-${mtimeMs}"` };
    },
    reader: ({ key }) => ({
      read: async (start, end, signal) => {
        signal?.throwIfAborted();
        const file = await open(key);
        try {
          const bytes = new Uint8Array(Math.max(0, end - start));
          const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
          return bytes.subarray(0, bytesRead);
        } finally {
          await file.close();
        }
      },
    }),
  };
}
