/** @file Seeded mutations of reference solutions: right ones, wrong ones, and ones that misbehave in every way we know of. */
import { createHash } from 'node:crypto';
import type { Problem } from '../../src/eval/problems.ts';
import { createRandom, nextBelow, type RandomState } from '../../src/random.ts';

export interface MutatedSample {
  readonly taskId: string;
  readonly completion: string;
  readonly mutation: string;
}

type Mutation = (problem: Problem, random: RandomState) => string;

const before = (lines: string) => (problem: Problem) =>
  `${lines
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n')}\n${problem.canonicalSolution}`;
const after = (lines: string) => (problem: Problem) => `${problem.canonicalSolution}\n${lines}\n`;

/** Changes one place that a pattern finds; the solution as it is when there is none. */
const replaced =
  (pattern: RegExp, by: (found: string) => string): Mutation =>
  ({ canonicalSolution }, random) => {
    const places = [...canonicalSolution.matchAll(pattern)];
    if (places.length === 0) return canonicalSolution;
    const place = places[nextBelow(random, places.length)];
    const end = place.index + place[0].length;
    return canonicalSolution.slice(0, place.index) + by(place[0]) + canonicalSolution.slice(end);
  };

const FLIPPED: Record<string, string> = { '<': '<=', '<=': '<', '>': '>=', '>=': '>', '==': '!=', '!=': '==' };
const SWAPPED: Record<string, string> = { '+': '-', '-': '+', '*': '+', '//': '/', '/': '//', '%': '*' };

export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  canonical: ({ canonicalSolution }) => canonicalSolution,
  comparison: replaced(/(?<= )(<=|>=|==|!=|<|>)(?= )/g, (found) => FLIPPED[found]),
  operator: replaced(/(?<= )(\/\/|[+\-*/%])(?= )/g, (found) => SWAPPED[found]),
  constant: replaced(/\b\d+\b/g, (found) => String(Number(found) + 1)),
  negated: replaced(/(?<=\bif )(?!not )/g, () => 'not '),
  renamed: replaced(/(?<=return )\w+/g, (found) => `${found}_`),
  truncated: ({ canonicalSolution }, random) =>
    canonicalSolution.slice(0, 1 + nextBelow(random, canonicalSolution.length)),
  lineRemoved: ({ canonicalSolution }, random) => {
    const lines = canonicalSolution.split('\n');
    lines.splice(nextBelow(random, Math.max(1, lines.length - 1)), 1);
    return lines.join('\n');
  },
  lineDoubled: ({ canonicalSolution }, random) => {
    const lines = canonicalSolution.split('\n');
    const line = nextBelow(random, lines.length);
    lines.splice(line, 0, lines[line]);
    return lines.join('\n');
  },
  indented: ({ canonicalSolution }) => canonicalSolution.replace(/^ {4}/m, '   '),
  empty: () => '',
  passOnly: () => '    pass\n',
  returnsNone: () => '    return None\n',
  returnsTrue: () => '    return True\n',
  noResult: after(''),
  prints: before('print("x" * 1000)\nimport sys\nsys.stderr.write("err")'),
  printsAtTop: after('print("done")\nfor i in range(100):\n    print(i)'),
  endOfText: ({ canonicalSolution }) => `${canonicalSolution}<|endoftext|>`,
  fence: ({ canonicalSolution }) => `${canonicalSolution}\`\`\`\n`,
  testsOfItsOwn: ({ canonicalSolution }) =>
    `${canonicalSolution}\nif __name__ == "__main__":\n    raise ValueError(1)\n`,
  anotherFunction: after('def another(x):\n    return x + 1\n\n\nclass Something:\n    value = 3'),
  unclosedText: after('"""'),
  unclosedBracket: after('print('),
  decoratorLeft: after('@staticmethod'),
  raises: before('raise ValueError("no")'),
  keyError: before('{}["missing"]'),
  zero: before('1 / 0'),
  raisesAtTop: after('raise RuntimeError("late")'),
  assertion: before('assert False, "own"'),
  exits: before('import sys\nsys.exit(0)'),
  exitsAtTop: after('raise SystemExit(0)'),
  exitsByName: before('exit(0)'),
  quits: before('quit()'),
  hardExit: before('import os\nos._exit(0)'),
  recursion: before('def forever(n):\n    return forever(n + 1)\nforever(0)'),
  recursionCaught: before(
    'def forever(n):\n    return forever(n + 1)\ntry:\n    forever(0)\nexcept RecursionError:\n    pass',
  ),
  depth400: before('def deep(n):\n    return 0 if n == 0 else 1 + deep(n - 1)\nassert deep(400) == 400'),
  depth900: before('def deep(n):\n    return 0 if n == 0 else 1 + deep(n - 1)\nassert deep(900) == 900'),
  depth5000: before(
    'import sys\nsys.setrecursionlimit(20000)\ndef deep(n):\n    return 0 if n == 0 else 1 + deep(n - 1)\nassert deep(5000) == 5000',
  ),
  thread: before(
    'import threading\ndone = []\nt = threading.Thread(target=lambda: done.append(1))\nt.start()\nt.join()\nassert done == [1]',
  ),
  pool: before(
    'from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(2) as pool:\n    assert list(pool.map(abs, [-1, 2])) == [1, 2]',
  ),
  loop: before(
    'import asyncio\nasync def one():\n    await asyncio.sleep(0)\n    return 1\nassert asyncio.run(one()) == 1',
  ),
  hugeList: before('x = [0] * 10 ** 12'),
  hugeText: before('x = "a" * 10 ** 13'),
  hugeCaught: before('try:\n    x = [0] * 10 ** 12\nexcept MemoryError:\n    pass'),
  moderateList: before('x = [0] * 10 ** 6'),
  reads: before('input()'),
  writesFile: before('with open("a.txt", "w") as f:\n    f.write("1")\nassert open("a.txt").read() == "1"'),
  removesFile: before('import os\nopen("b.txt", "w").close()\nos.remove("b.txt")'),
  system: before('import os\nos.system("true")'),
  process: before('import subprocess\nsubprocess.run(["true"])'),
  workingFolder: before('import os\nos.getcwd()'),
  helps: before('help(int)'),
  importsGuarded: before('import psutil'),
  importsMissing: before('import a_package_that_is_nowhere'),
  importsMany: before('import os, sys, re, math, json, random, itertools, collections, functools, string, datetime'),
  unimportedType: after('def typed(x: Unknown) -> int:\n    return 1'),
  futureAnnotations: ({ canonicalSolution }) => `${canonicalSolution}\nfrom __future__ import annotations\n`,
  warning: before('import warnings\nwarnings.warn("w")\nx = "\\d"'),
  usesName: after('assert __name__ == "builtins"'),
  bigInteger: before('import sys\nassert 10 ** 15 < sys.maxsize'),
  hashes: before('import hashlib\nassert hashlib.md5(b"a").hexdigest()[:4] == "0cc1"'),
  evaluates: before('assert eval("1 + 1") == 2\nexec("y = 1")'),
  dataclass: before(
    'from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\nassert P(1) == P(1)\nimport enum\nclass E(enum.Enum):\n    A = 1\nassert E(1) is E.A',
  ),
  shadowsBuiltin: after('def len(x):\n    return 0'),
  swallowsAll: before('try:\n    1 / 0\nexcept:\n    pass'),
  generator: ({ entryPoint, canonicalSolution }) => `${canonicalSolution}\n${entryPoint} = lambda *a: (x for x in a)\n`,
};

