/** A conditional change of one item. */
export interface Change {
  /** Attributes to set, `a.b` for one inside a map; null removes, undefined leaves as it is. */
  readonly set?: Readonly<Record<string, unknown>>;
  /** Numbers to add to, and sets to unite with. */
  readonly add?: Readonly<Record<string, number | ReadonlySet<number> | undefined>>;
  /** What must hold: `#name` stands for an attribute, `:name` for one of `values`. */
  readonly condition?: string;
  readonly values?: Readonly<Record<string, unknown>>;
}

export interface Expressions {
  readonly UpdateExpression?: string;
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly ExpressionAttributeValues?: Record<string, unknown>;
}

/**
 * The expressions of a change. Every name goes through a placeholder, so DynamoDB's 573 reserved words never matter.
 *
 * @example
 * changeOf({ set: { state: 'draining', why: null }, condition: '#token = :token', values: { token: 3 } })
 * // SET #state = :set_state REMOVE #why, if #token = :token
 */
export function changeOf({ set = {}, add = {}, condition, values = {} }: Change): Expressions {
  const given = Object.entries(set).filter(([, value]) => value !== undefined);
  const sets = given.filter(([, value]) => value !== null);
  const removes = given.filter(([, value]) => value === null);
  const adds = Object.entries(add).filter(([, value]) => value !== undefined);
  const update = [
    clause(
      'SET',
      sets.map(([path]) => `${pathOf(path)} = ${placeholderOf('set', path)}`),
    ),
    clause(
      'REMOVE',
      removes.map(([path]) => pathOf(path)),
    ),
    clause(
      'ADD',
      adds.map(([path]) => `${pathOf(path)} ${placeholderOf('add', path)}`),
    ),
  ]
    .filter((part) => part !== '')
    .join(' ');
  const names = [...`${update} ${condition ?? ''}`.matchAll(/#(\w+)/g)].map(([placeholder, name]) => [
    placeholder,
    name,
  ]);
  const placeholders = [
    ...sets.map(([path, value]) => [placeholderOf('set', path), value]),
    ...adds.map(([path, value]) => [placeholderOf('add', path), value]),
    ...Object.entries(values).map(([name, value]) => [`:${name}`, value]),
  ];
  return {
    ...(update === '' ? {} : { UpdateExpression: update }),
    ...(condition === undefined ? {} : { ConditionExpression: condition }),
    ...(names.length === 0 ? {} : { ExpressionAttributeNames: Object.fromEntries(names) }),
    ...(placeholders.length === 0 ? {} : { ExpressionAttributeValues: Object.fromEntries(placeholders) }),
  };
}

function clause(word: string, parts: readonly string[]): string {
  return parts.length === 0 ? '' : `${word} ${parts.join(', ')}`;
}

/** `stop.haltedAt` → `#stop.#haltedAt`. */
function pathOf(path: string): string {
  return path
    .split('.')
    .map((name) => `#${name}`)
    .join('.');
}

function placeholderOf(verb: string, path: string): string {
  return `:${verb}_${path.replaceAll('.', '_')}`;
}
