import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import type * as apigateway from 'aws-cdk-lib/aws-apigateway';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as events from 'aws-cdk-lib/aws-events';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type * as ssm from 'aws-cdk-lib/aws-ssm';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { OperationId } from '../lib/api/operations.ts';
import { alarmRules } from '../lib/core/alarm-rules.ts';
import { SluiceError } from '../lib/core/errors.ts';
import { type Manifest, readManifest } from '../lib/loading/manifest.ts';
import { METRIC_NAMES } from '../lib/ports/metrics.ts';
import { createAlarms, createExecutionAlarms, ownMetric, stopOn } from './alarms.ts';
import { createRestApi, grantInvoke } from './api.ts';
import { createApiFunction } from './api-function.ts';
import { bundleFunctions } from './bundles.ts';
import { createDashboard } from './dashboard.ts';
import { type Granted, grantRead, grantStart, grantStop } from './grants.ts';
import { allowObjects, createInput } from './input.ts';
import { createOutput } from './output.ts';
import type { Parts } from './parts.ts';
import { type BoundedPipelineProps, resolveProps } from './props.ts';
import { createQueues } from './queues.ts';
import { allowRunFinished, createRunFinishedRule, type RunFinishedOptions } from './run-finished.ts';
import { createSchedule, type ScheduleOptions } from './schedule.ts';
import { createStateMachine } from './state-machine.ts';
import { createSteps, type Steps } from './steps.ts';
import { createStopper } from './stopper.ts';
import { createStorage } from './storage.ts';
import { admitCloudWatch, createTopic } from './topic.ts';
import { createWorkers, type Workers } from './worker.ts';

/**
 * A job as a pipeline on AWS: a work queue that never holds more than its cap, workers that cannot be more than they
 * should, a ledger that knows what became of each item, and alarms that stop it all.
 *
 * The job is bundled and asked for its manifest at synth; props take the place of its options, and the merged values are
 * fixed in the stack. No resource has a physical name, so a stack can hold several pipelines.
 *
 * What the job's handler needs of AWS is allowed by `pipeline.worker.addToRolePolicy(…)`.
 *
 * @throws SluiceError when the job cannot be loaded, a prop is not allowed, or the job's local input is missing.
 * @example
 * new BoundedPipeline(this, 'Count', { job: 'jobs/count.ts', workers: 20, schedule: events.Schedule.rate(Duration.hours(1)) });
 */
export class BoundedPipeline extends Construct {
  /** The pipeline's name: the one dimension of its metrics. */
  readonly name: string;
  /** Holds the batches that wait for a worker: at most the cap. */
  readonly queue: sqs.Queue;
  /** Where SQS puts what was received 1,000 times; the sideline empties it. */
  readonly deadLetterQueue: sqs.Queue;
  /** The loop of a run. Start it with `{ "action": "start", "params": { … } }`. */
  readonly stateMachine: sfn.StateMachine;
  /** Any other value than `{"stopped":false}` stops the pipeline. */
  readonly stopParameter: ssm.StringParameter;
  /** The durable state of all runs. */
  readonly ledger: dynamodb.Table;
  /** Windows of sources that cannot be pinned, and results too large for the ledger. */
  readonly bucket: s3.IBucket;
  /** The function that sends. */
  readonly producer: lambda.Function;
  /** The function that runs the job's handler. */
  readonly worker: lambda.Function;
  /** All alarms: first those that stop the pipeline. */
  readonly alarms: readonly cloudwatch.Alarm[];
  /** A run's story in CloudWatch, while it goes on; undefined where the props leave it out. */
  readonly dashboard: cloudwatch.Dashboard | undefined;
  /** Where all alarms are told to people: subscribe to it. */
  readonly topic: sns.ITopic;
  /** The REST API, where `api: true` asks for one. */
  readonly api: apigateway.RestApi | undefined;

  private readonly granted: Granted;
  private readonly steps: Steps;
  private readonly workers: Workers;
  private isHeard = false;
  private readonly manifest: Manifest;