/** They cost the whole time limit each, so a file holds few of them. */
export const SLOW_MUTATIONS: Readonly<Record<string, Mutation>> = {
  infinite: before('while True:\n    pass'),
  infinitePrinting: before('while True:\n    print("x")'),
  infiniteSwallowing: before('while True:\n    try:\n        1 / 0\n    except Exception:\n        pass'),
  sleeps: before('import time\ntime.sleep(60)'),
  hugePower: before('x = 9 ** 9 ** 9'),
  ignoresAlarm: before('import signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\nwhile True:\n    pass'),
};

/** At least `count` samples, every mutation about equally often and each on another problem; the slow ones once. */
export function mutatedSamples(problems: readonly Problem[], count: number, seed: number): MutatedSample[] {
  const random = createRandom(seed, 'mutations');
  const names = Object.keys(MUTATIONS);
  const samples = Array.from({ length: count }, (_, index): MutatedSample => {
    const mutation = names[index % names.length];
    const problem = problems[nextBelow(random, problems.length)];
    return { taskId: problem.taskId, completion: MUTATIONS[mutation](problem, random), mutation };
  });
  const slow = Object.entries(SLOW_MUTATIONS).map(([mutation, apply]): MutatedSample => {
    const problem = problems[nextBelow(random, problems.length)];
    return { taskId: problem.taskId, completion: apply(problem, random), mutation };
  });
  return [...samples, ...slow];
}

/** Names a set of samples in a test's message. */
export function fingerprint(samples: readonly MutatedSample[]): string {
  return createHash('sha256').update(JSON.stringify(samples)).digest('hex').slice(0, 12);
}
