export { z } from 'zod';
export { PermanentError, SluiceError } from './core/errors.ts';
export { defineJob, type HandlerContext, type HandlerLog, type Job, type JobInput } from './core/job/job.ts';
export type { JobOptions } from './core/job/options.ts';
export { csv, from, grid, type ItemOf, jsonl, range, type S3Object, s3Objects } from './core/sources/index.ts';
