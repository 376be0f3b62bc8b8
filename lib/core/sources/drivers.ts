import { csvDriver } from './csv-driver.ts';
import { fromDriver } from './from.ts';
import { gridDriver } from './grid.ts';
import { jsonlDriver } from './jsonl.ts';
import { rangeDriver } from './range.ts';
import { s3ObjectsDriver } from './s3-objects.ts';
import type { PlainDriver, PlainSource } from './source.ts';

/** The driver for a source that an author can write. */
export function plainDriverOf(pinned: PlainSource): PlainDriver<PlainSource> {
  switch (pinned.kind) {
    case 'csv':
      return csvDriver;
    case 'jsonl':
      return jsonlDriver;
    case 'range':
      return rangeDriver;
    case 'grid':
      return gridDriver;
    case 'from':
      return fromDriver;
    case 's3Objects':
      return s3ObjectsDriver;
  }
}
