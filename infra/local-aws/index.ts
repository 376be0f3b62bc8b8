/** A local AWS without Docker and without an account: LocalStack as a plain process, with Lambda functions as Node processes. */
export { exportLines, localEnvironment } from './export-lines.ts';
export { cacheFolder } from './folders.ts';
export { localDown, localStatus, localUp } from './local.ts';
export type { LocalAwsOptions, LocalAwsStatus } from './types.ts';
