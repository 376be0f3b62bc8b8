import { CONTENDERS, type ContenderName, type Input } from './contenders.ts';

// One contender over one input, in a process of its own: its heap is then its own, too. Prints what it has measured as JSON.
export interface Reading {
  readonly records: number;
  readonly seconds: number;
  /** Most that the heap held at a time, above what it held before; and the same of buffers, which lie outside it. */
  readonly heapMiB: number;
  readonly buffersMiB: number;
}

const SAMPLE_MS = 5;
const MIB = 1_048_576;

const [name, input] = process.argv.slice(2) as [ContenderName, string];
globalThis.gc?.();
const before = process.memoryUsage();
const most = { heapUsed: before.heapUsed, external: before.external };
const look = () => {
  const { heapUsed, external } = process.memoryUsage();
  most.heapUsed = Math.max(most.heapUsed, heapUsed);
  most.external = Math.max(most.external, external);
};
const sampler = setInterval(look, SAMPLE_MS);
const start = process.hrtime.bigint();
const records = await CONTENDERS[name](JSON.parse(input) as Input);
const seconds = Number(process.hrtime.bigint() - start) / 1e9;
clearInterval(sampler);
look();
const above = (kind: 'heapUsed' | 'external') => (most[kind] - before[kind]) / MIB;
const reading: Reading = { records, seconds, heapMiB: above('heapUsed'), buffersMiB: above('external') };
process.stdout.write(JSON.stringify(reading));
