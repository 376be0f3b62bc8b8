export { findJob } from './bundle.ts';
export { resolveInputFile } from './input-file.ts';
export { loadJob } from './load-job.ts';
export { type Manifest, readManifest } from './manifest.ts';
