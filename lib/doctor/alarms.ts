import type { AlarmDescription } from './description.ts';
import type { Rule } from './rule.ts';

/** Metrics of these have no data while nothing happens: an idle queue, a function that nobody calls. */
const SILENT_WHEN_IDLE: ReadonlySet<string> = new Set(['AWS/SQS', 'AWS/Lambda', 'AWS/States']);

export const alarmWithoutAction: Rule = {
  id: 'alarmWithoutAction',
  severity: 'warning',
  what: 'an alarm does nothing when it goes off',
  consequence: 'nobody is told and nothing is stopped: the alarm is seen by who happens to look at it',
  fix: 'give it `AlarmActions` and leave `ActionsEnabled` on, or name it in a composite alarm that has them',
  page: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html',
  check: ({ alarms }) =>
    alarms
      .filter(
        ({ alarmActions, actionsEnabled, inComposite }) => !inComposite && (alarmActions === 0 || !actionsEnabled),
      )
      .map(({ name, logicalId, alarmActions }) => ({
        resource: `alarm ${name}`,
        logicalId,
        evidence:
          alarmActions === 0 ? 'no AlarmActions' : `${alarmActions} AlarmActions, but ActionsEnabled is not true`,
      })),
};

export const alarmMissingData: Rule = {
  id: 'alarmMissingData',
  severity: 'warning',
  what: 'an alarm takes the silence of an idle queue or function for the wrong thing',
  consequence:
    'an upper limit goes off on an idle queue (`breaching`) or loses its state (`missing`, the default); a lower limit never sees that all has stopped (`notBreaching`)',
  fix: 'set `TreatMissingData: notBreaching` on an upper limit, `breaching` on a lower one',
  page: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html',
  check: ({ alarms }) =>
    alarms.flatMap(({ name, logicalId, metric }) => {
      if (metric === null || !SILENT_WHEN_IDLE.has(metric.namespace)) return [];
      const treated = metric.missingData ?? 'missing';
      if (!wrongFor(metric.comparison).includes(treated)) return [];
      const evidence = `${metric.namespace} ${metric.name}, ${metric.comparison}, TreatMissingData ${treated}`;
      return [{ resource: `alarm ${name}`, logicalId, evidence }];
    }),
};

type Comparison = NonNullable<AlarmDescription['metric']>['comparison'];

/** Bands of anomaly detection are judged neither way. */
function wrongFor(comparison: Comparison): readonly string[] {
  if (/^GreaterThan(OrEqualTo)?Threshold$/.test(comparison)) return ['breaching', 'missing'];
  if (/^LessThan(OrEqualTo)?Threshold$/.test(comparison)) return ['notBreaching'];
  return [];
}
