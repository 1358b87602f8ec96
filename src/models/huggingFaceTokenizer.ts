/**
 * @file The tokenizer of a model folder (tokenizer.json), on top of `@huggingface/tokenizers`.
 *
 * Source code may contain the text of a marker, `<|endoftext|>` say, in a string or a comment. The library, like the
 * original, would turn that text into the marker's id, and training would then teach the model to stop in the middle of
 * such a file. So the library gets a copy of tokenizer.json without markers: they are no added tokens there, no entry of
 * the vocabulary and no result of a merge. Their text is then cut into ordinary tokens like any other, without splitting
 * the text around it. Added tokens that are ordinary text (GPT-NeoX's runs of spaces, DeepSeek's accented letters) stay.
 */
import fs from 'node:fs';
import path from 'node:path';
import { Tokenizer as LibraryTokenizer } from '@huggingface/tokenizers';
import { FineTuneError } from '../errors.ts';
import { readJsonObject } from './checkpoint.ts';
import type { ModelConfig } from './config.ts';
import type { ConfigJson } from './families/family.ts';
import type { SpecialTokens, Tokenizer } from './tokenizer.ts';

/**
 * Known spellings of the fill-in-the-middle markers: prefix, suffix, middle. The first complete row wins.
 *
 * CodeLlama's are left out: its SentencePiece tokenizer puts a space before every text that it encodes, and the model
 * was trained with suffixes and middles that have none. Encoded piece by piece, as here, each gap would teach and show
 * two spaces that are not in the file. So CodeLlama trains on plain text and fills no gaps.
 */
const FIM_SPELLINGS = [
  ['<fim_prefix>', '<fim_suffix>', '<fim_middle>'], // StarCoder, StarCoder2, Granite
  ['<fim-prefix>', '<fim-suffix>', '<fim-middle>'], // SantaCoder
  ['<|fim_prefix|>', '<|fim_suffix|>', '<|fim_middle|>'], // Qwen2.5-Coder, CodeGemma
  ['<｜fim▁begin｜>', '<｜fim▁hole｜>', '<｜fim▁end｜>'], // DeepSeek: begin PREFIX hole SUFFIX end MIDDLE
] as const;

/**
 * Known spellings of the markers that end a generated text beside `eos`. StarCoder2 writes `<file_sep>` behind a file
 * or a filled gap and then invents the next file (bigcode-project/starcoder2#10); Qwen2.5-Coder's own example of filling
 * in (its README and examples/Qwen2.5-Coder-fim.py) stops at `<|fim_pad|>`, at its file and repository markers and at
 * `<|im_end|>`; CodeLlama ends a gap with `<EOT>`, DeepSeek-Coder an answer with `<|EOT|>`.
 *
 * Other markers do not end a text: Qwen3 begins its answers with `<think>`. Those of a gap end one (generate.ts).
 */
const END_SPELLINGS = [
  ...['<fim_pad>', '<fim-pad>', '<|fim_pad|>'],
  ...['<EOT>', '▁<EOT>', '<|EOT|>', '<|im_end|>'],
  ...['<file_sep>', '<|file_sep|>', '<repo_name>', '<|repo_name|>'],
];

interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly special: boolean;
}

/**
 * Loads tokenizer.json, tokenizer_config.json and special_tokens_map.json of a model folder.
 *
 * `encode` applies the tokenizer's normaliser, as the model was trained with it: for byte-level tokenizers without one
 * (GPT-2, Llama 3, StarCoder) `decode(encode(text)) === text` for well-formed text; Qwen's composes accents (NFC) first;
 * SentencePiece tokenizers (Llama 2, CodeLlama) mark the start of a text with a space, which `decode` takes off again.
 * A lone surrogate becomes U+FFFD, as it does in every UTF-8 file.
 *
 * @throws TOKENIZER_MISSING (no tokenizer.json), TOKENIZER_INVALID
 */
