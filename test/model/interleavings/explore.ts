import { hash } from 'node:crypto';

/** A small world whose every step is chosen from outside. Two worlds of the same key go on alike. */
export interface World {
  /** What can happen next; nothing at the end. */
  choices(): readonly string[];
  step(choice: string): Promise<void>;
  /** Everything that decides what can still happen. */
  key(): Promise<string>;
  /** Called once for each end. */
  atEnd(): Promise<void>;
}

export interface Explored {
  readonly states: number;
  readonly ends: number;
  /** Ways from the beginning to an end, those that meet in a state counted apart. */
  readonly interleavings: bigint;
}

/**
 * Takes a world through everything that can happen in it, depth first: a path is replayed from the beginning up to where it
 * leaves the last one. Paths that meet in a state go on as one.
 *
 * @throws what a step or an end threw, with the path that led there: `replay` takes it again.
 */
export async function explore(make: () => Promise<World>, statesMax: number): Promise<Explored> {
  const followers = new Map<string, string[]>();
  const untried: { readonly path: readonly string[]; readonly from: string }[] = [{ path: [], from: '' }];
  let ends = 0;
  followers.set('', []);
  for (let next = untried.pop(); next !== undefined; next = untried.pop()) {
    const path = [...next.path];
    let { from } = next;
    try {
      const world = await replay(make, path);
      for (;;) {
        const state = hash('md5', await world.key());
        followers.get(from)?.push(state);
        if (followers.has(state)) break;
        if (followers.size > statesMax) throw new Error(`more than ${statesMax} states`);
        followers.set(state, []);
        const [first, ...others] = world.choices();
        if (first === undefined) {
          ends += 1;
          await world.atEnd();
          break;
        }
        for (const other of others) untried.push({ path: [...path, other], from: state });
        path.push(first);
        await world.step(first);
        from = state;
      }
    } catch (error) {
      throw new Error(`after ${path.join(' ')}`, { cause: error });
    }
  }
  return { states: followers.size - 1, ends, interleavings: countPaths(followers) };
}

/** The world at the end of a path. */
export async function replay(make: () => Promise<World>, path: readonly string[]): Promise<World> {
  const world = await make();
  for (const choice of path) await world.step(choice);
  return world;
}

/** Each step leads on, never back: what follows is counted before what leads to it. */
function countPaths(followers: ReadonlyMap<string, readonly string[]>): bigint {
  const paths = new Map<string, bigint>();
  const open = [''];
  for (let state = open.at(-1); state !== undefined; state = open.at(-1)) {
    const next = followers.get(state) as readonly string[];
    const unknown = next.filter((follower) => !paths.has(follower));
    if (unknown.length > 0) {
      open.push(...unknown);
      continue;
    }
    const sum = next.reduce((total, follower) => total + (paths.get(follower) as bigint), 0n);
    paths.set(state, next.length === 0 ? 1n : sum);
    open.pop();
  }
  return paths.get('') as bigint;
}
