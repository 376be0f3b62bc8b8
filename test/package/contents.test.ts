import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { describe, expect, inject, it } from 'vitest';

const { path, size, files } = inject('tarball');
const root = fileURLToPath(new URL('../..', import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** Half as much again as it was when this was written. */
const BYTES_MAX = 650_000;
/** What the README shows to readers of the repository only. */
const NOT_PACKED = /^(CONTRIBUTING\.md|docs\/benchmarks\.md|docs\/pictures\/)/;

/** What a file is there for. */
const KINDS: readonly (readonly [string, RegExp])[] = [
  ['code', /^dist\/(bin|lib|infra|lambdas)\/[\w/-]+\.js$/],
  ['types', /^dist\/(lib|infra)\/[\w/-]+\.d\.ts$/],
  ['the local AWS', /^dist\/infra\/local-aws\/(requirements\.txt|python\/)/],
  ['documentation', /^docs\/([a-z-]+\.md|openapi\.json)$/],
  ['pages', /^(ARCHITECTURE|CHANGELOG|README|SECURITY)\.md$|^LICENSE$/],
  ['manifest', /^package\.json$/],
];

describe('the packed package', () => {
  it('holds these kinds of files, and no other', () => {
    const kindOf = (file: string) => KINDS.find(([, pattern]) => pattern.test(file))?.[0] ?? file;
    expect([...new Set(files.map(kindOf))].toSorted()).toEqual(KINDS.map(([kind]) => kind).toSorted());
  });

  it('holds no tests, maps, sources or caches', () => {
    expect(files.filter((file) => /test|\.map$|(?<!\.d)\.ts$|__pycache__|\.pyc$/.test(file))).toEqual([]);
  });

  it('is small', () => {
    expect(size).toBeLessThan(BYTES_MAX);
  });

  it('holds what its manifest points to', () => {
    const { exports, bin } = manifest;
    const targets = Object.values<string | Record<string, string>>(exports).flatMap((target) =>
      typeof target === 'string' ? [target] : Object.values(target),
    );
    expect(targets).toHaveLength(5);
    for (const target of [...targets, bin.sluice]) expect(files).toContain(posix.normalize(target));
  });

  it('holds every page that its pages link to', () => {
    for (const page of files.filter((file) => file.endsWith('.md'))) {
      const links = [...readFileSync(join(root, page), 'utf8').matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g)];
      const targets = links.map(([, link = '']) => posix.join(posix.dirname(page), link));
      for (const target of targets.filter((one) => !NOT_PACKED.test(one))) expect(files, page).toContain(target);
    }
  });

  it('has the CDK as optional peers only', () => {
    const { dependencies, peerDependencies, peerDependenciesMeta } = manifest;
    const peers = ['aws-cdk', 'aws-cdk-lib', 'constructs'];
    expect(Object.keys(peerDependencies)).toEqual(peers);
    for (const peer of peers) expect(peerDependenciesMeta[peer]).toEqual({ optional: true });
    expect(Object.keys(dependencies).filter((name) => /cdk|constructs/.test(name))).toEqual([]);
  });

  it('has nothing that publint would say', async () => {
    const tarball = new Uint8Array(readFileSync(path)).buffer;
    const { messages, pkg } = await publint({ pack: { tarball }, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });
});
