import { fileURLToPath } from 'node:url';
import { CfnOutput, Duration, type Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import { TIMEOUT_SECONDS, WORKERS } from './settings.ts';

/** AWS's advice for a queue's visibility time-out: 6 times the function's time limit (services-sqs-configure). */
const VISIBILITY_FACTOR = 6;
const SENDER_TIMEOUT = Duration.minutes(1);
export const MEMORY_MIB = 256;
/** The least that a Wait state waits: the pattern at its best. */
export const FIXED_WAIT_SECONDS = 1;

function nodeFunction(scope: Construct, id: string, file: string, handler: string, timeout: Duration): NodejsFunction {
  return new NodejsFunction(scope, id, {
    entry: fileURLToPath(new URL(`functions/${file}`, import.meta.url)),
    handler,
    timeout,
    runtime: lambda.Runtime.NODEJS_24_X,
    memorySize: MEMORY_MIB,
    bundling: { externalModules: [] },
  });
}

/** A worker without an account. */
function plainWorker(scope: Construct): NodejsFunction {
  return nodeFunction(scope, 'PlainWorker', 'plain-worker.ts', 'handler', Duration.seconds(TIMEOUT_SECONDS));
}

/** A queue with such a worker behind it, set as AWS advises. */
function plainQueue(scope: Construct): sqs.Queue {
  const visibilityTimeout = Duration.seconds(VISIBILITY_FACTOR * TIMEOUT_SECONDS);
  const queue = new sqs.Queue(scope, 'Queue', { visibilityTimeout });
  new lambda.EventSourceMapping(scope, 'Mapping', {
    target: plainWorker(scope),
    eventSourceArn: queue.queueArn,
    batchSize: 1,
    maxConcurrency: WORKERS,
  });
  return queue;
}

/** Sends everything at once. */
export class UnboundedProducer extends Construct {
  readonly sender: lambda.Function;
  /** For its runs with a plain worker. */
  readonly queue: sqs.Queue;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.sender = nodeFunction(this, 'SendAll', 'senders.ts', 'sendAll', SENDER_TIMEOUT);
    this.queue = plainQueue(this);
  }
}

/** The usual pattern: look at the queue's depth, send one batch if there is room, wait, again. */
export class FixedWait extends Construct {
  readonly machine: sfn.StateMachine;
  /** For its runs with a plain worker. */
  readonly queue: sqs.Queue;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.queue = plainQueue(this);
    const task = (name: string, handler: string, resultPath: string, payload: Record<string, string>) =>
      new tasks.LambdaInvoke(this, name, {
        lambdaFunction: nodeFunction(this, `${name}Function`, 'senders.ts', handler, SENDER_TIMEOUT),
        payload: sfn.TaskInput.fromObject(payload),
        payloadResponseOnly: true,
        resultPath,
      });
    const queueUrl = sfn.JsonPath.stringAt('$.queueUrl');
    const check = task('Check', 'depth', '$.depth', { queueUrl });
    const bodies = sfn.JsonPath.stringAt('$.bodies');
    const send = task('Send', 'sendOne', '$.next', { queueUrl, bodies, next: sfn.JsonPath.stringAt('$.next') });
    const wait = new sfn.Wait(this, 'Wait', { time: sfn.WaitTime.duration(Duration.seconds(FIXED_WAIT_SECONDS)) });
    const room = new sfn.Choice(this, 'Room?')
      .when(
        sfn.Condition.numberGreaterThanEqualsJsonPath('$.next', '$.batches'),
        new sfn.Succeed(this, 'Everything sent'),
      )
      .when(sfn.Condition.numberLessThanJsonPath('$.depth', '$.cap'), send)
      .otherwise(wait);
    send.next(wait).next(check);
    this.machine = new sfn.StateMachine(this, 'Machine', {
      definitionBody: sfn.DefinitionBody.fromChainable(check.next(room)),
    });
  }
}

/** Step Functions' own way: no queue, as many children at a time as there are workers, each given one batch. */
export class DistributedMap extends Construct {
  readonly machine: sfn.StateMachine;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const map = new sfn.DistributedMap(this, 'Map', {
      itemsPath: '$.batches',
      maxConcurrency: WORKERS,
      mapExecutionType: sfn.StateMachineType.STANDARD,
      resultPath: sfn.JsonPath.DISCARD,
    });
    const work = new tasks.LambdaInvoke(this, 'Work', { lambdaFunction: plainWorker(this), payloadResponseOnly: true });
    // without it one killed worker fails the whole Map
    map.itemProcessor(work.addRetry({ interval: Duration.seconds(1), maxAttempts: 3 }));
    this.machine = new sfn.StateMachine(this, 'Machine', { definitionBody: sfn.DefinitionBody.fromChainable(map) });
  }
}

/** Where the contenders lie, as one output of the stack says. */
export interface ContenderNames {
  readonly unbounded: { readonly sender: string; readonly queue: string };
  readonly fixedWait: { readonly machine: string; readonly queue: string };
  readonly distributedMap: { readonly machine: string };
}

export const OUTPUT = 'Contenders';

export function createContenders(stack: Stack): void {
  const unbounded = new UnboundedProducer(stack, 'Unbounded');
  const fixedWait = new FixedWait(stack, 'FixedWait');
  const distributedMap = new DistributedMap(stack, 'DistributedMap');
  const names: ContenderNames = {
    unbounded: { sender: unbounded.sender.functionName, queue: unbounded.queue.queueUrl },
    fixedWait: { machine: fixedWait.machine.stateMachineArn, queue: fixedWait.queue.queueUrl },
    distributedMap: { machine: distributedMap.machine.stateMachineArn },
  };
  new CfnOutput(stack, OUTPUT, { value: stack.toJsonString(names) });
}
