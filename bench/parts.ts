import { coldStart } from './cold-start/part.ts';
import { cost } from './cost/part.ts';
import { growth } from './growth/part.ts';
import { localstack } from './localstack/part.ts';
import type { Part } from './part.ts';
import { producer } from './producer/part.ts';
import { simulation } from './simulation/part.ts';
import { sources } from './sources/part.ts';
import { stop } from './stop/part.ts';

/** All comparisons, in the order in which they are shown. */
export const PARTS: readonly Part[] = [localstack, simulation, producer, sources, stop, cost, coldStart, growth];
