import { SEND_BATCH_MAX, WINDOW_BATCHES_MAX } from '../../lib/core/limits.ts';
import { CALL_MS, ROUNDS } from '../../lib/sim/latent-ports.ts';

export interface Ceiling {
  readonly intentBatches: number;
  readonly callsAtATime: number;
  readonly batchesPerSecond: number;
  readonly bare: number;
}

/** Most batches a second at the usual latencies of AWS: look, reserve and send of one intent after another, against sends alone. */
export function ceilingOf(intentWindows: number, callsAtATime: number): Ceiling {
  const intentBatches = intentWindows * WINDOW_BATCHES_MAX;
  const rounds = Math.ceil(intentBatches / SEND_BATCH_MAX / callsAtATime);
  const look = 1;
  const milliseconds = CALL_MS * (look + ROUNDS.reserve + rounds);
  return {
    intentBatches,
    callsAtATime,
    batchesPerSecond: (1_000 * intentBatches) / milliseconds,
    bare: (1_000 * intentBatches) / (CALL_MS * rounds),
  };
}
