/**
 * @file `events.jsonl`: the events of runEvents.ts, one JSON object a line, only ever appended. The panel and the reports
 * draw from these lines alone, live or years later.
 *
 * JSON has no NaN and no infinities, and a diverging run is exactly when they matter. In these files a number that is
 * not finite stands as the string "NaN", "Infinity" or "-Infinity"; a genuine string of that spelling (behind any
 * number of tildes) gets one tilde in front. `toJsonText` and `fromJsonText` apply the rule both ways.
 */
import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readSync, truncateSync, writeSync } from 'node:fs';
import { FineTuneError } from '../errors.ts';
import type { RunEvent } from '../runEvents.ts';
import { diskFull, explainDiskError, fileSize, systemCode, writeFully } from './disk.ts';

const EVENT_TYPES: { readonly [Type in RunEvent['type']]: true } = {
  started: true,
  estimate: true,
  step: true,
  evaluation: true,
  errorMap: true,
  mask: true,
  checkpoint: true,
  sample: true,
  warning: true,
  finished: true,
  failed: true,
  interrupted: true,
};

/**
 * JSON text of plain data under the file's rule for numbers that are not finite.
 *
 * @throws INTERNAL for typed arrays, which JSON would turn into objects.
 */
export function toJsonText(value: unknown, indent?: number): string {
  const encode = (_key: string, item: unknown) => {
    if (typeof item === 'number' && !Number.isFinite(item)) return String(item);
    if (typeof item === 'string' && /^~*(NaN|-?Infinity)$/.test(item)) return `~${item}`;
    if (ArrayBuffer.isView(item)) {
      throw new FineTuneError(
        'INTERNAL',
        'A typed array was given where plain lists are stored. This is a fault of the program; please report it.',
      );
    }
    return item;
  };
  return JSON.stringify(value, encode, indent);
}

/** The value that `toJsonText` wrote. @throws SyntaxError when the text is not JSON. */
export function fromJsonText(text: string): unknown {
  if (!text.includes('NaN') && !text.includes('Infinity')) return JSON.parse(text);
  return JSON.parse(text, (_key, item) => {
    if (typeof item !== 'string') return item;
    if (/^(NaN|-?Infinity)$/.test(item)) return Number(item);
    return /^~+(NaN|-?Infinity)$/.test(item) ? item.slice(1) : item;
  });
}

/** An open `events.jsonl`. */
export interface EventLog {
  readonly path: string;
  readonly descriptor: number;
  /** Length of the file. */
  bytes: number;
}

/** Where a log that is opened is to end. */
export interface LogEnd {
  /** Length to keep; more is cut off, less (events were lost) is taken as it is. @default all of it */
  readonly keepBytes?: number;
  /** The event that follows: kept where it stands there, else appended. @default none */
  readonly thenEvent?: RunEvent | null;
}

/**
 * Opens the log for appending and brings it to the given end, or to the end of the last whole line before. What is cut
 * off (a torn line, events after the checkpoint that the run resumes from) is appended to `discardedPath`, not lost.
 *
 * @returns the log, how many bytes were kept up to `keepBytes`, and how many were cut off.
 * @throws DISK_FULL, NO_PERMISSION
 */
export function openEventLog(
  logPath: string,
  discardedPath: string,
  { keepBytes = Infinity, thenEvent = null }: LogEnd = {},
): { log: EventLog; keptBytes: number; discardedBytes: number } {
  try {
    const size = fileSize(logPath);
    const keptBytes = size === 0 ? 0 : endOfLastLine(logPath, Math.min(size, keepBytes));
    const line = thenEvent ? lineOf(thenEvent) : null;
    const lineIsThere = line?.equals(readRange(logPath, keptBytes, line.length)) === true;
    const end = lineIsThere ? keptBytes + line.length : keptBytes;
    if (end < size) {
      moveTail(logPath, end, size, discardedPath);
      truncateSync(logPath, end);
    }
    const log: EventLog = { path: logPath, descriptor: openSync(logPath, 'a'), bytes: end };
    if (line && !lineIsThere) {
      try {
        appendLine(log, line);
      } catch (error) {
        closeEventLog(log);
        throw error;
      }
    }
    return { log, keptBytes, discardedBytes: size - end };
  } catch (error) {
    throw explainDiskError(error, logPath);
  }
}

/**
 * Appends one event by one write, so that readers never see half of it while the program lives.
 *
 * @throws DISK_FULL (the log is then as it was before), NO_PERMISSION
 */
export function appendEventLine(log: EventLog, event: RunEvent): void {
  appendLine(log, lineOf(event));
}

function lineOf(event: RunEvent): Buffer {
  return Buffer.from(toJsonText(event) + '\n');
}

function appendLine(log: EventLog, line: Buffer): void {
  let written: number;
  try {
    written = writeSync(log.descriptor, line);
  } catch (error) {
    throw explainDiskError(error, log.path, line.length);
  }
  if (written < line.length) {
    // The last free bytes took the beginning of the line.
    truncateSync(log.path, log.bytes);
    throw diskFull(log.path, line.length, 'ENOSPC');
  }
  log.bytes += line.length;
}

/** Makes what was appended durable. */
export function syncEventLog(log: EventLog): void {
  try {
    fsyncSync(log.descriptor);
  } catch (error) {
    throw explainDiskError(error, log.path);
  }
}

