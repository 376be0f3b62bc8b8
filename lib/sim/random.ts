/** A seeded source of chance. Streams of different names are independent: one more draw in one moves no other. */
export interface Random {
  /** From 0 up to, but not, 1. */
  next(): number;
  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number;
  /** As `between`, each order of magnitude as likely as the next. */
  logBetween(least: number, most: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** A stream of its own, the same for the same name. */
  stream(name: string): Random;
}

/**
 * Chance from a seed: the generator sfc32 (Doty-Humphrey, PractRand), seeded by a hash of seed and name.
 *
 * @example
 * seededRandom(7).stream('queue').between(1, 6) // the same for ever
 */
export function seededRandom(seed: number, name = ''): Random {
  let a = hash(seed, `${name}/a`);
  let b = hash(seed, `${name}/b`);
  let c = hash(seed, `${name}/c`);
  let counter = 1;
  const draw = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 4_294_967_296;
  };
  for (let warmUp = 0; warmUp < 12; warmUp += 1) draw();
  const random: Random = {
    next: draw,
    between: (least, most) => least + Math.floor(draw() * (most - least + 1)),
    logBetween: (least, most) => {
      const low = Math.log(least);
      return Math.min(most, Math.floor(Math.exp(low + draw() * (Math.log(most + 1) - low))));
    },
    chance: (probability) => draw() < probability,
    pick: <T>(list: readonly T[]) => list[Math.floor(draw() * list.length)] as T,
    stream: (other) => seededRandom(seed, `${name}/${other}`),
  };
  return random;
}

/** A 32-bit hash of a number and a text (FNV-1a with a final mix). */
export function hash(seed: number, text: string): number {
  let value = 0x811c9dc5 ^ seed;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  value = Math.imul(value ^ (value >>> 15), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
