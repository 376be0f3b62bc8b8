/** A terminal that a view is drawn on over and over, and that takes keys. Text goes out by `Io`, which knows its width. */
export interface Terminal {
  readonly rows: number;
  /** Whether keys arrive: standard input may be a file all the same. */
  readonly hasKeys: boolean;
  /** Hides the cursor and listens. Returns what undoes all of it; may be called twice. */
  open(listener: TerminalListener): () => void;
}

export interface TerminalListener {
  /** A character, or a whole escape sequence. Ctrl-C is none: it interrupts as it does everywhere. */
  readonly key: (key: string) => void;
  readonly resize: () => void;
}

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const CTRL_C = '\u0003';
const ESCAPE = '\u001b';

/** The process's own terminal; null where standard error is none, or one that cannot move its cursor. */
export function processTerminal(environment: NodeJS.ProcessEnv): Terminal | null {
  const { stdin, stderr } = process;
  if (stderr.isTTY !== true || environment.TERM === 'dumb') return null;
  const hasKeys = stdin.isTTY === true;
  return {
    get rows() {
      return stderr.rows || 24;
    },
    hasKeys,
    open: ({ key, resize }) => {
      const onData = (chunk: Buffer) => {
        for (const one of keysOf(chunk.toString('utf8'))) {
          // a raw terminal sends no signal: whatever is done about Ctrl-C is done in one place
          if (one === CTRL_C) process.kill(process.pid, 'SIGINT');
          else key(one);
        }
      };
      const close = () => {
        process.off('exit', close);
        stderr.off('resize', resize);
        if (hasKeys) stdin.off('data', onData).setRawMode(false).pause();
        stderr.write(SHOW_CURSOR);
      };
      // a second Ctrl-C, or an error that nobody catches, ends the process without unwinding anything
      process.once('exit', close);
      stderr.on('resize', resize);
      if (hasKeys) stdin.setRawMode(true).on('data', onData).resume();
      stderr.write(HIDE_CURSOR);
      return close;
    },
  };
}

/** What was typed at once, key by key; an escape sequence is one key. */
function keysOf(chunk: string): readonly string[] {
  return chunk.startsWith(ESCAPE) ? [chunk] : [...chunk];
}
