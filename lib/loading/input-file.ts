import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { SluiceError } from '../core/errors.ts';

/**
 * Finds the local file that a job's source reads: in the working directory first, then beside the job.
 *
 * @throws SluiceError `inputMissing`, naming the places where it was sought, or what was found instead of a file.
 * @example
 * resolveInputFile('data/ranges.csv', 'jobs/count.ts') // './data/ranges.csv', else './jobs/data/ranges.csv', absolute
 */
export function resolveInputFile(file: string, jobFile: string): string {
  const places = [...new Set([resolve(file), resolve(dirname(jobFile), file)])];
  for (const place of places) {
    const found = statSync(place, { throwIfNoEntry: false });
    if (found?.isFile()) return place;
    if (found !== undefined) {
      const what = found.isDirectory() ? 'a folder' : 'not a file';
      throw new SluiceError('inputMissing', `input "${file}" is ${what}: ${place}`);
    }
  }
  throw new SluiceError('inputMissing', `no input "${file}": sought ${places.join(' and ')}`);
}
