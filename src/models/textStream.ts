/** @file Text of a growing list of tokens: characters that several tokens share, and strings that end the text. */
import type { Tokenizer } from './tokenizer.ts';

/** Tokens of the prompt that the first generated ones are decoded after (some tokenizers drop a leading space). */
const CONTEXT_TOKENS = 8;
const REPLACEMENT = '\ufffd';

/**
 * Decodes one sample token by token. A character whose bytes are spread over tokens appears when it is complete; text
 * that may be the beginning of a stop string is held back until it is decided.
 */
export class TextStream {
  readonly #tokenizer: Tokenizer;
  readonly #stops: readonly string[];
  /** Tokens whose text is not final yet, after some that give them their context. */
  #window: number[];
  /** Tokens of the window whose text is part of `#text`. */
  #settled: number;
  #text = '';
  #emitted = 0;
  #stopped = false;

  /**
   * @param prompt tokens before the text; the last few are used
   * @param stops strings that end the text; none is empty
   */
  constructor(tokenizer: Tokenizer, prompt: readonly number[], stops: readonly string[]) {
    this.#tokenizer = tokenizer;
    this.#stops = stops;
    const markers = new Set(tokenizer.special.all);
    const context = prompt.slice(-CONTEXT_TOKENS);
    this.#window = context.slice(context.findLastIndex((id) => markers.has(id)) + 1);
    this.#settled = this.#window.length;
  }

  /** Text so far, without the stop string. Characters whose bytes are incomplete are missing until `finish`. */
  get text(): string {
    return this.#text;
  }

  /** True once a stop string has appeared; the text is cut before it. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Adds a token; returns the text that is certain now. After a stop string nothing is added. */
  push(id: number): string {
    if (this.#stopped) return '';
    this.#window.push(id);
    const grown = this.#decodeWindow();
    if (grown !== '' && !grown.endsWith(REPLACEMENT)) this.#settle(grown);
    return this.#emit(this.#heldBack());
  }

  /** Ends the text: what was held back comes out, incomplete characters as U+FFFD. */
  finish(): string {
    if (!this.#stopped) this.#settle(this.#decodeWindow());
    return this.#emit(0);
  }

  /** Text that the window's last tokens add to its settled ones. */
  #decodeWindow(): string {
    const before = this.#tokenizer.decode(this.#window.slice(0, this.#settled));
    const whole = this.#tokenizer.decode(this.#window);
    let common = 0;
    while (common < before.length && before[common] === whole[common]) common++;
    return whole.slice(common);
  }

  #settle(grown: string): void {
    const from = this.#text.length;
    this.#text += grown;
    this.#window = this.#window.slice(-CONTEXT_TOKENS);
    this.#settled = this.#window.length;
    let end = -1;
    for (const stop of this.#stops) {
      const at = this.#text.indexOf(stop, Math.max(0, from - stop.length + 1));
      if (at >= 0 && (end < 0 || at < end)) end = at;
    }
    if (end < 0) return;
    this.#text = this.#text.slice(0, end);
    this.#stopped = true;
  }

  /** Length of the longest end of the text that is the beginning of a stop string. */
  #heldBack(): number {
    if (this.#stopped) return 0;
    let longest = 0;
    for (const stop of this.#stops) {
      for (let length = Math.min(stop.length - 1, this.#text.length); length > longest; length--) {
        if (this.#text.endsWith(stop.slice(0, length))) longest = length;
      }
    }
    return longest;
  }

  #emit(heldBack: number): string {
    const end = Math.max(this.#emitted, this.#text.length - heldBack);
    const text = this.#text.slice(this.#emitted, end);
    this.#emitted = end;
    return text;
  }
}
