import { readFile, writeFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { documentOf, type Told } from './document.ts';
import type { Machine } from './machine.ts';
import type { Part, Section } from './part.ts';

export interface Found {
  readonly part: Part;
  readonly section: Section;
}

/** What docs/benchmarks.json holds: the raw numbers of each part by its name, and what the page says of them. */
interface Written {
  readonly machine: Machine;
  readonly told: Readonly<Record<string, Told>>;
  readonly [part: string]: unknown;
}

const DOCS = new URL('../docs/', import.meta.url);
const RAW = new URL('benchmarks.json', DOCS);

/** The raw numbers of each part, by its name. */
export function rawNumbers(found: readonly Found[]): Record<string, Section['data']> {
  return byName(found, ({ data }) => data);
}

/**
 * Writes the page of benchmarks, its raw numbers and its pictures. Parts that were not found now stay as they were written.
 *
 * @throws Error when those were measured on another machine.
 */
export async function writeDocs(machine: Machine, found: readonly Found[], isWhole: boolean): Promise<void> {
  const before = isWhole ? { machine, told: {} } : await readWritten(machine);
  const told = { ...before.told, ...byName(found, ({ text, goals = [] }) => ({ text, goals })) };
  const written: Written = { ...before, ...rawNumbers(found), machine, told };
  await writeFile(RAW, `${JSON.stringify(written, null, 2)}\n`);
  await writeFile(new URL('benchmarks.md', DOCS), documentOf(machine, told));
  for (const { section } of found)
    for (const [name, svg] of Object.entries(section.pictures ?? {}))
      await writeFile(new URL(`pictures/${name}`, DOCS), svg);
}

async function readWritten(machine: Machine): Promise<Written> {
  const written = JSON.parse(await readFile(RAW, 'utf8')) as Written;
  if (isDeepStrictEqual(written.machine, machine)) return written;
  const [other, here] = [written.machine, machine].map((one) => JSON.stringify(one));
  throw new Error(
    `the rest of the page was measured on another machine, ${other}, not ${here}: write all, without --only`,
  );
}

function byName<T>(found: readonly Found[], value: (section: Section) => T): Record<string, T> {
  return Object.fromEntries(found.map(({ part, section }) => [part.name, value(section)]));
}
