import { matchesPattern } from '../../../../lib/doctor/iam-pattern.ts';
import type { Use } from './uses.ts';

/** What a function's role allows: one action on one resource, or on what a pattern matches. */
export interface Right {
  readonly function: string;
  readonly action: string;
  readonly resource: string;
}

/** A right that need not be seen in use, and why it is there all the same. */
export interface Exception {
  readonly action: RegExp;
  /** Kinds of functions, as `kindOf` has them. */
  readonly kinds: RegExp;
  readonly place: RegExp;
  readonly why: string;
}

// CloudFormation cuts long names: of the CDK's hash there may be less than all.
const KINDS = /(Open|Produce|Settle|Close|Worker|Sideline|Stopper|ApiFunction)[0-9A-F]{0,8}-/;
const PARTS = /(DeadLetterQueue|Queue|Ledger|Bucket|StopFlag|Worker|StateMachine)[0-9A-F]{0,8}-/i;

/**
 * Which of a pipeline's functions it is, from its physical name.
 *
 * @example
 * kindOf('SluiceTest-GridOpen7A9B33C1-8f2e'); // 'Open'
 */
export function kindOf(functionName: string): string {
  const kind = KINDS.exec(functionName)?.[1];
  if (kind === undefined)
    throw new Error(`"${functionName}" is no function of a pipeline: its name ends in none of theirs`);
  return kind;
}

/**
 * A resource by the part that it is of a pipeline: the same in every pipeline.
 *
 * @example
 * placeOf('arn:aws:s3:::sluicetest-gridbucket5d3fbd4a-x/results/*'); // 's3 bucket/results/*'
 */
export function placeOf(resource: string): string {
  if (resource === '*') return '*';
  const [, , service = '', , , ...rest] = resource.split(':');
  const name = rest.join(':');
  const part = PARTS.exec(name)?.[1]?.toLowerCase();
  if (service === 's3') {
    const own = /^[^/]+(\/(windows|results)\/\*)?$/.exec(name);
    return part === undefined || own === null ? 's3 input' : `s3 ${part}${own[1] ?? ''}`;
  }
  return `${service} ${part ?? rest[0]?.replace(/\/.*/, '')}`;
}

/** Requests that the caller's role does not allow. Conditions are not looked at: a request does not tell what they ask. */
export function missingRights(rights: readonly Right[], uses: readonly Use[]): readonly string[] {
  const lines = uses
    .filter((use) => !rights.some((right) => allows(right, use)))
    .map((use) => `${use.function} may not ${use.action} on ${use.arn ?? '*'}`);
  return [...new Set(lines)].sort();
}

/**
 * Rights that no function of a kind has used in any pipeline, save for exceptions; and exceptions for what nobody may do any more.
 * A right counts by kind: a pipeline whose results are small never stores one.
 */
export function unusedRights(
  rights: readonly Right[],
  uses: readonly Use[],
  exceptions: readonly Exception[],
): readonly string[] {
  const byRight = Map.groupBy(rights, ({ function: name, action, resource }) =>
    [kindOf(name), action, placeOf(resource)].join('\t'),
  );
  const names = [...byRight.keys()].map((key) => key.split('\t') as [kind: string, action: string, place: string]);
  const isUsed = (key: string) => byRight.get(key)?.some((right) => uses.some((use) => allows(right, use)));
  const excuses =
    (exception: Exception) =>
    ([kind, action, place]: (typeof names)[number]) =>
      exception.kinds.test(kind) && exception.action.test(action) && exception.place.test(place);
  return [
    ...names
      .filter((name) => !isUsed(name.join('\t')) && !exceptions.some((exception) => excuses(exception)(name)))
      .map(([kind, action, place]) => `${kind} never used ${action} on ${place}`),
    ...exceptions
      .filter((exception) => !names.some(excuses(exception)))
      .map(({ action, why }) => `no right is left for the exception ${action.source} (${why})`),
  ].sort();
}

function allows(right: Right, use: Use): boolean {
  if (right.function !== use.function || right.action !== use.action) return false;
  return use.arn === null || matchesPattern(right.resource, use.arn);
}
