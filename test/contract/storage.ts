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

    it('lists what lies under a prefix by the bytes of its keys, page by page, each object once', async () => {
      // In UTF-16, JavaScript's own order, the last two would change places.
      const keys = ['in/', 'in/A', 'in/a b+c%20', 'in/a/b', 'in/b', 'in/ä', 'in/\uffee', 'in/\u{1f600}'];
      for (const key of ['in', ...keys, 'io'].reverse()) await under.write(key, BODY);
      const found: string[] = [];
      for (let after: string | null = null; ; after = found.at(-1) ?? null) {
        const page = await storage.list({ bucket: under.inputs, prefix: 'in/', after, limit: 3 });
        expect(page.objects.length).toBeLessThanOrEqual(3);
        found.push(...page.objects.map(({ key }) => key));
        if (!page.more) break;
        expect(page.objects.length).toBeGreaterThan(0);
      }
      expect(found).toEqual(keys);
      const whole = await storage.list({ bucket: under.inputs, prefix: '', after: null, limit: 1_000 });
      expect(whole.objects.map(({ key }) => key)).toEqual(['in', ...keys, 'io']);
      expect(whole.more).toBe(false);
    });

    it('lists an object as it describes it', async () => {
      await under.write('in.csv', BODY);
      const { objects } = await storage.list({ bucket: under.inputs, prefix: 'in', after: null, limit: 1 });
      expect(objects).toEqual([await storage.describe(under.inputs, 'in.csv')]);
    });

    it('goes on after a key that is gone, and lists nothing where nothing is', async () => {
      for (const key of ['in/a', 'in/b', 'in/c']) await under.write(key, BODY);
      await under.remove('in/b');
      const listed = await storage.list({ bucket: under.inputs, prefix: 'in/', after: 'in/b', limit: 10 });
      expect(listed.objects.map(({ key }) => key)).toEqual(['in/c']);
      const nothing = { objects: [], more: false };
      expect(await storage.list({ bucket: under.inputs, prefix: 'in/', after: 'in/c', limit: 10 })).toEqual(nothing);
      expect(await storage.list({ bucket: under.inputs, prefix: 'out/', after: null, limit: 10 })).toEqual(nothing);
    });

    it('says that more follows exactly where more does', async () => {
      for (const key of ['in/a', 'in/b']) await under.write(key, BODY);
      const more = async (after: string | null, limit: number) =>
        (await storage.list({ bucket: under.inputs, prefix: 'in/', after, limit })).more;
      expect([await more(null, 1), await more(null, 2), await more('in/a', 1)]).toEqual([true, false, false]);
    });

    it('fails to list a bucket that is not there, and lists nothing under a signal that is aborted', async () => {
      const listing = { bucket: 'no-such-bucket-4711', prefix: '', after: null, limit: 1 };
      await expect(storage.list(listing)).rejects.toMatchObject({ code: 'inputMissing' });
      await under.write('in.csv', BODY);
      const here = { ...listing, bucket: under.inputs };
      await expect(storage.list(here, AbortSignal.abort())).rejects.toThrow(/abort/i);
    });

    it('reads nothing under a signal that is aborted', async () => {
      await under.write('in.csv', BODY);
      const reader = storage.reader(await storage.describe(under.inputs, 'in.csv'));
      await expect(reader.read(0, 4, AbortSignal.abort())).rejects.toThrow(/abort/i);
    });
  });
}
