import { planOf } from '../../plan/plan.ts';
import { sampleWarning } from '../../plan/warnings.ts';
import { defineCommand, type JsonArgs, jsonOption } from '../command.ts';
import { print, printJson } from '../context.ts';
import { type JobOrderArgs, jobOrderOf, jobOrderOptions } from '../job-order.ts';
import { learnOf } from '../plan-job.ts';
import { planText } from '../plan-text.ts';

export interface PlanArgs extends JobOrderArgs, JsonArgs {}

/** Before a run: does the cap fit, how long, how much, and what stands in the way. */
export const planCommand = defineCommand<PlanArgs>({
  name: 'plan',
  description: 'before a run: cap, time, cost and quotas; needs no account',
  example: `  sluice plan jobs/count.ts                                   runs the handler over the first items, here
  sluice plan jobs/count.ts --items 10000000 --item-seconds 0.05
  sluice plan jobs/count.ts --json | jq '.cost.usd, .makespanSeconds, .warnings'`,
  options: (command) => {
    jobOrderOptions(command);
    jsonOption(command);
  },
  run: async (context, args) => {
    const { job, workload, sample } = await learnOf(context, jobOrderOf(context, args, 'plan'));
    const worked = planOf(workload);
    const failed = sample?.firstError == null ? [] : [sampleWarning(sample.items, sample.failed, sample.firstError)];
    const plan = { ...worked, warnings: [...worked.warnings, ...failed] };
    if (args.json) await printJson(context, { job: job.name, ...plan, sample });
    else await print(context, planText(job.name, plan, sample));
    return 0;
  },
});