  constructor(scope: Construct, id: string, props: BoundedPipelineProps) {
    super(scope, id);
    const manifest = readManifest(props.job);
    const { name, options, maxLoops } = resolveProps(props, manifest);
    const { removalPolicy = RemovalPolicy.RETAIN, encryptionKey: key, bucket, resultsRetention } = props;
    this.name = name;
    this.manifest = manifest;
    this.refuseTwins();

    const storage = createStorage(this, { removalPolicy, key, bucket, resultsRetention });
    const queues = createQueues(this, options.timeoutSeconds, key);
    const input = createInput(this, props.job, manifest);
    const config = {
      pipeline: name,
      table: storage.ledger.tableName,
      bucket: storage.bucket.bucketName,
      queueUrl: queues.queue.queueUrl,
      deadLetterQueueUrl: queues.deadLetterQueue.queueUrl,
      stopParameter: storage.stopParameter.parameterName,
      options,
      inputs: input.inputs,
    };
    const code = bundleFunctions(props.job);
    const parts: Parts = { name, options, storage, queues, input, code, config, removalPolicy, key };

    const workers = createWorkers(this, parts);
    const stopper = createStopper(this, parts, workers);
    this.topic = this.topicOf(props);
    const rules = alarmRules(options);
    const { stops, tells } = createAlarms(this, name, this.topic, rules, { queues, worker: workers.worker });
    stopOn(stops, this.topic, stopper);
    const steps = createSteps(this, parts, workers, [...stops, ...tells], () => this.isHeard);
    this.stateMachine = createStateMachine(this, name, steps, maxLoops);
    const ends = createExecutionAlarms(this, name, this.topic, rules, this.stateMachine);

    this.alarms = [...stops, ...tells, ...ends];
    const watched = { workers, stateMachine: this.stateMachine, alarms: this.alarms };
    this.dashboard = props.dashboard === false ? undefined : createDashboard(this, parts, watched);
    this.queue = queues.queue;
    this.deadLetterQueue = queues.deadLetterQueue;
    this.stopParameter = storage.stopParameter;
    this.ledger = storage.ledger;
    this.bucket = storage.bucket;
    this.producer = steps.produce;
    this.worker = workers.worker;
    this.steps = steps;
    this.workers = workers;
    this.granted = { parts, stateMachine: this.stateMachine, mapping: workers.mapping };
    this.api = props.api === true ? this.createApi(workers) : undefined;
    if (props.schedule !== undefined) this.addSchedule(props.schedule);
    createOutput(this, {
      version: 1,
      name,
      table: config.table,
      bucket: config.bucket,
      queue: config.queueUrl,
      deadLetterQueue: config.deadLetterQueueUrl,
      stateMachine: this.stateMachine.stateMachineArn,
      stopParameter: config.stopParameter,
      worker: this.worker.functionName,
      mapping: workers.mapping.eventSourceMappingId,
      overlap: options.overlap,
    });
  }

  /**
   * Starts a run again and again. While one is open, the next is refused, or waits, as `overlap` says: no more than ten pile up.
   *
   * @throws SluiceError `optionsInvalid` for params that the job does not take, or that are too long for EventBridge.
   * @example
   * pipeline.addSchedule(events.Schedule.cron({ hour: '3', minute: '0' }), { params: { day: events.EventField.time } });
   */
  addSchedule(schedule: events.Schedule, options: ScheduleOptions = {}): events.Rule {
    const { name, stateMachine, manifest } = this;
    return createSchedule(this, { name, stateMachine, manifest }, schedule, options);
  }

  /**
   * Tells of each run that has ended, by an event on the account's default bus: source `sluice`, detail type `Sluice Run Finished`, the
   * run's status as its detail. From the first call on, the pipeline puts these events; without any it puts none, and may not.
   *
   * An end may be told more than once, and a run that was resumed ends once more: `runId` and `endedAt` together name an end.
   *
   * @example
   * pipeline.onRunFinished('Failed', { target: new targets.SnsTopic(topic), states: ['failed', 'partial'] });
   */
  onRunFinished(id: string, options: RunFinishedOptions = {}): events.Rule {
    if (!this.isHeard) allowRunFinished(this, this.granted.parts, this.steps);
    this.isHeard = true;
    return createRunFinishedRule(this, id, this, options);
  }

