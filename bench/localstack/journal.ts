/** One line of a journal: a call of the handler with an item begins, or has come to its end. */
export interface Entry {
  readonly kind: 'begin' | 'end';
  readonly item: number;
  /** The worker's process. */
  readonly pid: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** What a journal tells of a run. */
export interface Journal {
  /** Items that were handled to the end at least once. */
  readonly handled: number;
  /** Items that were handled to the end more than once: an effect of theirs is there twice. */
  readonly handledAgain: number;
  /** Milliseconds since 1970; null before the first line of its kind. */
  readonly firstBegin: number | null;
  readonly lastEnd: number | null;
  /** Time of all calls that came to their end, together. */
  readonly handlerMilliseconds: number;
  /** What workers are at now. */
  readonly inWork: readonly Entry[];
}

/** @example lineOf({ kind: 'begin', item: 7, pid: 42, at: 1_000 }) // 'begin 7 42 1000\n' */
export function lineOf({ kind, item, pid, at }: Entry): string {
  return `${kind} ${item} ${pid} ${at}\n`;
}

/** Reads a journal, whose last line may still be being written. */
export function readJournal(text: string): Journal {
  const ended = new Map<number, number>();
  const inWork = new Map<number, Entry>();
  let firstBegin: number | null = null;
  let lastEnd: number | null = null;
  let handlerMilliseconds = 0;
  for (const entry of entriesOf(text)) {
    const { kind, item, pid, at } = entry;
    if (kind === 'begin') {
      firstBegin = Math.min(firstBegin ?? at, at);
      inWork.set(pid, entry);
    } else {
      ended.set(item, (ended.get(item) ?? 0) + 1);
      lastEnd = Math.max(lastEnd ?? at, at);
      handlerMilliseconds += at - (inWork.get(pid)?.at ?? at);
      inWork.delete(pid);
    }
  }
  return {
    handled: ended.size,
    handledAgain: [...ended.values()].filter((times) => times > 1).length,
    ...{ firstBegin, lastEnd, handlerMilliseconds, inWork: [...inWork.values()] },
  };
}

function entriesOf(text: string): Entry[] {
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return whole.split('\n').flatMap((line) => {
    const [kind, ...numbers] = line.split(' ');
    const [item, pid, at] = numbers.map(Number);
    if ((kind !== 'begin' && kind !== 'end') || item === undefined || pid === undefined || at === undefined) return [];
    return [{ kind, item, pid, at }];
  });
}
