import { FASTER } from './faster.ts';
import { type Goal, goalTable } from './goals.ts';
import type { Machine } from './machine.ts';
import type { Section } from './part.ts';
import { PARTS } from './parts.ts';

const HEAD = `# Benchmarks

Written by \`npm run bench -- --write\`; the raw numbers are in [benchmarks.json](benchmarks.json). \`npm run bench -- --only NAME\` repeats
one comparison, \`--json\` prints it for machines.

What is compared is measured in one run on one machine, in turns, so that what disturbs it disturbs all. A cell is the median, and in
brackets the least and the most.
`;

const LIMITS = `## What these figures do not say

They come from one small machine, with an emulator for AWS or with none. The emulator's requests take milliseconds of one process's
time, its Lambdas start as local processes, its queue counts are exact: seconds on it say nothing about seconds on AWS, only ratios
between contenders that went through the same. What AWS's queues do beyond that (stale counts, duplicates, slow ramps) is in the
simulator by what AWS's documentation says, not by measurement. No figure here was taken on an AWS account. Costs are counted
requests times a dated price table, without free tiers, data transfer, taxes or discounts.
`;

/** What the page says of one comparison. */
export type Told = Pick<Section, 'text'> & { readonly goals: readonly Goal[] };

/** The page of the documentation, from what is told of each part, by its name. */
export function documentOf(machine: Machine, told: Readonly<Record<string, Told>>): string {
  const { processor, cores, memoryGiB, system, node } = machine;
  const on = `Machine: ${processor}, ${cores} cores, ${memoryGiB} GiB, ${system}, Node ${node}.\n`;
  const parts = PARTS.flatMap(({ name, title }) => {
    const part = told[name];
    return part === undefined ? [] : [{ name, title, ...part }];
  });
  const sections = parts.map(
    ({ name, title, text }) => `## ${title}\n\n\`npm run bench -- --only ${name}\`\n\n${text.trim()}\n`,
  );
  const goals = `## Goals\n\n${goalTable(parts.flatMap((part) => part.goals))}\n`;
  return [HEAD, on, goals, ...sections, FASTER, LIMITS].join('\n');
}
