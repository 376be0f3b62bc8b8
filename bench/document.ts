import { goalTable } from './goals.ts';
import type { Machine } from './machine.ts';
import type { Part, Section } from './part.ts';

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

/** By hand: what is gone cannot be measured again. */
const FASTER = `## What was made faster

| | before | after | what showed it |
|---|---|---|---|
| cost of a million items beside the handler, batches of 100 | $0.13 | $0.056 | counting requests by function: at the full cap each place that fell free was a send, a reserve and a window of its own, and each look read hundreds of windows; a look now waits for room of a whole send |
| the worker's bundle | 1.98 MB | 0.83 MB | esbuild's list of what is in it: all AWS clients were in each function, and all languages of the validation library |
`;

/** The page of the documentation, from all parts of one run. */
export function documentOf(
  machine: Machine,
  parts: readonly { readonly part: Part; readonly section: Section }[],
): string {
  const { processor, cores, memoryGiB, system, node } = machine;
  const on = `Machine: ${processor}, ${cores} cores, ${memoryGiB} GiB, ${system}, Node ${node}.\n`;
  const sections = parts.map(
    ({ part, section }) => `## ${part.title}\n\n\`npm run bench -- --only ${part.name}\`\n\n${section.text.trim()}\n`,
  );
  const goals = `## Goals\n\n${goalTable(parts.flatMap(({ section }) => section.goals ?? []))}\n`;
  return [HEAD, on, goals, ...sections, FASTER, LIMITS].join('\n');
}
