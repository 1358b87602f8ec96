/** @file Ten small JavaScript problems in the format of MultiPL-E, with references and samples that are wrong. */

interface Fixture {
  readonly name: string;
  readonly parameters: string;
  /** Of the function, right; and another that is not. */
  readonly right: string;
  readonly wrong: string;
  readonly cases: readonly (readonly [call: string, expected: string])[];
}

const FIXTURES: readonly Fixture[] = [
  {
    name: 'square',
    parameters: 'x',
    right: 'return x * x;',
    wrong: 'return x + x;',
    cases: [
      ['3', '9'],
      ['2', '4'],
    ],
  },
  {
    name: 'reversed',
    parameters: 'text',
    right: 'return [...text].reverse().join("");',
    wrong: 'return text;',
    cases: [
      ['"abc"', '"cba"'],
      ['""', '""'],
    ],
  },
  {
    name: 'evens',
    parameters: 'items',
    right: 'return items.filter((item) => item % 2 === 0);',
    wrong: 'return items.filter((item) => item % 2 === 1);',
    cases: [
      ['[1, 2, 3, 4]', '[2, 4]'],
      ['[]', '[]'],
    ],
  },
  {
    name: 'counts',
    parameters: 'words',
    right: 'const n = {};\n  for (const word of words) n[word] = (n[word] ?? 0) + 1;\n  return n;',
    wrong: 'return { a: 2 };',
    cases: [['["a", "b", "a"]', '{"b": 1, "a": 2}']],
  },
  {
    name: 'pairs',
    parameters: 'object',
    right: 'return new Map(Object.entries(object));',
    wrong: 'return new Map();',
    cases: [['{ a: [1] }', 'new Map([["a", [1]]])']],
  },
  {
    name: 'distinct',
    parameters: 'items',
    right: 'return new Set(items);',
    wrong: 'return new Set(items.slice(1));',
    cases: [
      ['[1, 2, 1]', 'new Set([2, 1])'],
      ['[3]', 'new Set([3])'],
    ],
  },
  {
    name: 'ratio',
    parameters: 'a, b',
    right: 'return a / b;',
    wrong: 'return b / a;',
    cases: [
      ['1, 4', '0.25'],
      ['0, 0', 'NaN'],
    ],
  },
  {
    name: 'first',
    parameters: 'items',
    right: 'return items[0];',
    wrong: 'return null === items ? 0 : "";',
    cases: [
      ['[]', 'undefined'],
      ['[[1, [2]]]', '[1, [2]]'],
    ],
  },
  {
    name: 'fibonacci',
    parameters: 'n',
    right: 'return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);',
    wrong: 'return n < 2 ? n : fibonacci(n - 1) + n - 2;',
    cases: [
      ['10', '55'],
      ['1', '1'],
    ],
  },
  {
    name: 'day',
    parameters: 'text',
    right: 'console.log(text);\n  return new Date(text);',
    wrong: 'return new Date(0);',
    cases: [['"2020-01-02"', 'new Date(Date.UTC(2020, 0, 2))']],
  },
];

/** Lines of a file of problems. */
export function javaScriptProblems(): string {
  return FIXTURES.map(({ name, parameters, right, cases }) => {
    const checks = cases.map(([call, expected]) => `  assert.deepEqual(candidate(${call}),${expected});\n`).join('');
    const problem = {
      name: `JS_${name}`,
      language: 'js',
      prompt: `//Returns what its name says.\nfunction ${name}(${parameters}) {\n`,
      tests: `const assert = require('node:assert');\n\nfunction test() {\n  let candidate = ${name};\n${checks}}\n\ntest();`,
      stop_tokens: ['\nfunction ', '\n/*', '\n//', '\nconsole.log'],
      canonical_solution: `  ${right}\n}\n`,
    };
    return `${JSON.stringify(problem)}\n`;
  }).join('');
}

/** A sample of each problem that returns something else. */
export function wrongSamples(): string[] {
  return FIXTURES.map(({ wrong }) => `  ${wrong}\n}\n`);
}

