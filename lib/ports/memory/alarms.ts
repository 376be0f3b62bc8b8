import type { Alarms } from '../alarms.ts';

export interface MemoryAlarms extends Alarms {
  /** The reasons of all resets, in order. */
  readonly resets: readonly string[];
}

/** Alarms that remember being reset. */
export function memoryAlarms(): MemoryAlarms {
  const resets: string[] = [];
  return {
    resets,
    reset: async (reason) => {
      resets.push(reason);
    },
  };
}
