/** @file One confined process that answers requests in lines of JSON, and the certainty that it is gone afterwards. */
import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Confinement, confine, type Layers } from './layers.ts';

/** How a wait for a line ended. */
export type Answer =
  /** A line that comes from where programs run. */
  | { readonly line: Record<string, unknown> }
  /** A line of the interpreter's shell, which a program cannot write. */
  | { readonly own: Record<string, unknown> }
  /** The process is gone, with what it wrote to stderr. */
  | { readonly ended: string }
  | { readonly late: true };

const LONGEST_LINE_BYTES = 64 * 2 ** 20;
const STDERR_BYTES = 4096;

export class SandboxProcess {
  readonly #child: ChildProcess;
  readonly #folder: string;
  #chunks: Buffer[] = [];
  #size = 0;
  readonly #lines: string[] = [];
  #stderr = '';
  #ended = false;
  #wake: (() => void) | undefined;
  readonly #gone: Promise<void>;

  /** @param confinement without its folder: each process has its own, which disappears with it */
  constructor(layers: Layers, confinement: Omit<Confinement, 'folder'>) {
    this.#folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rgft-sandbox-'));
    const { command, args, cwd, filterDescriptor } = confine(layers, { ...confinement, folder: this.#folder });
    try {
      this.#child = spawn(command, args, {
        cwd,
        env: { ...confinement.env, PATH: process.env.PATH },
        stdio: ['pipe', 'pipe', 'pipe', filterDescriptor ?? 'ignore'],
        detached: process.platform !== 'win32', // a process group of its own, so that all of it can be killed
        windowsHide: true,
      });
    } finally {
      if (filterDescriptor !== undefined) fs.closeSync(filterDescriptor);
    }
    const child = this.#child;
    child.stdout!.on('data', (chunk: Buffer) => this.#take(chunk));
    child.stderr!.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(0, STDERR_BYTES);
    });
    // Writing to a process that has just died is told by its end.
    child.stdin!.on('error', () => undefined);
    this.#gone = new Promise((resolve) => {
      const end = () => {
        this.#ended = true;
        this.#wake?.();
        fs.rmSync(this.#folder, { recursive: true, force: true });
        resolve();
      };
      child.once('error', (error) => {
        this.#stderr += error.message;
        end();
      });
      child.once('close', end);
    });
  }

  get ended(): boolean {
    return this.#ended;
  }

  send(message: object): void {
    if (!this.#ended) this.#child.stdin!.write(`${JSON.stringify(message)}\n`);
  }

  /** The next line, unless the process ends or the time is over first. A line that is no JSON object ends the process. */
  async answer(timeoutMs: number): Promise<Answer> {
    const until = performance.now() + timeoutMs;
    while (this.#lines.length === 0) {
      if (this.#ended) return { ended: this.#stderr.trim() };
      if (!(await this.#woken(until - performance.now()))) return { late: true };
    }
    try {
      const text = this.#lines.shift()!;
      const message: unknown = JSON.parse(/^[!>]/.test(text) ? text.slice(1) : text);
      if (typeof message === 'object' && message !== null) {
        const fields = message as Record<string, unknown>;
        return text.startsWith('!') ? { own: fields } : { line: fields };
      }
    } catch {
      // told below: only a process that a sample has taken over writes other things
    }
    await this.kill();
    return { ended: 'the process wrote something else than an answer' };
  }

  /** Ends the process and everything that it started. */
  async kill(): Promise<void> {
    const { pid } = this.#child;
    if (!this.#ended && pid !== undefined) {
      try {
        if (process.platform === 'win32') this.#child.kill('SIGKILL');
        else process.kill(-pid, 'SIGKILL');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // gone meanwhile
      }
    }
    await this.#gone;
  }

  #take(chunk: Buffer): void {
    let rest = chunk;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      this.#lines.push(Buffer.concat([...this.#chunks, rest.subarray(0, end)]).toString());
      this.#chunks = [];
      this.#size = 0;
      rest = rest.subarray(end + 1);
    }
    if (rest.length > 0) this.#chunks.push(rest);
    this.#size += rest.length;
    if (this.#size > LONGEST_LINE_BYTES || this.#lines.length > 1000) void this.kill();
    this.#wake?.();
  }

  /** False when the time is over first. */
  #woken(timeoutMs: number): Promise<boolean> {
    if (timeoutMs <= 0) return Promise.resolve(false);
    return new Promise((resolve) => {
      const timer = setTimeout(() => done(false), timeoutMs);
      const done = (woken: boolean) => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve(woken);
      };
      this.#wake = () => done(true);
    });
  }
}
