import { planOf } from '../../plan/plan.ts';
import { sampleWarning } from '../../plan/warnings.ts';
import { defineCommand, type JsonArgs, jsonOption } from '../command.ts';
import { printJson } from '../context.ts';
import { findJobFile } from '../deploy.ts';
import { learnOf, parseItemSeconds, parseItems } from '../plan-job.ts';
import { planText } from '../plan-text.ts';
import { parseParamsOption } from '../start-run.ts';

export interface PlanArgs extends JsonArgs {
  readonly job?: string;
  readonly items?: string;
  readonly itemSeconds?: string;
  readonly params?: string;
}

/** Before a run: does the cap fit, how long, how much, and what stands in the way. */
export const planCommand = defineCommand<PlanArgs>({
  name: 'plan',
  description: 'before a run: cap, time, cost and quotas; needs no account',
  example: `  sluice plan jobs/count.ts                                   runs the handler over the first items, here
  sluice plan jobs/count.ts --items 10000000 --item-seconds 0.05
  sluice plan jobs/count.ts --json | jq '.cost.usd, .makespanSeconds, .warnings'`,
  options: (command) => {
    command.argument('[job]', 'the job file; when left out, the "job" context of cdk.json');
    command.option('--items <number>', 'how many items there will be, instead of counting them');
    command.option('--item-seconds <seconds>', 'how long the handler takes for one, instead of running it');
    command.option('--params <json>', "the run's parameters, as the job's schema has them");
    jsonOption(command);
  },
  run: async (context, args) => {
    const items = args.items === undefined ? undefined : parseItems(args.items);
    const itemSeconds = args.itemSeconds === undefined ? undefined : parseItemSeconds(args.itemSeconds);
    const params = args.params === undefined ? {} : parseParamsOption(args.params);
    const jobFile = findJobFile(context.workingDirectory, args.job, 'plan');
    const { job, workload, sample } = await learnOf(context, { jobFile, params, items, itemSeconds });
    const worked = planOf(workload);
    const failed = sample?.firstError == null ? [] : [sampleWarning(sample.items, sample.failed, sample.firstError)];
    const plan = { ...worked, warnings: [...worked.warnings, ...failed] };
    if (args.json) await printJson(context, { job: job.name, ...plan, sample });
    else await context.io.stdout(planText(job.name, plan, sample));
    return 0;
  },
});
