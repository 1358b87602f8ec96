/**
 * @file Runs samples against their tests in confined processes and says what became of them.
 *
 * A process judges each sample before it runs (sandbox/runner.py). The verdict of a plain sample, which has no means
 * to tell anything but the truth, is taken from the process that ran it, and the interpreter's memory is put back for
 * the next. Any other sample that passes has to pass once more with the tests in another process, to which it can only
 * send data. A process in which anything changed but the interpreter's memory is not used again.
 *
 * What the layers do not protect from: see layers.ts and sandbox/interpreter.mjs.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { FineTuneError } from '../errors.ts';
import { type Layers, probeLayers } from './layers.ts';
import { isScript, type Problem } from './problems.ts';
import { type Answer, SandboxProcess } from './sandboxProcess.ts';
import { isWholeSnapshot, snapshotFile, writeSnapshot } from './snapshotCache.ts';
import { stripTestTypes, stripTypes } from './typescript.ts';
import { userCacheFolder } from './userFolders.ts';
import { VERDICT_KINDS, type Verdict, type VerdictKind } from './verdict.ts';

export interface SandboxOptions {
  /** Processes that run samples at the same time. @default the processors that are free, at most 8 */
  readonly workers?: number;
  /** Seconds that a program may take, as the official tool counts them for CPython. @default 3 */
  readonly timeoutSeconds?: number;
  /** Most memory of a program. @default 1 GiB */
  readonly memoryBytes?: number;
  /** A Python executable (3.8 or later) to use in place of the bundled one. */
  readonly python?: string;
  /** Run where the operating system offers no sandbox. @default false */
  readonly allowUnsandboxed?: boolean;
  readonly layers?: Layers;
  /** Keeps the state of a fresh interpreter between runs, 18 MB. @default the user's folder for caches */
  readonly cacheFolder?: string;
}

/**
 * CPython in WebAssembly takes about this many times as long as natively (measured: `test/eval/official.slow.test.ts`),
 * so a program has this many times the seconds.
 */
export const WASM_SLOWDOWN = 2;
/** The official tool's second of grace before a program that holds on is killed. */
const GRACE_SECONDS = 1;
/** On a busy machine the clock is given this many times the limit (LONGEST_WAIT of interpreter.mjs). */
const BUSY_FACTOR = 3;
/** Until a process has started, and until it has judged a sample: beyond that the harness is at fault. */
const START_MS = 120_000;
const JUDGE_MS = 60_000;
/** V8 and the interpreter's code, beside a program's own memory. */
const OWN_BYTES = 1.5 * 2 ** 30;

type Level = 'plain' | 'doubtful' | 'reaching';

/** A process pool that judges samples. Close it. */
export interface Sandbox {
  readonly layers: Layers;
  readonly interpreter: string;
  readonly workers: number;
  readonly capacity: number;
  /**
   * Runs one sample; at most `workers` run at the same time, the others wait. With `capacity` calls under way no process
   * waits for the host.
   *
   * @throws SANDBOX_UNUSABLE when the harness, not the sample, is at fault
   */
  readonly run: (problem: Problem, completion: string) => Promise<Verdict>;
  readonly close: () => Promise<void>;
}

/**
 * Starts a sandbox.
 *
 * @throws SANDBOX_REFUSED where there is no sandbox of the operating system and `allowUnsandboxed` is not set;
 *   SANDBOX_UNUSABLE when an interpreter does not start
 */
