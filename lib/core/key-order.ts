/**
 * The order in which S3 lists keys: by their bytes in UTF-8. JavaScript compares UTF-16, which puts what lies beyond U+FFFF before
 * U+E000.
 *
 * @example
 * ['b', 'a/x', 'a'].sort(keyOrder) // ['a', 'a/x', 'b']
 */
export function keyOrder(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
