import { type CloudWatchClient, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import type { Alarms } from '../ports/alarms.ts';

export interface CloudWatchAlarmsSettings {
  readonly client: () => CloudWatchClient;
  readonly alarmNames: readonly string[];
}

/** CloudWatch: characters of a state's reason. */
const REASON_CHARACTERS_MAX = 1_023;

/** The pipeline's alarms in CloudWatch. */
export function cloudWatchAlarms({ client, alarmNames }: CloudWatchAlarmsSettings): Alarms {
  return {
    reset: async (reason) => {
      const StateReason = reason.slice(0, REASON_CHARACTERS_MAX);
      const resets = await Promise.allSettled(
        alarmNames.map((AlarmName) =>
          client().send(new SetAlarmStateCommand({ AlarmName, StateValue: 'OK', StateReason })),
        ),
      );
      const failed = resets.find((reset) => reset.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    },
  };
}
