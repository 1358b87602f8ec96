/** @file Text to token ids and back. */

/** Special tokens that the trainer and the generator need; absent where the model has none. */
export interface SpecialTokens {
  readonly bos?: number;
  readonly eos?: number;
  /** Fill-in-the-middle markers (Bavarian et al. 2022), prefix-suffix-middle order. All three or none. */
  readonly fim?: { readonly prefix: number; readonly middle: number; readonly suffix: number };
  /**
   * Markers after which a family's models go on with something else: the next file, the next repository, the next turn.
   * A generated text ends at them as it does at `eos`. Ascending. @default none
   */
  readonly ends?: readonly number[];
  /** Every id that must never appear in generated text, ascending. */
  readonly all: readonly number[];
}

export interface Tokenizer {
  /** Number of ids, special ones included; every id is below it. */
  readonly vocabSize: number;
  readonly special: SpecialTokens;
  /** True when the tokenizer's own configuration puts a begin-of-sequence token before every text. */
  readonly addsBos: boolean;
  /** Ids of `text`, taken byte for byte: no special token is added, none is recognised inside the text. */
  encode(text: string): number[];
  /** Text of `ids`; special tokens are left out. Incomplete UTF-8 at the end comes back as U+FFFD. */
  decode(ids: ArrayLike<number>): string;
}
