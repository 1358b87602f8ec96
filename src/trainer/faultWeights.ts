/**
 * @file Fault-aware fine-tuning (FAIT, arXiv 2503.16913) in the training loop: gathers wrong variants of the training
 * lines, keeps them in the run directory, and raises the loss weight of the tokens in which right and wrong differ.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { PackedSequence } from '../data/batches.ts';
import { faultPieces, faultsByLine, fixesOf, mutations, type Variant } from '../data/faults.ts';
import { fixLog } from '../data/git.ts';
import type { Generator } from '../models/generate.ts';
import { TextStream } from '../models/textStream.ts';
import type { Tokenizer } from '../models/tokenizer.ts';
import { createRandom, nextBelow, shuffle } from '../random.ts';
import { writeFileAtomically } from './disk.ts';

/** Variants by where they come from. */
export interface FaultVariants {
  readonly mutations: readonly Variant[];
  readonly history: readonly Variant[];
  readonly model: readonly Variant[];
  /** Operations of the model's own variants. */
  readonly flops: number;
}

export interface FaultSource {
  /** Training files, paths as in the repository. */
  readonly files: readonly { readonly path: string; readonly text: string }[];
  /** Folders that were read; with several, paths begin with a folder's name. */
  readonly folders: readonly { readonly name: string; readonly path: string }[];
  /** Counts what the generator runs. */
  readonly engine: { readonly flops: number };
  /** Of the model as it came. */
  readonly generator: Generator;
  readonly tokenizer: Tokenizer;
  readonly seed: number;
}

/** Lines that the model is let to finish, to see what it gets wrong. */
const MODEL_LINES = 32;
const MODEL_TOKENS = 32;
const PROMPT_TOKENS = 128;
/** Tokens of a prompt are cut out of so many characters before the place. */
const PROMPT_CHARACTERS = 2000;
const MIN_REST = 4;

/**
 * The variants of a run: from its directory where they are, else gathered and kept there, so that a run that resumes
 * weighs the same tokens although the model and the history have changed.
 */
export async function faultVariants(file: string, source: FaultSource): Promise<FaultVariants> {
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as FaultVariants;
  const counted = source.engine.flops;
  const found = {
    mutations: mutations(source.files, source.seed),
    history: await historyVariants(source),
    model: await modelVariants(source),
  };
  const variants: FaultVariants = { ...found, flops: source.engine.flops - counted };
  writeFileAtomically(file, `${JSON.stringify(variants)}\n`);
  return variants;
}

/** Gives rows their weights: `weight` where a target is part of a fault, 1 elsewhere. */
export function faultWeights(
  variants: FaultVariants,
  tokenizer: Tokenizer,
  weight: number,
): (row: PackedSequence) => PackedSequence {
  const faults = faultsByLine([...variants.mutations, ...variants.history, ...variants.model]);
  return (row) => {
    const lossWeights = new Float32Array(row.inputIds.length).fill(1);
    for (let start = 0; start < row.segments.length && row.segments[start] > 0; ) {
      let end = start;
      while (end < row.segments.length && row.segments[end] === row.segments[start]) end++;
      const stream = new TextStream(tokenizer, [], []);
      const pieces = [...row.inputIds.subarray(start, end)].map((id) => stream.push(id));
      // The target of a position is the next token.
      faultPieces(pieces, faults).forEach((isFault, t) => {
        if (isFault && t > 0) lossWeights[start + t - 1] = weight;
      });
      start = end;
    }
    return { ...row, lossWeights };
  };
}

/** What commits whose message speaks of a fix or a bug changed in the training files. None without git or a history. */
async function historyVariants({ files, folders }: FaultSource): Promise<Variant[]> {
  const known = new Set(files.map((file) => file.path));
  const variants: Variant[] = [];
  for (const { name, path: folder } of folders) {
    const prefix = folders.length > 1 ? `${name}/` : '';
    variants.push(...fixesOf(await fixLog(folder), (file) => known.has(prefix + file)));
  }
  return variants;
}

/** Lines of the training files that the model, left alone in the middle of them, finishes otherwise. */
async function modelVariants({ files, generator, tokenizer, seed }: FaultSource): Promise<Variant[]> {
  const random = createRandom(seed, 'model faults');
  const places = files.flatMap(({ text }, file) => {
    let start = 0;
    return text.split('\n').flatMap((line) => {
      const at = start;
      start += line.length + 1;
      return line.trim().length >= 2 * MIN_REST ? [{ file, line, at }] : [];
    });
  });
  const variants: Variant[] = [];
  for (const { file, line, at } of shuffle(places, random).slice(0, MODEL_LINES)) {
    const indent = line.length - line.trimStart().length;
    const cut = indent + nextBelow(random, line.trimEnd().length - indent - MIN_REST + 1);
    const before = files[file].text.slice(Math.max(0, at + cut - PROMPT_CHARACTERS), at + cut);
    const kept = tokenizer.encode(before).slice(-PROMPT_TOKENS);
    if (kept.length === 0) continue;
    const { bos } = tokenizer.special;
    const prompt = tokenizer.addsBos && bos !== undefined ? [bos, ...kept] : kept;
    const request = { prompt, maxTokens: MODEL_TOKENS, temperature: 0, stop: ['\n'] };
    const { samples } = await generator.generate(request);
    const wrong = line.slice(0, cut) + samples[0].text;
    if (wrong.trim() !== line.trim()) variants.push({ right: line, wrong });
  }
  return variants;
}

/** Where a run keeps its variants. */
export function faultsFile(runPath: string): string {
  return path.join(runPath, 'faults.json');
}
