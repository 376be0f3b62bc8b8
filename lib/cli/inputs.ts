import { listingOf, locationOf } from '../core/sources/index.ts';
import type { SourceDefinition } from '../core/sources/source.ts';
import { localInputs } from '../dev/local-inputs.ts';
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
