/**
 * @file The process that runs one JavaScript sample and its tests, and ends.
 *
 * The sample runs in a context of its own without a single object of Node: no require, process or console of the host,
 * so there is nothing to climb up from. The assertions are written in here, keep the functions they need before the
 * sample can change them, and reach the tests under a name that the sample cannot know. The verdict is written the
 * moment the tests return, before anything that the sample left pending can run.
 *
 * What it does not protect from: `vm` is no boundary by Node's own word. A fault in V8 or Node that lets a sample out of
 * its context lets it claim that it passed; what it could do to the machine is limited by the layers (layers.ts). Plain
 * JavaScript, because Node has to run it without a loader.
 */
import crypto from 'node:crypto';
import fs from 'node:fs';
import vm from 'node:vm';

/** Runs inside the context, first of all. Gives `require` to the tests and says which errors are its own. */
const ASSERTIONS = `(() => {
  'use strict';
  const { is, keys, getPrototypeOf, defineProperty, freeze } = Object;
  const isArray = Array.isArray;
  const apply = Reflect.apply;
  const [mapGet, mapHas, mapForEach, setHas, setForEach] =
    [Map.prototype.get, Map.prototype.has, Map.prototype.forEach, Set.prototype.has, Set.prototype.forEach];
  const [size, setSize] = [Map, Set].map((kind) => Object.getOwnPropertyDescriptor(kind.prototype, 'size').get);
  const getTime = Date.prototype.getTime;
  const { hasOwnProperty: own, toString: tag } = Object.prototype;
  // Built-in objects whose value is in no property.
  const valueOf = {
    __proto__: null,
    '[object Number]': Number.prototype.valueOf,
    '[object String]': String.prototype.valueOf,
    '[object Boolean]': Boolean.prototype.valueOf,
    '[object Error]': Error.prototype.toString,
    '[object RegExp]': RegExp.prototype.toString,
  };
  const mine = new WeakSet();
  const [mark, isMarked] = [WeakSet.prototype.add, WeakSet.prototype.has];
  const NativeError = Error;
  const text = String;
  const works = (call) => { try { call(); return true; } catch { return false; } };
  const fail = (message) => {
    const error = new NativeError(message);
    defineProperty(error, 'name', { value: 'AssertionError' });
    apply(mark, mine, [error]);
    throw error;
  };
  // NaN equals itself, and without strict, what == calls equal among values that are no objects.
  const same = (a, b, strict) => (strict ? is(a, b) : a === b || (a !== a && b !== b) || a == b);
  const isObject = (value) => typeof value === 'object' && value !== null;
  const equal = (a, b, strict, depth) => {
    if (depth > 500) return false;
    if (!isObject(a) || !isObject(b)) return !isObject(a) && !isObject(b) && typeof a !== 'function' ? same(a, b, strict) : a === b;
    if (a === b) return true;
    if (isArray(a) !== isArray(b)) return false;
    const kind = apply(tag, b, []);
    if (kind !== apply(tag, a, [])) return false;
    if (valueOf[kind] && !is(apply(valueOf[kind], a, []), apply(valueOf[kind], b, []))) return false;
    if (strict && getPrototypeOf(a) !== getPrototypeOf(b)) return false;
    const isMap = works(() => apply(size, b, []));
    if (isMap !== works(() => apply(size, a, []))) return false;
    if (isMap) {
      let right = apply(size, a, []) === apply(size, b, []);
      apply(mapForEach, b, [(value, key) => {
        if (right && !(apply(mapHas, a, [key]) && equal(apply(mapGet, a, [key]), value, strict, depth + 1))) right = false;
      }]);
      return right;
    }
    const isSet = works(() => apply(setSize, b, []));
    if (isSet !== works(() => apply(setSize, a, []))) return false;
    if (isSet) {
      let right = apply(setSize, a, []) === apply(setSize, b, []);
      apply(setForEach, b, [(value) => {
        if (!right || apply(setHas, a, [value])) return;
        let found = false;
        apply(setForEach, a, [(other) => { if (!found && equal(other, value, strict, depth + 1)) found = true; }]);
        right = found;
      }]);
      return right;
    }
    const isDate = works(() => apply(getTime, b, []));
    if (isDate !== works(() => apply(getTime, a, []))) return false;
    if (isDate && apply(getTime, a, []) !== apply(getTime, b, [])) return false;
    // No destructuring in what runs after the sample: that calls an iterator, which it may have replaced.
    const left = keys(a);
    const right = keys(b);
    if (left.length !== right.length || (isArray(a) && a.length !== b.length)) return false;
    for (let i = 0; i < right.length; i++) {
      if (!apply(own, a, [right[i]]) || !equal(a[right[i]], b[right[i]], strict, depth + 1)) return false;
    }
    return true;
  };
  const told = (message, otherwise) => (message === undefined ? otherwise : text(message));
  const throws = (call) => {
    if (works(call)) fail('Missing expected exception.');
  };
  const make = (strict) => {
    const assert = (value, message) => { if (!value) fail(told(message, 'The expression evaluated to a falsy value')); };
    const check = (wanted, deep, exact, words) => (a, b, message) => {
      const holds = deep ? equal(a, b, exact, 0) : exact ? is(a, b) : a == b || (a !== a && b !== b);
      if (holds !== wanted) fail(told(message, words));
    };
    assert.ok = assert;
    assert.equal = check(true, false, strict, 'Expected values to be equal');
    assert.notEqual = check(false, false, strict, 'Expected values not to be equal');
    assert.strictEqual = check(true, false, true, 'Expected values to be strictly equal');
    assert.notStrictEqual = check(false, false, true, 'Expected values not to be strictly equal');
    assert.deepEqual = check(true, true, strict, 'Expected values to be deeply equal');
    assert.notDeepEqual = check(false, true, strict, 'Expected values not to be deeply equal');
    assert.deepStrictEqual = check(true, true, true, 'Expected values to be deeply and strictly equal');
    assert.notDeepStrictEqual = check(false, true, true, 'Expected values not to be deeply and strictly equal');
    assert.throws = throws;
    assert.fail = (message) => fail(told(message, 'Failed'));
    return assert;
  };
  const [loose, exact] = [make(false), make(true)];
  loose.strict = exact.strict = exact;
  freeze(loose);
  freeze(exact);
  const among = (loose, exact) => (name) => {
    if (name === 'assert' || name === 'node:assert') return loose;
    if (name === 'assert/strict' || name === 'node:assert/strict') return exact;
    throw new NativeError("Cannot find module '" + text(name) + "'");
  };
  const require = among(loose, exact);
  // What samples use that were written for Node, as far as it does nothing. Their assertions are not those of the tests.
  const nothing = () => undefined;
  const methods = 'assert clear count countReset debug dir dirxml error group groupCollapsed groupEnd info log table time timeEnd timeLog trace warn';
  globalThis.console = freeze(Object.fromEntries(methods.split(' ').map((name) => [name, nothing])));
  // What is to run later never runs: the verdict is written when the tests return.
  for (const name of ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask']) globalThis[name] = () => 0;
  for (const name of ['clearTimeout', 'clearInterval', 'clearImmediate']) globalThis[name] = nothing;
  globalThis.module = { exports: {} };
  globalThis.exports = module.exports;
  globalThis.require = among(make(false), make(true));
  globalThis.require.main = module;
  globalThis.structuredClone = (value) => {
    const done = new Map();
    const clone = (value) => {
      if (typeof value === 'function' || typeof value === 'symbol') throw new NativeError(text(value) + ' could not be cloned.');
      if (!isObject(value)) return value;
      if (done.has(value)) return done.get(value);
      const keep = (copy) => (done.set(value, copy), copy);
      if (value instanceof Date) return keep(new Date(value));
      if (value instanceof RegExp) return keep(new RegExp(value));
      if (value instanceof Map) {
        const copy = keep(new Map());
        value.forEach((item, key) => copy.set(clone(key), clone(item)));
        return copy;
      }
      if (value instanceof Set) {
        const copy = keep(new Set());
        value.forEach((item) => copy.add(clone(item)));
        return copy;
      }
      const copy = keep(isArray(value) ? new Array(value.length) : {});
      for (const key of keys(value)) copy[key] = clone(value[key]);
      return copy;
    };
    return clone(value);
  };
  return { require: freeze(require), isMine: (error) => isObject(error) && apply(isMarked, mine, [error]) };
})()`;

