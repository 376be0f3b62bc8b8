/**
 * Every reason a run can wait, stop or end for. The same words appear in code, logs, metrics, CLI and docs,
 * so nothing else may be used to explain a state. `docs/reasons.md` has a line for each; a test holds them together.
 */
export const WHYS = [
  // waits
  'cap',
  'rate',
  'source',
  'lease',
  'resend',
  'ledger',
  'flagUnreadable',
  'depthUnreadable',
  'draining',
  // stops
  'stopped',
  'alarm',
  'failedItems',
  'failedPercent',
  'blockedTooLong',
  // ends
  'sourceChanged',
  'sourceInvalid',
  'executionEnded',
  'executionFailed',
  'failures',
] as const;

export type Why = (typeof WHYS)[number];
