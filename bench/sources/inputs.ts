import { execFile } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** 411,961 rows of four columns, some quoted. Not a dependency: only this benchmark reads it. */
const PACKAGE = '@ip-location-db/asn@2.3.2026061719';
const FETCH_MS = 300_000;
export const LARGE_BYTES = 2 * 1_073_741_824;

export interface InputFiles {
  readonly csv: string;
  readonly jsonl: string;
  /** The CSV's rows again and again, 2 GiB of them. */
  readonly large: string;
}

/** The files that are read, made in `folder`. */
export async function makeInputs(folder: string): Promise<InputFiles> {
  await mkdir(folder, { recursive: true });
  const { stdout } = await run('npm', ['pack', '--silent', PACKAGE], { cwd: folder, timeout: FETCH_MS });
  await run('tar', ['-xzf', stdout.trim()], { cwd: folder, timeout: FETCH_MS });
  const csv = join(folder, 'package', 'asn-ipv4.csv');
  const jsonl = join(folder, 'asn.jsonl');
  const large = join(folder, 'large.csv');
  await pipeline(Readable.from(jsonLines(csv)), createWriteStream(jsonl));
  await repeat(csv, large);
  return { csv, jsonl, large };
}

async function* jsonLines(csv: string): AsyncGenerator<string> {
  for await (const line of createInterface({ input: createReadStream(csv) })) {
    const [first, last, number, ...name] = line.split(',');
    yield `${JSON.stringify({ first, last, number, name: name.join(',') })}\n`;
  }
}

async function repeat(from: string, to: string): Promise<void> {
  const rows = await readFile(from);
  const file = await open(to, 'w');
  try {
    for (let written = 0; written < LARGE_BYTES; written += rows.length) await file.write(rows);
  } finally {
    await file.close();
  }
}

export async function bytesOf(path: string): Promise<number> {
  return (await stat(path)).size;
}
