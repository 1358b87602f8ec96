/**
 * @file Keeps what the frozen layers made of each row, as f16, in memory or in one file of the run directory. A value
 * that comes out of here and one that was just computed are the same: both have gone through f16.
 *
 * The file has one record a row, its SHA-256 and its halves, at a fixed place. It holds nothing that could not be computed
 * again, so it is never read by another process: a run that resumes begins a new one.
 */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { FineTuneError } from '../errors.ts';
import { singleToHalfBits, widenHalves } from '../models/safetensors.ts';
import { diskFull, explainDiskError, freeBytes, patiently } from './disk.ts';

export type CacheMedium = 'memory' | 'disk' | 'off';

export interface PrefixCacheOptions {
  readonly medium: CacheMedium;
  /** Values of one row: T·C. */
  readonly rowElements: number;
  /** Rows from 0 up to this are kept, the others are not. */
  readonly capacityRows: number;
  /** Where the rows lie with medium `disk`. */
  readonly file: string;
  /** Hears of a full disk or a damaged record; the rows concerned are computed again. */
  readonly onWarning: (warning: FineTuneError) => void;
}

export interface PrefixCache {
  /** The row's halves, valid until the next call, or `undefined` when they have to be computed. */
  get(row: number): Uint16Array | undefined;
  /** Keeps a row if there is room for it; says whether it did. */
  put(row: number, halves: Uint16Array): boolean;
  /** Gives memory or file back. */
  close(): void;
}

const DIGEST_BYTES = 32;

/** Bytes that one row takes. */
export function cachedRowBytes(rowElements: number): number {
  return 2 * rowElements;
}

/** Where rows are kept, and how many have room. */
export interface CachePlan {
  readonly medium: CacheMedium;
  readonly capacityRows: number;
  readonly bytes: number;
}

/**
 * The disk while everything fits there, so that memory goes down with the budget; else what holds more. With a medium
 * asked for, as many rows as it holds.
 *
 * @param free bytes that the disk has, less what the run needs of it
 */
export function planCache(
  wanted: 'auto' | CacheMedium,
  { numRows, rowElements }: { readonly numRows: number; readonly rowElements: number },
  { memoryBytes, diskBytes }: { readonly memoryBytes: number; readonly diskBytes: number },
): CachePlan {
  const rowBytes = cachedRowBytes(rowElements);
  const memoryRows = Math.min(numRows, Math.floor(memoryBytes / rowBytes));
  const diskRows = Math.min(numRows, Math.floor(diskBytes / (rowBytes + DIGEST_BYTES)));
  const medium = wanted === 'auto' ? (diskRows >= memoryRows ? 'disk' : 'memory') : wanted;
  const capacityRows = medium === 'off' ? 0 : medium === 'memory' ? memoryRows : diskRows;
  return { medium, capacityRows, bytes: capacityRows * (rowBytes + (medium === 'disk' ? DIGEST_BYTES : 0)) };
}

/** An empty cache. */
export function openPrefixCache(options: PrefixCacheOptions): PrefixCache {
  if (options.medium === 'memory') return memoryCache(options);
  if (options.medium === 'disk') return diskCache(options);
  return { get: () => undefined, put: () => false, close: () => {} };
}

function memoryCache({ capacityRows }: PrefixCacheOptions): PrefixCache {
  const rows = new Map<number, Uint16Array>();
  return {
    get: (row) => rows.get(row),
    put: (row, halves) => {
      if (row < capacityRows) rows.set(row, halves);
      return row < capacityRows;
    },
    close: () => rows.clear(),
  };
}

function diskCache({ capacityRows, rowElements, file, onWarning }: PrefixCacheOptions): PrefixCache {
  const recordBytes = DIGEST_BYTES + cachedRowBytes(rowElements);
  const record = Buffer.from(new ArrayBuffer(recordBytes));
  const kept = new Set<number>();
  let descriptor: number | undefined;
  let isFull = false;
  const giveUp = (error: unknown) => {
    isFull = true;
    const { code, message } =
      error instanceof FineTuneError ? error : { code: 'DISK_FULL' as const, message: String(error) };
    onWarning(
      new FineTuneError(code, `${message} The rows that are not in the cache yet are computed again in every pass.`, {
        file,
        keptRows: kept.size,
      }),
    );
  };
  return {
    get: (row) => {
      if (!kept.has(row)) return undefined;
      const length = readSync(descriptor!, record, 0, recordBytes, row * recordBytes);
      const data = record.subarray(DIGEST_BYTES);
      if (length === recordBytes && digest(data).equals(record.subarray(0, DIGEST_BYTES))) {
        return new Uint16Array(data.buffer, data.byteOffset, rowElements);
      }
      kept.delete(row);
      onWarning(
        new FineTuneError(
          'CACHE_DAMAGED',
          `Row ${row} of ${file} is not what was written there. It is computed again; look after the disk.`,
          { file, row },
        ),
      );
      return undefined;
    },
    put: (row, halves) => {
      if (row >= capacityRows || isFull) return false;
      const data = Buffer.from(halves.buffer, halves.byteOffset, halves.byteLength);
      record.set(digest(data));
      record.set(data, DIGEST_BYTES);
      try {
        descriptor ??= openSync(file, 'w+');
        // A record that is cut short is a full disk, too: some systems report it only then.
        const written = writeSync(descriptor, record, 0, recordBytes, row * recordBytes);
        if (written < recordBytes) throw diskFull(file, recordBytes, 'ENOSPC');
        kept.add(row);
        return true;
      } catch (error) {
        giveUp(explainDiskError(error, file, recordBytes));
        return false;
      }
    },
    close: () => {
      if (descriptor !== undefined) closeSync(descriptor);
      descriptor = undefined;
      kept.clear();
      // What cannot be removed takes room and harms nothing: it lies in the run's own folder, and a run that goes on writes
      // over it. A run that has its result is not to fail for it.
      try {
        patiently(() => rmSync(file, { force: true }));
      } catch {}
    },
  };
}

/** Bytes that a cache may take of a disk: the cap, and never more than half of what is free. */
export function diskRoom(folder: string, capBytes: number): number {
  return Math.min(capBytes, freeBytes(folder) / 2);
}

function digest(data: Uint8Array): Buffer {
  return createHash('sha256').update(data).digest();
}

/** Largest finite half. Beyond it lie outliers of a few channels, which an infinity would spread over the row. */
const MAX_HALF = 65504;

/** To f16, nearest, ties to even; larger values become the largest finite one. */
export function toHalves(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    halves[i] = value > MAX_HALF ? 0x7bff : value < -MAX_HALF ? 0xfbff : singleToHalfBits(bits[i]);
  }
  return halves;
}

/** Writes halves as f32 from `offset` on. */
export function fromHalves(halves: Uint16Array, into: Float32Array, offset = 0): void {
  widenHalves(halves, halves.length, new Uint32Array(into.buffer, into.byteOffset, into.length), offset);
}
