/**
 * Maps in order while working on up to `ahead` elements at a time: no more than that many are held in memory.
 *
 * @example
 * for await (const body of mapAhead(keys, 8, load)) …
 */
export async function* mapAhead<From, To>(
  source: AsyncIterable<From> | Iterable<From>,
  ahead: number,
  map: (element: From) => Promise<To>,
): AsyncGenerator<To> {
  const begun: Promise<To>[] = [];
  for await (const element of source) {
    const next = map(element);
    // it is awaited in its turn; until then a failure must not count as unhandled
    next.catch(() => {});
    begun.push(next);
    if (begun.length >= ahead) yield (await begun.shift()) as To;
  }
  for (const next of begun) yield await next;
}