export async function openSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const layers = options.layers ?? probeLayers();
  if (layers.osSandbox === 'none' && !options.allowUnsandboxed) {
    throw new FineTuneError(
      'SANDBOX_REFUSED',
      `Programs written by a model are to run here, and this machine has no sandbox for them. What remains: ${layers.description.slice(1).join('; ')}. ${process.platform === 'linux' ? 'Install bubblewrap, or allow' : 'Allow'} it once with --allow-unsandboxed.`,
      { layers: layers.description },
    );
  }
  if (layers.osSandbox === 'unshare' && options.python) {
    throw new FineTuneError(
      'SANDBOX_REFUSED',
      'A Python of yours could start processes without end behind unshare, which is the sandbox that this machine has. Install bubblewrap, or leave out --python.',
      { layers: layers.description },
    );
  }
  const workers = options.workers ?? Math.max(1, Math.min(8, os.availableParallelism()));
  const interpreter = options.python ? nativeInterpreter(layers, options) : await wasmInterpreter(layers, options);
  const alive = new Set<SandboxProcess>();
  const pairs: (readonly [SandboxProcess, SandboxProcess])[] = [];
  const lanes = Array.from({ length: workers }, (): Lane => ({ load: 0, last: Promise.resolve() }));
  const waiting: (() => void)[] = [];
  let free = workers * LANE_LENGTH;
  let closed = false;

  const start = async (): Promise<SandboxProcess> => {
    const started = await interpreter.start();
    alive.add(started);
    return started;
  };
  const end = async (process: SandboxProcess): Promise<void> => {
    await process.kill();
    alive.delete(process);
  };
  const judgeApart = async (problem: Problem, completion: string): Promise<Verdict> => {
    const pair = pairs.pop() ?? ((await Promise.all([start(), start()])) as [SandboxProcess, SandboxProcess]);
    const { verdict, clean } = await confirm(...pair, problem, completion, interpreter.timeoutSeconds);
    if (clean && interpreter.reusable) pairs.push(pair);
    else await Promise.all(pair.map(end));
    return verdict;
  };
  const runIn = async (lane: Lane, problem: Problem, completion: string): Promise<Verdict> => {
    const message = request('run', problem, completion, interpreter.timeoutSeconds);
    const before = lane.last;
    let leave = () => {};
    lane.last = new Promise((resolve) => {
      leave = resolve;
    });
    // A process finds its next sample waiting when it is done with one; it cannot look at it before (interpreter.mjs).
    // Where every sample has its own process, the next one starts meanwhile.
    const early = interpreter.reusable ? lane.process : lane.load > 1 ? start() : undefined;
    early?.then(
      (process) => process.send(message),
      () => undefined, // told below
    );
    try {
      await before;
      const current = interpreter.reusable ? lane.process : early;
      const mine = current ?? start();
      if (interpreter.reusable) lane.process = mine;
      const process = await mine;
      if (mine !== early) process.send(message);
      const first = await outcomeOf(process, problem, interpreter.timeoutSeconds);
      if (!first.clean || !interpreter.reusable) {
        lane.process = undefined;
        await end(process);
      }
      if (first.verdict.kind !== 'passed' || first.level === 'plain') return first.verdict;
      return await judgeApart(problem, completion);
    } catch (error) {
      lane.process = undefined;
      throw error;
    } finally {
      leave();
    }
  };
  // A process for each sample, one after the other in a lane.
  const runJavaScript = async (lane: Lane, problem: Problem, completion: string): Promise<Verdict> => {
    const before = lane.last;
    let leave = () => {};
    lane.last = new Promise((resolve) => {
      leave = resolve;
    });
    await before;
    const process = startJavaScript(layers, options);
    alive.add(process);
    try {
      return await judgeJavaScript(process, problem, completion, options.timeoutSeconds ?? 3);
    } finally {
      await end(process);
      leave();
    }
  };
  return {
    layers,
    interpreter: interpreter.version,
    workers,
    capacity: workers * LANE_LENGTH,
    run: async (problem, completion) => {
      if (closed) throw new FineTuneError('INTERNAL', 'The sandbox is closed.');
      if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
      else free--;
      const lane = lanes.reduce((least, each) => (each.load < least.load ? each : least));
      lane.load++;
      try {
        return isScript(problem)
          ? await runJavaScript(lane, problem, completion)
          : await runIn(lane, problem, completion);
      } finally {
        lane.load--;
        const next = waiting.shift();
        if (next) next();
        else free++;
      }
    },
    close: async () => {
      closed = true;
      await Promise.all([...alive].map(end));
      await interpreter.close();
    },
  };
}

/** Samples that run one after the other: in one process, as long as each leaves it as it was. */
interface Lane {
  /** Samples that run or wait here. */
  load: number;
  /** Settled when the last of them is done. */
  last: Promise<void>;
  process?: Promise<SandboxProcess>;
}

/** One sample runs and one waits. */
const LANE_LENGTH = 2;

interface Interpreter {
  readonly version: string;
  readonly timeoutSeconds: number;
  /** Whether a process can take another sample. */
  readonly reusable: boolean;
  readonly start: () => Promise<SandboxProcess>;
  readonly close: () => Promise<void>;
}

