import { z } from 'zod';
import { requestStop, type StopDependencies } from './stop.ts';

const alarmSchema = z.object({
  alarmData: z.object({
    alarmName: z.string(),
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
});

export interface AlarmNotice {
  readonly name: string;
  readonly state: string;
  readonly reason: string;
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
    const { alarmName, state } = direct.data.alarmData;
    return [{ name: alarmName, state: state.value, reason: state.reason ?? '' }];
  }
  const sns = snsSchema.safeParse(event);
  if (!sns.success) return [UNREADABLE];
  return sns.data.Records.map(({ Sns: { Message } }) => readSnsMessage(Message));
}

const UNREADABLE: AlarmNotice = {
  name: 'unreadable alarm',
  state: 'ALARM',
  reason: 'the event is not a CloudWatch alarm',
};

function readSnsMessage(text: string): AlarmNotice {
  try {
    const parsed = snsAlarmSchema.safeParse(JSON.parse(text));
    if (!parsed.success) return UNREADABLE;
    return { name: parsed.data.AlarmName, state: parsed.data.NewStateValue, reason: parsed.data.NewStateReason ?? '' };
  } catch {
    return UNREADABLE;
  }
}

/** Stops the pipeline when an alarm goes off. Recoveries are ignored: only a person or a resume clears a stop. */
export async function stopOnAlarm(event: unknown, deps: StopDependencies, halt: boolean): Promise<string | null> {
  const alarm = readAlarm(event).find((notice) => notice.state === 'ALARM');
  if (alarm === undefined) return null;
  return requestStop(deps, { why: 'alarm', reason: `${alarm.name}: ${alarm.reason}`.slice(0, 500), by: 'alarm', halt });
}
