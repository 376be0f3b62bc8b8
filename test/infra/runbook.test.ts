import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runbookOf } from '../../infra/alarms.ts';
import { COMMANDS } from '../../lib/cli/program.ts';
import { resource, synth } from './support.ts';

const { template, pipeline } = synth();
const page = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
const sections = new Map(
  page
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf('\n')), section] as const),
);

describe('the runbook', () => {
  it('has a section for every alarm, and no other, in their order', () => {
    expect([...sections.keys()]).toEqual(pipeline.alarms.map(({ node }) => node.id));
  });

  it.each(pipeline.alarms.map(({ node }) => node.id))('is named in the description of %s', (id) => {
    const { AlarmDescription } = resource(template, 'AWS::CloudWatch::Alarm', `Count${id}`).Properties;
    expect(AlarmDescription).toMatch(/^Sluice count: [a-z].+\. What to do: docs\/runbook\.md#[a-z]+$/);
    expect(AlarmDescription.endsWith(runbookOf(id))).toBe(true);
    // GitHub's anchor of a heading of one word
    expect(runbookOf(id)).toBe(`docs/runbook.md#${id.toLowerCase()}`);
  });

  it.each([...sections])('says of %s what it means, what to look at, what to do, and what to type', (id, section) => {
    for (const part of ['**Means** (', '**Look at**: ', '**Do**: ']) expect(section).toContain(part);
    const { AlarmActions } = resource(template, 'AWS::CloudWatch::Alarm', `Count${id}`).Properties;
    expect(section).toContain(AlarmActions.length === 2 ? '**Means** (stops): ' : '**Means** (tells only): ');
    const [, block = ''] = /```\n([\s\S]*?)```/.exec(section) ?? [];
    const typed = block.trim().split('\n');
    expect(typed.length).toBeGreaterThan(0);
    for (const line of typed)
      expect(COMMANDS.map(({ name }) => `sluice ${name}`)).toContain(/^sluice [a-z]+/.exec(line)?.[0]);
  });
});
