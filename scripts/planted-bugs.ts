import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

/**
 * Plants each bug of `test/planted-bugs/` into a copy of `lib/` and lets the simulator look for it.
 *
 *     npm run simulate:planted [-- --runs 10000] [--only NAME] [--write]
 *
 * `--write` puts the table into docs/simulation.md. Exit: 1 when a bug is not found, or a patch no longer applies.
 */
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '10000' },
    only: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});

const root = fileURLToPath(new URL('..', import.meta.url));
const patches = join(root, 'test/planted-bugs');
const page = join(root, 'docs/simulation.md');
const TABLE = /<!-- planted bugs -->[\s\S]*<!-- end of planted bugs -->/;
const print = (text: string) => process.stdout.write(`${text}\n`);

interface Finding {
  readonly name: string;
  /** Simulated runs until it was found; null when it was not. */
  readonly runs: number | null;
  readonly by: string;
  readonly says: string;
}

/** Runs the seeds one by one in the copy; prints one line of JSON at the first violation. */
const HUNT = `
import { simulate } from './lib/sim/simulate.ts';
for (let seed = 1; seed <= Number(process.argv[2]); seed += 1) {
  const { violation } = await simulate(seed);
  if (violation === null) continue;
  process.stdout.write(JSON.stringify({ runs: seed, by: violation.invariant, says: violation.message }));
  process.exit(0);
}
process.stdout.write(JSON.stringify({ runs: null, by: '', says: 'not found' }));
`;

async function hunt(name: string): Promise<Finding> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-planted-'));
  try {
    cpSync(join(root, 'lib'), join(folder, 'lib'), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    writeFileSync(join(folder, 'hunt.ts'), HUNT);
    try {
      execFileSync('patch', ['-p1', '--silent', '--fuzz=2', '-i', join(patches, `${name}.patch`)], { cwd: folder });
    } catch {
      return { name, runs: null, by: '', says: 'the patch no longer applies' };
    }
    const found = await promisify(execFile)(process.execPath, ['hunt.ts', values.runs], { cwd: folder });
    return { name, ...JSON.parse(found.stdout) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const names = readdirSync(patches)
  .filter((file) => file.endsWith('.patch'))
  .map((file) => basename(file, '.patch'))
  .filter((name) => values.only === undefined || name === values.only);
const findings: Finding[] = [];
const left = names[Symbol.iterator]();
await Promise.all(
  Array.from({ length: availableParallelism() }, async () => {
    for (const name of left) {
      const finding = await hunt(name);
      findings.push(finding);
      print(
        `${name.padEnd(36)} ${finding.runs === null ? 'NOT FOUND' : `found in run ${finding.runs}, ${finding.by}`}: ${finding.says}`,
      );
    }
  }),
);
findings.sort((a, b) => a.name.localeCompare(b.name));
if (values.write) writeFileSync(page, readFileSync(page, 'utf8').replace(TABLE, table(findings)));
process.exitCode = findings.length > 0 && findings.every(({ runs }) => runs !== null) ? 0 : 1;

function table(rows: readonly Finding[]): string {
  const title = (name: string) => /^# (.*)$/m.exec(readFileSync(join(patches, `${name}.patch`), 'utf8'))?.[1] ?? name;
  const lines = rows.map(({ name, runs, by }) => `| \`${name}\` | ${title(name)} | ${by} | ${runs ?? 'not found'} |`);
  const head = '| patch | the bug | found by | in run |\n|---|---|---|---|';
  return `<!-- planted bugs -->\n${head}\n${lines.join('\n')}\n<!-- end of planted bugs -->`;
}
