import { alarmMissingData, alarmWithoutAction } from './alarms.ts';
import { fewReceives, noDeadLetterQueue, shortDeadLetterRetention } from './dead-letters.ts';
import { overPull, shortVisibility, wholeBatchRetries } from './deliveries.ts';
import type { StackDescription } from './description.ts';
import { unencryptedQueue } from './encryption.ts';
import type { Finding, Rule } from './rule.ts';
import { unboundedProducer } from './senders.ts';
import { unreadable } from './unreadable.ts';

/** All rules, the worst first. */
export const RULES: readonly Rule[] = [
  overPull,
  noDeadLetterQueue,
  wholeBatchRetries,
  shortDeadLetterRetention,
  shortVisibility,
  fewReceives,
  alarmWithoutAction,
  alarmMissingData,
  unencryptedQueue,
  unreadable,
  unboundedProducer,
];

/**
 * Holds a deployed stack against the known traps of SQS and Lambda.
 *
 * @example
 * const findings = examine(await describeStack('shop'));
 */
export function examine(stack: StackDescription): readonly Finding[] {
  return RULES.flatMap(({ check, ...texts }) => check(stack).map((sighting) => ({ ...texts, ...sighting })));
}
