import { existsSync } from 'node:fs';
import { basename, dirname, extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(import.meta.url);
/** `.ts` in a checkout, `.js` in what is published: everything found from here has the same. */
const EXTENSION = extname(here);
const ROOT = dirname(dirname(dirname(here)));

/**
 * A module of the running package.
 *
 * @example
 * modulePath('lib/index') // …/lib/index.ts in a checkout, …/dist/lib/index.js when installed
 */
export function modulePath(module: string): string {
  return join(ROOT, `${module}${EXTENSION}`);
}

/** True for Sluice's own modules. */
export function isOwnSource(path: string): boolean {
  return path.startsWith(join(ROOT, 'lib', sep));
}

/** The `node_modules` folders that the running package itself sees, nearest first. */
export function nodePaths(from = ROOT): string[] {
  const own = basename(from) === 'node_modules' ? from : join(from, 'node_modules');
  const parent = dirname(from);
  return [...(existsSync(own) ? [own] : []), ...(parent === from ? [] : nodePaths(parent))].filter(
    (path, index, all) => all.indexOf(path) === index,
  );
}

/** A path as messages show it: relative within the working directory, absolute outside of it. */
export function displayPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
}
