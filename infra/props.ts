import { type RemovalPolicy, Token } from 'aws-cdk-lib';
import type * as events from 'aws-cdk-lib/aws-events';
import { z } from 'zod';
import { SluiceError } from '../lib/core/errors.ts';
import {
  describeIssues,
  type JobOptions,
  type JobOptionsInput,
  jobNameSchema,
  parseOptions,
} from '../lib/core/job/options.ts';
import type { Manifest } from '../lib/loading/manifest.ts';
import { definition } from '../lib/state-machine/definition.ts';
import { LOOPS_DEFAULT, loopsMax } from '../lib/state-machine/events.ts';

/**
 * What a pipeline is made from. Every option of a job may be given here too; it then takes the place of what the job says.
 */
export interface BoundedPipelineProps extends JobOptionsInput {
  /** The job's file. A relative path is seen from the working directory. */
  readonly job: string;
  /**
   * The pipeline's name: in its metrics, its output and what the CLI calls it.
   *
   * @default - the job's name
   */
  readonly name?: string;
  /**
   * Starts a run again and again. While one is open, the next is refused.
   *
   * @default - runs are started by hand, by the CLI or by `stateMachine.grantStartExecution`
   */
  readonly schedule?: events.Schedule;
  /**
   * What becomes of ledger, bucket and logs when the stack is deleted. CloudFormation deletes no bucket that holds objects: with
   * `DESTROY`, empty it first, as `sluice destroy` does.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
  /**
   * Loops of Produce and Settle in one execution of the state machine; then the run goes on in a new one. The history of an
   * execution ends at 25,000 events: no more loops are allowed than surely fit.
   *
   * @default 800
   */
  readonly maxLoopsPerExecution?: number;
}

/** The props with the job's own words filled in, checked. */
export interface Resolved {
  readonly name: string;
  readonly options: JobOptions;
  readonly maxLoops: number;
}

const ANY_FUNCTIONS = { open: '', produce: '', settle: '', close: '' };

/**
 * Merges props over a manifest.
 *
 * @throws SluiceError `optionsInvalid`, with the value got and the values allowed.
 */
export function resolveProps(props: BoundedPipelineProps, manifest: Pick<Manifest, 'name' | 'options'>): Resolved {
  const { job: _job, name, schedule: _schedule, removalPolicy: _removal, maxLoopsPerExecution, ...overrides } = props;
  for (const [key, value] of Object.entries({ name, maxLoopsPerExecution, ...overrides })) {
    if (Token.isUnresolved(value)) {
      throw new SluiceError('optionsInvalid', `${key}: must be known when the app is synthesised, got a token`);
    }
  }
  const given = Object.fromEntries(Object.entries(overrides).filter(([, value]) => value !== undefined));
  return {
    name: check(jobNameSchema, 'name', name ?? manifest.name),
    options: parseOptions({ ...manifest.options, ...given }),
    maxLoops: check(loopsSchema(), 'maxLoopsPerExecution', maxLoopsPerExecution ?? LOOPS_DEFAULT),
  };
}

function loopsSchema() {
  return z
    .int()
    .min(1)
    .max(loopsMax(definition({ functions: ANY_FUNCTIONS, maxLoops: LOOPS_DEFAULT })));
}

function check<T>(schema: z.ZodType<T>, key: string, value: unknown): T {
  const input = { [key]: value };
  const parsed = z.object({ [key]: schema }).safeParse(input);
  if (parsed.success) return parsed.data[key] as T;
  throw new SluiceError('optionsInvalid', describeIssues(parsed.error, input));
}
