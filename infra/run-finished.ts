import { Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { EVENT_SOURCE, RUN_FINISHED } from '../lib/ports/run-events.ts';
import type { Parts } from './parts.ts';
import { allow } from './permissions.ts';
import { allowDepth } from './queues.ts';
import type { Steps } from './steps.ts';
import { allowFlag } from './storage.ts';

/** Who hears of a run's end. */
export interface RunFinishedOptions {
  /**
   * What the event is given to. Its detail is the run's status, as `sluice status --json` prints it.
   *
   * @default - none: add targets to the rule
   */
  readonly target?: events.IRuleTarget;
  /**
   * The ends that are of interest.
   *
   * @default - all
   */
  readonly states?: readonly ('succeeded' | 'partial' | 'stopped' | 'failed')[];
  /**
   * The rule's description.
   *
   * @default - says which pipeline it is about
   */
  readonly description?: string;
}

/** A rule on the account's default bus: the ends of this pipeline's runs and of no other's. */
export function createRunFinishedRule(
  scope: Construct,
  id: string,
  { name, stateMachine }: { readonly name: string; readonly stateMachine: sfn.StateMachine },
  { target, states, description = `Sluice ${name}: a run has finished` }: RunFinishedOptions,
): events.Rule {
  return new events.Rule(scope, id, {
    description,
    eventPattern: {
      source: [EVENT_SOURCE],
      detailType: [RUN_FINISHED],
      resources: [stateMachine.stateMachineArn],
      ...(states === undefined ? {} : { detail: { state: [...states] } }),
    },
    ...(target === undefined ? {} : { targets: [target] }),
  });
}

/** Close ends runs, and so does Open where nobody carries one on: both may tell of it, by an event of this kind and no other. */
export function allowRunFinished(scope: Construct, { storage, queues }: Parts, { open, close }: Steps): void {
  const bus = Stack.of(scope).formatArn({ service: 'events', resource: 'event-bus', resourceName: 'default' });
  const tell = allow(['events:PutEvents'], [bus], {
    StringEquals: { 'events:source': EVENT_SOURCE, 'events:detail-type': RUN_FINISHED },
  });
  const look = allowDepth(queues.queue, queues.deadLetterQueue);
  for (const step of [open, close]) for (const statement of [tell, look]) step.addToRolePolicy(statement);
  close.addToRolePolicy(allowFlag(storage, 'ssm:GetParameter'));
}