export function loadTokenizer(folder: string): Tokenizer {
  const file = path.join(folder, 'tokenizer.json');
  const json = readJsonObject(file, 'TOKENIZER_INVALID');
  if (!json) throw missing(folder);
  const settings = readJsonObject(path.join(folder, 'tokenizer_config.json'), 'TOKENIZER_INVALID') ?? {};
  const specialMap = readJsonObject(path.join(folder, 'special_tokens_map.json'), 'TOKENIZER_INVALID') ?? {};
  const modelJson = readJsonObject(path.join(folder, 'config.json'), 'CONFIG_INVALID') ?? {};

  const vocabulary = readVocabulary(json, file);
  const added = readAddedTokens(json, settings, file);
  const idOf = new Map(vocabulary);
  for (const token of added) idOf.set(token.content, token.id);
  const special = findSpecialTokens(idOf, added, [settings, specialMap], modelJson);
  const library = openLibrary(withoutMarkers(json, new Set(special.all), idOf), file);
  const vocabSize = [...idOf.values()].reduce((largest, id) => Math.max(largest, id), -1) + 1;
  const isMarker = new Set(special.all);

  return {
    vocabSize,
    special,
    addsBos: addsBos(json, settings, special.bos, idOf),
    encode: (text) => library.encode(text, { add_special_tokens: false }).ids,
    decode(ids) {
      const ordinary = Array.from(ids).filter((id) => id < vocabSize && !isMarker.has(id));
      if (ordinary.length === 0) return '';
      return library.decode(ordinary, { skip_special_tokens: false, clean_up_tokenization_spaces: false });
    },
  };
}

/**
 * Checks that every id the tokenizer can produce has a row in the embedding. Embeddings with more rows than the
 * tokenizer has ids (padding) are fine.
 *
 * @throws TOKENIZER_MISMATCH
 */
export function checkTokenizerFits(tokenizer: Tokenizer, config: ModelConfig): void {
  if (tokenizer.vocabSize <= config.vocabSize) return;
  throw new FineTuneError(
    'TOKENIZER_MISMATCH',
    `The tokenizer has ids up to ${tokenizer.vocabSize - 1}, the model's vocabulary ends at ${config.vocabSize - 1}. Use the tokenizer.json that came with the model.`,
    { tokenizerVocabSize: tokenizer.vocabSize, modelVocabSize: config.vocabSize },
  );
}

function missing(folder: string): FineTuneError {
  const others = fs.existsSync(folder)
    ? fs.readdirSync(folder).filter((name) => /^(vocab\.json|merges\.txt|tokenizer\.model|spiece\.model)$/.test(name))
    : [];
  const found = others.length > 0 ? `only ${others.join(', ')}` : 'no tokenizer';
  return new FineTuneError(
    'TOKENIZER_MISSING',
    `${folder} has ${found}; tokenizer.json is needed. Fetch it with the model, or save the tokenizer in the fast format.`,
    { folder, found: others },
  );
}

function invalid(file: string, found: string, cause?: unknown): FineTuneError {
  return new FineTuneError(
    'TOKENIZER_INVALID',
    `${file}: ${found}. Fetch the file again from where the model came from.`,
    { file },
    { cause },
  );
}

/** Tokens and ids of the model part. @throws TOKENIZER_INVALID */
function readVocabulary(json: ConfigJson, file: string): [string, number][] {
  const model = asObject(json.model);
  const vocab = asObject(model?.vocab);
  if (!model || !vocab || !Array.isArray(model.merges)) {
    throw invalid(file, `its model (${JSON.stringify(model?.type ?? null)}) has no BPE vocabulary and merges`);
  }
  const entries = Object.entries(vocab) as [string, number][];
  const known = new Set(entries.map(([text]) => text));
  // Without an entry the library would drop the text silently. (Word-marking vocabularies spell results differently.)
  const orphan = model.continuing_subword_prefix
    ? undefined
    : (model.merges as Merge[]).find((merge) => !known.has(mergeResult(merge)));
  if (orphan) throw invalid(file, `the merge ${JSON.stringify(orphan)} makes a token that the vocabulary lacks`);
  const broken = entries.find(([, id]) => !Number.isSafeInteger(id) || id < 0);
  if (broken) throw invalid(file, `the id of ${JSON.stringify(broken[0])} is ${JSON.stringify(broken[1])}`);
  return entries;
}

/** Added tokens of tokenizer.json, then those that only tokenizer_config.json lists. @throws TOKENIZER_INVALID */
function readAddedTokens(json: ConfigJson, settings: ConfigJson, file: string): AddedToken[] {
  const listed = json.added_tokens ?? [];
  if (!Array.isArray(listed)) throw invalid(file, 'its added_tokens are no list');
  const byId = new Map<number, AddedToken>();
  const extra = Object.entries(asObject(settings.added_tokens_decoder) ?? {});
  const entries = [
    ...listed.map((entry) => asObject(entry) ?? {}),
    ...extra.map(([id, entry]): ConfigJson => ({ ...asObject(entry), id: Number(id) })),
  ];
  for (const { id, content, special } of entries) {
    if (!Number.isSafeInteger(id) || (id as number) < 0 || typeof content !== 'string') {
      throw invalid(file, `an added token is ${JSON.stringify({ id, content })}`);
    }
    const before = byId.get(id as number);
    if (!before) byId.set(id as number, { id: id as number, content, special: special === true });
  }
  return [...byId.values()];
}

