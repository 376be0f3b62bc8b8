import { processContext, runCli, withInterrupts } from '../../lib/cli/main.ts';
import { fakeContext } from '../unit/cli/fake-context.ts';

// `sluice destroy` as a process on its own terminal, over a pipeline in memory: what a test of its question drives.
const fake = fakeContext();
process.exitCode = await withInterrupts((signal) =>
  runCli(['destroy'], { ...processContext(signal), services: fake.context.services }),
);
