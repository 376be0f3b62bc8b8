import type { Plan } from '../plan/plan.ts';
import { SERVICES } from '../plan/prices.ts';
import type { HandlerSample } from '../plan/sample.ts';
import { formatCount, formatSeconds, formatTable, plural } from './format.ts';

const PARTS = ['open', 'ramp', 'work', 'starved', 'pacing', 'tail', 'close'] as const;

/** The human form of a plan. */
export function planText(job: string, plan: Plan, sample: HandlerSample | null): string {
  const { items, batches, cap, capNeeded, makespan } = plan;
  const parts = PARTS.filter((part) => makespan[part] >= 0.05).map(
    (part) => `${part} ${formatSeconds(makespan[part])}`,
  );
  const rows: readonly (readonly [string, string])[] = [
    [
      'job',
      `${job}: ${plural(items, 'item')} in ${plural(batches, 'batch', 'batches')}, ${formatSeconds(plan.batchSeconds)} each`,
    ],
    ...(sample === null ? [] : [['measured', measured(sample)] as const]),
    [
      'cap',
      `${formatCount(cap)} batches; ${formatCount(capNeeded)} keep all workers busy (feedback ${formatSeconds(plan.feedbackSeconds)}, tick ${formatSeconds(plan.tickSeconds)})`,
    ],
    ['queue', `at most ${formatBytes(plan.queueBytes)} of messages, for ${formatBytes(plan.queueInputBytes)} of input`],
    ['makespan', formatSeconds(plan.makespanSeconds)],
    ['', parts.join(' · ')],
    [
      'cost',
      `${formatUsd(plan.cost.usd)} USD, ${formatUsd(plan.cost.computeUsd)} of it the workers' time; ${formatUsd(plan.cost.idleMonthUsd)} a month for the pipeline itself`,
    ],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    ...rows.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`),
    '\n',
    costTable(plan),
    `USD in ${plan.cost.region}, prices of ${plan.cost.pricesOf}, no free tier\n`,
    '\n',
    countsTable(plan),
    '\n',
    quotasTable(plan),
    ...warningLines(plan),
  ].join('');
}

function measured({ items, seconds, failed, itemSeconds }: HandlerSample): string {
  const bad = failed === 0 ? '' : `, ${formatCount(failed)} failed`;
  return `${plural(items, 'item')} here in ${formatSeconds(seconds)}${bad}: ${formatMilliseconds(itemSeconds)} each, alone on this machine`;
}

/** This job by service, beside the same job built in other ways. */
function costTable({ cost, makespanSeconds, alternatives }: Plan): string {
  const ways = [{ name: 'this job', cost, makespanSeconds }, ...alternatives];
  const letters = ways.map((_, index) => (index === 0 ? 'this job' : `(${index})`));
  const rows = SERVICES.filter((service) => ways.some((way) => way.cost.byService[service] > 0)).map((service) => [
    service,
    ...ways.map((way) => formatUsd(way.cost.byService[service])),
  ]);
  const total = ['total', ...ways.map((way) => formatUsd(way.cost.usd))];
  const time = ['seconds', ...ways.map((way) => formatCount(Math.round(way.makespanSeconds)))];
  const legend = alternatives.map(({ name, lacks }, index) => `(${index + 1}) ${name}: ${lacks}\n`);
  return `${formatTable(['USD', ...letters], [...rows, total, time])}${legend.join('')}`;
}

function countsTable({ counts }: Plan): string {
  const { total } = counts;
  return formatTable(
    ['asks of AWS', 'times'],
    [
      ['invocations', formatCount(total.invocations)],
      ['  of the worker', formatCount(counts.worker.invocations)],
      ['state transitions', formatCount(counts.transitions)],
      ['DynamoDB requests', formatCount(total.requests.dynamodb)],
      ['  write units', formatCount(total.writes)],
      ['  read units', formatCount(total.reads)],
      ['SQS requests', formatCount(total.requests.sqs)],
      ['S3 requests', formatCount(total.requests.s3)],
      ['SSM reads', formatCount(total.requests.ssm)],
      ['CloudWatch requests', formatCount(total.requests.cloudwatch)],
    ],
  );
}

function quotasTable({ quotas }: Plan): string {
  const rows = quotas.map(({ name, uses, limit }) => [name, formatNumber(uses), formatCount(limit)]);
  return formatTable(['quota', 'uses', 'of'], rows);
}

function warningLines({ warnings }: Plan): string[] {
  if (warnings.length === 0) return ['\nno warnings\n'];
  return warnings.map(({ code, message, fix }) => `\nwarning[${code}]: ${message}\n  ${fix}\n`);
}

function formatUsd(usd: number): string {
  if (usd === 0) return '-';
  return usd >= 100 ? formatCount(Math.round(usd)) : usd.toFixed(usd >= 1 ? 2 : 4);
}

function formatNumber(value: number): string {
  return value >= 10 || Number.isInteger(value) ? formatCount(Math.round(value)) : value.toFixed(1);
}

function formatMilliseconds(seconds: number): string {
  return seconds >= 1 ? formatSeconds(seconds) : `${Number((seconds * 1_000).toPrecision(2))} ms`;
}

/** @example formatBytes(2_097_152) // '2.0 MiB' */
function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  for (; value >= 1_024 && unit < units.length - 1; unit += 1) value /= 1_024;
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
