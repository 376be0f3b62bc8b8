import { processContext, runCli, withInterrupts } from '../../lib/cli/main.ts';
import { fakeContext, ok, openRun } from '../unit/cli/fake-context.ts';

// `sluice watch` as a process on its own terminal, over a run in memory: what a test of the terminal itself drives.
const fake = fakeContext();
await openRun(fake, [[[ok(0), ok(1)], null]]);
process.exitCode = await withInterrupts((signal) =>
  runCli(['watch'], { ...processContext(signal), services: fake.context.services }),
);
