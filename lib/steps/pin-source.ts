import { SluiceError } from '../core/errors.ts';
import { BATCH_SIZE_MAX, COUNT_BYTES_MAX } from '../core/limits.ts';
import { driverOf, listingOf, locationOf, pinSource, type SourceLocation } from '../core/sources/index.ts';
import type { PinnedSource, SourceDefinition } from '../core/sources/source.ts';
import type { Storage } from '../ports/storage.ts';

/** Where the deploy put local files, by the name the job gives them. */
export type DeployedInputs = Readonly<Record<string, { readonly bucket: string; readonly key: string }>>;

/**
 * Fixes what a source's definition points to: from here on every read of the run sees this content, or fails.
 *
 * @throws SluiceError `inputNotDeployed`, `inputMissing`, `inputUnreadable`, `sourceInvalid`.
 */
export async function pinStoredSource(
  definition: SourceDefinition,
  storage: Storage,
  inputs: DeployedInputs,
): Promise<PinnedSource> {
  const listing = listingOf(definition);
  // A bucket that is not there, or may not be listed, is found here and not half-way.
  if (listing !== null) await storage.list({ ...listing, after: null, limit: 1 });
  const location = locationOf(definition);
  if (location === null) return pinSource(definition);
  const { bucket, key } = locate(location, inputs);
  const object = await storage.describe(bucket, key);
  return pinSource(definition, { object, reader: storage.reader(object) });
}

function locate(location: SourceLocation, inputs: DeployedInputs): { readonly bucket: string; readonly key: string } {
  if (location.kind === 's3') return location;
  const deployed = inputs[location.file];
  if (deployed !== undefined) return deployed;
  const known = Object.keys(inputs).map((name) => `"${name}"`);
  throw new SluiceError(
    'inputNotDeployed',
    `file "${location.file}" was not deployed with the pipeline (deployed: ${known.join(', ') || 'none'}); deploy again, or use s3`,
  );
}

/**
 * How many items a pinned source has. A file is counted by scanning it, if it is small enough for that to take a moment;
 * a scan also finds what would end the run half-way: an unclosed quote, a record above 1 MiB.
 *
 * @returns null where the count is only known at the end.
 * @throws SluiceError `sourceInvalid`, `itemTooLarge`, `sourceChanged`.
 */
export async function countItems(pinned: PinnedSource, storage: Storage): Promise<number | null> {
  const driver = driverOf(pinned);
  if (!('object' in pinned) || pinned.object.sizeBytes > COUNT_BYTES_MAX) return driver.total(pinned);
  const context = { bytes: storage.reader(pinned.object) };
  let count = 0;
  for await (const slice of driver.slices(pinned, null, { batchSize: BATCH_SIZE_MAX }, context)) count += slice.count;
  return count;
}
