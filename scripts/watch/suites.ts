import { fileURLToPath } from 'node:url';
import config from '../../vitest.config.ts';

/** One suite: what it runs, and how long that may take. */
export interface Suite {
  readonly name: string;
  /** Programs with their arguments, run one after another until one fails. */
  readonly commands: readonly (readonly string[])[];
  readonly limitSeconds: number;
  /** Why it needs more than `SUITE_SECONDS`. */
  readonly why?: string;
}

/** All processes of the tests together, in MiB of proportional set size. */
export const MEMORY_MIB = 4096;

/**
 * The data segment of each process (`RLIMIT_DATA`, kept by the kernel). It counts what is mapped as writable, touched or not,
 * so it has to lie above `MEMORY_MIB`: Node begins at 0.6 GiB, and LocalStack's threads, up to 300, map 8 MiB each. It stops
 * at once the process that would outgrow all between two looks; what is really held is for `MEMORY_MIB` to bound.
 */
export const DATA_MIB = 6144;

/** A suite's time, unless it says why it needs more. */
export const SUITE_SECONDS = 120;

const root = new URL('../../', import.meta.url);
const program = (path: string): string => fileURLToPath(new URL(`node_modules/${path}`, root));

/** Projects of `vitest.config.ts` that need more than `SUITE_SECONDS`. */
export const LONGER: Readonly<Record<string, Required<Pick<Suite, 'limitSeconds' | 'why'>>>> = {
  unit: {
    limitSeconds: 300,
    why: 'loads jobs in processes of their own: a machine with other work takes twice its time',
  },
  model: {
    limitSeconds: 600,
    why: 'takes two producers through every interleaving, and ten million items through each source',
  },
  localstack: {
    limitSeconds: 1_000,
    why: 'the first run installs LocalStack; then each file starts an instance of its own, one after installing the package',
  },
  sim: { limitSeconds: 400, why: 'runs the whole pipeline through 300 seeds of faults' },
  browser: { limitSeconds: 300, why: 'starts a browser and looks at every page in three ways' },
  infra: { limitSeconds: 900, why: 'synthesises dozens of stacks, and each file loads the CDK anew' },
  package: { limitSeconds: 400, why: 'builds and packs the package, and installs it as a user does' },
  pipelines: {
    limitSeconds: 3_000,
    why: 'deploys a stack, then runs whole pipelines, and chaos, in real time: some wait through minutes of silence',
  },
};

/** Lint, then every project of `vitest.config.ts` in its order: the quick ones come first there. */
export const SUITES: readonly Suite[] = [
  {
    name: 'lint',
    commands: [
      [process.execPath, program('@biomejs/biome/bin/biome'), 'check', '.'],
      [process.execPath, program('typescript/bin/tsc'), '--noEmit'],
      // code that runs in a page: it alone may know of a document
      [process.execPath, program('typescript/bin/tsc'), '--noEmit', '-p', 'test/browser'],
    ],
    limitSeconds: SUITE_SECONDS,
  },
  ...projectNames().map((name) => ({
    name,
    commands: [[process.execPath, program('vitest/vitest.mjs'), 'run', '--project', name]],
    limitSeconds: SUITE_SECONDS,
    ...LONGER[name],
  })),
];

function projectNames(): string[] {
  return (config.test?.projects ?? []).map((project) => {
    const name = typeof project === 'object' && 'test' in project ? project.test?.name : undefined;
    if (typeof name !== 'string') throw new Error('every project of vitest.config.ts needs a name');
    return name;
  });
}
