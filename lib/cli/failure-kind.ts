import { messageShape } from '../core/message-shape.ts';
import type { Run } from '../core/run.ts';
import type { FailureGroup, Failures } from '../report/data.ts';
import type { PipelinePorts } from './context.ts';
import { readFailures } from './read-failures.ts';

/**
 * A run's failed items by kind: errors whose messages differ only in what differs from item to item are one.
 *
 * @param most failed items to read, where it is to be fewer than `readFailures` reads.
 */
export function readFailureKinds(
  ports: Pick<PipelinePorts, 'ledger' | 'storage'>,
  run: Pick<Run, 'runId' | 'nextWindow'>,
  most?: number,
): Promise<Failures> {
  return readFailures(ports, run, ({ message }) => messageShape(message), most);
}

/** @example errorKind({ code: 'attemptsExhausted', name: 'TypeError' }) // 'attemptsExhausted (TypeError)' */
export function errorKind({ code, name }: Pick<FailureGroup, 'code' | 'name'>): string {
  return code === name ? code : `${code} (${name})`;
}

/** What the messages of a kind have in common. */
export function kindMessage({ examples: [example] }: Pick<FailureGroup, 'examples'>): string {
  return messageShape(example?.message ?? '');
}
