import {
  type AlarmType,
  type CloudWatchClient,
  type CompositeAlarm,
  DescribeAlarmsCommand,
  type MetricAlarm,
} from '@aws-sdk/client-cloudwatch';
import type { AlarmDescription } from '../../doctor/description.ts';
import { inParallel } from '../bounded.ts';
import { logicalIdOf, physicalIds, type StackResource } from './stack-resources.ts';
import type { Unread } from './unread.ts';

/** CloudWatch: names in one `DescribeAlarms`, and alarms in one answer. */
const NAMES_MAX = 100;
const READS_AT_ONCE = 4;
/** CloudWatch: an alarm may be in the rules of 150 composite alarms, which are a few pages (`PutCompositeAlarm`). */
const PAGES_MAX = 20;

type AnyAlarm = MetricAlarm | CompositeAlarm;

/** The alarms that the stack has made. */
export async function describeAlarms(
  client: CloudWatchClient,
  resources: readonly StackResource[],
  unread: Unread,
): Promise<readonly AlarmDescription[]> {
  const names = ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm'].flatMap((type) =>
    physicalIds(resources, type),
  );
  const found = await alarmsNamed(client, names, ['MetricAlarm', 'CompositeAlarm'], unread);
  for (const name of names.filter((one) => !found.some(({ AlarmName }) => AlarmName === one))) {
    unread.add(`alarm ${name}`, 'CloudWatch tells nothing of it');
  }
  const acted = await actedFor(client, found, unread);
  return found.map((alarm) => describe(alarm, resources, acted)).sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function alarmsNamed(
  client: CloudWatchClient,
  names: readonly string[],
  AlarmTypes: AlarmType[],
  unread: Unread,
): Promise<readonly AnyAlarm[]> {
  const found: AnyAlarm[] = [];
  for (let first = 0; first < names.length; first += NAMES_MAX) {
    const AlarmNames = names.slice(first, first + NAMES_MAX);
    const command = new DescribeAlarmsCommand({ AlarmNames, AlarmTypes, MaxRecords: NAMES_MAX });
    const answer = await unread.unless(`alarms ${AlarmNames[0]} and others`, () => client.send(command));
    found.push(...(answer?.MetricAlarms ?? []), ...(answer?.CompositeAlarms ?? []));
  }
  return found;
}

function describe(
  alarm: MetricAlarm,
  resources: readonly StackResource[],
  acted: ReadonlySet<string>,
): AlarmDescription {
  const { AlarmName: name = '', Namespace, MetricName, ComparisonOperator = '', TreatMissingData = null } = alarm;
  return {
    name,
    logicalId: logicalIdOf(resources, name),
    actionsEnabled: alarm.ActionsEnabled === true,
    alarmActions: alarm.AlarmActions?.length ?? 0,
    inComposite: acted.has(name),
    metric:
      Namespace === undefined || MetricName === undefined
        ? null
        : { namespace: Namespace, name: MetricName, comparison: ComparisonOperator, missingData: TreatMissingData },
  };
}

function acts({ ActionsEnabled, AlarmActions = [] }: AnyAlarm): boolean {
  return ActionsEnabled === true && AlarmActions.length > 0;
}

/** Names of those that a composite alarm acts for. Only those without an action of their own are asked about. */
async function actedFor(
  client: CloudWatchClient,
  alarms: readonly AnyAlarm[],
  unread: Unread,
): Promise<ReadonlySet<string>> {
  const parents = new Map<string, readonly string[]>();
  const idle = alarms.filter((alarm) => !acts(alarm));
  await inParallel(idle, READS_AT_ONCE, async ({ AlarmName = '' }) => {
    parents.set(AlarmName, await parentsOf(client, AlarmName, unread));
  });
  // what a composite alarm does is only told of those asked for by name
  const composites = await alarmsNamed(client, [...new Set([...parents.values()].flat())], ['CompositeAlarm'], unread);
  const acting = new Set(composites.filter(acts).map(({ AlarmName = '' }) => AlarmName));
  const isActedFor = (name: string) => parents.get(name)?.some((parent) => acting.has(parent)) ?? false;
  return new Set([...parents.keys()].filter(isActedFor));
}

/** Names of the composite alarms that have this one in their rule. */
async function parentsOf(client: CloudWatchClient, name: string, unread: Unread): Promise<readonly string[]> {
  const part = `composite alarms over ${name}`;
  const names: string[] = [];
  let next: string | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    // CloudWatch refuses the call with any further parameter but those of paging
    const command = new DescribeAlarmsCommand({
      ParentsOfAlarmName: name,
      ...(next === undefined ? {} : { NextToken: next }),
    });
    const answer = await unread.unless(part, () => client.send(command));
    for (const { AlarmName = '' } of answer?.CompositeAlarms ?? []) names.push(AlarmName);
    next = answer?.NextToken || undefined;
    if (next === undefined) return names;
  }
  unread.add(part, `there are more than ${PAGES_MAX} pages of them`);
  return names;
}