  /**
   * Lets the functions that read the source read these objects too: for a source whose place depends on a run's parameters, which is not
   * known here. The one place of a source that has no other is allowed already.
   *
   * @param objects ARNs, or patterns of ARNs.
   * @example
   * pipeline.allowInput(exports.arnForObjects('daily/*')); // source: ({ day }) => csv({ s3: `s3://exports/daily/${day}.csv` })
   */
  allowInput(...objects: readonly string[]): void {
    const { open, produce, settle } = this.steps;
    const { worker, sideline } = this.workers;
    allowObjects([open, produce, settle, worker, sideline], objects);
  }

  /** What every alarm also does when it goes off. */
  addAlarmAction(...actions: cloudwatch.IAlarmAction[]): void {
    for (const alarm of this.alarms) alarm.addAlarmAction(...actions);
  }

  /** Allows to start and resume runs, by an execution of `stateMachine`. */
  grantStart(grantee: iam.IGrantable): iam.Grant {
    return grantStart(grantee, this.granted);
  }

  /** Allows to stop the pipeline: the stop flag, the open run's mark and, for a halt, the workers' mapping. */
  grantStop(grantee: iam.IGrantable): iam.Grant {
    return grantStop(grantee, this.granted);
  }

  /** Allows to read where runs stand and what came of them: ledger, results, depths of the queues, stop flag, executions. */
  grantRead(grantee: iam.IGrantable): iam.Grant {
    return grantRead(grantee, this.granted);
  }

  /**
   * Allows to call the API: these operations of it, or all.
   *
   * @throws SluiceError `optionsInvalid` where the pipeline has no API.
   * @example
   * pipeline.grantInvokeApi(dashboardRole, 'listRuns', 'readRun');
   */
  grantInvokeApi(grantee: iam.IGrantable, ...operations: OperationId[]): iam.Grant {
    if (this.api === undefined) {
      throw new SluiceError('optionsInvalid', `pipeline "${this.name}" has no API to grant; give it api: true`);
    }
    return grantInvoke(grantee, this.api, operations);
  }

  /**
   * One of the pipeline's own metrics, published every 5 s while a run goes on; between runs there is no data.
   *
   * @default - the maximum of each 10 s
   */
  metric(name: keyof typeof METRIC_NAMES, options: cloudwatch.MetricOptions = {}): cloudwatch.Metric {
    return ownMetric(this.name, METRIC_NAMES[name]).with(options).attachTo(this);
  }

  /** Batches reserved and not yet finished: never above the cap. */
  metricOutstanding(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('outstanding', options);
  }

  /** The cap in force. */
  metricCap(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('cap', options);
  }

  /** Messages in the work queue, visible, in flight and delayed, as SQS told them. */
  metricDepth(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('depth', options);
  }

  /** Batches finished since the run began. */
  metricFinishedBatches(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('finished', options);
  }

  /** Items failed or dead since the run began, or was last resumed. */
  metricFailedItems(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('failedItems', options);
  }

  /** Batches that ended above 85 % of the worker's memory. */
  metricNearMemoryLimit(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('nearMemoryLimit', options);
  }

  /** Seconds since a batch last finished, while some are outstanding. */
  metricBlockedSeconds(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('blockedSeconds', options);
  }

  /** 1 while the pipeline is stopped, else 0. */
  metricStopped(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('stopped', options);
  }

  private createApi(workers: Workers): apigateway.RestApi {
    const { parts, stateMachine } = this.granted;
    return createRestApi(this, parts, createApiFunction(this, parts, workers, stateMachine));
  }

  private topicOf({ topic, encryptionKey: key }: BoundedPipelineProps): sns.ITopic {
    if (topic === undefined) return createTopic(this, this.name, key);
    admitCloudWatch(this, topic);
    return topic;
  }

  /** The CLI tells pipelines apart by STACK/NAME, and their metrics by name. */
  private refuseTwins(): void {
    const twin = Stack.of(this)
      .node.findAll()
      .find((other) => other instanceof BoundedPipeline && other !== this && other.name === this.name);
    if (twin === undefined) return;
    throw new SluiceError(
      'optionsInvalid',
      `name: "${this.name}" is taken by ${twin.node.path}, expected a name of its own in this stack`,
    );
  }
}
