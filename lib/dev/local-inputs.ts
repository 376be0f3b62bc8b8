import { open, stat } from 'node:fs/promises';
import { SluiceError } from '../core/errors.ts';
import type { Storage } from '../ports/storage.ts';

/** Files of this machine as inputs, under their absolute paths: for commands that run a job's source in this process. */
export function localInputs(): Storage {
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
