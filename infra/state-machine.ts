import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { definition } from '../lib/state-machine/definition.ts';
import { executionsArn } from './grants.ts';
import { acknowledge, acknowledgePattern } from './nag.ts';
import { allow } from './permissions.ts';
import type { Steps } from './steps.ts';

/** Deploys the loop and gives it, and Open, what only its own ARN can name. */
export function createStateMachine(scope: Construct, name: string, steps: Steps, maxLoops: number): sfn.StateMachine {
  const stack = Stack.of(scope);
  const role = new iam.Role(scope, 'StateMachineRole', {
    assumedBy: new iam.ServicePrincipal('states.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
    }),
  });
  const functions = {
    open: steps.open.functionArn,
    produce: steps.produce.functionArn,
    settle: steps.settle.functionArn,
    close: steps.close.functionArn,
  };
  role.addToPolicy(allow(['lambda:InvokeFunction'], Object.values(functions)));
  const machine = new sfn.StateMachine(scope, 'StateMachine', {
    stateMachineType: sfn.StateMachineType.STANDARD,
    definitionBody: sfn.DefinitionBody.fromString(
      stack.toJsonString(definition({ functions, maxLoops, partition: stack.partition })),
    ),
    comment: `Sluice ${name}`,
    role,
    tracingEnabled: true,
  });
  acknowledge(
    machine,
    'AwsSolutions-SF1',
    'a STANDARD execution keeps its whole history for 90 days, and the ledger that of the run: logs would hold both once more',
  );
  acknowledgePattern(role, '*', 'X-Ray takes segments for no resource in particular');
  continueItself(scope, role, machine);
  watchExecutions(scope, steps, machine);
  return machine;
}

/** Policies of their own: in the roles' main policies they would make machine and role wait for each other. */
function continueItself(scope: Construct, role: iam.Role, machine: sfn.StateMachine): void {
  new iam.Policy(scope, 'ContinuePolicy', {
    roles: [role],
    statements: [allow(['states:StartExecution'], [machine.stateMachineArn])],
  });
}

/** Open looks whether the execution of a run that is open still runs. */
function watchExecutions(scope: Construct, steps: Steps, machine: sfn.StateMachine): void {
  if (steps.open.role === undefined) return;
  const executions = executionsArn(machine);
  const policy = new iam.Policy(scope, 'WatchPolicy', {
    roles: [steps.open.role],
    statements: [allow(['states:DescribeExecution'], [executions])],
  });
  acknowledgePattern(policy, executions, 'executions are named as they start; all are of this machine');
}
