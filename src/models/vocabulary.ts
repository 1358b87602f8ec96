/**
 * @file The LM head on a part of the vocabulary. Code of one folder uses a fraction of a model's ids (a few thousand of
 * Qwen2.5's 151 936), and the head's products over all of them are most of what a short suffix costs.
 *
 * The ids of the part keep a logit each; all others together have one more, o = d·x + b, with d the mean of their rows:
 *
 *     loss = ln(Σ exp(z_v) + exp(o)) - z_label,   v in the part
 *
 * The logarithm of the others' sum is convex in x and about as steep as d. b is its distance from d·x at each target,
 * measured once in a pass over the whole vocabulary, so the loss is exact there and near it later; the others are still
 * pushed down, all together. Without d they are not, which costs a hundredth of the gain (DECISIONS.md, 2026-11-30).
 */

/** Letters: V vocabulary, K ids of the part, C hidden. */
export interface PartialVocabulary {
  /** Ids with a logit of their own, ascending, (K). */
  readonly ids: Int32Array;
  /** Place of an id among them; -1 for the others. (V) */
  readonly placeOf: Int32Array;
  /** 1 for an id that has none of its own, else 0. (V) */
  readonly isOther: Float32Array;
  /** Mean of the others' rows of the head; 0 when there are none. (C) */
  readonly direction: Float32Array;
}

/** @param head the LM head's weights, (V, C); the rows of the others must not change while the part is in use */
export function partOfVocabulary(ids: Int32Array, head: Float32Array, vocabSize: number): PartialVocabulary {
  const C = head.length / vocabSize;
  const placeOf = new Int32Array(vocabSize).fill(-1);
  ids.forEach((id, place) => {
    placeOf[id] = place;
  });
  const isOther = Float32Array.from(placeOf, (place) => (place < 0 ? 1 : 0));
  const sums = new Float64Array(C);
  for (let id = 0; id < vocabSize; id++) {
    if (placeOf[id] >= 0) continue;
    for (let c = 0; c < C; c++) sums[c] += head[id * C + c];
  }
  const others = Math.max(1, vocabSize - ids.length);
  return { ids, placeOf, isOther, direction: Float32Array.from(sums, (sum) => sum / others) };
}

/**
 * The head that the part's logits are products with, (K + 1, C + 1): the rows of the ids, then that of the others. The
 * last feature of what it is multiplied with is b, which only the others' row reads.
 */
export function writePartialHead({ ids, direction }: PartialVocabulary, head: Float32Array, into: Float32Array): void {
  const C = direction.length;
  ids.forEach((id, place) => {
    into.set(head.subarray(id * C, (id + 1) * C), place * (C + 1));
    into[place * (C + 1) + C] = 0;
  });
  into.set(direction, ids.length * (C + 1));
  into[ids.length * (C + 1) + C] = 1;
}
