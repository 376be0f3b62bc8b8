import { SluiceError } from '../errors.ts';
import { type CsvDefinition, pinCsv } from './csv.ts';
import { plainDriverOf } from './drivers.ts';
import { firstOf } from './first.ts';
import type { FromDefinition } from './from.ts';
import type { GridDefinition } from './grid.ts';
import { type JsonlDefinition, pinJsonl } from './jsonl.ts';
import type { SourceLocation } from './location.ts';
import type { RangeDefinition } from './range.ts';
import { redriveDriver } from './redrive.ts';
import type { S3ObjectsDefinition } from './s3-objects.ts';
import { pinnedSourceSchema } from './schemas.ts';
import type {
  ByteReader,
  Generate,
  Listing,
  ObjectReference,
  PinnedSource,
  PlainSource,
  SourceDefinition,
  SourceDriver,
} from './source.ts';

export { type CsvDefinition, type CsvOptions, csv, pinCsv } from './csv.ts';
export { type FromDefinition, from } from './from.ts';
export { type GridDefinition, grid } from './grid.ts';
export { type JsonlDefinition, jsonl, pinJsonl } from './jsonl.ts';
export type { LocationOptions, SourceLocation } from './location.ts';
export { type RangeDefinition, range } from './range.ts';
export { type S3Object, type S3ObjectsDefinition, s3Objects } from './s3-objects.ts';
export { payloadSchema, pinnedSourceSchema } from './schemas.ts';

/** The items of a source: `ItemOf<typeof job.source>`. */
export type ItemOf<S> = S extends SourceDefinition<infer Item> ? Item : never;

/** Every definition there is; `kind` tells them apart. */
export type AnyDefinition =
  | CsvDefinition
  | JsonlDefinition
  | RangeDefinition
  | GridDefinition
  | FromDefinition
  | S3ObjectsDefinition;

/** The driver for a pinned source. */
export function driverOf(pinned: PinnedSource): SourceDriver<PinnedSource> {
  if (pinned.kind === 'redrive') return redriveDriver;
  const driver = plainDriverOf(pinned);
  return pinned.first === undefined ? driver : firstOf(driver, pinned.first);
}

/**
 * Whether the same items can be had again at any time, and cheaply; if not, a run stores its slices before it sends them. Those of
 * a redrive could be: but each would have to be looked for among the outcomes of the earlier run.
 */
export function isPinnable(kind: PinnedSource['kind']): boolean {
  return kind !== 'from' && kind !== 's3Objects' && kind !== 'redrive';
}

/** Where a source's bytes lie, or null for sources that have none. */
export function locationOf(definition: SourceDefinition): SourceLocation | null {
  const any = definition as AnyDefinition;
  return any.kind === 'csv' || any.kind === 'jsonl' ? any.location : null;
}

/** What a source lists, or null for sources that list nothing. */
export function listingOf(definition: SourceDefinition): Pick<Listing, 'bucket' | 'prefix'> | null {
  const any = definition as AnyDefinition;
  return any.kind === 's3Objects' ? { bucket: any.bucket, prefix: any.prefix } : null;
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
): Promise<PlainSource> {
  const pinned = await pinUnchecked(definition as AnyDefinition, input);
  const { first } = definition;
  const parsed = pinnedSourceSchema.safeParse(first === undefined ? pinned : { ...pinned, first });
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
): Promise<PlainSource> | PlainSource {
  switch (definition.kind) {
    case 'range':
      return { kind: 'range', count: definition.count };
    case 'grid':
      return { kind: 'grid', axes: definition.axes };
    case 'from':
      return { kind: 'from', count: definition.count };
    case 's3Objects':
      return { kind: 's3Objects', bucket: definition.bucket, prefix: definition.prefix };
    case 'csv':
    case 'jsonl': {
      if (input === undefined) throw new SluiceError('internal', `${definition.kind}: pinning needs its object`);
      const { object, reader } = input;
      return definition.kind === 'csv' ? pinCsv(definition, object, reader) : pinJsonl(object, reader);
    }
  }
}
