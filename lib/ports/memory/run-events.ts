import type { RunEvents } from '../run-events.ts';

export interface MemoryRunEvents extends RunEvents {
  /** Everything told, in order. */
  readonly told: readonly { readonly runId: string; readonly state: string }[];
}

/** Events that are kept. */
export function memoryRunEvents(): MemoryRunEvents {
  const told: { runId: string; state: string }[] = [];
  return {
    told,
    finished: async (status) => {
      told.push(structuredClone(status));
    },
  };
}
