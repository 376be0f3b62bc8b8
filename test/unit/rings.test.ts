import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What each room may import of the repository, and of packages. Longer prefixes come first. */
const ROOMS: readonly { readonly room: string; readonly own: readonly string[]; readonly packages: RegExp }[] = [
  { room: 'lib/core', own: ['lib/core'], packages: /^(zod|csv-parse\/sync|node:(util|zlib|crypto))$/ },
  { room: 'lib/ports', own: ['lib/core', 'lib/ports'], packages: /^node:(crypto|util)$/ },
  { room: 'lib/steps', own: ['lib/core', 'lib/ports', 'lib/steps'], packages: /^(zod|node:(util|zlib))$/ },
  { room: 'lib/door', own: ['lib/core', 'lib/ports', 'lib/steps', 'lib/door'], packages: /^node:(crypto|util)$/ },
  {
    room: 'lib/api',
    own: ['lib/core', 'lib/ports', 'lib/steps', 'lib/door', 'lib/api'],
    packages: /^zod$/,
  },
  { room: 'lib/report', own: ['lib/core', 'lib/ports', 'lib/report'], packages: /^$/ },
  { room: 'lib/doctor', own: ['lib/core', 'lib/doctor'], packages: /^zod$/ },
  { room: 'lib/aws', own: ['lib/core', 'lib/ports', 'lib/doctor', 'lib/aws'], packages: /^(@aws-sdk\/|zod$|node:)/ },
  { room: 'lib/loading', own: ['lib/core', 'lib/loading'], packages: /^(esbuild$|node:)/ },
  { room: 'lib/state-machine', own: ['lib/core', 'lib/ports', 'lib/state-machine'], packages: /^node:/ },
  {
    room: 'lib/sim',
    own: ['lib/core', 'lib/ports', 'lib/steps', 'lib/state-machine', 'lib/sim'],
    packages: /^node:/,
  },
  {
    room: 'lib/dev',
    own: ['lib/core', 'lib/ports', 'lib/steps', 'lib/state-machine', 'lib/dev'],
    packages: /^node:/,
  },
  {
    room: 'lib/plan',
    own: ['lib/core', 'lib/ports', 'lib/steps', 'lib/state-machine', 'lib/plan'],
    packages: /^$/,
  },
  { room: 'lib/cli', own: ['lib', 'infra/local-aws'], packages: /^(commander|zod)$|^node:/ },
  { room: 'lib/index.ts', own: ['lib/core'], packages: /^zod$/ },
  {
    room: 'lambdas',
    own: ['lib/core', 'lib/ports', 'lib/steps', 'lib/aws', 'lib/api', 'lambdas'],
    packages: /^(@middy\/core|aws-lambda|pino|zod|sluice:job)$|^node:/,
  },
  { room: 'infra/local-aws', own: ['lib/core', 'infra/local-aws'], packages: /^(zod$|node:)/ },
  {
    room: 'infra',
    own: ['lib/core', 'lib/ports', 'lib/loading', 'lib/state-machine', 'lib/api', 'infra'],
    packages: /^(aws-cdk-lib|constructs|cdk-nag|esbuild|zod)(\/|$)|^node:/,
  },
  { room: 'bin/sluice.ts', own: ['lib/cli'], packages: /^node:/ },
];

function filesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file));
}

function importsOf(file: string): string[] {
  const code = readFileSync(join(root, file), 'utf8');
  // biome has formatted every file: a statement ends so, and nothing else does.
  const statements = code.matchAll(/(?:^import|\bfrom) '([^']+)';$/gm);
  const calls = code.matchAll(/\bimport\('([^']+)'\)/g);
  return [...statements, ...calls].map(([, specifier]) => specifier as string);
}

function violations(): string[] {
  const found: string[] = [];
  const files = [...new Set(['lib', 'lambdas', 'infra'].flatMap(filesIn)), 'bin/sluice.ts'];
  for (const file of files) {
    const room = ROOMS.find((one) => file === one.room || file.startsWith(`${one.room}/`));
    if (room === undefined) {
      found.push(`${file} lies in no room`);
      continue;
    }
    for (const specifier of importsOf(file)) {
      const target = specifier.startsWith('.') ? relative(root, join(root, dirname(file), specifier)) : null;
      const allowed =
        target === null
          ? room.packages.test(specifier)
          : room.own.some((own) => target === own || target.startsWith(`${own}/`));
      if (!allowed) found.push(`${file} imports ${target ?? specifier}`);
    }
  }
  return found;
}

describe('the rings', () => {
  it('are only crossed inwards', () => {
    expect(violations()).toEqual([]);
  });

  it('see the imports there are', () => {
    expect(importsOf('lib/steps/produce.ts')).toContain('../core/gate.ts');
    expect(importsOf('lib/cli/connect.ts')).toContain('../aws/pipelines.ts');
    expect(importsOf('lib/aws/clients.ts')).toContain('@aws-sdk/client-sqs');
  });
});
