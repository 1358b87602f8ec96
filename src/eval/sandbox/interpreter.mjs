/**
 * @file The process that samples run in: CPython in WebAssembly, cut off from JavaScript.
 *
 * The interpreter's only ways out are the functions that its module imports. This file decides about each of them once
 * the interpreter is set up: arithmetic of the runtime, clocks and an in-memory file system stay; every function that
 * reaches JavaScript objects, code, sockets or dynamic libraries ends the sample. Python's `js` module is never
 * registered. After each sample the interpreter's whole memory is put back to what it was before the first, and the host
 * is told whether anything else changed.
 *
 * What it does not protect from: a fault in V8's WebAssembly, and Node's own files that the process can read. The
 * process is therefore started with an empty environment, Node's permission model and, where there is one, a sandbox
 * of the operating system (layers.ts), and a sample that could try such things has a process of its own.
 *
 * Messages are lines of JSON: requests on descriptor 0, answers on descriptor 1, each with a mark that says whether this
 * file or the interpreter wrote it. Plain JavaScript, because Node has to
 * run it without a loader.
 */
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

/** Descriptor of the channel inside the interpreter. */
const CHANNEL = 100;
/** First characters of lines: who says it. */
const OWN_MARK = '!';
const INTERPRETER_MARK = '>';
const PYTHON_HOME = '/home/sample';
/** Of the state's file, before the state (snapshotCache.ts). */
const CHECKSUM_BYTES = 32;
const SIGALRM = 14;
const SIGUSR1 = 10;
/** Shares of the time limit after which the runner looks whether a program is stuck for good. */
const CHECKS = [0.05, 0.2, 0.5];
const EBADF = 8;
const ENOSPC = 51;
const ENOSYS = -52;
const WRITABLE_BYTES = 64 * 2 ** 20;
/** A program that computes may take this many times its limit on the clock while it has not had that on a processor. */
const LONGEST_WAIT = 3;
/** The interpreter recurses on the machine's stack; a thread of our own can have one that is deep enough. */
const STACK_MEGABYTES = 128;

/** Calls of the in-memory file system that leave it as it was; and those that change it. */
const READING_CALLS =
  /^(__syscall_(fcntl64|ioctl|faccessat|fstat64|stat64|newfstatat|lstat64|getcwd|getdents64|readlinkat|statfs64|fstatfs64|poll|_newselect|fadvise64)|fd_(read|fdstat_get|seek|pread)|environ_(sizes_)?get)$/;
const CHANGING_CALLS =
  /^(__syscall_(openat|dup|dup3|fdatasync|ftruncate64|mkdirat|unlinkat|rmdir|renameat|truncate64|utimensat|chdir|chmod|fchmod|fallocate)|fd_(close|write|sync|pwrite))$/;
/** O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_APPEND. */
const WRITING_FLAGS = 0o1 | 0o2 | 0o100 | 0o1000 | 0o2000;
const RUNTIME =
  /^(invoke_\w+|__cxa_\w+|__resumeException|_emscripten_throw_longjmp|emscripten_resize_heap|emscripten_get_heap_max|emscripten_date_now|_?emscripten_get_now\w*|getentropy|strftime(_l)?|_(timegm|mktime|localtime|gmtime|tzset|setitimer)_js|_PyEM_\w+|_PyImport_InitFunc_TrampolineCall|_Py_CheckEmscriptenSignals_Helper|__call_sighandler|_emscripten_runtime_keepalive_clear)$/;
const ENDINGS = /^(proc_exit|exit|abort|__assert_fail|emscripten_exit_with_live_runtime)$/;

/** The sample ended its interpreter: `os._exit`, an abort, or something that was refused. */
class InterpreterEnded extends Error {}

