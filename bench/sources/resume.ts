import type { Cursor } from '../../lib/core/sources/source.ts';
import { openInput } from './contenders.ts';

const PLACES = [0, 0.25, 0.5, 0.75] as const;
const BATCH_SIZE = 500;

export interface Resumed {
  /** How far into the file, as a share of it. */
  readonly place: number;
  /** From the cursor to the first batch. */
  readonly milliseconds: number;
}

/** How long the first batch takes from cursors at several places of a large file. A cursor says its byte: nothing is read before it. */
export async function resumeTimes(path: string, repetitions: number): Promise<readonly Resumed[]> {
  const { driver, pinned, context } = await openInput({ bucket: null, key: path, format: 'csv' });
  const cursors = await Promise.all(PLACES.map(async (place) => [place, await recordAt(place)] as const));
  const times: Resumed[] = [];
  for (let round = 0; round < repetitions; round += 1) {
    for (const [place, cursor] of cursors) {
      const start = performance.now();
      for await (const _slice of driver.slices(pinned, cursor, { batchSize: BATCH_SIZE }, context)) break;
      times.push({ place, milliseconds: performance.now() - start });
    }
  }
  return times;

  /** The first record after that place. Its number does not matter here. */
  async function recordAt(place: number): Promise<Cursor | null> {
    if (place === 0) return null;
    const byte = Math.floor(place * pinned.object.sizeBytes);
    const bytes = (await context.bytes?.read(byte, byte + 10_000)) ?? new Uint8Array();
    return { byte: byte + bytes.indexOf(0x0a) + 1, item: 1 };
  }
}
