import { fileURLToPath } from 'node:url';
import { loadJob } from '../../lib/loading/load-job.ts';
import type { Part } from '../part.ts';
import { contendersOn } from './contenders.ts';
import { withDeployed } from './deployed.ts';
import { killOneEach } from './kills.ts';
import { measureRounds } from './rounds.ts';
import { sectionOf } from './section.ts';

/** Sluice beside what people use today, on the local AWS. */
export const localstack: Part = {
  name: 'localstack',
  title: 'On LocalStack',
  run: (progress, signal) =>
    withDeployed(progress, signal, async (deployed) => {
      const job = await loadJob(fileURLToPath(new URL('job.ts', import.meta.url)));
      progress('all at once, a worker of each killed; it also has all functions loaded before anything is timed');
      const kills = await killOneEach(deployed, signal);
      const rounds = await measureRounds(deployed, contendersOn(deployed, job, signal), progress);
      return sectionOf(rounds, kills);
    }),
};
