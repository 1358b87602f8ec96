import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { probeLayers } from '../../src/eval/layers.ts';
import type { Problem } from '../../src/eval/problems.ts';
import { openSandbox, type Sandbox } from '../../src/eval/sandbox.ts';
import { checkReferences, scoreSamples } from '../../src/eval/score.ts';
import { isWholeSnapshot } from '../../src/eval/snapshotCache.ts';

const layers = probeLayers();
const skip = layers.osSandbox === 'none' ? 'this machine has no sandbox (bubblewrap on Linux)' : false;

const SQUARE: Problem = {
  taskId: 'T/0',
  prompt: 'def f(x):\n    """The square."""\n',
  entryPoint: 'f',
  canonicalSolution: '    return x * x\n',
  test: 'def check(candidate):\n    assert candidate(2) == 4\n    assert candidate(3) == 9\n',
};

let sandbox: Sandbox;
before(async () => {
  if (!skip) sandbox = await openSandbox({ workers: 1, timeoutSeconds: 0.4, memoryBytes: 256 * 2 ** 20, layers });
});
after(() => sandbox?.close());

const verdict = async (body: string, problem = SQUARE) => {
  const { kind, type, line } = await sandbox.run(problem, body);
  return [kind, type, line];
};

test('every kind of verdict carries its type and its line in the sample', { skip }, async () => {
  assert.deepEqual(await verdict('    return x * x\n'), ['passed', undefined, undefined]);
  assert.deepEqual(await verdict('    return x\n'), ['wrong', 'AssertionError', undefined]);
  assert.deepEqual(await verdict('    y = 0\n    return x / y\n'), ['exception', 'ZeroDivisionError', 4]);
  assert.deepEqual(await verdict('    assert x == 7\n'), ['exception', 'AssertionError', 3]);
  assert.deepEqual(await verdict('    return (x\n'), ['syntax', 'SyntaxError', 3]);
  assert.deepEqual(await verdict('    while True: pass\n'), ['timeout', 'TimeoutException', 3]);
  assert.deepEqual(await verdict('    a = [0] * 10 ** 8\n    return x * x\n'), ['memory', 'MemoryError', 3]);
  assert.deepEqual(await verdict('    import sys\n    sys.exit(0)\n'), ['exception', 'SystemExit', 4]);
});

test('what the official guard takes away is missing here too', { skip }, async () => {
  for (const [line, type] of [
    ['import os; os.remove("a")', 'TypeError'],
    ['exit()', 'TypeError'],
    ['import subprocess; subprocess.run(["true"])', 'TypeError'],
    ['import psutil', 'ModuleNotFoundError'],
    ['input()', 'OSError'],
  ]) {
    assert.deepEqual(await verdict(`    ${line}\n    return x * x\n`), ['exception', type, 3], line);
  }
});

test('a right sample passes that uses classes, files, threads or an event loop', { skip }, async () => {
  for (const body of [
    '    class A:\n        def __init__(self): self.v = x\n    return A().v ** 2\n',
    '    open("a", "w").write(str(x * x))\n    return int(open("a").read())\n',
    '    import threading\n    r = []\n    t = threading.Thread(target=lambda: r.append(x * x))\n    t.start(); t.join()\n    return r[0]\n',
    '    import asyncio\n    async def g(): return x * x\n    return asyncio.run(g())\n',
    '    return eval("x * x")\n',
  ]) {
    assert.deepEqual(await verdict(body), ['passed', undefined, undefined], body);
  }
});

test('a sample that is confirmed may change its arguments and return tuples, sets, dictionaries and iterators', {
  skip,
}, async () => {
  const problem: Problem = {
    taskId: 'T/1',
    prompt: 'def f(items):\n',
    entryPoint: 'f',
    canonicalSolution:
      '    items.sort()\n    return (set(items), {1: [None, 2.5]}, 10 ** 30, b"a", "ä"), iter(items)\n',
    test: 'def check(candidate):\n    a = [3, 1]\n    v, i = candidate(a)\n    assert a == [1, 3]\n    assert v == ({1, 3}, {1: [None, 2.5]}, 10 ** 30, b"a", "ä")\n    assert list(i) == [1, 3]\n    try:\n        candidate(None)\n    except AttributeError:\n        return\n    assert False\n',
  };
  assert.deepEqual(await verdict(problem.canonicalSolution, problem), ['passed', undefined, undefined]);
  const doubted = `    type(items)\n${problem.canonicalSolution}`;
  assert.deepEqual(await verdict(doubted, problem), ['passed', undefined, undefined]);
});

