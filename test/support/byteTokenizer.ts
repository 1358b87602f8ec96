/** @file The smallest tokenizer there is: one token for each UTF-8 byte, then the special tokens. */
import type { Tokenizer } from '../../src/models/tokenizer.ts';

export const BYTE_BOS = 256;
export const BYTE_EOS = 257;
export const BYTE_FIM = { prefix: 258, middle: 259, suffix: 260 } as const;

/** @param with_ which special tokens exist; all by default, and no BOS is added unless asked. */
export function byteTokenizer(
  with_: { readonly eos?: boolean; readonly fim?: boolean; readonly addsBos?: boolean } = {},
): Tokenizer {
  return {
    vocabSize: 261,
    special: {
      bos: BYTE_BOS,
      ...(with_.eos === false ? {} : { eos: BYTE_EOS }),
      ...(with_.fim === false ? {} : { fim: BYTE_FIM }),
      all: [256, 257, 258, 259, 260],
    },
    addsBos: with_.addsBos ?? false,
    encode: (text) => [...Buffer.from(text, 'utf8')],
    decode: (ids) => Buffer.from(Array.from(ids).filter((id) => id < 256)).toString('utf8'),
  };
}
