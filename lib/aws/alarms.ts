import { type CloudWatchClient, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { isPassing } from '../core/errors.ts';
import type { Alarms } from '../ports/alarms.ts';
import type { Clock } from '../ports/clock.ts';
import { systemClock } from '../ports/system-clock.ts';
import { withRetries } from './bounded.ts';

export interface CloudWatchAlarmsSettings {
  readonly client: () => CloudWatchClient;
  readonly alarmNames: readonly string[];
  readonly clock?: Clock;
}

/**
 * CloudWatch: calls of `SetAlarmState` a second, of a whole account and region, not adjustable
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html).
 */
const RESETS_PER_SECOND = 3;
const RETRIES = { attempts: 6, pauseMs: 500, pauseMsMax: 4_000 } as const;

/** CloudWatch: characters of a state's reason. */
const REASON_CHARACTERS_MAX = 1_023;

/** The pipeline's alarms in CloudWatch: set one after the other, each at its turn, also after one that failed. */
export function cloudWatchAlarms({ client, alarmNames, clock = systemClock }: CloudWatchAlarmsSettings): Alarms {
  return {
    reset: async (reason) => {
      const StateReason = reason.slice(0, REASON_CHARACTERS_MAX);
      const failures: unknown[] = [];
      for (const [position, AlarmName] of alarmNames.entries()) {
        if (position > 0) await clock.sleep(1_000 / RESETS_PER_SECOND);
        const command = new SetAlarmStateCommand({ AlarmName, StateValue: 'OK', StateReason });
        await withRetries({ clock, ...RETRIES }, isPassing, () => client().send(command)).catch((error: unknown) => {
          failures.push(error);
        });
      }
      if (failures.length > 0) throw failures[0];
    },
  };
}