async function main() {
  const { pyodide, runner, snapshot: snapshotPath, memoryBytes } = workerData;
  const state = {
    sealed: false,
    deadline: Number.POSITIVE_INFINITY,
    // Input that nobody has asked for yet, and what of it the interpreter may read now.
    waiting: Buffer.alloc(0),
    unread: Buffer.alloc(0),
    relays: false,
    checks: [],
    written: 0,
    clean: true,
    partial: [],
  };
  const { module, exports, stackPointer } = await instantiate(pyodide, state, memoryBytes, snapshotPath !== undefined);
  /** @returns 0, or -1 after an exception */
  const python = (source) => {
    const bytes = Buffer.from(`${source}\0`);
    const pointer = exports.malloc(bytes.length);
    module.HEAPU8.set(bytes, pointer);
    return exports.PyRun_SimpleString(pointer);
  };
  let snapshot;
  if (snapshotPath) {
    snapshot = fs.readFileSync(snapshotPath).subarray(CHECKSUM_BYTES);
  } else {
    const code = JSON.stringify(fs.readFileSync(runner, 'utf8'));
    if (python(code.length ? `exec(compile(${code}, "<runner>", "exec"))` : '') !== 0) {
      throw new Error('the runner did not start; see stderr');
    }
    // Lets the interpreter ask for signals now and then: the time limit is one.
    module.HEAPU8[module._Py_EMSCRIPTEN_SIGNAL_HANDLING] = 1;
    python('import gc\ngc.collect()\ngc.freeze()');
    snapshot = Buffer.from(module.HEAPU8.slice(0, exports.sbrk(0)));
  }
  const stackTop = stackPointer.value;
  let top = snapshot.length;
  if (module.HEAPU8.length < top) throw new Error('the snapshot does not fit into the initial memory');
  state.sealed = true;
  tell({ started: true });
  for (;;) {
    if (readLine(state) === 0) return;
    // The sample's side of a confirmation and the tests' side go on reading; a sample that is judged alone reads nothing
    // more, and what waits for the next is not for it.
    state.relays = !state.unread.includes('"mode":"run"');
    const heap = module.HEAPU8;
    heap.set(snapshot);
    if (top > snapshot.length) heap.fill(0, snapshot.length, top);
    stackPointer.value = stackTop;
    state.deadline = Number.POSITIVE_INFINITY;
    state.written = 0;
    state.partial = [];
    if (state.unread.includes('"mode":"snapshot"')) {
      state.unread = Buffer.alloc(0);
      tell({ snapshot: snapshot.toString('base64') });
      continue;
    }
    state.clean = true;
    const streams = openStreams(module);
    python('answer_one_request(unsafe_names)');
    // The gates are the only way from the interpreter to JavaScript, so this is all that could outlive its memory.
    const clean = state.clean && openStreams(module) === streams;
    tell({ clean });
    // Past the end of what the interpreter has asked for, memory is still zero.
    top = Math.max(snapshot.length, exports.sbrk(0));
  }
}

function openStreams({ FS }) {
  return FS.streams.filter((stream) => stream).length;
}

/** Starts an interpreter. With `bare`, its memory is still to be filled with a snapshot. */
async function instantiate(pyodide, state, memoryBytes, bare) {
  const modules = { fs: { ...fs }, crypto, path };
  globalThis.require = (name) => modules[name];
  globalThis.__dirname = pyodide;
  // Asked for the numbers of open flags only; the permission model refuses the real one.
  process.binding = () => ({ fs: fs.constants });
  await import(path.join(pyodide, 'pyodide.asm.js'));
  const compiled = await WebAssembly.compile(fs.readFileSync(path.join(pyodide, 'pyodide.asm.wasm')));
  const library = fs.readFileSync(path.join(pyodide, 'python_stdlib.zip'));
  let exports;
  let stackPointer;
  const settings = {
    noImageDecoding: true,
    noAudioDecoding: true,
    noWasmDecoding: false,
    noInitialRun: bare,
    thisProgram: '',
    arguments: [],
    print() {},
    printErr(text) {
      if (!state.sealed) process._rawDebug(text);
    },
    API: {
      config: { indexURL: pyodide, env: {}, jsglobals: {}, args: [], packages: [], enableRunUntilComplete: false },
    },
    locateFile: (name) => path.join(pyodide, name),
    instantiateWasm(imports, done) {
      stackPointer = imports.env.__stack_pointer;
      guardImports(imports, state, memoryBytes, () => exports);
      WebAssembly.instantiate(compiled, imports).then((instance) => {
        exports = instance.exports;
        done(instance, compiled);
      });
      return {};
    },
    preRun: [
      ({ FS, ENV }) => {
        FS.mkdirTree('/lib/python3.12/site-packages');
        FS.writeFile('/lib/python312.zip', library);
        FS.mkdirTree(PYTHON_HOME);
        FS.chdir(PYTHON_HOME);
        // PYTHONINSPECT keeps the interpreter alive after main; sets of strings have one order in every run.
        Object.assign(ENV, { HOME: PYTHON_HOME, PYTHONINSPECT: '1', PYTHONHASHSEED: '0' });
      },
    ],
  };
  const module = await globalThis._createPyodideModule(settings);
  return { module, exports, stackPointer };
}

