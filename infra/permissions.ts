import { Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';

/** One statement: explicit actions on explicit resources. Wildcards in actions are refused here, once for all. */
export function allow(
  actions: readonly string[],
  resources: readonly string[],
  conditions?: Record<string, Record<string, string>>,
): iam.PolicyStatement {
  const wild = actions.find((action) => !Token.isUnresolved(action) && action.includes('*'));
  if (wild !== undefined) throw new Error(`action "${wild}" has a wildcard, expected the actions one by one`);
  return new iam.PolicyStatement({
    actions: [...actions],
    resources: [...resources],
    ...(conditions === undefined ? {} : { conditions }),
  });
}
