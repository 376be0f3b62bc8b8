import { GetParameterCommand, PutParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { messageOf } from '../core/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { StopFlag } from '../ports/stop-flag.ts';
import { CLEAR_TEXT, latchText, parseFlag } from '../ports/stop-flag-text.ts';
import { systemClock } from '../ports/system-clock.ts';
import { errorName, withRetries } from './bounded.ts';

export interface SsmStopFlagSettings {
  readonly client: () => SSMClient;
  readonly parameter: string;
  readonly clock?: Clock;
}

/** SSM takes 3 writes a second: what an alarm storm needs is patience, not luck. */
const WRITE_ATTEMPTS = 5;
const WRITE_PAUSE_MS = 300;
const BUSY = new Set(['TooManyUpdates', 'ThrottlingException']);

/** The stop flag in an SSM parameter. SSM has no conditional write: of two latches at the same instant the later reason stands. */
export function ssmStopFlag({ client, parameter, clock = systemClock }: SsmStopFlagSettings): StopFlag {
  const readText = async (): Promise<string> => {
    const { Parameter } = await client().send(new GetParameterCommand({ Name: parameter }));
    if (typeof Parameter?.Value !== 'string') throw new Error(`the parameter ${parameter} has no value`);
    return Parameter.Value;
  };

  const writeText = async (Value: string): Promise<void> => {
    const command = new PutParameterCommand({ Name: parameter, Value, Type: 'String', Overwrite: true });
    const retries = { clock, attempts: WRITE_ATTEMPTS, pauseMs: WRITE_PAUSE_MS };
    await withRetries(
      retries,
      (error) => BUSY.has(errorName(error)),
      () => client().send(command),
    );
  };

  return {
    read: async () => {
      try {
        return parseFlag(await readText());
      } catch (error) {
        return { kind: 'unreadable', error: messageOf(error) };
      }
    },
    latch: async (request) => {
      // A flag that cannot be read is set all the same: better the wrong reason than no stop.
      const text = latchText(await readText().catch(() => CLEAR_TEXT), request);
      if (text !== null) await writeText(text);
    },
    clear: () => writeText(CLEAR_TEXT),
  };
}
