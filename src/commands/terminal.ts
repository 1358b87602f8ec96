/** @file What all commands share: arguments, progress on stderr, results on stdout, exit codes. */
import { realpathSync, rmSync, type Stats, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { FineTuneError } from '../errors.ts';
import { explainDiskError, makeFolder, systemCode, writeFileAtomically } from '../trainer/disk.ts';

export const EXIT_CODES = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

type Options = NonNullable<ParseArgsConfig['options']>;

/**
 * Parses a command's arguments; `--json` and `--help` are understood everywhere.
 *
 * @returns undefined after printing the help text.
 * @throws USAGE for unknown options and missing values.
 */
export function parseCommand<O extends Options>(args: string[], options: O, help: string) {
  let parsed: ReturnType<typeof parse>;
  const parse = () =>
    parseArgs({
      args,
      allowPositionals: true,
      options: { ...options, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    });
  try {
    parsed = parse();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new FineTuneError('USAGE', `${message.replace(/\.?$/, '.')} See --help.`, {}, { cause: error });
  }
  if ((parsed.values as { help?: boolean }).help) {
    process.stdout.write(help);
    return undefined;
  }
  return parsed;
}

/** A number given as an option. */
export function numberOption(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (value.trim() === '' || Number.isNaN(number)) {
    throw new FineTuneError('USAGE', `--${name} is "${value}", expected a number.`, { option: name, value });
  }
  return number;
}

/** More threads than any machine has processors only take memory. */
export const MAX_THREADS = 1024;

/** A whole number given as an option. */
export function wholeOption(
  name: string,
  value: string | undefined,
  least: number,
  most = 2 ** 31,
): number | undefined {
  const number = numberOption(name, value);
  if (number === undefined || (Number.isInteger(number) && number >= least && number <= most)) return number;
  throw new FineTuneError('USAGE', `--${name} is ${value}, expected a whole number from ${least} to ${most}.`, {
    option: name,
    value,
  });
}

/** One of a few words given as an option. */
export function choiceOption<Choice extends string>(
  name: string,
  value: string | undefined,
  choices: readonly Choice[],
): Choice | undefined {
  if (value === undefined || choices.includes(value as Choice)) return value as Choice | undefined;
  throw new FineTuneError('USAGE', `--${name} is "${value}", expected one of ${choices.join(', ')}.`, {
    option: name,
    value,
  });
}

/**
 * Writes a file where the user wants it, and its folder where there is none.
 *
 * @throws FOLDER_NOT_FOUND where the path leads to no file, NO_PERMISSION, DISK_FULL
 */
export function writeOutput(file: string, text: string): void {
  try {
    makeFolder(path.dirname(path.resolve(file)));
    const existing = statOf(file);
    // A pipe or a device is written to and not replaced by a file; nor is a link.
    if (existing && !existing.isFile()) writeFileSync(file, text);
    else writeFileAtomically(existing ? realpathSync(file) : path.resolve(file), text);
  } catch (error) {
    if (error instanceof FineTuneError) throw error;
    const code = systemCode(error) ?? '';
    if (!['EEXIST', 'EISDIR', 'ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP'].includes(code)) {
      throw explainDiskError(error, file);
    }
    const found = code === 'EISDIR' ? 'that is a folder' : `no file can be there (${code})`;
    const message = `${file} cannot be written: ${found}. Give a file in a folder that exists or can be made.`;
    throw new FineTuneError('FOLDER_NOT_FOUND', message, { path: file }, { cause: error });
  }
}

function statOf(file: string): Stats | undefined {
  try {
    return statSync(file);
  } catch {
    return undefined; // writing tells what is in the way
  }
}

/** Tells before the work that `writeOutput` would fail after it. Makes the folder. */
export function checkOutput(file: string): void {
  const existing = statOf(file);
  if (existing && !existing.isFile() && !existing.isDirectory()) return; // a pipe or a device
  if (existing?.isDirectory()) writeOutput(file, '');
  const probe = `${file}.probe-${process.pid}`;
  writeOutput(probe, '');
  rmSync(probe);
}

/** Prints an error and returns the exit code that goes with it. */
export function describeFailure(error: unknown, asJson: boolean): number {
  const known = error instanceof FineTuneError;
  const { code, message, details } = known ? error : unknownFailure(error);
  if (asJson) process.stdout.write(`${JSON.stringify({ error: { code, message, details } })}\n`);
  process.stderr.write(`${code}: ${message}\n`);
  if (!known && process.env.DEBUG) process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  if (code === 'USAGE') return EXIT_CODES.usage;
  return code === 'INTERRUPTED' ? EXIT_CODES.interrupted : EXIT_CODES.failed;
}

function unknownFailure(error: unknown): { code: string; message: string; details: object } {
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'INTERNAL', message: `${message}. This is a fault of the program; DEBUG=1 shows where.`, details: {} };
}

/** A progress line that rewrites itself on a terminal, and appears once in a while elsewhere. */
export class ProgressLine {
  #lastMs = 0;
  #shown = false;

  /** @param everyMs least time between two lines where stderr is not a terminal. @default 10 s */
  constructor(readonly everyMs = 10_000) {}

  show(text: string, now = performance.now()): void {
    if (process.stderr.isTTY) {
      const width = process.stderr.columns ?? 80;
      process.stderr.write(`\r\x1b[2K${text.slice(0, width - 1)}`);
      this.#shown = true;
    } else if (now - this.#lastMs >= this.everyMs || this.#lastMs === 0) {
      process.stderr.write(`${text}\n`);
      this.#lastMs = now;
    }
  }

  /** Ends the line, so that other output can follow. */
  end(): void {
    if (this.#shown) process.stderr.write('\n');
    this.#shown = false;
  }
}

/** 75_000 -> "1 min 15 s" */
export function formatDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Aborts on SIGINT and SIGTERM; a second signal ends the process at once. */
export function abortOnSignals(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      process.once(signal, () => process.exit(EXIT_CODES.interrupted));
      controller.abort(signal);
    });
  }
  return controller.signal;
}
