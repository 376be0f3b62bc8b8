/** The job that a bundle is made for: the bundler puts the job's file in its place. */
declare module 'sluice:job' {
  import type { Job } from '../lib/core/job/job.ts';

  const job: Job;
  export default job;
}
