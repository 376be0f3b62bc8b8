import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Storage } from '../ports/storage.ts';

/** The run's bucket as a folder: what does not fit into a record is on disk, not in memory. Inputs are read where they lie. */
export function folderStorage(folder: string, inputs: Pick<Storage, 'describe' | 'reader' | 'list'>): Storage {
  // Keys are longer than file names may be, and have slashes.
  const placeOf = (key: string) => join(folder, createHash('sha256').update(key).digest('hex'));
  return {
    put: (key, body) => writeFile(placeOf(key), body),
    get: (key) => readFile(placeOf(key)),
    describe: inputs.describe,
    reader: inputs.reader,
    list: inputs.list,
  };
}
