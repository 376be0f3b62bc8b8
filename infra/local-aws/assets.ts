import { fileURLToPath } from 'node:url';

/**
 * A file that ships beside this code, in the sources and in the compiled package alike.
 *
 * @example
 * assetPath('requirements.txt');
 */
export function assetPath(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
