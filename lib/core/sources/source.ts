import type { Json } from '../json.ts';

/**
 * A source is a lazy enumeration of items, numbered from 0, that can go on from a cursor. It has three lives:
 *
 * 1. **definition**: what a job's author writes (`csv({ file })`); it may hold functions and names of local files.
 * 2. **pinned**: plain JSON, fixed when the run opens (bucket, key, size, ETag, columns): every later reading of the
 *    run sees the same input, or fails with `sourceChanged`.
 * 3. **slices**: the enumeration cut into batches. A slice says which items it holds without holding them, where it can.
 */
export interface SourceDefinition<Item = unknown> {
  readonly kind: SourceKind;
  /** Ends the source after so many items: set for a run, never by an author. */
  readonly first?: number | undefined;
  /** Never present at run time: carries the type of the items to the handler. */
  readonly __item?: Item;
}

export const SOURCE_KINDS = ['csv', 'jsonl', 'range', 'grid', 'from', 's3Objects'] as const;
export type SourceKind = (typeof SOURCE_KINDS)[number];

/** Where a byte source's object lies. `etag` pins the content: each read is conditional on it. */
export interface ObjectReference {
  readonly bucket: string;
  readonly key: string;
  readonly sizeBytes: number;
  readonly etag: string;
}

/** Which objects of a bucket are asked for. */
export interface Listing {
  readonly bucket: string;
  /** What their keys begin with; may be empty. */
  readonly prefix: string;
  /** Only keys after this one, by their bytes. null: from the first. */
  readonly after: string | null;
  /** How many at most: 1 to 1,000, S3's own limit. */
  readonly limit: number;
}

/** A part of a bucket's listing, in the order of its keys. */
export interface ObjectPage {
  readonly objects: readonly ObjectReference[];
  /** Whether others follow; then there is at least one here to go on from. */
  readonly more: boolean;
}

export interface PinnedCsv {
  readonly kind: 'csv';
  readonly object: ObjectReference;
  readonly columns: readonly string[];
  /** First byte of the first record: after the byte order mark and the header row. */
  readonly startByte: number;
}
export interface PinnedJsonl {
  readonly kind: 'jsonl';
  readonly object: ObjectReference;
  readonly startByte: number;
}
export interface PinnedRange {
  readonly kind: 'range';
  readonly count: number;
}
export interface PinnedGrid {
  readonly kind: 'grid';
  readonly axes: readonly { readonly name: string; readonly values: readonly Json[] }[];
}
/** A generator lives in the job's code and cannot be pinned: its slices are stored before they are sent. */
export interface PinnedFrom {
  readonly kind: 'from';
  readonly count: number | null;
}
/** A listing has no ETag to pin it by: only its place is fixed, and its slices are stored as those of a generator. */
export interface PinnedS3Objects {
  readonly kind: 's3Objects';
  readonly bucket: string;
  readonly prefix: string;
}
type PinnedPlain = PinnedCsv | PinnedJsonl | PinnedRange | PinnedGrid | PinnedFrom | PinnedS3Objects;
/** `first`: only so many items of it. */
export type PlainSource = PinnedPlain & {
  readonly first?: number | undefined;
};

/** Those items of an earlier run that failed or died. That run has settled, so what failed in it never changes. */
export interface PinnedRedrive {
  readonly kind: 'redrive';
  /** The earlier run, and how many windows it has. */
  readonly runId: string;
  readonly windows: number;
  /** How many of its items failed or died. */
  readonly count: number;
  /** What its items came from in the first place: a redrive of a redrive has the first run's source. */
  readonly of: PlainSource;
}
export type PinnedSource = PlainSource | PinnedRedrive;

/** A place in the enumeration: what comes next. Small and plain JSON; only its own source reads it. */
export type Cursor = { readonly [key: string]: Json };