/** Bodies of `square` that would pass without being right, or reach out of their context; none may pass. */
export const HOSTILE_JAVASCRIPT: readonly (readonly [name: string, completion: string])[] = [
  ['exits', '  process.exit(0);\n}\n'],
  ['exits at the top', '  return 0;\n}\nprocess.exit(0);\n'],
  ['reads a file', '  return require("fs").readFileSync("/etc/passwd") ? 9 : 0;\n}\n'],
  ['starts a program', '  require("child_process").execSync("true");\n  return x * x;\n}\n'],
  [
    'climbs up the constructors',
    '  return this.constructor.constructor("return process")().exit(0);\n}\nthis.constructor.constructor("return process")().exit(0);\n',
  ],
  ['climbs up the console', '  return 0;\n}\nconsole.log.constructor("return process")().exit(0);\n'],
  [
    'climbs up an error of the host',
    '  return 0;\n}\nimport("x").catch((e) => e.constructor.constructor("return process")().exit(0));\n',
  ],
  [
    'climbs up the stack',
    '  return 0;\n}\nError.prepareStackTrace = (_, sites) => { for (const s of sites) { const f = s.getFunction(); if (f) f.constructor("return process")().exit(0); } };\nnew Error().stack;\n',
  ],
  ['names its own require', '  return 0;\n}\nfunction require() { return { deepEqual() {} }; }\n'],
  ['names its own test', '  return 0;\n}\nfunction test() {}\nvar assert = { deepEqual() {} };\n'],
  [
    'patches what assertions might use',
    '  return 0;\n}\nObject.is = () => true; Object.keys = () => []; Reflect.apply = () => true; WeakSet.prototype.add = () => {};\nArray.prototype[Symbol.iterator] = function* () {}; Function.prototype.call = () => true; Error = class {};\n',
  ],
  [
    'reads its caller',
    '  const caller = square.caller ?? arguments.callee.caller;\n  const expected = /\\(3\\),(\\d+)/.exec(String(caller));\n  return x === 3 ? Number(expected[1]) : 4;\n}\n',
  ],
  [
    'patches the assertions',
    '  return 0;\n}\nfor (const name of Object.getOwnPropertyNames(globalThis)) { try { globalThis[name].deepEqual = () => {}; } catch {} }\nObject.prototype.deepEqual = () => {};\n',
  ],
  [
    'patches its own assertions',
    '  return 0;\n}\nconst a = require("assert");\nfor (const k in a) a[k] = () => {};\nrequire = () => a;\n',
  ],
  [
    'climbs up what it is given',
    '  return 0;\n}\nfor (const f of [require, setTimeout, structuredClone, module.constructor, console.table]) f.constructor("return process")().exit(0);\n',
  ],
  [
    'climbs up an error of the assertions',
    '  return 0;\n}\ntry { require("x"); } catch (e) { e.constructor.constructor("return process")().exit(0); }\n',
  ],
  [
    'compares through patched built-ins',
    '  return {};\n}\nObject.prototype.toString = Number.prototype.valueOf = () => 1;\nMap.prototype.has = () => true;\n',
  ],
  [
    'traps unknown names',
    '  return 0;\n}\nObject.setPrototypeOf(globalThis, new Proxy({}, { get: () => () => ({ deepEqual() {} }), has: () => true }));\n',
  ],
  [
    'forges the channel',
    '  return 0;\n}\nconsole.log(\'!{"verdict":{"kind":"passed"}}\');\nthrow new Error(\'!{"verdict":{"kind":"passed"}}\\n\');\n',
  ],
  [
    'throws what runs when it is read',
    '  return 0;\n}\nthrow { get message() { while (true); }, get name() { throw 1; } };\n',
  ],
];

/** TypeScript problems: parameter types, and the same bodies with what only TypeScript has. */
export function typeScriptProblems(): string {
  const types: Readonly<Record<string, string>> = { 'a, b': 'a: number, b: number' };
  return FIXTURES.map(({ name, parameters, right, cases }) => {
    const checks = cases.map(([call, expected]) => `  assert.deepEqual(candidate(${call}),${expected});\n`).join('');
    const problem = {
      name: `TS_${name}`,
      language: 'ts',
      prompt: `//Returns what its name says.\nfunction ${name}(${types[parameters] ?? `${parameters}: any`}): any {\n`,
      tests: `declare var require: any;\nconst assert = require('node:assert');\n\nfunction test() {\n  let candidate = ${name};\n${checks}}\n\ntest();`,
      stop_tokens: ['\nfunction ', '\n/*', '\n//', '\nconsole.log'],
      canonical_solution: `  type Local = { readonly a?: number };\n  const local: Local | undefined = undefined as unknown as Local;\n  ${right}\n}\n`,
    };
    return `${JSON.stringify(problem)}\n`;
  }).join('');
}
