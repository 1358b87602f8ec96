/**
 * @file Seeded randomness and stable hashes. A generator is four numbers in an array, so a run that is interrupted can
 * write them down and go on where it stopped.
 */

/**
 * State of one sfc32 generator (Chris Doty-Humphrey, PractRand): three mixing words and a counter, each an unsigned
 * 32-bit integer. It is changed in place; `[...state]` is a checkpoint and `JSON.parse(JSON.stringify(state))` resumes.
 */
export type RandomState = number[];

/**
 * Starts a generator. Different `streams` of the same seed are independent: name what the numbers are for, so that one
 * more draw in one place does not shift all the others.
 *
 * @param seed any safe integer
 * @param streams names or numbers that select the stream, e.g. `('order', epoch)`
 */
export function createRandom(seed: number, ...streams: readonly (number | string)[]): RandomState {
  const words = [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0];
  let mixer = 0x9e3779b9;
  for (const word of words) mixer = mix32(mixer ^ word);
  for (const stream of streams) mixer = mix32((mixer + 0x9e3779b9) ^ hashText(String(stream)));
  const state: RandomState = [];
  for (let i = 0; i < 3; i++) {
    mixer = (mixer + 0x9e3779b9) >>> 0; // splitmix32: a Weyl sequence through the finaliser
    state.push(mix32(mixer));
  }
  state.push(1);
  for (let i = 0; i < 12; i++) nextUint32(state); // the author's warm-up: every word reaches every output bit
  return state;
}

/** The next unsigned 32-bit integer. */
export function nextUint32(state: RandomState): number {
  const [a, b, c, counter] = state;
  const result = (a + b + counter) >>> 0;
  state[0] = (b ^ (b >>> 9)) >>> 0;
  state[1] = (c + (c << 3)) >>> 0;
  state[2] = (((c << 21) | (c >>> 11)) + result) >>> 0;
  state[3] = (counter + 1) >>> 0;
  return result;
}

/** The next number in [0, 1), 53 random bits. */
export function nextFloat(state: RandomState): number {
  const high = nextUint32(state) >>> 5;
  const low = nextUint32(state) >>> 6;
  return (high * 2 ** 26 + low) / 2 ** 53;
}

/** The next integer in [0, limit), without modulo bias. `limit` is an integer in 1 … 2^32. */
export function nextBelow(state: RandomState, limit: number): number {
  if (!Number.isInteger(limit) || limit < 1 || limit > 2 ** 32) {
    throw new RangeError(`limit is ${limit}, expected an integer from 1 to 2^32`);
  }
  const fair = 2 ** 32 - (2 ** 32 % limit);
  for (;;) {
    const value = nextUint32(state);
    if (value < fair) return value % limit;
  }
}

/** Shuffles in place (Fisher-Yates), every order equally likely. Returns the same array. */
export function shuffle<List extends Int32Array | unknown[]>(list: List, state: RandomState): List {
  for (let last = list.length - 1; last > 0; last--) {
    const other = nextBelow(state, last + 1);
    const kept = list[last];
    list[last] = list[other];
    list[other] = kept;
  }
  return list;
}

/**
 * A 32-bit hash of a text (FNV-1a over its UTF-16 units, then murmur3's finaliser). The same on every machine and in
 * every version: held-out splits rest on it. Not for security.
 */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    hash = Math.imul(hash ^ (unit & 0xff), 0x01000193);
    hash = Math.imul(hash ^ (unit >>> 8), 0x01000193);
  }
  return mix32(hash);
}

/** Murmur3's 32-bit finaliser: a bijection in which every input bit moves every output bit. */
export function mix32(value: number): number {
  let hash = value >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