const { program, tests, timeoutSeconds } = JSON.parse(readLine());
tell({ level: 'started' });
const verdict = run();
tell({ verdict });
// At once: nothing that the sample left waiting runs any more.
process.reallyExit(0);

function run() {
  const host = Object.create(null);
  const context = vm.createContext(host);
  const { require, isMine } = vm.runInContext(ASSERTIONS, context);
  const limit = { timeout: Math.ceil(1000 * timeoutSeconds) };
  try {
    let script;
    try {
      script = new vm.Script(program, { filename: 'sample.js' });
    } catch (error) {
      return { kind: 'syntax', type: 'SyntaxError', message: textOf(error, 'message'), line: lineOf(error) };
    }
    script.runInContext(context, limit);
    const name = `tests_${crypto.randomBytes(16).toString('hex')}`;
    host[name] = require;
    // A function of its own: what the sample has named `require` or `assert` does not stand between. Strict: a function
    // that is called cannot look at its caller, where the expected values stand.
    const text = `((require) => {'use strict';\n${tests}\n})(${name})`;
    vm.runInContext(text, context, { ...limit, filename: 'tests.js' });
    return { kind: 'passed' };
  } catch (error) {
    if (isMine(error)) return { kind: 'wrong', type: 'AssertionError', message: textOf(error, 'message') };
    // A sample can throw the same, and has failed then too.
    if (textOf(error, 'code') === 'ERR_SCRIPT_EXECUTION_TIMEOUT') {
      return { kind: 'timeout', type: 'TimeoutException', message: 'Timed out!' };
    }
    return { kind: 'exception', type: textOf(error, 'name'), message: textOf(error, 'message'), line: lineOf(error) };
  }
}

/** What was thrown belongs to the sample: reading it can run its code, and gives anything. */
function textOf(error, property) {
  try {
    const value =
      typeof error === 'object' && error !== null ? error[property] : property === 'message' ? error : 'Error';
    return typeof value === 'string' ? value.slice(0, 1000) : typeof value;
  } catch {
    return 'unreadable';
  }
}

function lineOf(error) {
  const place = /sample\.js:(\d+)/.exec(textOf(error, 'stack'));
  return place ? Number(place[1]) : undefined;
}

function readLine() {
  const chunks = [];
  const chunk = Buffer.alloc(1 << 16);
  for (;;) {
    let size = 0;
    try {
      size = fs.readSync(0, chunk, 0, chunk.length, null);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
      continue;
    }
    if (size === 0) break;
    chunks.push(Buffer.from(chunk.subarray(0, size)));
    if (chunk[size - 1] === 10) break;
  }
  return Buffer.concat(chunks).toString();
}

function tell(message) {
  fs.writeSync(1, `!${JSON.stringify(message)}\n`);
}
