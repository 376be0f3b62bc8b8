import type { CliContext } from '../../../lib/cli/context.ts';
import type { TerminalListener } from '../../../lib/cli/terminal.ts';
import { fakeContext } from './fake-context.ts';

/** A context on a terminal: what is drawn can be read line by line, keys can be pressed, its size can change. */
export function onTerminal(
  overrides: Partial<CliContext> = {},
  { hasKeys = true, rows = 24 }: { readonly hasKeys?: boolean; readonly rows?: number } = {},
) {
  let listener: TerminalListener | null = null;
  let opened = 0;
  let columns = 80;
  const written: string[] = [];
  const terminal = {
    rows,
    hasKeys,
    open: (on: TerminalListener) => {
      opened += 1;
      listener = on;
      return () => {
        opened -= 1;
        listener = null;
      };
    },
  };
  const io: CliContext['io'] = {
    stdout: async () => {},
    stderr: (text) => void written.push(text),
    isTty: true,
    get columns() {
      return columns;
    },
  };
  const fake = fakeContext({}, { terminal, io, ...overrides });
  const frames = () => written.filter((text) => text.endsWith('\u001b[J'));
  return {
    fake,
    press: (key: string) => listener?.key(key),
    resize: (to: number) => {
      columns = to;
      listener?.resize();
    },
    isOpen: () => opened > 0,
    written: () => written.join(''),
    frames: () => frames().length,
    /** The lines of what was drawn last. */
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a terminal is driven by
    screen: () => (frames().at(-1) ?? '').split('\r\n').map((line) => line.replaceAll(/\r|\u001b\[\d*[KJA]/g, '')),
  };
}

export type OnTerminal = ReturnType<typeof onTerminal>;
