import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { buildFunctions, bundlePath, FUNCTION_NAMES, type FunctionName } from '../../infra/bundles.ts';
import type { Goal } from '../goals.ts';
import type { Part, Section } from '../part.ts';
import { type Spread, spreadOf } from '../statistics.ts';
import { number, table, withSpread } from '../table.ts';

const REPETITIONS = 10;
const RUN_MS = 60_000;
const JOB = fileURLToPath(new URL('../../examples/ip-ranges/job.ts', import.meta.url));
/** What a function is told; names only, nothing is called. */
const CONFIG = {
  ...{ pipeline: 'bench', table: 't', bucket: 'b', queueUrl: 'q', deadLetterQueueUrl: 'd', stopParameter: '/s' },
  ...{ workerFunction: 'w', mapping: 'm', alarms: ['a'], stateMachine: 'arn', options: {} },
};
const PACKAGES_SHOWN = 5;
const run = promisify(execFile);

interface Bundle {
  readonly name: FunctionName;
  readonly bytes: number;
  /** The largest packages in it: [name, bytes]. */
  readonly largest: readonly (readonly [string, number])[];
}

/** How large the functions' bundles are, what is in them, and how long a new process takes to import each. */
export const coldStart: Part = {
  name: 'coldStart',
  title: 'Cold start: bundles and their import',
  async run(progress, signal) {
    const { outputFiles = [], metafile } = buildFunctions(JOB, true);
    const bundles = FUNCTION_NAMES.map((name) => bundleOf(name, metafile?.outputs ?? {}));
    const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
    const milliseconds = Object.fromEntries(FUNCTION_NAMES.map((name) => [name, [] as number[]]));
    try {
      for (const { path, contents } of outputFiles)
        await writeFile(join(folder, path.split(/[\\/]/).at(-1) ?? ''), contents);
      for (let round = 1; round <= REPETITIONS; round += 1) {
        signal.throwIfAborted();
        progress(`round ${round} of ${REPETITIONS}`);
        for (const name of FUNCTION_NAMES) milliseconds[name]?.push(await importMs(join(folder, `${name}.mjs`)));
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    const imports = Object.fromEntries(FUNCTION_NAMES.map((name) => [name, spreadOf(milliseconds[name] ?? [])]));
    return sectionOf(bundles, imports as Record<FunctionName, Spread>);
  },
};

type Outputs = Readonly<Record<string, { readonly bytes: number; readonly inputs: Inputs }>>;
type Inputs = Readonly<Record<string, { readonly bytesInOutput: number }>>;

function bundleOf(name: FunctionName, outputs: Outputs): Bundle {
  const output = Object.entries(outputs).find(([path]) => path.endsWith(bundlePath(name).slice(1)))?.[1];
  if (output === undefined) throw new Error(`there is no bundle of ${name}`);
  const sizes = new Map<string, number>();
  for (const [path, { bytesInOutput }] of Object.entries(output.inputs)) {
    const owner = path.match(/.*node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1] ?? 'Sluice and the job';
    sizes.set(owner, (sizes.get(owner) ?? 0) + bytesInOutput);
  }
  const largest = [...sizes].toSorted(([, a], [, b]) => b - a).slice(0, PACKAGES_SHOWN);
  return { name, bytes: output.bytes, largest };
}

/** In a process of its own, as each execution environment is. */
async function importMs(file: string): Promise<number> {
  const script = `const start = performance.now(); await import(process.argv[1]); process.stdout.write(String(performance.now() - start)); process.exit(0);`;
  const env = { SLUICE_CONFIG: JSON.stringify(CONFIG), AWS_REGION: 'us-east-1' };
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script, file], { env, timeout: RUN_MS });
  return Number(stdout);
}

function sectionOf(bundles: readonly Bundle[], imports: Readonly<Record<FunctionName, Spread>>): Section {
  const largest = ([owner, bytes]: readonly [string, number]) => `${owner} ${number(bytes / 1_000)}`;
  const text = `The functions of the example's job, bundled as they are deployed: minified, names kept, the SDK inside. Import: a new process of this machine's Node,
${REPETITIONS} times each, in turns; Lambda adds what it takes to start the process and to fetch the code.

${table(
  ['function', 'bundle, kB', 'import, ms'],
  bundles.map(({ name, bytes }) => [name, number(bytes / 1_000), withSpread(imports[name], 0)]),
)}

What is in the worker's bundle, the largest, in kB: ${bundles
    .find(({ name }) => name === 'worker')
    ?.largest.map(largest)
    .join(', ')}. Open alone talks to every service.`;
  const goals: readonly Goal[] = [
    {
      ...{ what: 'largest bundle, kB', atMost: 1_000, digits: 0, ifMissed: 'Open alone talks to every service' },
      found: Math.max(...bundles.map(({ bytes }) => bytes / 1_000)),
    },
    {
      ...{ what: 'slowest import, ms', atMost: 150, digits: 0, ifMissed: 'most of it is the SDK’s' },
      found: Math.max(...bundles.map(({ name }) => imports[name].median)),
    },
  ];
  return { text, goals, data: { bundles, imports } };
}
