/**
 * @file Bits per byte of the held-out packages under models that know nothing or little: gzip and xz on each file, and
 * a bigram of bytes counted on the training corpus. The floor that the model card's figures stand beside.
 *   node --import tsx src/pretrain/baselines.ts --corpus <dir>
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { readDocuments, readHeldout } from './corpus.ts';

export interface Baselines {
  readonly language: string;
  readonly files: number;
  readonly bytes: number;
  readonly gzipBitsPerByte: number;
  /** Undefined where there is no xz. */
  readonly xzBitsPerByte?: number;
  readonly bigramBitsPerByte: number;
}

/** Counts of byte pairs, one added to each, as log2 probabilities: [previous * 256 + next]. */
export function byteBigram(texts: Iterable<string>): Float64Array {
  const counts = new Float64Array(65536).fill(1);
  for (const text of texts) {
    const bytes = Buffer.from(text);
    for (let i = 1; i < bytes.length; i++) counts[bytes[i - 1] * 256 + bytes[i]]++;
  }
  for (let previous = 0; previous < 256; previous++) {
    const row = counts.subarray(previous * 256, previous * 256 + 256);
    const total = row.reduce((sum, count) => sum + count, 0);
    for (let next = 0; next < 256; next++) row[next] = Math.log2(row[next] / total);
  }
  return counts;
}

/** Bits of a text under a bigram; its first byte costs 8. */
export function bigramBits(bigram: Float64Array, text: string): number {
  const bytes = Buffer.from(text);
  let bits = bytes.length > 0 ? 8 : 0;
  for (let i = 1; i < bytes.length; i++) bits -= bigram[bytes[i - 1] * 256 + bytes[i]];
  return bits;
}

function xzBytes(text: string): number | undefined {
  const { status, stdout } = spawnSync('xz', ['-9e', '--format=raw', '-c'], { input: text, maxBuffer: 1 << 28 });
  return status === 0 ? stdout.length : undefined;
}

function main(): void {
  const { values } = parseArgs({ options: { corpus: { type: 'string', default: '.rgft/corpus' } } });
  const bigram = byteBigram(
    (function* () {
      for (const { text } of readDocuments(path.join(values.corpus, 'train.jsonl'))) yield text;
    })(),
  );
  const heldOut = readHeldout(values.corpus);
  const result = [...new Set(heldOut.map(({ language }) => language))].map((language): Baselines => {
    const texts = heldOut.filter((document) => document.language === language).map(({ text }) => text);
    const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    const perByte = (sizes: number[]) => sizes.reduce((a, b) => a + b, 0) / bytes;
    const xz = texts.map(xzBytes);
    return {
      language,
      files: texts.length,
      bytes,
      gzipBitsPerByte: perByte(texts.map((text) => 8 * gzipSync(text, { level: 9 }).length)),
      ...(xz.every((size) => size !== undefined) && { xzBitsPerByte: perByte(xz.map((size) => 8 * size!)) }),
      bigramBitsPerByte: perByte(texts.map((text) => bigramBits(bigram, text))),
    };
  });
  process.stdout.write(`${JSON.stringify(result, undefined, 1)}\n`);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) main();
