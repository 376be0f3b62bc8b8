import { Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { SluiceError } from '../lib/core/errors.ts';
import type { Manifest } from '../lib/loading/manifest.ts';

/** How a schedule starts its runs. */
export interface ScheduleOptions {
  /**
   * The parameters of each run, checked by the job's `params` schema when the run opens. Values from the event, as texts:
   * `events.EventField.time` is the time that the schedule meant.
   *
   * @default - none
   */
  readonly params?: { readonly [name: string]: unknown };
}

/** EventBridge: characters of a target's input (https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Target.html). */
const INPUT_CHARACTERS_MAX = 8_192;
const FIRST_ID = 'Schedule';

/** The first is `Schedule`, then `Schedule2`, …: a rule holds nothing, so one may take another's place. */
export function createSchedule(
  scope: Construct,
  pipeline: { readonly name: string; readonly stateMachine: sfn.StateMachine; readonly manifest: Manifest },
  schedule: events.Schedule,
  { params = {} }: ScheduleOptions,
): events.Rule {
  const { name, stateMachine, manifest } = pipeline;
  const input = { action: 'start', by: 'schedule', params };
  checkParams(params, manifest);
  checkSize(Stack.of(scope).resolve(input));
  return new events.Rule(scope, freeId(scope), {
    schedule,
    description: `Sluice ${name}: starts a run`,
    targets: [
      new targets.SfnStateMachine(stateMachine, {
        input: events.RuleTargetInput.fromObject(input),
      }),
    ],
  });
}

function checkParams(params: NonNullable<ScheduleOptions['params']>, { name, hasParams }: Manifest): void {
  const given = Object.keys(params);
  if (given.length > 0 && !hasParams) {
    throw new SluiceError('optionsInvalid', `params: got ${given.join(', ')}, but job "${name}" takes no parameters`);
  }
}

function checkSize(input: object): void {
  const characters = JSON.stringify(input).length;
  if (characters > INPUT_CHARACTERS_MAX) {
    throw new SluiceError(
      'optionsInvalid',
      `params: with what goes around them they take ${characters} characters, an EventBridge target allows ${INPUT_CHARACTERS_MAX}`,
    );
  }
}

function freeId(scope: Construct): string {
  let id = FIRST_ID;
  for (let number = 2; scope.node.tryFindChild(id) !== undefined; number += 1) id = `${FIRST_ID}${number}`;
  return id;
}
