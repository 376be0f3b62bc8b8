import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A folder elsewhere on disk, far from Sluice's own `node_modules`. */
export class Folder {
  readonly path = realpathSync(mkdtempSync(join(tmpdir(), 'elsewhere-')));

  /** Writes a file and returns its path. */
  write(name: string, text: string): string {
    const path = join(this.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** A job's text around a few lines of its own. */
export function jobText(options: string, before = ''): string {
  return `import { defineJob, csv, jsonl, range, s3Objects, z } from 'sluice';\n${before}\nexport default defineJob({ name: 'elsewhere', handler: () => null, ${options} });\n`;
}
