import { CONTENDERS, type ContenderName, type Input } from './contenders.ts';

// One contender over one input, in a process of its own: its heap is then its own, too. Prints what it has measured as JSON.
export interface Reading {
  readonly records: number;
  readonly seconds: number;
  /** Most that was held at a time, buffers included, above what the process held before it began. */
  readonly heapMiB: number;
}

const SAMPLE_MS = 5;
const MIB = 1_048_576;

const [name, input] = process.argv.slice(2) as [ContenderName, string];
globalThis.gc?.();
const held = () => {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};
const before = held();
let most = before;
const sampler = setInterval(() => {
  most = Math.max(most, held());
}, SAMPLE_MS);
const start = process.hrtime.bigint();
const records = await CONTENDERS[name](JSON.parse(input) as Input);
const seconds = Number(process.hrtime.bigint() - start) / 1e9;
clearInterval(sampler);
const reading: Reading = { records, seconds, heapMiB: (Math.max(most, held()) - before) / MIB };
process.stdout.write(JSON.stringify(reading));
