import type { Clock } from '../../../lib/ports/clock.ts';

export interface Call {
  /** The command's class: `SendMessageBatchCommand`. */
  readonly command: string;
  // biome-ignore lint/suspicious/noExplicitAny: each command has an input of its own
  readonly input: any;
}

/**
 * A client of the SDK whose `send` is answered by a test: with a value, or with what it throws. All else of the SDK
 * stays real, so this is the one place where it is replaced.
 */
export function stubClient<C>(answer: (call: Call, number: number, signal?: AbortSignal) => unknown) {
  const calls: Call[] = [];
  const send = async (command: { input: unknown }, options: { abortSignal?: AbortSignal } = {}) => {
    const call = { command: command.constructor.name, input: structuredClone(command.input) };
    calls.push(call);
    return answer(call, calls.length, options.abortSignal);
  };
  return { client: () => ({ send }) as unknown as C, calls };
}

/** What the SDK throws: a name, and the HTTP status where there was an answer. */
export function awsError(name: string, status?: number, message = name): Error {
  const error = new Error(message);
  error.name = name;
  return Object.assign(error, status === undefined ? {} : { $metadata: { httpStatusCode: status } });
}

/** A clock whose sleeps are over at once, and remembered. */
export function hastyClock(): Clock & { readonly slept: number[] } {
  const slept: number[] = [];
  return {
    slept,
    now: () => 0,
    sleep: async (milliseconds) => {
      slept.push(milliseconds);
    },
  };
}
