import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { SluiceError } from '../core/errors.ts';
import { EVENT_SOURCE, RUN_FINISHED, type RunEvents } from '../ports/run-events.ts';

export interface EventBridgeRunEventsSettings {
  readonly client: () => EventBridgeClient;
  /** Names the pipeline in each event: rules match on it. */
  readonly stateMachineArn: string;
}

/**
 * Events on the account's default bus. An entry may have 256 KiB there (PutEvents, eb-putevents); a status has a few: its longest
 * texts are the stop's reason and who has changed a limit.
 */
export function eventBridgeRunEvents({ client, stateMachineArn }: EventBridgeRunEventsSettings): RunEvents {
  return {
    finished: async (status) => {
      const entry = {
        Source: EVENT_SOURCE,
        DetailType: RUN_FINISHED,
        Resources: [stateMachineArn],
        Detail: JSON.stringify(status),
      };
      const { Entries = [], FailedEntryCount } = await client().send(new PutEventsCommand({ Entries: [entry] }));
      if (FailedEntryCount === 0) return;
      const [{ ErrorCode = 'no answer', ErrorMessage = '' } = {}] = Entries;
      throw new SluiceError(
        'eventsUnavailable',
        `EventBridge did not take the event of run "${status.runId}": ${ErrorCode} ${ErrorMessage}`.trimEnd(),
        { retryable: true },
      );
    },
  };
}