/** What a process says of the sample that was sent to it. */
async function outcomeOf(
  worker: SandboxProcess,
  problem: Problem,
  timeoutSeconds: number,
): Promise<{ verdict: Verdict; level: Level; clean: boolean }> {
  const level = levelOf(await worker.answer(JUDGE_MS), problem);
  const answer = await worker.answer((BUSY_FACTOR * timeoutSeconds + GRACE_SECONDS) * 1000);
  return { verdict: verdictOf(answer), level, clean: 'line' in answer && (await isClean(worker)) };
}

/** Whether a process is as it was before the sample. It says so itself, from outside its interpreter. */
async function isClean(worker: SandboxProcess): Promise<boolean> {
  const answer = await worker.answer(GRACE_SECONDS * 1000);
  // Anything else here was written by the sample behind its verdict.
  return 'own' in answer && answer.own['clean'] === true;
}

/** `timeoutSeconds` comes first: the interpreter reads it before Python does. */
function request(mode: 'run' | 'serve' | 'confirm', problem: Problem, completion: string, timeoutSeconds: number) {
  const { prompt, entryPoint, canonicalSolution, test } = problem;
  return { timeoutSeconds, mode, prompt, completion, entryPoint, canonicalSolution, test };
}

function levelOf(answer: Answer, problem: Problem): Level {
  const level = 'line' in answer ? answer.line['level'] : undefined;
  if (level === 'plain' || level === 'doubtful' || level === 'reaching') return level;
  const found = 'ended' in answer ? `ended: ${answer.ended || 'without a word'}` : 'did not answer';
  throw unusable(`the interpreter ${found} before the program for ${problem.taskId} ran`);
}

/** What a process says of a sample, or what its end says. Nothing of it is believed beyond its form. */
function verdictOf(answer: Answer): Verdict {
  if ('own' in answer) return verdictOfEnd(''); // the interpreter came back without a verdict
  if ('late' in answer) return { kind: 'timeout', type: 'TimeoutException', message: 'Timed out!' };
  if ('ended' in answer) return verdictOfEnd(answer.ended);
  const verdict = answer.line['verdict'] as Partial<Record<keyof Verdict, unknown>> | null | undefined;
  if (!VERDICT_KINDS.includes(verdict?.kind as VerdictKind)) {
    return { kind: 'exception', type: 'Forged', message: 'the program wrote to the channel of results' };
  }
  const text = (value: unknown) => (typeof value === 'string' ? value.slice(0, 2000) : undefined);
  return {
    kind: verdict!.kind as VerdictKind,
    type: text(verdict!.type),
    message: verdict!.kind === 'passed' ? undefined : (text(verdict!.message) ?? ''),
    line: typeof verdict!.line === 'number' ? verdict!.line : undefined,
  };
}

const OUT_OF_MEMORY: Verdict = { kind: 'memory', type: 'MemoryError', message: 'out of memory' };

function verdictOfEnd(stderr: string): Verdict {
  const reason = stderr.split('\n').pop() ?? '';
  if (reason.startsWith('stack:')) {
    return { kind: 'exception', type: 'RecursionError', message: 'the program used up the stack' };
  }
  if (/memory|ENOMEM|heap/i.test(reason)) return OUT_OF_MEMORY;
  const refused = /refused: (\w+)/.exec(reason);
  if (refused)
    return {
      kind: 'exception',
      type: 'Refused',
      message: `the program tried to leave the interpreter (${refused[1]})`,
    };
  return { kind: 'exception', type: 'Ended', message: 'the program ended its interpreter' };
}