/** Puts a gate before every imported function; the gates close when `state.sealed` is set. */
function guardImports(imports, state, memoryBytes, exportsOf) {
  for (const namespace of ['env', 'wasi_snapshot_preview1']) {
    for (const [name, original] of Object.entries(imports[namespace])) {
      if (typeof original !== 'function' || RUNTIME.test(name)) continue;
      // The function table takes them from here too, and needs their signature.
      imports[namespace][name] = Object.assign(gate(name, original, state), { sig: original.sig });
    }
  }
  const { env, wasi_snapshot_preview1: wasi } = imports;
  const memory = () => new DataView((env.memory ?? exportsOf().memory).buffer);
  const resize = env.emscripten_resize_heap;
  replace(env, 'emscripten_resize_heap', (bytes) => (bytes >>> 0 > memoryBytes ? 0 : resize(bytes)));
  replace(env, '_Py_CheckEmscriptenSignals_Helper', () => {
    const now = performance.now();
    if (now < state.deadline) {
      if (now < state.checks[0]) return 0;
      return state.checks.shift() === undefined ? 0 : SIGUSR1;
    }
    // A machine that is busy with other things must not turn a right program into a slow one.
    const owedMs = state.timeoutMs - (processorMs() - state.startedProcessorMs);
    if (owedMs > 0 && now < state.startedMs + LONGEST_WAIT * state.timeoutMs) {
      state.deadline = now + owedMs;
      return 0;
    }
    state.deadline = Number.POSITIVE_INFINITY;
    return SIGALRM;
  });
  const { fd_write: write, fd_read: read } = wasi;
  replace(wasi, 'fd_write', (fd, vectors, count, result) => {
    if (fd !== CHANNEL) {
      if (state.sealed && fd <= 2) return EBADF;
      for (const [, size] of ioVectors(memory(), vectors, count)) state.written += size;
      return state.sealed && state.written > WRITABLE_BYTES ? ENOSPC : write(fd, vectors, count, result);
    }
    let total = 0;
    for (const [pointer, size] of ioVectors(memory(), vectors, count)) {
      const bytes = Buffer.from(memory().buffer, pointer, size);
      if (state.deadline === Number.POSITIVE_INFINITY) armDeadline(bytes, state);
      forward(bytes, state);
      total += size;
    }
    memory().setUint32(result, total, true);
    return 0;
  });
  replace(wasi, 'fd_read', (fd, vectors, count, result) => {
    if (fd !== CHANNEL) return read(fd, vectors, count, result);
    if (state.unread.length === 0 && state.relays) readLine(state);
    let total = 0;
    for (const [pointer, size] of ioVectors(memory(), vectors, count)) {
      total += state.unread.copy(Buffer.from(memory().buffer, pointer, size));
      state.unread = state.unread.subarray(Math.min(size, state.unread.length));
    }
    memory().setUint32(result, total, true);
    return 0;
  });
}

function replace(namespace, name, by) {
  namespace[name] = Object.assign(by, { sig: namespace[name].sig });
}

