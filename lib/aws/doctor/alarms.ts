import { type CloudWatchClient, DescribeAlarmsCommand, type MetricAlarm } from '@aws-sdk/client-cloudwatch';
import type { AlarmDescription } from '../../doctor/description.ts';
import { inParallel } from '../bounded.ts';
import { logicalIdOf, physicalIds, type StackResource } from './stack-resources.ts';
import type { Unread } from './unread.ts';

/** CloudWatch: names in one `DescribeAlarms`, and alarms in one answer. */
const NAMES_MAX = 100;
const READS_AT_ONCE = 4;

/** The alarms that the stack has made. */
export async function describeAlarms(
  client: CloudWatchClient,
  resources: readonly StackResource[],
  unread: Unread,
): Promise<readonly AlarmDescription[]> {
  const names = ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm'].flatMap((type) =>
    physicalIds(resources, type),
  );
  const found: AlarmDescription[] = [];
  for (let first = 0; first < names.length; first += NAMES_MAX) {
    const AlarmNames = names.slice(first, first + NAMES_MAX);
    const command = new DescribeAlarmsCommand({
      AlarmNames,
      AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
      MaxRecords: NAMES_MAX,
    });
    const answer = await unread.unless(`alarms ${AlarmNames[0]} and others`, () => client.send(command));
    if (answer === null) continue;
    const { MetricAlarms = [], CompositeAlarms = [] } = answer;
    for (const alarm of [...MetricAlarms, ...CompositeAlarms]) found.push(describe(alarm, resources));
  }
  for (const name of names.filter((one) => !found.some((alarm) => alarm.name === one))) {
    unread.add(`alarm ${name}`, 'CloudWatch tells nothing of it');
  }
  return askForComposites(client, found, unread);
}

function describe(alarm: MetricAlarm, resources: readonly StackResource[]): AlarmDescription {
  const { AlarmName: name = '', Namespace, MetricName, ComparisonOperator = '', TreatMissingData = null } = alarm;
  return {
    name,
    logicalId: logicalIdOf(resources, name),
    actionsEnabled: alarm.ActionsEnabled === true,
    alarmActions: alarm.AlarmActions?.length ?? 0,
    inComposite: false,
    metric:
      Namespace === undefined || MetricName === undefined
        ? null
        : { namespace: Namespace, name: MetricName, comparison: ComparisonOperator, missingData: TreatMissingData },
  };
}

/** Only those without an action of their own need another alarm to act for them. */
async function askForComposites(
  client: CloudWatchClient,
  alarms: readonly AlarmDescription[],
  unread: Unread,
): Promise<readonly AlarmDescription[]> {
  const result = [...alarms];
  await inParallel(alarms, READS_AT_ONCE, async (alarm, position) => {
    if (alarm.alarmActions > 0 && alarm.actionsEnabled) return;
    const command = new DescribeAlarmsCommand({ ParentsOfAlarmName: alarm.name, AlarmTypes: ['CompositeAlarm'] });
    const answer = await unread.unless(`composite alarms over ${alarm.name}`, () => client.send(command));
    result[position] = {
      ...alarm,
      inComposite: (answer?.CompositeAlarms ?? []).some(({ AlarmRule = '' }) => AlarmRule.includes(alarm.name)),
    };
  });
  return result.sort((a, b) => (a.name < b.name ? -1 : 1));
}
