import { defineCommand, type JsonArgs, jsonOption } from '../command.ts';
import { connectTarget } from '../connect.ts';
import { printJson, say } from '../context.ts';
import { deployJob, findJobFile } from '../deploy.ts';

export interface DeployArgs extends JsonArgs {
  readonly job?: string;
}

/** Deploys the stack `Sluice-<job name>`. */
export const deployCommand = defineCommand<DeployArgs>({
  name: 'deploy',
  description: "deploy a job's pipeline to the target, bootstrapping it first where needed",
  example: `  sluice deploy jobs/count.ts    deploys the stack Sluice-count
  sluice deploy                  the "job" context of cdk.json`,
  options: (command) => {
    command.argument('[job]', 'the job file; when left out, the "job" context of cdk.json');
    jsonOption(command);
  },
  run: async (context, { job, json }) => {
    const file = findJobFile(context.workingDirectory, job);
    const target = await connectTarget(context);
    const { stack, ...output } = await deployJob(context, target, file);
    if ((await context.services.pipelines()).length > 1) context.about.pipeline = output.name;
    say(context, `deployed ${stack}; "sluice run --wait" starts a run and follows it`);
    if (json) await printJson(context, output);
    return 0;
  },
});
