import { csv, defineJob } from 'sluice';

/**
 * Every range of IPv4 addresses that is assigned to a country: how many addresses does it hold?
 *
 * The path is relative to this file, so that it is found from any working directory.
 */
export default defineJob({
  name: 'ip-ranges',
  source: csv({
    file: '../../node_modules/@ip-location-db/asn-country/asn-country-ipv4.csv',
    columns: ['first', 'last', 'country'],
  }),
  batchSize: 500,
  workers: 4,
  // a cap of 4 × 25 batches, so that even a run of this size fills the queue and has to wait for room
  maxBatchesPerWorker: 25,
  handler: ({ first, last, country }) => ({ country, addresses: addressNumber(last) - addressNumber(first) + 1 }),
});

/** @example addressNumber('1.0.0.255') // 16777471 */
function addressNumber(address: string): number {
  const parts = address.split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !Number.isInteger(part) || part < 0 || part > 255)) {
    throw new Error(`not an IPv4 address: ${address}`);
  }
  return parts.reduce((number, part) => number * 256 + part, 0);
}
