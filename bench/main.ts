import { Command, Option } from 'commander';
import { interruptible } from './interrupt.ts';
import { describeMachine } from './machine.ts';
import { PARTS } from './parts.ts';
import { type Found, rawNumbers, writeDocs } from './write-docs.ts';

/** Benchmarks of Sluice, side by side with what people use today. Run by `npm run bench`. */
const command = new Command('npm run bench --')
  .description('measures Sluice beside what people use today, each comparison in one run on one machine')
  .addOption(new Option('--only <names...>', 'only these comparisons').choices(PARTS.map(({ name }) => name)))
  .option('--json', 'print one JSON object instead of tables; progress goes to standard error', false)
  .option(
    '--write',
    'write docs/benchmarks.md, docs/benchmarks.json and their pictures; with --only, only those parts of them',
    false,
  )
  .addHelpText('after', '\nExample:\n  npm run -s bench -- --only sources --json')
  .parse();

const options = command.opts<{ only?: string[]; json: boolean; write: boolean }>();
const chosen = PARTS.filter(({ name }) => options.only === undefined || options.only.includes(name));
const progress = (line: string) => void process.stderr.write(`${line}\n`);

const found = await interruptible(async (signal) => {
  const sections: Found[] = [];
  for (const part of chosen) {
    signal.throwIfAborted();
    progress(`${part.title} …`);
    const section = await part.run((line) => progress(`  ${line}`), signal);
    sections.push({ part, section });
    if (!options.json) process.stdout.write(`## ${part.title}\n\n${section.text}\n\n`);
  }
  return sections;
});

if (found === null) {
  progress('interrupted; nothing was written');
  process.exitCode = 130;
} else {
  const machine = describeMachine();
  if (options.json) process.stdout.write(`${JSON.stringify({ machine, ...rawNumbers(found) })}\n`);
  if (options.write) await writeDocs(machine, found, options.only === undefined);
}
