import { expect, it } from 'vitest';
import { memoryStorage } from '../../../lib/ports/memory/storage.ts';
import { storageContract } from '../../contract/storage.ts';

storageContract('memory', async () => {
  const storage = memoryStorage();
  return {
    storage,
    inputs: 'inputs',
    write: async (key, body) => storage.write('inputs', key, body),
    remove: async (key) => storage.remove('inputs', key),
  };
});

it('fails to describe what is denied', async () => {
  const storage = memoryStorage();
  storage.write('inputs', 'in.csv', Uint8Array.of(1));
  storage.deny('inputs', 'in.csv');
  await expect(storage.describe('inputs', 'in.csv')).rejects.toMatchObject({ code: 'inputUnreadable' });
});

it('fails to list what is denied', async () => {
  const storage = memoryStorage();
  storage.write('inputs', 'in/a', Uint8Array.of(1));
  storage.deny('inputs', 'in/');
  const listing = { bucket: 'inputs', prefix: 'in/', after: null, limit: 1 };
  await expect(storage.list(listing)).rejects.toMatchObject({ code: 'inputUnreadable' });
});

it('lists the keys of its own bucket', async () => {
  const storage = memoryStorage('own');
  storage.write('inputs', 'in.csv', Uint8Array.of(1));
  await storage.put('b', Uint8Array.of(1));
  await storage.put('a', Uint8Array.of(1));
  expect(storage.keys()).toEqual(['a', 'b']);
});
