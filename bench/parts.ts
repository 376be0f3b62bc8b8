import { localstack } from './localstack/part.ts';
import type { Part } from './part.ts';

/** All comparisons, in the order in which they are shown. */
export const PARTS: readonly Part[] = [localstack];
