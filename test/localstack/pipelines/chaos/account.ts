import { exported } from '../sluice.ts';

/** The items of a run's results: how many are missing, and how many are there twice. */
export async function account(
  pipeline: string,
  runId: string,
  count: number,
): Promise<{ readonly lost: number; readonly doubled: number }> {
  const seen = new Map<unknown, number>();
  for (const { item } of await exported('results', pipeline, runId)) seen.set(item, (seen.get(item) ?? 0) + 1);
  const doubled = [...seen.values()].filter((times) => times > 1).length;
  return { lost: count - seen.size, doubled };
}
