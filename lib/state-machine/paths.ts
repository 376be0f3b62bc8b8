/** Everything of JSONPath that the state machine uses: `$`, `$.a.b`, and `$$.a.b` for the context object. */

/** A path that leads nowhere: Step Functions fails the execution with it, and no Catch can stop that. */
export class PathError extends Error {
  constructor(path: string) {
    super(`the path "${path}" leads nowhere in the state's input`);
    this.name = 'States.Runtime';
  }
}

/** The value at a path; undefined where there is none. */
export function lookUp(path: string, input: unknown, context: object): unknown {
  const inContext = path.startsWith('$$');
  const [, ...keys] = path.split('.');
  let value: unknown = inContext ? context : input;
  for (const key of keys) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

/** @throws PathError */
export function valueAt(path: string, input: unknown, context: object): unknown {
  const value = lookUp(path, input, context);
  if (value === undefined) throw new PathError(path);
  return value;
}

/** Fills in a payload template: a key that ends in `.$` holds a path. */
export function fillIn(template: unknown, input: unknown, context: object): unknown {
  if (Array.isArray(template)) return template.map((one) => fillIn(one, input, context));
  if (typeof template !== 'object' || template === null) return template;
  const filled = Object.entries(template).map(([key, value]) =>
    key.endsWith('.$')
      ? [key.slice(0, -2), valueAt(value as string, input, context)]
      : [key, fillIn(value, input, context)],
  );
  return Object.fromEntries(filled);
}

/** Puts a result where `ResultPath` says: in place of the input, nowhere (null), or under one key of it. */
export function placeResult(resultPath: string | null | undefined, input: unknown, result: unknown): unknown {
  if (resultPath === null) return input;
  if (resultPath === undefined || resultPath === '$') return result;
  const key = resultPath.slice('$.'.length);
  return { ...(typeof input === 'object' && input !== null ? input : {}), [key]: result };
}
