import { modulePath } from '../lib/loading/package.ts';

/** Where the lambdas' entries lie in the running package. */
export function lambdaEntries<Name extends string>(names: readonly Name[]): Record<Name, string> {
  return Object.fromEntries(names.map((name) => [name, modulePath(`lambdas/${name}`)])) as Record<Name, string>;
}
