/**
 * Whether a text is matched by a pattern of an IAM policy: `*` is any run of characters, `?` any one.
 *
 * @example
 * matchesPattern('sqs:Send*', 'sqs:SendMessage') // true
 */
export function matchesPattern(pattern: string, text: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`).test(text);
}
