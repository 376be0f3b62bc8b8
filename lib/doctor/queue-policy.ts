import * as z from 'zod';
import { matchesPattern } from './iam-pattern.ts';

const oneOrMore = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());

const policySchema = z.object({
  Statement: z
    .union([z.unknown().array(), z.unknown()])
    .transform((value) => [value].flat())
    .pipe(
      z.array(
        z.object({
          Effect: z.enum(['Allow', 'Deny']),
          Principal: z
            .union([z.literal('*').transform(() => ({ AWS: ['*'] })), z.record(z.string(), oneOrMore)])
            .optional(),
          Action: oneOrMore.optional(),
          Condition: z.unknown().optional(),
        }),
      ),
    ),
});

/** One principal that a queue's own policy lets send to it. */
export interface Grant {
  readonly principal: string;
  /** The condition, as JSON; null: there is none. */
  readonly condition: string | null;
}

const SEND = 'sqs:sendmessage';

/**
 * Whom a queue's resource policy lets send. This is how SNS, EventBridge and S3 come to send to a queue, and other accounts.
 * Denials are not weighed: a statement that allows is evidence, no more.
 *
 * @returns null when the policy cannot be read.
 */
export function sendersByPolicy(policy: string): readonly Grant[] | null {
  const parsed = policySchema.safeParse(parseJson(policy));
  if (!parsed.success) return null;
  return parsed.data.Statement.filter(({ Effect, Action }) => Effect === 'Allow' && allowsSend(Action)).flatMap(
    ({ Principal, Condition }) => {
      const condition = Condition === undefined ? null : JSON.stringify(Condition);
      // "everybody but": NotPrincipal
      const principals = Principal === undefined ? ['everybody but some'] : Object.values(Principal).flat();
      return principals.map((principal) => ({ principal, condition }));
    },
  );
}

/** Without `Action` it is a `NotAction`, which allows nearly everything. */
function allowsSend(actions: readonly string[] | undefined): boolean {
  return actions === undefined || actions.some((action) => matchesPattern(action.toLowerCase(), SEND));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
