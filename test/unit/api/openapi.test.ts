import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openApiDocument } from '../../../lib/api/openapi.ts';
import { COMMON_REFUSALS, OPERATION_IDS, OPERATIONS } from '../../../lib/api/operations.ts';
import { PROBLEMS } from '../../../lib/api/problem.ts';

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const { version } = JSON.parse(read('package.json'));
const page = read('docs/api.md');

describe('the OpenAPI file', () => {
  it('is as the schemas have it; "npm run openapi" writes it', () => {
    expect(JSON.parse(read('docs/openapi.json'))).toEqual(openApiDocument(version));
  });

  it('has every operation once, each call signed', () => {
    // biome-ignore lint/suspicious/noExplicitAny: the document is JSON
    const document = openApiDocument(version) as any;
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path as object));
    expect(operations.map(({ operationId }) => operationId).toSorted()).toEqual(OPERATION_IDS.toSorted());
    expect(document.security).toEqual([{ sigv4: [] }]);
    for (const operation of operations) expect(operation.security).toBeUndefined();
  });

  it('names nothing that it does not hold', () => {
    const text = JSON.stringify(openApiDocument(version));
    const document = JSON.parse(text);
    const names = [...text.matchAll(/"#\/components\/schemas\/(\w*)"/g)].map(([, name]) => name as string);
    expect(new Set(names)).toEqual(new Set(Object.keys(document.components.schemas)));
  });
});

describe('docs/api.md', () => {
  it('has every problem once, with its status', () => {
    const rows = [...page.matchAll(/^\| `(\w+)` \| (\d+) \|/gm)].map(([, code, status]) => [code, Number(status)]);
    expect(rows.toSorted()).toEqual(
      Object.entries(PROBLEMS)
        .map(([code, { status }]) => [code, status])
        .toSorted(),
    );
  });

  it('has every operation once', () => {
    const rows = [...page.matchAll(/^\| `((?:GET|POST) \/[^`]*)` \|/gm)].map(([, operation]) => operation);
    expect(rows).toEqual(Object.values(OPERATIONS).map(({ method, path }) => `${method} ${path}`));
  });

  it('has no problem that no operation may answer with', () => {
    const told = new Set([...COMMON_REFUSALS, ...Object.values(OPERATIONS).flatMap(({ refuses }) => [...refuses])]);
    expect([...told].toSorted()).toEqual(Object.keys(PROBLEMS).toSorted());
  });
});
