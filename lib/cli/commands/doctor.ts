import { SluiceError } from '../../core/errors.ts';
import type { StackDescription } from '../../doctor/description.ts';
import { examine } from '../../doctor/examine.ts';
import type { Finding, Severity } from '../../doctor/rule.ts';
import { defineCommand, type JsonArgs, jsonOption } from '../command.ts';
import { connectTarget } from '../connect.ts';
import { type CliContext, print, printJson, say } from '../context.ts';
import { plural } from '../format.ts';

export interface DoctorArgs extends JsonArgs {
  readonly stack?: string;
}

/** Looks for the known traps of SQS and Lambda in a deployed stack, ours or anyone's. Changes nothing. */
export const doctorCommand = defineCommand<DoctorArgs>({
  name: 'doctor',
  description: 'look for the known traps of SQS and Lambda in any deployed stack',
  example: `  sluice doctor                  the stack of the only pipeline
  sluice doctor shop             any stack, made with Sluice or not; it is only read
  sluice doctor shop --json | jq -r '.findings[] | "\\(.id) \\(.resource): \\(.fix)"'

It exits with 0 when nothing is found but hints, and with 1 when there is an error or a warning.`,
  options: (command) => {
    command.argument('[stack]', 'name of a CloudFormation stack; that of the only pipeline when left out');
    jsonOption(command);
  },
  run: async (context, args) => {
    await connectTarget(context);
    const stack = args.stack ?? (await onlyStack(context));
    const description = await context.services.describeStack(stack);
    const findings = examine(description);
    say(context, `looked at ${extentOf(description)}`);
    if (description.mappings.length === 0)
      say(context, 'no function here reads a queue: most rules had nothing to judge');
    if (args.json) await printJson(context, { stack, looked: countsOf(description), findings });
    else for (const finding of findings) await print(context, `${textOf(finding)}\n`);
    say(context, `stack ${stack}: ${summaryOf(findings)}`);
    return findings.some(({ severity }) => severity !== 'hint') ? 1 : 0;
  },
});

/** Two pipelines in one stack are one choice. */
async function onlyStack({ services }: CliContext): Promise<string> {
  const stacks = [...new Set((await services.pipelines()).map(({ stack }) => stack))];
  const [only] = stacks;
  if (only === undefined) {
    throw new SluiceError('pipelineMissing', 'no pipeline is deployed here; name any stack: "sluice doctor STACK"');
  }
  if (stacks.length > 1) {
    throw new SluiceError('pipelineAmbiguous', `several stacks have pipelines, name one: ${stacks.join(', ')}`);
  }
  return only;
}

function countsOf({ functions, mappings, queues, alarms }: StackDescription) {
  return { functions: functions.length, mappings: mappings.length, queues: queues.length, alarms: alarms.length };
}

function extentOf(description: StackDescription): string {
  const { functions, mappings, queues, alarms } = countsOf(description);
  const parts = [
    plural(functions, 'function'),
    plural(queues, 'queue'),
    `${plural(mappings, 'mapping')} between them`,
    plural(alarms, 'alarm'),
  ];
  return parts.join(', ');
}

const SEVERITIES: readonly Severity[] = ['error', 'warning', 'hint'];

function summaryOf(findings: readonly Finding[]): string {
  const counts = SEVERITIES.map(
    (severity) => [findings.filter((one) => one.severity === severity).length, severity] as const,
  );
  const found = counts.filter(([count]) => count > 0).map(([count, severity]) => plural(count, severity));
  return found.length === 0 ? 'nothing found' : found.join(', ');
}

function textOf({ id, severity, resource, logicalId, evidence, consequence, fix, page }: Finding): string {
  const place = logicalId === null ? resource : `${resource} (${logicalId})`;
  return `${severity} ${id}: ${place}
  got   ${evidence}
  so    ${consequence}
  fix   ${fix}
  see   ${page}`;
}
