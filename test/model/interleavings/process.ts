import { hash } from 'node:crypto';
import type { Clock } from '../../../lib/ports/clock.ts';

/** Makes a call of that name, or has it fail in some way. */
export type Act = (name: string, args: readonly unknown[], fault: string | null) => Promise<unknown>;

/** A call that waits for its turn. */
interface Call {
  readonly name: string;
  readonly go: (fault: string | null) => Promise<void>;
}

/** A process that stops before each of its calls until it is told to go on. */
export class Process {
  readonly name: string;
  readonly calls: Call[] = [];
  /** What came of it; null while it runs. */
  result: string | null = null;
  /** Everything it was ever answered: what it does next depends on nothing else. */
  memory = '';

  constructor(name: string) {
    this.name = name;
  }

  /** Waits for its turn, then acts. The first call only shows that there is a run, which there is: it is made at once. */
  call(name: string, args: readonly unknown[], act: Act): Promise<unknown> {
    if (this.memory === '' && name === 'get') return act(name, args, null);
    return new Promise((resolve, reject) => {
      const go = async (fault: string | null) => {
        try {
          const answer = await act(name, args, fault);
          this.#learn(name, JSON.stringify(answer, plainSets) ?? '');
          resolve(answer);
        } catch (error) {
          this.#learn(name, String(error));
          reject(error);
        }
      };
      this.calls.push({ name, go });
    });
  }

  /** Goes on with its call number `place`, until it stops before the next one. */
  async goOn(place: number, fault: string | null): Promise<void> {
    const [call] = this.calls.splice(place, 1);
    await call?.go(fault);
    await quiet();
  }

  end(result: string): void {
    this.result = result;
  }

  #learn(name: string, answer: string): void {
    this.memory = hash('md5', `${this.memory} ${name} ${answer}`);
  }
}

/** For `JSON.stringify`: sets as lists. */
export function plainSets(_key: string, value: unknown): unknown {
  return value instanceof Set ? [...value] : value;
}

/** Lets everything run that waits for nothing but settled promises. */
export function quiet(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * A clock of one's own: a sleep moves it on and takes no time, since the others can come in between before the next call anyway.
 * A sleep under a signal is a patience: it lasts until the signal ends it.
 */
export function ownClock(start: number): Clock {
  let now = start;
  return {
    now: () => now,
    sleep: async (milliseconds, signal) => {
      if (signal === undefined) now += milliseconds;
      else if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
    },
  };
}
