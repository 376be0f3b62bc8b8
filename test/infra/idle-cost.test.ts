import { readFileSync } from 'node:fs';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { BoundedPipeline } from '../../infra/index.ts';
import { parseOptions } from '../../lib/core/job/options.ts';
import { costOf, type Use } from '../../lib/plan/prices.ts';
import { MONTH_HOURS, useOfIdleMonth } from '../../lib/plan/use.ts';
import { fixture, type Json, synth } from './support.ts';

/** Lambda asks an empty queue by five pollers, each of which waits 20 s for an answer. */
const POLLS_A_MONTH = (5 * 3_600 * MONTH_HOURS) / 20;
const unlimited = { job: fixture('from-s3.ts') };
const page = readFileSync(new URL('../../docs/operating.md', import.meta.url), 'utf8');
const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

/** What of a template is billed by the month, whether or not anything runs. */
function useOf(template: Template): Use {
  const found = (type: string): Json[] => Object.values(template.findResources(type));
  const periods = found('AWS::CloudWatch::Alarm').map(({ Properties }) => Properties.Period);
  return {
    alarmMonths: periods.filter((period) => period >= 60).length,
    fastAlarmMonths: periods.filter((period) => period < 60).length,
    keyMonths: found('AWS::KMS::Key').length,
    dashboardMonths: found('AWS::CloudWatch::Dashboard').length,
    sqsRequests: found('AWS::Lambda::EventSourceMapping').length * POLLS_A_MONTH,
  };
}

const usd = (use: Use) => costOf(use).usd.toFixed(2);

describe('a pipeline in which nothing runs', () => {
  const { template } = synth(unlimited);

  it('costs what a plan says', () => {
    expect(useOf(template)).toEqual(useOfIdleMonth({ options: parseOptions({}) }));
    const limited = { options: parseOptions({ maxFailedItems: 7 }) };
    expect(useOf(synth().template)).toEqual(useOfIdleMonth(limited));
  });

  it('has nothing else that could cost', () => {
    const types = Object.values(template.toJSON().Resources as Record<string, Json>).map(({ Type }) => Type);
    expect([...new Set(types)].toSorted()).toEqual([
      'AWS::CloudWatch::Alarm',
      'AWS::CloudWatch::Dashboard',
      'AWS::DynamoDB::Table',
      'AWS::IAM::Policy',
      'AWS::IAM::Role',
      'AWS::KMS::Key',
      'AWS::Lambda::EventSourceMapping',
      'AWS::Lambda::Function',
      'AWS::Lambda::Permission',
      'AWS::Logs::LogGroup',
      'AWS::S3::Bucket',
      'AWS::S3::BucketPolicy',
      'AWS::SNS::Subscription',
      'AWS::SNS::Topic',
      'AWS::SNS::TopicPolicy',
      'AWS::SQS::Queue',
      'AWS::SQS::QueuePolicy',
      'AWS::SSM::Parameter',
      'AWS::StepFunctions::StateMachine',
    ]);
    // by request, and nothing that is provisioned
    const tables: Json[] = Object.values(template.findResources('AWS::DynamoDB::Table'));
    expect(tables.map(({ Properties }) => Properties.BillingMode)).toEqual(['PAY_PER_REQUEST']);
  });

  it('costs its alarms and its mappings’ polls only, without a dashboard and with the topic of another', () => {
    const stack = new Stack(new App(), 'Two');
    const { topic } = new BoundedPipeline(stack, 'First', unlimited);
    new BoundedPipeline(stack, 'Second', { ...unlimited, name: 'second', dashboard: false, topic });
    expect(useOf(Template.fromStack(stack))).toEqual({
      ...useOf(template),
      ...{ alarmMonths: 12, fastAlarmMonths: 8, sqsRequests: 4 * POLLS_A_MONTH },
    });
  });

  it('costs what the documentation says', () => {
    const use = useOf(template);
    const { alarmMonths = 0, fastAlarmMonths = 0, sqsRequests = 0 } = use;
    const rows = [
      `| alarms on minutes | ${alarmMonths} | ${usd({ alarmMonths })} |`,
      `| alarms on 10 seconds | ${fastAlarmMonths} | ${usd({ fastAlarmMonths })} |`,
      `| requests of the two mappings to their empty queues | ${sqsRequests.toLocaleString('en-US')} | ${usd({ sqsRequests })} |`,
      `| key of the alarm topic | 1 | ${usd({ keyMonths: 1 })} |`,
      `| dashboard | 1 | ${usd({ dashboardMonths: 1 })} |`,
      `| together | | ${usd(use)} |`,
    ];
    for (const row of rows) expect(page).toContain(row);
    expect(page).toContain(
      `the alarms and the mappings' requests, $${usd({ alarmMonths, fastAlarmMonths, sqsRequests })}`,
    );
    expect(readme).toContain(`$${usd(use)} a month`);
    expect(readme).toContain(`$${usd({ alarmMonths, fastAlarmMonths, sqsRequests })}`);
  });
});
