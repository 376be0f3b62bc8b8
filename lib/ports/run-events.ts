/** Where it is told that a run has ended, for whoever listens. */
export interface RunEvents {
  /**
   * Tells of an end: the run's status, as `sluice status --json` prints it. The same end may be told more than once.
   *
   * @throws SluiceError `eventsUnavailable` (retryable), or what the service threw: nobody may have heard of it.
   */
  finished(status: { readonly runId: string; readonly state: string }): Promise<void>;
}

export const EVENT_SOURCE = 'sluice';
export const RUN_FINISHED = 'Sluice Run Finished';
