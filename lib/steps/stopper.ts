import * as z from 'zod';
import { messageAgeSecondsMax, type Run } from '../core/run.ts';
import { requestStop, type StopDependencies } from './stop.ts';

const directMetricSchema = z.object({
  metricStat: z.object({ metric: z.object({ name: z.string() }) }).optional(),
});
const alarmSchema = z.object({
  alarmData: z.object({
    alarmName: z.string(),
    configuration: z.object({ metrics: z.array(directMetricSchema) }).optional(),
    state: z.object({ value: z.string(), reason: z.string().optional() }),
  }),
});
const snsSchema = z.object({
  Records: z
    .array(z.object({ Sns: z.object({ Message: z.string() }) }))
    .min(1)
    .max(10),
});
const snsAlarmSchema = z.object({
  AlarmName: z.string(),
  NewStateValue: z.string(),
  NewStateReason: z.string().optional(),
  Trigger: z.object({ MetricName: z.string().optional() }).optional(),
});

export interface AlarmNotice {
  readonly name: string;
  readonly state: string;
  readonly reason: string;
  /** The metric that it watches, where the event says so. */
  readonly metric: string | null;
}

/**
 * What an event says, be it CloudWatch's direct action or SNS. An event that cannot be read counts as an alarm: something
 * that may speak to the stopper wanted a stop.
 *
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html
 */
export function readAlarm(event: unknown): readonly AlarmNotice[] {
  const direct = alarmSchema.safeParse(event);
  if (direct.success) {
    const { alarmName, state, configuration } = direct.data.alarmData;
    const metric = configuration?.metrics[0]?.metricStat?.metric.name ?? null;
    return [{ name: alarmName, state: state.value, reason: state.reason ?? '', metric }];
  }
  const sns = snsSchema.safeParse(event);
  if (!sns.success) return [UNREADABLE];
  return sns.data.Records.map(({ Sns: { Message } }) => readSnsMessage(Message));
}

const UNREADABLE: AlarmNotice = {
  name: 'unreadable alarm',
  state: 'ALARM',
  reason: 'the event is not a CloudWatch alarm',
  metric: null,
};

function readSnsMessage(text: string): AlarmNotice {
  try {
    const parsed = snsAlarmSchema.safeParse(JSON.parse(text));
    if (!parsed.success) return UNREADABLE;
    const { AlarmName: name, NewStateValue: state, NewStateReason: reason = '', Trigger: trigger } = parsed.data;
    return { name, state, reason, metric: trigger?.MetricName ?? null };
  } catch {
    return UNREADABLE;
  }
}

const AGE_METRIC = 'ApproximateAgeOfOldestMessage';

/**
 * Stops the pipeline when an alarm goes off. Recoveries are ignored: only a person or a resume clears a stop.
 *
 * After a resume the messages of a halted run are as old as the halt was long; the alarm on their age would stop it at
 * once. It is passed over until the workers have had the time for a full queue, which is what the alarm allows.
 *
 * @returns the id of the run that was stopped, or null.
 */
export async function stopOnAlarm(event: unknown, deps: StopDependencies, halt: boolean): Promise<string | null> {
  const ringing = readAlarm(event).filter((notice) => notice.state === 'ALARM');
  const run = ringing.some((notice) => notice.metric === AGE_METRIC) ? await openRun(deps.ledger) : null;
  const alarm = ringing.find((notice) => notice.metric !== AGE_METRIC || !isLatelyResumed(run, deps.clock.now()));
  if (alarm === undefined) return null;
  return requestStop(deps, { why: 'alarm', reason: `${alarm.name}: ${alarm.reason}`.slice(0, 500), by: 'alarm', halt });
}

/** What cannot be read is not lately resumed: the alarm then counts. */
async function openRun(ledger: StopDependencies['ledger']): Promise<Run | null> {
  const runId = await ledger.openRunId().catch(() => null);
  return runId === null ? null : ledger.get(runId).catch(() => null);
}

function isLatelyResumed(run: Run | null, now: number): boolean {
  if (run === null || run.resumedAt === null) return false;
  return now - run.resumedAt < messageAgeSecondsMax(run.options) * 1_000;
}
