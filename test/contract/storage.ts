import { beforeEach, describe, expect, it } from 'vitest';
import type { Storage } from '../../lib/ports/storage.ts';

/** A storage, and a bucket of inputs beside its own. */
export interface StorageUnderTest {
  readonly storage: Storage;
  readonly inputs: string;
  write(key: string, body: Uint8Array): Promise<void>;
  remove(key: string): Promise<void>;
}

const BODY = new TextEncoder().encode('first,last\r\n0,9\r\n');

/** What every storage promises. */
export function storageContract(name: string, makeStorage: () => Promise<StorageUnderTest>): void {
  describe(`storage on ${name}`, () => {
    let storage: Storage;
    let under: StorageUnderTest;
    beforeEach(async () => {
      under = await makeStorage();
      storage = under.storage;
    });

    it('gives back what was put, byte for byte, and the newest of one key', async () => {
      const body = Uint8Array.from({ length: 256 }, (_, n) => n);
      await storage.put('results/ä b+c/0', new Uint8Array());
      expect(await storage.get('results/ä b+c/0')).toEqual(new Uint8Array());
      await storage.put('results/ä b+c/0', body);
      expect(await storage.get('results/ä b+c/0')).toEqual(body);
    });

    it('fails to get what is not there, and says where it looked', async () => {
      const nothing = { code: 'inputMissing', message: expect.stringContaining('nothing/here') };
      await expect(storage.get('nothing/here')).rejects.toMatchObject(nothing);
    });

    it('describes an input', async () => {
      await under.write('in.csv', BODY);
      const described = await storage.describe(under.inputs, 'in.csv');
      expect(described).toMatchObject({ bucket: under.inputs, key: 'in.csv', sizeBytes: BODY.length });
      await under.write('in.csv', BODY);
      expect((await storage.describe(under.inputs, 'in.csv')).etag).toBe(described.etag);
      await under.write(
        'in.csv',
        BODY.map((byte) => byte ^ 1),
      );
      expect((await storage.describe(under.inputs, 'in.csv')).etag).not.toBe(described.etag);
    });

    it('fails to describe what is not there, neither object nor bucket', async () => {
      await expect(storage.describe(under.inputs, 'nothing')).rejects.toMatchObject({ code: 'inputMissing' });
      await expect(storage.describe('no-such-bucket-4711', 'k')).rejects.toMatchObject({ code: 'inputMissing' });
    });

    it('reads ranges, their end excluded, and nothing for an empty one', async () => {
      await under.write('in.csv', BODY);
      const reader = storage.reader(await storage.describe(under.inputs, 'in.csv'));
      expect(await reader.read(0, BODY.length)).toEqual(BODY);
      expect(await reader.read(0, 1)).toEqual(BODY.slice(0, 1));
      expect(await reader.read(6, 12)).toEqual(BODY.slice(6, 12));
      expect(await reader.read(BODY.length - 1, BODY.length)).toEqual(BODY.slice(-1));
      expect(await reader.read(3, 3)).toEqual(new Uint8Array());
      expect(await reader.read(3, 2)).toEqual(new Uint8Array());
    });

    it('fails with sourceChanged when the object has another content, or is gone', async () => {
      await under.write('in.csv', BODY);
      const reader = storage.reader(await storage.describe(under.inputs, 'in.csv'));
      await under.write(
        'in.csv',
        BODY.map((byte) => byte ^ 1),
      );
      await expect(reader.read(0, 4)).rejects.toMatchObject({ code: 'sourceChanged', retryable: false });
      await under.remove('in.csv');
      await expect(reader.read(0, 4)).rejects.toMatchObject({ code: 'sourceChanged' });
      await under.write('in.csv', BODY);
      expect(await reader.read(0, 4)).toEqual(BODY.slice(0, 4));
    });

    it('fails with sourceChanged when the object is shorter than it was described', async () => {
      await under.write('in.csv', BODY);
      const described = await storage.describe(under.inputs, 'in.csv');
      const reader = storage.reader({ ...described, sizeBytes: 1_000 });
      await expect(reader.read(4, 1_000)).rejects.toMatchObject({ code: 'sourceChanged' });
      await expect(reader.read(900, 1_000)).rejects.toMatchObject({ code: 'sourceChanged' });
    });

    it('reads nothing under a signal that is aborted', async () => {
      await under.write('in.csv', BODY);
      const reader = storage.reader(await storage.describe(under.inputs, 'in.csv'));
      await expect(reader.read(0, 4, AbortSignal.abort())).rejects.toThrow(/abort/i);
    });
  });
}
