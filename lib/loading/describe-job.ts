// Run as a process of its own by `readManifest`: describe-job BUNDLE FILE ANSWER
import { renameSync, writeFileSync } from 'node:fs';
import { isSluiceError, messageOf } from '../core/errors.ts';
import { type Job, parseParams, sourceOf } from '../core/job/job.ts';
import { listingOf, locationOf } from '../core/sources/index.ts';
import type { SourceDefinition } from '../core/sources/source.ts';
import { importJob } from './load-job.ts';
import type { Manifest, ManifestAnswer } from './manifest.ts';

const [bundle = '', file = '', answer = ''] = process.argv.slice(2);
write(await describe());
// A job may have left timers or sockets open.
process.exit(0);

async function describe(): Promise<ManifestAnswer> {
  try {
    return { manifest: manifestOf(await importJob(bundle, file)) };
  } catch (error) {
    return { error: { code: isSluiceError(error) ? error.code : 'internal', message: messageOf(error) } };
  }
}

function manifestOf(job: Job): Manifest {
  const definition = definitionOf(job);
  const location = definition === null ? null : locationOf(definition);
  return {
    name: job.name,
    options: job.options,
    sourceKind: definition?.kind ?? null,
    file: location?.kind === 'file' ? location.file : null,
    s3: location?.kind === 's3' ? `s3://${location.bucket}/${location.key}` : null,
    listing: definition === null ? null : listingOf(definition),
    hasParams: job.params !== undefined,
  };
}

/** The source, also where it is a function whose parameters all have defaults; null where only a run can tell. */
function definitionOf(job: Job): SourceDefinition | null {
  if (typeof job.source !== 'function') return job.source;
  try {
    return sourceOf(job, parseParams(job, {}));
  } catch {
    return null;
  }
}

/** By rename: the parent reads either nothing or all of it. */
function write(value: ManifestAnswer): void {
  writeFileSync(`${answer}.part`, JSON.stringify(value));
  renameSync(`${answer}.part`, answer);
}