test('a sample that is confirmed may return subclasses of built-in types, fractions and decimals', {
  skip,
}, async () => {
  const problem: Problem = {
    taskId: 'T/1',
    prompt: 'def f(x):\n',
    entryPoint: 'f',
    canonicalSolution: '    return x\n',
    test: 'def check(candidate):\n    from fractions import Fraction\n    from decimal import Decimal\n    for v in (-4, 2.5, "a", [1], (1, 2), {1: 2}, {3}, b"a", Fraction(-1, 3), Decimal("0.10")):\n        assert candidate(v) == v\n    assert candidate(Fraction(1, 2)) != 1\n',
  };
  const own = '    kind = type(x)\n    class A(kind): pass\n    return A(x)\n';
  const exact = `    from fractions import Fraction\n    from decimal import Decimal\n    if type(x) in (Fraction, Decimal): return x\n${own}`;
  assert.deepEqual(await verdict(exact, problem), ['passed', undefined, undefined]);
  // How a subclass says that it compares is not believed.
  const liar = '    class A(int):\n        def __eq__(self, other): return True\n    return A(0)\n';
  assert.equal((await verdict(liar))[0], 'wrong');
});

test('equal samples run once and every sample gets its verdict', { skip }, async () => {
  const completions = ['    return x * x\n', '    return x\n', '    return x * x\n'];
  const samples = completions.map((completion) => ({ taskId: 'T/0', completion, source: {} }));
  let ran = 0;
  const onProgress = () => {
    ran++;
  };
  const scored = await scoreSamples(sandbox, [SQUARE], samples, { onProgress });
  assert.deepEqual(
    scored.map(({ verdict: { kind } }) => kind),
    ['passed', 'wrong', 'passed'],
  );
  assert.equal(ran, 2);
});

test('a reference that fails makes the harness unusable instead of failing samples', { skip }, async () => {
  const broken = { ...SQUARE, taskId: 'T/9', canonicalSolution: '    import a_package_that_is_nowhere\n' };
  await assert.rejects(checkReferences(sandbox, [SQUARE, broken]), {
    code: 'SANDBOX_UNUSABLE',
    message: /1 of 2 reference solutions do not pass here, the first T\/9 \(exception, ModuleNotFoundError/,
  });
});

test('without a sandbox of the system nothing runs unless that was agreed to', async () => {
  const none = { ...layers, osSandbox: 'none', processFilter: false } as const;
  await assert.rejects(openSandbox({ layers: none }), { code: 'SANDBOX_REFUSED', message: /--allow-unsandboxed/ });
});

test('an interpreter that does not start is a fault of the harness', { skip }, async () => {
  await assert.rejects(openSandbox({ layers, python: '/no/such/python' }), { code: 'SANDBOX_UNUSABLE' });
});

test('a closed sandbox leaves nothing but the state of a fresh interpreter, which is made again when it is damaged', {
  skip,
}, async () => {
  const mine = fs.mkdtempSync(path.join(os.tmpdir(), 'rgft-tmp-'));
  const cacheFolder = path.join(mine, 'cache');
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = mine;
  try {
    for (const damage of [() => undefined, (file: string) => fs.truncateSync(file, 5_000_000)]) {
      for (const name of fs.existsSync(cacheFolder) ? fs.readdirSync(cacheFolder) : []) {
        damage(path.join(cacheFolder, name));
      }
      const other = await openSandbox({ workers: 1, layers, cacheFolder });
      assert.equal((await other.run(SQUARE, '    return x * x\n')).kind, 'passed');
      await other.close();
      assert.deepEqual(fs.readdirSync(mine), ['cache']);
      const [snapshot, ...others] = fs.readdirSync(cacheFolder);
      assert.deepEqual(others, []);
      assert.equal(isWholeSnapshot(path.join(cacheFolder, snapshot)), true);
    }
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    fs.rmSync(mine, { recursive: true });
  }
});

test('samples that wait for the same process keep their own verdicts, also when one of them ends it', {
  skip,
}, async () => {
  const bodies = [
    'return x * x',
    'import os; os._exit(0)',
    'return x',
    'return x * x',
    'while True: pass',
    'return x * x',
  ];
  const verdicts = await Promise.all(bodies.map((body) => sandbox.run(SQUARE, `    ${body}\n`)));
  assert.deepEqual(
    verdicts.map(({ kind }) => kind),
    ['passed', 'exception', 'wrong', 'passed', 'timeout', 'passed'],
  );
});

test('a sample that reads the channel empty does not see the one that waits behind it', { skip }, async () => {
  const greedy = '    import os\n    while os.read(100, 65536): pass\n    return 0\n';
  const bodies = [greedy, '    return x * x\n', greedy, '    return x\n'];
  const verdicts = await Promise.all(bodies.map((body) => sandbox.run(SQUARE, body)));
  assert.deepEqual(
    verdicts.map(({ kind }) => kind),
    ['wrong', 'passed', 'wrong', 'wrong'],
  );
});
