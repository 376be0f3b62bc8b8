const GOLDEN = 0.618_033_988_75;

/**
 * How much longer than others the items of this batch take: 0.5 to 1.5, 1 on average over any few batches. Batches of one length
 * would keep all workers in step.
 */
export function uneven(item: number, batchSize: number): number {
  return 0.5 + ((Math.floor(item / batchSize) * GOLDEN) % 1);
}