/** Items in a row: by reference, or carried. */
export type PlainPayload =
  | { readonly kind: 'ranks'; readonly start: number; readonly count: number }
  | { readonly kind: 'bytes'; readonly start: number; readonly end: number }
  | { readonly kind: 'items'; readonly items: readonly Json[] };

/** Items in a row, somewhere in a source. */
export interface Piece {
  /** Number of the first of them in the source. */
  readonly firstItem: number;
  readonly count: number;
  readonly payload: PlainPayload;
}

/** The items of one slice. Those of a redrive lie apart, and keep the numbers they have in the source. */
export type Payload = PlainPayload | { readonly kind: 'pieces'; readonly pieces: readonly Piece[] };

export interface Slice {
  /** Number of the slice's first item in what the run enumerates: in its source, or among the items that a redrive takes up. */
  readonly firstItem: number;
  readonly count: number;
  readonly payload: Payload;
  /** Input bytes the slice refers to or carries: what a worker will hold. */
  readonly bytes: number;
  /** Where the next slice begins. */
  readonly cursor: Cursor;
}

export interface SliceLimits {
  /** Items in one slice, 1 to 10,000. */
  readonly batchSize: number;
}

/** One item as the worker gets it: its input, or why its input cannot be read (the item then fails, not the batch). */
export type SourceItem =
  | { readonly index: number; readonly input: Json }
  | {
      readonly index: number;
      readonly input: Json;
      readonly error: { readonly code: string; readonly message: string };
    };

/** Reads of one pinned object. A changed object throws `SluiceError('sourceChanged')`. */
export interface ByteReader {
  /** Bytes `start` to `end`, `end` excluded; `end` never lies beyond the object's size. */
  read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array>;
}

/** A batch of an earlier run that has failed items: each by itself, in order, and the bytes of its input. */
export interface FailedBatch {
  readonly window: number;
  readonly batch: number;
  readonly items: readonly { readonly piece: Piece; readonly bytes: number }[];
}

/** One page of a listing, in the order of its keys. */
export type ListObjects = (listing: Listing, signal?: AbortSignal) => Promise<ObjectPage>;

/**
 * What a driver may use of the world: reads of its pinned object, the job's generator for `from`, a bucket's listing, an
 * earlier run's failures.
 */
export interface SourceContext {
  readonly bytes?: ByteReader;
  readonly generate?: Generate;
  readonly list?: ListObjects;
  /** The failed batches of the earlier run from this one on. */
  readonly failures?: (from: Pick<FailedBatch, 'window' | 'batch'>) => AsyncIterable<FailedBatch>;
  readonly signal?: AbortSignal;
}

/** The generator of `from`: goes on after `cursor` (null: from the start) and yields each item with the cursor after it. */
export type Generate = (cursor: Json) => AsyncIterable<{ item: Json; cursor: Json }>;

/**
 * Everything that differs between kinds of source. Drivers are pure but for the reads of their context, and keep nothing
 * between calls: the same pinned source, cursor and limits give the same slices for ever.
 */
export interface SourceDriver<P extends PinnedSource> {
  /** How many items there are, where that can be told without reading them. */
  total(pinned: P): number | null;
  /**
   * The slices from `cursor` (null: from the start), in order, until the source is exhausted.
   * @throws SluiceError `itemTooLarge` or `sourceInvalid`, with the item's number and place.
   */
  slices(pinned: P, cursor: Cursor | null, limits: SliceLimits, context: SourceContext): AsyncIterable<Slice>;
  /** The items of one slice, in order, exactly `count` of them. */
  items(
    pinned: P,
    slice: Pick<Slice, 'firstItem' | 'count' | 'payload'>,
    context: SourceContext,
  ): Promise<SourceItem[]>;
}

/** A source whose slices hold items in a row. */
export interface PlainDriver<P extends PlainSource> extends SourceDriver<P> {
  /** The items of one slice, each as a piece of its own. */
  pieces(pinned: P, slice: Piece, context: SourceContext): Promise<Piece[]>;
}
