import type {
  ByteReader,
  Cursor,
  ObjectReference,
  PinnedSource,
  Slice,
  SourceContext,
  SourceDriver,
  SourceItem,
} from '../../../../lib/core/sources/source.ts';

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A reader of bytes in memory that refuses what the contract forbids. */
export function readerOf(bytes: Uint8Array): ByteReader {
  return {
    async read(start, end, signal) {
      signal?.throwIfAborted();
      if (!(0 <= start && start < end && end <= bytes.length)) {
        throw new Error(`read outside the object: ${start} to ${end} of ${bytes.length}`);
      }
      return bytes.slice(start, end);
    },
  };
}

export function objectOf(bytes: Uint8Array | number): ObjectReference {
  const sizeBytes = typeof bytes === 'number' ? bytes : bytes.length;
  return { bucket: 'bucket', key: 'key', sizeBytes, etag: '"1"' };
}

/** More than any test here has: a source that repeats itself fails, and does not go on for ever. */
const SLICES_MAX = 2_000;

/** Every slice from `cursor` on. */
export async function slicesOf<P extends PinnedSource>(
  driver: SourceDriver<P>,
  pinned: P,
  batchSize: number,
  context: SourceContext = {},
  cursor: Cursor | null = null,
): Promise<Slice[]> {
  const slices: Slice[] = [];
  for await (const slice of driver.slices(pinned, cursor, { batchSize }, context)) {
    slices.push(slice);
    if (slices.length > SLICES_MAX) throw new Error(`more than ${SLICES_MAX} slices`);
  }
  return slices;
}

/** The slices up to an error, and the error. */
export async function slicesUntilError<P extends PinnedSource>(
  driver: SourceDriver<P>,
  pinned: P,
  batchSize: number,
  context: SourceContext = {},
): Promise<{ slices: Slice[]; error: unknown }> {
  const slices: Slice[] = [];
  try {
    for await (const slice of driver.slices(pinned, null, { batchSize }, context)) slices.push(slice);
  } catch (error) {
    return { slices, error };
  }
  return { slices, error: null };
}

export async function itemsOf<P extends PinnedSource>(
  driver: SourceDriver<P>,
  pinned: P,
  slices: readonly Slice[],
  context: SourceContext = {},
): Promise<SourceItem[]> {
  const items: SourceItem[] = [];
  for (const slice of slices) items.push(...(await driver.items(pinned, slice, context)));
  return items;
}
