import { App } from 'aws-cdk-lib';
import { SluiceStack, stackName } from '../infra/stack.ts';
import { isSluiceError, SluiceError } from '../lib/core/errors.ts';
import { readManifest } from '../lib/loading/manifest.ts';

// The CDK app of the deployable: `cdk deploy -c job=jobs/count.ts`.
try {
  const app = new App();
  const job: unknown = app.node.tryGetContext('job');
  if (typeof job !== 'string' || job === '') {
    throw new SluiceError('usage', 'no job: name its file in the context, as in "cdk deploy -c job=jobs/count.ts"');
  }
  // -c gives texts, cdk.json may hold the value itself
  const api = String(app.node.tryGetContext('api')) === 'true';
  new SluiceStack(app, stackName(readManifest(job).name), { job, api });
  app.synth();
} catch (error) {
  // What the author of a job can mend needs no stack trace; anything else does.
  if (!isSluiceError(error)) throw error;
  process.stderr.write(`sluice: ${error.message} (${error.code})\n`);
  process.exitCode = 1;
}
