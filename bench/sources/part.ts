import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Goal } from '../goals.ts';
import { withLocalAws } from '../local-aws.ts';
import type { Part, Section } from '../part.ts';
import { interleave, percentile, type Spread, spreadOf } from '../statistics.ts';
import { number, table, withSpread } from '../table.ts';
import type { ContenderName, Input } from './contenders.ts';
import { ENUMERATED, ENUMERATIONS } from './enumerations.ts';
import { bytesOf, makeInputs } from './inputs.ts';
import { readApart } from './read-apart.ts';
import type { Reading } from './read-input.ts';
import { resumeTimes } from './resume.ts';

const REPETITIONS = 5;
const LARGE_REPETITIONS = 2;
const RESUME_REPETITIONS = 20;
const MB = 1e6;
const BUCKET = 'sluice-bench';

const CSV: readonly ContenderName[] = ['Sluice, boundaries', 'Sluice, boundaries and fields', 'csv-parse', 'readline'];
const JSONL: readonly ContenderName[] = [
  ...(['Sluice, boundaries', 'Sluice, boundaries and fields', 'readline', 'readline and JSON.parse'] as const),
];
const LARGE: readonly ContenderName[] = ['Sluice, boundaries', 'csv-parse', 'readline'];

interface Row {
  readonly input: string;
  readonly contender: ContenderName;
  readonly records: number;
  readonly megabytesPerSecond: Spread;
  readonly heapMiB: number;
  readonly buffersMiB: number;
}

/** Reading files of records, and items that are only numbers, against the libraries one would take. */
export const sources: Part = {
  name: 'sources',
  title: 'Sources: finding records, against csv-parse and readline',
  run: (progress, signal) =>
    withLocalAws({ signal, onProgress: progress }, async ({ folder }) => {
      progress('making the files');
      const { csv, jsonl, large } = await makeInputs(join(folder, 'inputs'));
      await upload({ csv, jsonl });
      const disk = (key: string, format: Input['format']) => ({ bucket: null, key, format }) as const;
      const s3 = (format: Input['format']) => ({ bucket: BUCKET, key: format, format }) as const;
      const measure = async (
        title: string,
        input: Input,
        path: string,
        names: readonly ContenderName[],
        times: number,
      ) => {
        signal.throwIfAborted();
        progress(title);
        return measured(title, input, await bytesOf(path), names, times);
      };
      const rows = [
        ...(await measure('CSV, 24 MB, disk', disk(csv, 'csv'), csv, CSV, REPETITIONS)),
        ...(await measure('CSV, 24 MB, S3', s3('csv'), csv, CSV, REPETITIONS)),
        ...(await measure('JSONL, disk', disk(jsonl, 'jsonl'), jsonl, JSONL, REPETITIONS)),
        ...(await measure('JSONL, S3', s3('jsonl'), jsonl, JSONL, REPETITIONS)),
        ...(await measure('CSV, 2 GiB, disk', disk(large, 'csv'), large, LARGE, LARGE_REPETITIONS)),
      ];
      progress('resuming in the middle');
      const resumed = await resumeTimes(large, RESUME_REPETITIONS);
      progress('range and grid');
      return sectionOf(rows, resumed, { range: await ENUMERATIONS.range(), grid: await ENUMERATIONS.grid() });
    }),
};

async function upload(files: Readonly<Record<string, string>>): Promise<void> {
  const client = new S3Client({ forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  for (const [Key, path] of Object.entries(files))
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: await readFile(path) }));
  client.destroy();
}

async function measured(
  title: string,
  input: Input,
  bytes: number,
  names: readonly ContenderName[],
  repetitions: number,
): Promise<Row[]> {
  const contenders = Object.fromEntries(names.map((name) => [name, () => readApart(name, input)]));
  const readings: Record<string, Reading[]> = await interleave(contenders, repetitions);
  const counts = new Set(Object.values(readings).flatMap((all) => all.map(({ records }) => records)));
  if (counts.size !== 1) throw new Error(`${title}: the contenders found ${[...counts].join(', ')} records`);
  return names.map((contender) => {
    const all = readings[contender] as Reading[];
    return {
      input: title,
      contender,
      records: (all[0] as Reading).records,
      megabytesPerSecond: spreadOf(all.map(({ seconds }) => bytes / MB / seconds)),
      heapMiB: Math.max(...all.map(({ heapMiB }) => heapMiB)),
      buffersMiB: Math.max(...all.map(({ buffersMiB }) => buffersMiB)),
    };
  });
}

