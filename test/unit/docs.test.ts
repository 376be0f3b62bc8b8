import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../lib/cli/program.ts';
import { ERROR_CODES } from '../../lib/core/errors.ts';
import { OPTION_NAMES, parseOptions } from '../../lib/core/job/options.ts';
import { WHYS } from '../../lib/core/why.ts';
import { loadJob } from '../../lib/loading/index.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const codeOf = (page: string) => [...read(page).matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code as string);
const firstCells = (page: string) => [...page.matchAll(/^\| `([^`]+)` \|/gm)].map(([, cell]) => cell);

describe('the documentation', () => {
  it('has every error code once, and no other', () => {
    expect(firstCells(read('docs/errors.md')).toSorted()).toEqual([...ERROR_CODES].toSorted());
  });

  it('has every reason once, and no other', () => {
    expect(firstCells(read('docs/reasons.md')).toSorted()).toEqual([...WHYS].toSorted());
  });

  it('has every option of a job once, with its default', () => {
    const page = read('docs/jobs.md');
    const options = page.slice(page.indexOf('## Options'), page.indexOf('## Sources'));
    expect(firstCells(options).toSorted()).toEqual([...OPTION_NAMES].toSorted());
    const defaults: Record<string, unknown> = parseOptions({});
    for (const [, name = '', stated] of options.matchAll(/^\| `(\w+)` \| ([^|]+) \|/gm)) {
      const expected = defaults[name] === undefined ? 'none' : String(defaults[name]);
      expect(stated?.replaceAll('`', '').trim(), name).toBe(expected);
    }
  });

  it('shows jobs that compile', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-docs-'));
    try {
      for (const page of ['README.md', 'docs/jobs.md']) {
        const blocks = codeOf(page).filter((code) => !code.includes('sluice/cdk'));
        expect(blocks.length, page).toBeGreaterThan(0);
        for (const [index, code] of blocks.entries()) {
          const file = join(folder, `${page.replaceAll('/', '-')}-${index}.ts`);
          writeFileSync(file, code);
          expect((await loadJob(file)).name).toMatch(/^[a-z]+$/);
        }
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
    // each is bundled: a busy machine takes its time
  }, 30_000);

  it('shows the app that is deployed from the packed package', () => {
    const shown = ['examples/cdk-app/jobs/count.ts', 'examples/cdk-app/app.ts'].map(read);
    expect(codeOf('README.md')).toEqual(shown);
    const lines = shown[1]?.split('\n').filter((line) => line !== '' && !line.startsWith('//'));
    expect(lines?.length).toBeLessThanOrEqual(10);
  });

  it('names only files that exist', () => {
    for (const page of ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md']) {
      const links = [...read(page).matchAll(/\]\(([^)#:]+)\)/g)].map(([, path]) => path as string);
      for (const path of links) expect(() => read(path), `${page} → ${path}`).not.toThrow();
    }
  });

  it('names only npm scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json'));
    for (const page of ['README.md', 'CONTRIBUTING.md']) {
      for (const [, name] of read(page).matchAll(/npm run (?:-s )?([a-z:]+)/g))
        expect(scripts, page).toHaveProperty(name as string);
    }
  });

  it('shows only commands that exist, and each command has a file and an example', () => {
    const names = COMMANDS.map(({ name }) => name);
    for (const { name, example } of COMMANDS) expect(example).toContain(`sluice ${name}`);
    const shown = [...read('README.md').matchAll(/sluice -- ([a-z]+)/g)].map(([, name]) => name);
    expect(shown.length).toBeGreaterThan(3);
    for (const name of shown) expect(names).toContain(name);
    expect(
      readdirSync(new URL('../../lib/cli/commands', import.meta.url))
        .map((file) => file.replace('.ts', ''))
        .toSorted(),
    ).toEqual(names.toSorted());
  });
});