export function closeEventLog(log: EventLog): void {
  closeSync(log.descriptor);
}

/** Where a watcher has read to. Plain data; start with `TAIL_START`. */
export interface TailCursor {
  /** Just behind the last whole line read. */
  readonly offset: number;
  /** Lines before `offset`. */
  readonly line: number;
  /** Length and SHA-256 of that last line: tells when a resumed run has cut the log and written it anew. */
  readonly lastLineBytes: number;
  readonly lastLineHash: string;
}

export const TAIL_START: TailCursor = { offset: 0, line: 0, lastLineBytes: 0, lastLineHash: '' };

/** What a watcher gets. */
export interface TailResult {
  readonly events: readonly RunEvent[];
  readonly cursor: TailCursor;
  /** The log was cut since the last look: `events` begin at the start again, and what was known is to be dropped. */
  readonly restarted: boolean;
}

/**
 * Events appended since `cursor`, without waiting. A torn last line is left for the next look. A log that does not
 * exist yet has no events.
 *
 * @throws RUN_CORRUPT with the line number for a whole line that is no event.
 */
export function tailEvents(logPath: string, cursor: TailCursor = TAIL_START): TailResult {
  let descriptor: number;
  try {
    descriptor = openSync(logPath, 'r');
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    return { events: [], cursor: TAIL_START, restarted: cursor.offset > 0 };
  }
  try {
    const restarted = !stillThere(descriptor, cursor);
    let { offset, line, lastLineBytes, lastLineHash } = restarted ? TAIL_START : cursor;
    const events: RunEvent[] = [];
    for (let chunkBytes = 1 << 20; ; ) {
      const chunk = readAt(descriptor, offset, chunkBytes);
      const end = chunk.lastIndexOf(0x0a) + 1;
      if (end === 0) {
        if (chunk.length < chunkBytes) break; // At the end: nothing more, or a torn line.
        chunkBytes *= 2;
        continue;
      }
      const lines = chunk.toString('utf8', 0, end - 1).split('\n');
      for (const text of lines) events.push(parseEvent(text, ++line, logPath));
      const lastLine = chunk.subarray(chunk.lastIndexOf(0x0a, end - 2) + 1, end);
      lastLineBytes = lastLine.length;
      lastLineHash = hashOf(lastLine);
      offset += end;
    }
    return { events, cursor: { offset, line, lastLineBytes, lastLineHash }, restarted };
  } finally {
    closeSync(descriptor);
  }
}

/**
 * All events of a run.
 *
 * @returns the events, and the length of a torn last line (0 for none), which is left out.
 * @throws RUN_CORRUPT with the line number for any other line that is no event.
 */
export function readEvents(logPath: string): { events: readonly RunEvent[]; tornBytes: number } {
  const { events, cursor } = tailEvents(logPath);
  return { events, tornBytes: Math.max(0, fileSize(logPath) - cursor.offset) };
}

function parseEvent(text: string, line: number, logPath: string): RunEvent {
  let reason: string;
  try {
    const event = fromJsonText(text) as Partial<RunEvent> | null;
    if (typeof event?.type === 'string' && Object.hasOwn(EVENT_TYPES, event.type) && Number.isInteger(event.step)) {
      return event as RunEvent;
    }
    reason = 'JSON, but no event with a known type and a step';
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    reason = 'not JSON';
  }
  throw new FineTuneError(
    'RUN_CORRUPT',
    `Line ${line} of ${logPath} is ${reason}. The checkpoints do not depend on it: delete that line to see the rest, or restore the file.`,
    { path: logPath, line, text: text.slice(0, 200) },
  );
}

function stillThere(descriptor: number, { offset, lastLineBytes, lastLineHash }: TailCursor): boolean {
  if (offset === 0) return true;
  return hashOf(readAt(descriptor, offset - lastLineBytes, lastLineBytes)) === lastLineHash;
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Up to `length` bytes from `offset`; fewer at the end of the file. */
function readAt(descriptor: number, offset: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const count = readSync(descriptor, buffer, done, length - done, offset + done);
    if (count === 0) break;
    done += count;
  }
  return buffer.subarray(0, done);
}

/** Like `readAt`, from a file that may not exist. */
function readRange(file: string, offset: number, length: number): Buffer {
  if (fileSize(file) <= offset) return Buffer.alloc(0);
  const descriptor = openSync(file, 'r');
  try {
    return readAt(descriptor, offset, length);
  } finally {
    closeSync(descriptor);
  }
}

/** Offset behind the last line break within the first `limit` bytes. */
function endOfLastLine(logPath: string, limit: number): number {
  const descriptor = openSync(logPath, 'r');
  try {
    for (let end = limit; end > 0; ) {
      const start = Math.max(0, end - (1 << 16));
      const newline = readAt(descriptor, start, end - start).lastIndexOf(0x0a);
      if (newline >= 0) return start + newline + 1;
      end = start;
    }
    return 0;
  } finally {
    closeSync(descriptor);
  }
}

function moveTail(logPath: string, start: number, end: number, discardedPath: string): void {
  const source = openSync(logPath, 'r');
  const target = openSync(discardedPath, 'a');
  try {
    const tail = readAt(source, start, end - start);
    writeFully(target, tail);
    if (tail.at(-1) !== 0x0a) writeFully(target, Buffer.from('\n'));
    fsyncSync(target);
  } finally {
    closeSync(target);
    closeSync(source);
  }
}