type Rates = Readonly<Record<keyof typeof ENUMERATED, Awaited<ReturnType<(typeof ENUMERATIONS)['range']>>>>;

function sectionOf(rows: readonly Row[], resumed: Awaited<ReturnType<typeof resumeTimes>>, rates: Rates): Section {
  const speed = (input: string, contender: ContenderName) =>
    rows.find((row) => row.input === input && row.contender === contender)?.megabytesPerSecond.median ?? Number.NaN;
  const [small, large] = ['CSV, 24 MB, disk', 'CSV, 2 GiB, disk'];
  const timesCsvParse = Object.fromEntries(
    [small, large].map((input) => [input, speed(input, 'Sluice, boundaries') / speed(input, 'csv-parse')]),
  );
  const scans = rows.filter(({ contender }) => contender === 'Sluice, boundaries');
  const scanHeapMiB = Math.max(...scans.map(({ heapMiB }) => heapMiB));
  const scanBuffersMiB = Math.max(...scans.map(({ buffersMiB }) => buffersMiB));
  const places = [...new Set(resumed.map(({ place }) => place))].map((place) => {
    const times = resumed.filter((one) => one.place === place).map(({ milliseconds }) => milliseconds);
    return { place, median: percentile(times, 0.5), p95: percentile(times, 0.95) };
  });
  const text = `411,961 rows of four columns (\`@ip-location-db/asn\`), the same as JSON Lines, and its rows again and again up to 2 GiB. Each reading has a process
of its own; heap and buffers are the most that each held above what it held before, what is garbage already included. All contenders found the same number of records.
"Boundaries" is what Sluice's producer does, "boundaries and fields" what it and all workers do together, each record read twice.

${table(['input', 'reader', 'records', 'MB/s', 'heap, MiB', 'buffers, MiB'], rows.map(cells))}

From S3 "boundaries and fields" asks for each batch of 500 records by itself, as a worker does, 824 requests one after the other in one process: their latency is most of
the time. On AWS each worker waits for its own.

Finding boundaries goes ${number(timesCsvParse[small] as number, 1)} times as fast as csv-parse on 24 MB, ${number(timesCsvParse[large] as number, 1)} times on 2 GiB, and took ${number(scanHeapMiB)} MiB of heap and ${number(scanBuffersMiB)} MiB of
buffers at most, whatever the size.

Going on in the middle of the 2 GiB, from a cursor to the first batch, ${RESUME_REPETITIONS} times each:

${table(
  ['place in the file', 'median, ms', '95 of 100, ms'],
  places.map(({ place, median, p95 }) => [`${100 * place} %`, number(median, 2), number(p95, 2)]),
)}

Items that are only numbers, in batches of 1,000:

${table(
  ['source', 'items', 'cut, millions a second', 'cut and made, millions a second'],
  (['range', 'grid'] as const).map((name) => [
    name,
    number(ENUMERATED[name]),
    number(rates[name].slicedPerSecond / 1e6, 1),
    number(rates[name].madePerSecond / 1e6, 1),
  ]),
)}`;
  const goals: readonly Goal[] = [
    {
      ...{ what: 'record scanning by csv-parse', atLeast: 3, digits: 1, ifMissed: 'see the table' },
      found: Math.min(...Object.values(timesCsvParse)),
    },
    {
      ...{ what: 'heap of a scan, MiB', atMost: 64, found: scanHeapMiB, digits: 0 },
      ifMissed: 'garbage that Node has not yet collected is in it',
    },
  ];
  return { text, goals, data: { rows, timesCsvParse, scanHeapMiB, scanBuffersMiB, resumed: places, rates } };
}

function cells({ input, contender, records, megabytesPerSecond, heapMiB, buffersMiB }: Row): string[] {
  return [input, contender, number(records), withSpread(megabytesPerSecond), number(heapMiB), number(buffersMiB)];
}
