import { SluiceError } from '../errors.ts';
import type { ByteReader, SourceContext } from './source.ts';

/** The bytes from `start` to `end` in chunks, the next one being read while this one is used. */
export async function* chunks(
  context: SourceContext,
  start: number,
  end: number,
  chunkBytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const over = new AbortController();
  const signal = context.signal === undefined ? over.signal : AbortSignal.any([context.signal, over.signal]);
  const read = (from: number) => {
    const chunk = readBytes({ ...context, signal }, from, Math.min(from + chunkBytes, end));
    // Nobody waits for the chunk read ahead once the consumer has stopped; whoever does wait still gets the error.
    chunk.catch(() => {});
    return chunk;
  };
  try {
    let ahead = start < end ? read(start) : null;
    for (let next = start + chunkBytes; ahead !== null; next += chunkBytes) {
      const chunk: Uint8Array = await ahead;
      context.signal?.throwIfAborted();
      ahead = next < end ? read(next) : null;
      yield chunk;
    }
  } finally {
    over.abort();
  }
}

/** Exactly the bytes from `start` to `end`. A short answer would lose records without a word: it is an error. */
export async function readBytes(context: SourceContext, start: number, end: number): Promise<Uint8Array> {
  if (context.bytes === undefined) throw new SluiceError('internal', 'the context has no byte reader');
  return readExactly(context.bytes, start, end, context.signal);
}

/** Exactly the bytes from `start` to `end` of an object. */
export async function readExactly(
  reader: ByteReader,
  start: number,
  end: number,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const bytes = await reader.read(start, end, signal);
  if (bytes.length !== end - start) {
    throw new SluiceError(
      'inputUnreadable',
      `bytes ${start} to ${end}: expected ${end - start} bytes, got ${bytes.length}`,
      { retryable: true },
    );
  }
  return bytes;
}
