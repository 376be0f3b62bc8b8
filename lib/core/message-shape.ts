/** What one kind of error is called by; longer messages differ in what comes after. */
const CHARACTERS_MAX = 200;

/**
 * An error's message without what differs from item to item: what stands in quotes, identifiers, numbers. Messages of the same
 * shape are one kind of failure.
 *
 * @example
 * messageShape('no user "ada" in shard 17') // 'no user "…" in shard #'
 */
export function messageShape(message: string): string {
  return message
    .slice(0, 4 * CHARACTERS_MAX)
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/"[^"]*"/g, '"…"')
    .replaceAll(/`[^`]*`/g, '`…`')
    .replaceAll(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, '#')
    .replaceAll(/\b(?=[a-f]*\d)[0-9a-f]{8,}\b/gi, '#')
    .replaceAll(/\d+(\.\d+)*/g, '#')
    .trim()
    .slice(0, CHARACTERS_MAX);
}
