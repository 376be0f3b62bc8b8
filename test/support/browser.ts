import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** What to do where there is no browser: the same words in the tests and in the command that takes pictures. */
export const NO_CHROMIUM = `no Chromium on the PATH (looked for ${NAMES.join(', ')}); on Debian "apt-get install chromium" as root installs one`;

/** The first Chromium on the PATH; null where there is none. */
export function findChromium(path = process.env.PATH ?? ''): string | null {
  const files = path
    .split(delimiter)
    .filter(isAbsolute)
    .flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return files.find(isExecutable) ?? null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Starts a headless Chromium. Its own sandbox is off: root may not use it, and only our own pages are opened. */
export async function startBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === null) throw new Error(NO_CHROMIUM);
  return chromium.launch({ executablePath, chromiumSandbox: false });
}

/** The ways in which a reader may look at a page. */
export const VIEWS = {
  light: { viewport: { width: 1_000, height: 900 }, colorScheme: 'light' },
  dark: { viewport: { width: 1_000, height: 900 }, colorScheme: 'dark' },
  phone: { viewport: { width: 390, height: 844 }, colorScheme: 'light', deviceScaleFactor: 2 },
} as const;
export type View = keyof typeof VIEWS;
