import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { packInto, type Tarball } from './pack.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The package as it would be published. */
    tarball: Tarball;
  }
}

/** Packs once for all files of the suite. */
export default function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-pack-'));
  const tearDown = () => rmSync(folder, { recursive: true, force: true });
  try {
    project.provide('tarball', packInto(folder));
  } catch (error) {
    tearDown();
    throw error;
  }
  return tearDown;
}