function gate(name, original, state) {
  if (READING_CALLS.test(name)) return original;
  if (CHANGING_CALLS.test(name)) {
    return (...args) => {
      // Modules are read from the library: opening for reading and closing again changes nothing.
      const harmless =
        (name === '__syscall_openat' && (args[2] & WRITING_FLAGS) === 0) || (name === 'fd_close' && args[0] > 2);
      if (!harmless) state.clean = false;
      return original(...args);
    };
  }
  if (ENDINGS.test(name)) {
    return (...args) => {
      if (!state.sealed) return original(...args);
      throw new InterpreterEnded(name);
    };
  }
  // Callers of system calls expect an error number; everything else has no answer that would be true.
  const isSystemCall = name.startsWith('__syscall_');
  return (...args) => {
    if (!state.sealed) return original(...args);
    if (isSystemCall) return ENOSYS;
    throw new InterpreterEnded(`refused: ${name}`);
  };
}

function ioVectors(memory, vectors, count) {
  return Array.from({ length: count }, (_, i) => [
    memory.getUint32(vectors + 8 * i, true),
    memory.getUint32(vectors + 8 * i + 4, true),
  ]);
}

/** The time limit runs from the judgement on, which is the first thing that is sent. */
function armDeadline(bytes, state) {
  if (!bytes.includes('"level"')) return;
  state.startedMs = performance.now();
  state.startedProcessorMs = processorMs();
  state.deadline = state.startedMs + state.timeoutMs;
  state.checks = CHECKS.map((share) => state.startedMs + share * state.timeoutMs);
}

function processorMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Waits for a line of input and gives it to the interpreter to read. Returns 0 at the end of the input. */
function readLine(state) {
  const chunks = [];
  let chunk = state.waiting;
  for (;;) {
    const end = chunk.indexOf(10);
    if (end >= 0) {
      chunks.push(chunk.subarray(0, end + 1));
      state.waiting = chunk.subarray(end + 1);
      break;
    }
    if (chunk.length > 0) chunks.push(chunk);
    chunk = Buffer.alloc(1 << 16);
    const size = retried(() => fs.readSync(0, chunk, 0, chunk.length, null));
    if (size === 0) return 0;
    chunk = chunk.subarray(0, size);
  }
  state.unread = Buffer.concat(chunks);
  const timeout = /"timeoutSeconds":([\d.]+)/.exec(state.unread.subarray(0, 200).toString());
  if (timeout) state.timeoutMs = Number(timeout[1]) * 1000;
  return state.unread.length;
}

/** A message of this file's own. Its mark cannot come from inside the interpreter. */
function tell(message) {
  writeAll(Buffer.from(`${OWN_MARK}${JSON.stringify(message)}\n`));
}

/** Passes on what the interpreter writes to the channel, every line marked as its. */
function forward(bytes, state) {
  let rest = bytes;
  for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
    writeAll(Buffer.concat([Buffer.from(INTERPRETER_MARK), ...state.partial, rest.subarray(0, end + 1)]));
    state.partial = [];
    rest = rest.subarray(end + 1);
  }
  if (rest.length > 0) state.partial.push(Buffer.from(rest));
}

function writeAll(bytes) {
  for (let start = 0; start < bytes.length; ) start += retried(() => fs.writeSync(1, bytes, start));
}

/** Node may have set a pipe to refuse instead of to wait. */
function retried(call) {
  for (;;) {
    try {
      return call();
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

if (isMainThread) {
  const options = JSON.parse(process.argv[2]);
  const thread = new Worker(new URL(import.meta.url), {
    workerData: options,
    env: {},
    resourceLimits: { stackSizeMb: STACK_MEGABYTES },
  });
  thread.on('message', (text) => {
    process.stderr.write(`${text}\n`, () => process.exit(70));
  });
  thread.on('error', (error) => {
    process.stderr.write(`${error.name}: ${error.message}\n`, () => process.exit(70));
  });
  thread.on('exit', (code) => process.exit(code));
} else {
  try {
    await main();
  } catch (error) {
    const kind = error instanceof InterpreterEnded ? 'ended' : error instanceof RangeError ? 'stack' : 'trap';
    parentPort.postMessage(`${kind}: ${error.message}`);
  }
}