/** Relays calls and their results between the process that runs the tests and the one that runs the sample. */
async function confirm(
  tests: SandboxProcess,
  sample: SandboxProcess,
  problem: Problem,
  completion: string,
  timeoutSeconds: number,
): Promise<{ verdict: Verdict; clean: boolean }> {
  tests.send(request('confirm', problem, '', timeoutSeconds));
  sample.send(request('serve', problem, completion, timeoutSeconds));
  levelOf(await sample.answer(JUDGE_MS), problem);
  const until = performance.now() + (BUSY_FACTOR * timeoutSeconds + GRACE_SECONDS) * 1000;
  const left = () => until - performance.now();
  for (let first = true; ; first = false) {
    const fromTests = await tests.answer(first ? JUDGE_MS : left());
    if (!('line' in fromTests)) {
      if ('ended' in fromTests)
        throw unusable(`the tests of ${problem.taskId} ended their process: ${fromTests.ended}`);
      return { verdict: verdictOf(fromTests), clean: false };
    }
    if ('verdict' in fromTests.line) {
      // Only a process that has said its last word can take the next request.
      sample.send({ end: true });
      const last = await sample.answer(GRACE_SECONDS * 1000);
      const clean = 'line' in last && last.line['done'] === true && (await isClean(sample)) && (await isClean(tests));
      return { verdict: explained(verdictOf(fromTests)), clean };
    }
    if (!('start' in fromTests.line)) sample.send(fromTests.line);
    const fromSample = await sample.answer(left());
    if (!('line' in fromSample)) return { verdict: explained(verdictOf(fromSample)), clean: false };
    tests.send(fromSample.line);
  }
}

function explained(verdict: Verdict): Verdict {
  if (verdict.kind === 'passed') return verdict;
  const message = `${verdict.message ?? ''} (with the tests in a process of their own; beside the sample they passed)`;
  return { ...verdict, message: message.trim() };
}

/** Folder of runner.py and interpreter.mjs: beside the sources, or beside the bundle. */
function programFolder(): string {
  const here = path.dirname(fileURLToPath(import.meta.url));
  const folder = path.join(here, 'sandbox');
  if (fs.existsSync(path.join(folder, 'runner.py'))) return folder;
  throw unusable(`${folder} is missing from this installation`);
}

async function wasmInterpreter(layers: Layers, options: SandboxOptions): Promise<Interpreter> {
  const programs = programFolder();
  const pyodide = `${path.dirname(createRequire(import.meta.url).resolve('pyodide/package.json'))}${path.sep}`;
  const memoryBytes = options.memoryBytes ?? 2 ** 30;
  const runner = path.join(programs, 'runner.py');
  const made = ['pyodide.asm.wasm', 'pyodide.asm.js', 'python_stdlib.zip'].map((name) => path.join(pyodide, name));
  const sources = [...made, runner, path.join(programs, 'interpreter.mjs')];
  const snapshot = snapshotFile(options.cacheFolder ?? userCacheFolder(), sources, [process.version, process.arch]);
  const launch = async (snapshotPath?: string): Promise<SandboxProcess> => {
    const readable = [pyodide, programs, ...(snapshotPath ? [snapshotPath] : [])];
    const settings = { pyodide, runner, snapshot: snapshotPath, memoryBytes };
    const grants = layers.permissionFlags.length > 0 ? readable.map((file) => `--allow-fs-read=${grantFor(file)}`) : [];
    const args = [...layers.permissionFlags, ...grants, '--no-warnings', '--max-old-space-size=512'];
    const started = new SandboxProcess(layers, {
      program: process.execPath,
      args: [...args, path.join(programs, 'interpreter.mjs'), JSON.stringify(settings)],
      readable,
      env: process.versions['electron'] ? { ELECTRON_RUN_AS_NODE: '1' } : {},
      dataBytes: memoryBytes + OWN_BYTES,
    });
    const answer = await started.answer(START_MS);
    if ('own' in answer && answer.own['started']) return started;
    await started.kill();
    throw unusable(`the interpreter did not start (${'ended' in answer ? answer.ended : 'no answer'})`);
  };
  let kept: SandboxProcess | undefined;
  if (!isWholeSnapshot(snapshot)) {
    kept = await launch();
    // The state of a fresh interpreter, taken before any sample: later processes start from it.
    kept.send({ mode: 'snapshot' });
    const answer = await kept.answer(START_MS);
    const state = 'own' in answer ? answer.own['snapshot'] : undefined;
    try {
      if (typeof state !== 'string') {
        const found = 'ended' in answer ? answer.ended : 'no answer';
        throw unusable(`the interpreter did not hand out its state (${found})`);
      }
      keepSnapshot(snapshot, Buffer.from(state, 'base64'));
    } catch (error) {
      await kept.kill();
      throw error;
    }
  }
  return {
    version: 'CPython 3.12 in WebAssembly (pyodide 0.27.7)',
    timeoutSeconds: (options.timeoutSeconds ?? 3) * WASM_SLOWDOWN,
    reusable: true,
    start: async () => {
      const start = kept ?? launch(snapshot);
      kept = undefined;
      return start;
    },
    // Where no sample was run.
    close: async () => kept?.kill(),
  };
}

