import type { Goal } from './goals.ts';

/** What a part of the benchmarks has found. */
export interface Section {
  /** Markdown: tables, and what they say. */
  readonly text: string;
  /** The same as numbers, for machines. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly goals?: readonly Goal[];
  /** Pictures for the documentation, as SVG, by their file's name. */
  readonly pictures?: Readonly<Record<string, string>>;
}

/** One comparison: everything in it is measured in the same run, on the same machine. */
export interface Part {
  /** What `--only` calls it, and its key in the JSON. */
  readonly name: string;
  readonly title: string;
  /**
   * @param progress tells whoever waits what is being done.
   * @param signal aborted when nobody waits any more: what was started is then taken down.
   */
  run(progress: (line: string) => void, signal: AbortSignal): Promise<Section>;
}
