import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { parse } from 'csv-parse';
import { awsClients } from '../../lib/aws/clients.ts';
import { s3Storage } from '../../lib/aws/storage.ts';
import { csvDriver } from '../../lib/core/sources/csv-driver.ts';
import { jsonlDriver } from '../../lib/core/sources/jsonl.ts';
import type { PinnedCsv, PinnedJsonl, PlainDriver, Slice, SourceContext } from '../../lib/core/sources/source.ts';
import { localInputs } from '../../lib/dev/local-inputs.ts';
import type { Storage } from '../../lib/ports/storage.ts';

/** A file of records without a header, on disk (`bucket` null, `key` its path) or in S3. */
export interface Input {
  readonly bucket: string | null;
  readonly key: string;
  readonly format: 'csv' | 'jsonl';
}

/** Records in a batch: what a producer cuts the file into. */
const BATCH_SIZE = 500;

/** Each reads the whole input and tells how many records it has found. */
export const CONTENDERS = {
  /** What the producer does: finds where batches begin and end. */
  'Sluice, boundaries': async (input: Input) => {
    let records = 0;
    for await (const slice of await slicesOf(input)) records += slice.count;
    return records;
  },
  /** What producer and workers do together: each batch is read again, and its fields are parsed. */
  'Sluice, boundaries and fields': async (input: Input) => {
    const { driver, pinned, context } = await openInput(input);
    let records = 0;
    for await (const slice of driver.slices(pinned, null, { batchSize: BATCH_SIZE }, context))
      records += (await driver.items(pinned, slice, context)).length;
    return records;
  },
  'csv-parse': async (input: Input) => {
    let records = 0;
    for await (const _row of (await streamOf(input)).pipe(parse())) records += 1;
    return records;
  },
  readline: async (input: Input) => {
    let records = 0;
    for await (const _line of createInterface({ input: await streamOf(input) })) records += 1;
    return records;
  },
  'readline and JSON.parse': async (input: Input) => {
    let records = 0;
    for await (const line of createInterface({ input: await streamOf(input) })) {
      JSON.parse(line);
      records += 1;
    }
    return records;
  },
} as const;

export type ContenderName = keyof typeof CONTENDERS;

async function slicesOf(input: Input): Promise<AsyncIterable<Slice>> {
  const { driver, pinned, context } = await openInput(input);
  return driver.slices(pinned, null, { batchSize: BATCH_SIZE }, context);
}

interface Opened {
  readonly driver: PlainDriver<PinnedCsv | PinnedJsonl>;
  readonly pinned: PinnedCsv | PinnedJsonl;
  readonly context: SourceContext;
}

export async function openInput({ bucket, key, format }: Input): Promise<Opened> {
  const storage = storageOf(bucket);
  const object = await storage.describe(bucket ?? 'local', key);
  const context = { bytes: storage.reader(object) };
  if (format === 'jsonl')
    return { driver: jsonlDriver, pinned: { kind: 'jsonl', object, startByte: 0 }, context } as Opened;
  const columns = ['first', 'last', 'number', 'name'];
  return { driver: csvDriver, pinned: { kind: 'csv', object, columns, startByte: 0 }, context } as Opened;
}

function storageOf(bucket: string | null): Storage {
  return bucket === null ? localInputs() : s3Storage({ client: awsClients().s3, bucket });
}

async function streamOf({ bucket, key }: Input): Promise<Readable> {
  if (bucket === null) return createReadStream(key, { highWaterMark: 1_048_576 });
  const { Body } = await awsClients()
    .s3()
    .send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return Body as Readable;
}
