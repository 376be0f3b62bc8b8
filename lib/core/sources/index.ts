import { SluiceError } from '../errors.ts';
import { type CsvDefinition, pinCsv } from './csv.ts';
import { csvDriver } from './csv-driver.ts';
import { type FromDefinition, fromDriver } from './from.ts';
import { type GridDefinition, gridDriver } from './grid.ts';
import { type JsonlDefinition, jsonlDriver, pinJsonl } from './jsonl.ts';
import type { SourceLocation } from './location.ts';
import { type RangeDefinition, rangeDriver } from './range.ts';
import { pinnedSourceSchema } from './schemas.ts';
import type {
  ByteReader,
  Generate,
  ObjectReference,
  PinnedSource,
  SourceDefinition,
  SourceDriver,
  SourceKind,
} from './source.ts';

export { type CsvDefinition, type CsvOptions, csv, pinCsv } from './csv.ts';
export { type FromDefinition, from } from './from.ts';
export { type GridDefinition, grid } from './grid.ts';
export { type JsonlDefinition, jsonl, pinJsonl } from './jsonl.ts';
export type { LocationOptions, SourceLocation } from './location.ts';
export { type RangeDefinition, range } from './range.ts';
export { payloadSchema, pinnedSourceSchema } from './schemas.ts';

/** The items of a source: `ItemOf<typeof job.source>`. */
export type ItemOf<S> = S extends SourceDefinition<infer Item> ? Item : never;

/** Every definition there is; `kind` tells them apart. */
export type AnyDefinition = CsvDefinition | JsonlDefinition | RangeDefinition | GridDefinition | FromDefinition;

/** The driver for a pinned source. */
export function driverOf(pinned: PinnedSource): SourceDriver<PinnedSource> {
  switch (pinned.kind) {
    case 'csv':
      return csvDriver;
    case 'jsonl':
      return jsonlDriver;
    case 'range':
      return rangeDriver;
    case 'grid':
      return gridDriver;
    case 'from':
      return fromDriver;
  }
}

/** Whether the same items can be had again at any time; if not, a run stores its slices before it sends them. */
export function isPinnable(kind: SourceKind): boolean {
  return kind !== 'from';
}

/** Where a source's bytes lie, or null for sources that have none. */
export function locationOf(definition: SourceDefinition): SourceLocation | null {
  const any = definition as AnyDefinition;
  return any.kind === 'csv' || any.kind === 'jsonl' ? any.location : null;
}

/** The generator of a `from`, or undefined. */
export function generateOf(definition: SourceDefinition): Generate | undefined {
  const any = definition as AnyDefinition;
  return any.kind === 'from' ? any.generate : undefined;
}

/**
 * Fixes a definition for a run: plain JSON from here on.
 *
 * @param input the object that holds the bytes, and a reader of it; `csv` and `jsonl` need it.
 * @throws SluiceError `sourceInvalid` if the input cannot be a source of this kind.
 * @example
 * await pinSource(range(10)) // { kind: 'range', count: 10 }
 */
export async function pinSource(
  definition: SourceDefinition,
  input?: { readonly object: ObjectReference; readonly reader: ByteReader },
): Promise<PinnedSource> {
  const parsed = pinnedSourceSchema.safeParse(await pinUnchecked(definition as AnyDefinition, input));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new SluiceError(
    'sourceInvalid',
    `${definition.kind}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}; make it with ${definition.kind}(…)`,
  );
}

function pinUnchecked(
  definition: AnyDefinition,
  input?: { readonly object: ObjectReference; readonly reader: ByteReader },
): Promise<PinnedSource> | PinnedSource {
  switch (definition.kind) {
    case 'range':
      return { kind: 'range', count: definition.count };
    case 'grid':
      return { kind: 'grid', axes: definition.axes };
    case 'from':
      return { kind: 'from', count: definition.count };
    case 'csv':
    case 'jsonl': {
      if (input === undefined) throw new SluiceError('internal', `${definition.kind}: pinning needs its object`);
      const { object, reader } = input;
      return definition.kind === 'csv' ? pinCsv(definition, object, reader) : pinJsonl(object, reader);
    }
  }
}
