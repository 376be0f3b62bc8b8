import { writeFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { documentOf } from './document.ts';
import { interruptible } from './interrupt.ts';
import { describeMachine } from './machine.ts';
import type { Part, Section } from './part.ts';
import { PARTS } from './parts.ts';

/** Benchmarks of Sluice, side by side with what people use today. Run by `npm run bench`. */
const command = new Command('npm run bench --')
  .description('measures Sluice beside what people use today, each comparison in one run on one machine')
  .addOption(new Option('--only <names...>', 'only these comparisons').choices(PARTS.map(({ name }) => name)))
  .option('--json', 'print one JSON object instead of tables; progress goes to standard error', false)
  .option('--write', 'write docs/benchmarks.md, docs/benchmarks.json and their pictures; needs all comparisons', false)
  .addHelpText('after', '\nExample:\n  npm run -s bench -- --only sources --json')
  .parse();

const options = command.opts<{ only?: string[]; json: boolean; write: boolean }>();
if (options.write && options.only !== undefined) command.error('error: --write needs all comparisons, without --only');

const chosen = PARTS.filter(({ name }) => options.only === undefined || options.only.includes(name));
const found: { readonly part: Part; readonly section: Section }[] = [];
for (const part of chosen) {
  process.stderr.write(`${part.title} …\n`);
  const progress = (line: string) => void process.stderr.write(`  ${line}\n`);
  const section = await interruptible((signal) => part.run(progress, signal));
  found.push({ part, section });
  if (!options.json) process.stdout.write(`## ${part.title}\n\n${section.text}\n\n`);
}

const machine = describeMachine();
const json = { machine, ...Object.fromEntries(found.map(({ part, section }) => [part.name, section.data])) };
if (options.json) process.stdout.write(`${JSON.stringify(json)}\n`);
if (options.write) {
  const docs = new URL('../docs/', import.meta.url);
  await writeFile(new URL('benchmarks.json', docs), `${JSON.stringify(json, null, 2)}\n`);
  await writeFile(new URL('benchmarks.md', docs), documentOf(machine, found));
  for (const { section } of found)
    for (const [name, svg] of Object.entries(section.pictures ?? {}))
      await writeFile(new URL(`pictures/${name}`, docs), svg);
}
