/** Replies: what every chore returns. A reply blooms with a leaf or wilts with a blight; nothing expected is thrown. */

export interface Blight {
  /** For programs, such as `BED_NOT_EMPTY`. */
  readonly code: string;
  readonly saw: string;
  readonly needed: string;
  /** What the gardener should do about it. */
  readonly tend: string;
  /** The chores that the blight went through, innermost first. */
  readonly path: readonly string[];
}

export interface Bloomed<T> {
  readonly ok: true;
  readonly leaf: T;
}

export interface Wilted {
  readonly ok: false;
  readonly blight: Blight;
}

export type Reply<T> = Bloomed<T> | Wilted;

/** Makes a good reply. */
export function bloom<T>(leaf: T): Bloomed<T> {
  return { ok: true, leaf };
}

/** Makes a bad reply. All three texts are required. */
export function wilt(code: string, about: { saw: string; needed: string; tend: string }): Wilted {
  return { ok: false, blight: { code, ...about, path: [] } };
}

/** Goes on with the leaf of a good reply; a bad one stays as it is. */
export function graft<T, U>(reply: Reply<T>, next: (leaf: T) => Reply<U>): Reply<U> {
  return reply.ok ? next(reply.leaf) : reply;
}

/** Returns the leaf, or the substitute of a bad reply. */
export function leafOr<T>(reply: Reply<T>, substitute: T): T {
  return reply.ok ? reply.leaf : substitute;
}

/** Turns many replies into one: all leaves, or the first bad reply. */
export function bouquet<T>(replies: readonly Reply<T>[]): Reply<T[]> {
  const leaves: T[] = [];
  for (const reply of replies) {
    if (!reply.ok) return reply;
    leaves.push(reply.leaf);
  }
  return bloom(leaves);
}

/** Remembers that a bad reply went through a chore. */
export function through(reply: Wilted, chore: string): Wilted {
  return { ok: false, blight: { ...reply.blight, path: [...reply.blight.path, chore] } };
}

/** Shows a blight in one line for people. */
export function explain(blight: Blight): string {
  return `${blight.code}: saw ${blight.saw}, needed ${blight.needed}. ${blight.tend}`;
}