function keepSnapshot(file: string, memory: Buffer): void {
  try {
    writeSnapshot(file, memory);
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    throw unusable(
      `the interpreter's state cannot be kept (${found}). Make that folder writable, or set XDG_CACHE_HOME`,
    );
  }
}

function grantFor(file: string): string {
  return file.endsWith(path.sep) || fs.statSync(file).isDirectory() ? path.join(file, '*') : file;
}

function startJavaScript(layers: Layers, { memoryBytes = 2 ** 30 }: SandboxOptions): SandboxProcess {
  const program = path.join(programFolder(), 'javascript.mjs');
  const permissions = layers.permissionFlags.filter((flag) => flag !== '--allow-worker');
  const grants = permissions.length > 0 ? [...permissions, `--allow-fs-read=${program}`] : [];
  return new SandboxProcess(layers, {
    program: process.execPath,
    args: [...grants, '--no-warnings', `--max-old-space-size=${Math.floor(memoryBytes / 2 ** 20)}`, program],
    readable: [program],
    env: process.versions['electron'] ? { ELECTRON_RUN_AS_NODE: '1' } : {},
    dataBytes: memoryBytes + OWN_BYTES,
  });
}

async function judgeJavaScript(
  process: SandboxProcess,
  { taskId, language, prompt, test }: Problem,
  completion: string,
  timeoutSeconds: number,
): Promise<Verdict> {
  let [program, tests] = [`${prompt}${completion}\n`, test];
  if (language === 'ts') {
    const stripped = await stripTypes(program);
    if ('verdict' in stripped) return stripped.verdict;
    program = stripped.program;
    tests = await stripTestTypes(taskId, test);
  }
  process.send({ program, tests, timeoutSeconds });
  const started = await process.answer(START_MS);
  if (!('own' in started)) {
    const found = 'ended' in started ? started.ended || 'it ended without a word' : 'no answer';
    throw unusable(`Node did not start for ${taskId} (${found})`);
  }
  const answer = await process.answer((BUSY_FACTOR * timeoutSeconds + GRACE_SECONDS) * 1000);
  if ('ended' in answer && /heap out of memory|Allocation failed/.test(answer.ended)) return OUT_OF_MEMORY;
  // Only lines of the process's own code count; a sample has no way to write one.
  return 'own' in answer ? verdictOf({ line: answer.own }) : verdictOf('line' in answer ? { ended: '' } : answer);
}

/** A Python of the user's: a process for each sample. */
function nativeInterpreter(layers: Layers, options: SandboxOptions): Interpreter {
  const runner = path.join(programFolder(), 'runner.py');
  const question =
    'import sys, json; print(json.dumps([sys.version.split()[0], sys.executable, sys.prefix, sys.base_prefix]))';
  const asked = spawnSync(options.python!, ['-I', '-c', question], { encoding: 'utf8', timeout: 30_000 });
  if (asked.status !== 0) {
    const found = asked.error?.message ?? asked.stderr.trim();
    throw unusable(`${options.python} does not run: ${found}. Give a Python 3.8 or later (--python)`);
  }
  const [version, executable, ...prefixes] = JSON.parse(asked.stdout) as string[];
  const readable = [...new Set([runner, ...prefixes])].filter((file) => file !== '/usr');
  return {
    version: `CPython ${version}`,
    timeoutSeconds: options.timeoutSeconds ?? 3,
    reusable: false,
    start: async () =>
      new SandboxProcess(layers, {
        program: executable,
        args: ['-I', '-B', runner],
        readable,
        env: { PYTHONHASHSEED: '0' },
        dataBytes: options.memoryBytes ?? 2 ** 30,
      }),
    close: async () => undefined,
  };
}

function unusable(found: string): FineTuneError {
  return new FineTuneError(
    'SANDBOX_UNUSABLE',
    `Programs cannot be run on this machine: ${found}. This is a fault of the harness; no sample was counted as failed.`,
    { found },
  );
}