function findSpecialTokens(
  idOf: ReadonlyMap<string, number>,
  added: readonly AddedToken[],
  settings: readonly ConfigJson[],
  modelJson: ConfigJson,
): SpecialTokens {
  const named = (key: string): number | undefined => {
    for (const setting of settings) {
      const value = setting[key];
      const content = typeof value === 'string' ? value : asObject(value)?.content;
      const id = typeof content === 'string' ? idOf.get(content) : undefined;
      if (id !== undefined) return id;
    }
    return undefined;
  };
  const configured = (key: string): number | undefined => {
    const value = Array.isArray(modelJson[key]) ? modelJson[key][0] : modelJson[key];
    const known = [...idOf.values()].includes(value as number);
    return Number.isSafeInteger(value) && known ? (value as number) : undefined;
  };
  const bos = named('bos_token') ?? configured('bos_token_id');
  const eos = named('eos_token') ?? configured('eos_token_id');
  const spelling = FIM_SPELLINGS.find((names) => names.every((name) => idOf.has(name)));
  const fim = spelling && {
    prefix: idOf.get(spelling[0])!,
    suffix: idOf.get(spelling[1])!,
    middle: idOf.get(spelling[2])!,
  };
  const markers = added.filter((token) => token.special || looksLikeMarker(token.content)).map((token) => token.id);
  const more = [bos, eos, named('unk_token'), named('pad_token'), ...(fim ? Object.values(fim) : [])];
  const all = [...new Set([...markers, ...more.filter((id) => id !== undefined)])].sort((a, b) => a - b);
  const spelled = new Set(END_SPELLINGS.map((name) => idOf.get(name)));
  const ends = all.filter((id) => spelled.has(id));
  return {
    ...(bos === undefined ? {} : { bos }),
    ...(eos === undefined ? {} : { eos }),
    ...(fim ? { fim } : {}),
    ...(ends.length > 0 ? { ends } : {}),
    all,
  };
}

/** Qwen and DeepSeek list `<|fim_prefix|>`, `<tool_call>` and others as added tokens that are not special. */
function looksLikeMarker(content: string): boolean {
  return /^▁?<\S+>$/.test(content);
}

/** Two tokens, in the older spelling separated by a space. */
type Merge = string | readonly [string, string];

function mergeResult(merge: Merge): string {
  return typeof merge === 'string' ? merge.replace(' ', '') : merge[0] + merge[1];
}

/** tokenizer.json for the library, in which no text can become one of the `markers`. */
function withoutMarkers(json: ConfigJson, markers: ReadonlySet<number>, idOf: ReadonlyMap<string, number>): ConfigJson {
  const texts = new Set([...idOf].filter(([, id]) => markers.has(id)).map(([text]) => text));
  const model = asObject(json.model)!;
  const vocab = Object.entries(model.vocab as Record<string, number>);
  const merges = model.merges as Merge[];
  return {
    ...json,
    added_tokens: ((json.added_tokens ?? []) as AddedToken[]).filter((token) => !markers.has(token.id)),
    post_processor: null,
    model: {
      ...model,
      // The token for unknown text stays, or such text would have no id at all.
      vocab: Object.fromEntries(vocab.filter(([text]) => !texts.has(text) || text === model.unk_token)),
      merges: merges.filter((merge) => !texts.has(mergeResult(merge))),
    },
  };
}

function openLibrary(json: ConfigJson, file: string): LibraryTokenizer {
  try {
    // Its settings would only bring back what `withoutMarkers` took out.
    return new LibraryTokenizer({ normalizer: null, pre_tokenizer: null, decoder: null, ...json }, {});
  } catch (error) {
    throw invalid(file, `it cannot be used (${(error as Error).message})`, error);
  }
}

/** `add_bos_token` where it is set, else whether the template of the post-processor starts with the token. */
function addsBos(
  json: ConfigJson,
  settings: ConfigJson,
  bos: number | undefined,
  idOf: ReadonlyMap<string, number>,
): boolean {
  if (bos === undefined) return false;
  if (typeof settings.add_bos_token === 'boolean') return settings.add_bos_token;
  const processor = asObject(json.post_processor);
  const steps =
    processor?.type === 'Sequence' && Array.isArray(processor.processors) ? processor.processors : [processor];
  return steps.some((step) => {
    const single = asObject(step)?.single;
    const first = Array.isArray(single) ? asObject(asObject(single[0])?.SpecialToken)?.id : undefined;
    return typeof first === 'string' && idOf.get(first) === bos;
  });
}

function asObject(value: unknown): ConfigJson | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as ConfigJson) : undefined;
}
