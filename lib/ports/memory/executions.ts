import { SluiceError } from '../../core/errors.ts';
import type { ExecutionInputs, Executions } from '../executions.ts';

export interface MemoryExecutions extends Executions, ExecutionInputs {
  /** Everything started, in order. */
  readonly started: readonly { readonly name: string; readonly input: object }[];
  /** Ends a running execution. */
  end(name: string): void;
}

/** Executions that run until a test ends them. */
export function memoryExecutions(): MemoryExecutions {
  const started: { name: string; input: object }[] = [];
  const running = new Set<string>();
  return {
    started,
    start: async (name, input) => {
      if (started.some((one) => one.name === name)) {
        throw new SluiceError('runIdUsed', `an execution named "${name}" exists; choose another run id`);
      }
      started.push({ name, input: structuredClone(input) });
      running.add(name);
    },
    state: async (name) => (running.has(name) ? 'running' : 'ended'),
    input: async (name) => structuredClone(started.find((one) => one.name === name)?.input ?? null),
    end: (name) => {
      running.delete(name);
    },
  };
}
