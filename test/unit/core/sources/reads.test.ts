import { describe, expect, it } from 'vitest';
import { chunks, readBytes, readExactly } from '../../../../lib/core/sources/reads.ts';
import { readerOf, utf8 } from './fixtures.ts';

const bytes = readerOf(utf8('0123456789'));
const text = (chunk: Uint8Array) => new TextDecoder().decode(chunk);

async function read(start: number, end: number, chunkBytes: number): Promise<string[]> {
  const got: string[] = [];
  for await (const chunk of chunks({ bytes }, start, end, chunkBytes)) got.push(text(chunk));
  return got;
}

describe('bytes in chunks', () => {
  it('are those asked for, once each, in order', async () => {
    expect(await read(1, 8, 3)).toEqual(['123', '456', '7']);
    expect(await read(0, 6, 3)).toEqual(['012', '345']);
    expect(await read(4, 4, 3)).toEqual([]);
  });

  it('end a read that is under way when the caller gives up', async () => {
    const caller = new AbortController();
    const signals: AbortSignal[] = [];
    const reader = {
      read: (start: number, end: number, signal?: AbortSignal) => {
        if (signal !== undefined) signals.push(signal);
        return bytes.read(start, end);
      },
    };
    const reading = chunks({ bytes: reader, signal: caller.signal }, 0, 9, 3);
    await reading.next();
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
    caller.abort(new Error('enough'));
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
    await expect(reading.next()).rejects.toThrow('enough');
  });

  it('end a read ahead when the consumer stops, and its failure disturbs no one', async () => {
    const signals: AbortSignal[] = [];
    const reader = {
      read: async (start: number, end: number, signal?: AbortSignal) => {
        if (signal !== undefined) signals.push(signal);
        if (start > 0) throw new Error('ahead');
        return bytes.read(start, end);
      },
    };
    const reading = chunks({ bytes: reader }, 0, 9, 3);
    await reading.next();
    await reading.return();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
  });
});

describe('a read', () => {
  it('fails when it gets less than it asked for', async () => {
    const short = { read: async () => utf8('01') };
    await expect(readExactly(short, 3, 8)).rejects.toMatchObject({
      code: 'inputUnreadable',
      retryable: true,
      message: 'bytes 3 to 8: expected 5 bytes, got 2',
    });
  });

  it('fails without a reader', async () => {
    await expect(readBytes({}, 0, 1)).rejects.toMatchObject({
      code: 'internal',
      message: 'the context has no byte reader',
    });
  });
});
