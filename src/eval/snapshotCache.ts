/**
 * @file The state of an interpreter that has just started, kept between runs: with it a process is ready in a quarter of the
 * time. A file is its SHA-256 and then the memory, so a damaged one is noticed and made again; its name says what it
 * was made of, so that another version never meets it.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/** Bytes of the checksum before the memory; known to interpreter.mjs too. */
export const CHECKSUM_BYTES = 32;
const UNUSED_MS = 30 * 24 * 3600 * 1000;

/** File for the state that comes out of these files and words. */
export function snapshotFile(folder: string, files: readonly string[], words: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(words));
  for (const file of files) hash.update(fs.readFileSync(file));
  return path.join(folder, `sandbox-${hash.digest('hex').slice(0, 32)}.snapshot`);
}

/** Whether the file is there and whole. */
export function isWholeSnapshot(file: string): boolean {
  if (!fs.existsSync(file)) return false;
  const bytes = fs.readFileSync(file);
  return (
    bytes.length > CHECKSUM_BYTES && checksum(bytes.subarray(CHECKSUM_BYTES)).equals(bytes.subarray(0, CHECKSUM_BYTES))
  );
}

/** Writes it whole or not at all; those that nothing has used for a month go. */
export function writeSnapshot(file: string, memory: Buffer): void {
  const folder = path.dirname(file);
  fs.mkdirSync(folder, { recursive: true });
  const partial = `${file}.${process.pid}`;
  fs.writeFileSync(partial, Buffer.concat([checksum(memory), memory]), { mode: 0o600 });
  fs.renameSync(partial, file);
  for (const name of fs.readdirSync(folder)) {
    const other = path.join(folder, name);
    const stat = /^sandbox-\w+\.snapshot/.test(name) && fs.statSync(other, { throwIfNoEntry: false });
    if (stat && Date.now() - stat.mtimeMs > UNUSED_MS) fs.rmSync(other, { force: true });
  }
}

function checksum(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
