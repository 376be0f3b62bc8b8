import { arch, availableParallelism, cpus, platform, release, totalmem } from 'node:os';

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
}

/** The machine that measures: what its numbers depend on, and nothing that names it. */
export function describeMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 1_073_741_824),
    system: `${platform()} ${release().split(/[-+]/)[0]} ${arch()}`,
    node: process.version,
  };
}
