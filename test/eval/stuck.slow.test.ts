import assert from 'node:assert/strict';
import { test } from 'node:test';
import { probeLayers } from '../../src/eval/layers.ts';
import type { Problem } from '../../src/eval/problems.ts';
import { openSandbox } from '../../src/eval/sandbox.ts';

const layers = probeLayers();
const skip = layers.osSandbox === 'none' ? 'this machine has no sandbox (bubblewrap on Linux)' : false;

const SQUARE: Problem = {
  taskId: 'T/0',
  prompt: 'def f(x):\n    """The square."""\n',
  entryPoint: 'f',
  canonicalSolution: '    return x * x\n',
  test: 'def check(candidate):\n    assert candidate(2) == 4\n    assert candidate(3) == 9\n',
};

test('a loop that cannot end is told early', { skip }, async () => {
  const patient = await openSandbox({ workers: 1, timeoutSeconds: 20, layers });
  try {
    const started = performance.now();
    for (const body of [
      '    while True:\n        x = x + 1\n',
      '    i = 0\n    text = ""\n    while i < x:\n        text += "a" * x\n    return text\n',
      // come back to a state in which they were
      '    while x:\n        x, x = x, x % 12\n    return x\n',
      '    a = [1, 2, 3]\n    i = 0\n    while a[i] < 9:\n        if a[i] > 3:\n            return i\n        i = (i + 1) % len(a)\n',
      '    text = "ab" * x\n    while text.startswith(("a", "b")):\n        text = text[1:] + text[0]\n    return text\n',
    ]) {
      const { kind, type } = await patient.run(SQUARE, body);
      assert.deepEqual([kind, type], ['timeout', 'TimeoutException']);
    }
    // All together take less than half of one limit on the clock (20 s of CPython are 40 s here).
    assert.ok(performance.now() - started < 20_000);
  } finally {
    await patient.close();
  }
});

test('a loop that could still end has all its time', { skip }, async () => {
  // The first look at a program comes after 0.2 s; the limit is far from what any takes on a busy machine.
  const sandbox = await openSandbox({ workers: 1, timeoutSeconds: 20, layers });
  try {
    for (const body of [
      // ends by itself after the first looks at it
      '    n = 0\n    while n < 3000000:\n        n += 1\n    return x * x\n',
      // an exception that the caller catches ends it
      '    def g():\n        n = 0\n        while True:\n            n += 1\n            if n == 3000000: raise ValueError\n    try: g()\n    except ValueError: pass\n    return x * x\n',
      // a list in the condition is changed under another name
      '    a = [0] * 4000000\n    b = a\n    while len(a) > 0:\n        b.pop()\n    return x * x\n',
      // the parameter of a function in the body has the name, and another value
      '    xs = [1] * 8\n    while xs:\n        ys = sorted(range(1, 60000), key=lambda xs: sum(range(3)) - xs)\n        xs.pop()\n    return x * x\n',
      // the end of an iterator ends the loop and the caller takes it for its own end
      '    it = iter(range(4000000))\n    def g(_):\n        while True:\n            next(it)\n    list(map(g, [1]))\n    return x * x\n',
      // the inner loop is in the same state again and again, the outer one is not
      '    for _ in range(1500000):\n        i = 0\n        while i < 3:\n            i += 1\n    return x * x\n',
      // what tells the turns apart is in a list, which an assignment or an operator changes
      '    k = [0]\n    i = 0\n    while k[0] < 3000000:\n        i = 1 - i\n        k[0] += 1\n    return x * x\n',
      '    k = []\n    i = 0\n    while len(k) < 3000000:\n        i = 1 - i\n        k += [0]\n    return x * x\n',
      '    k = [[]]\n    i = 0\n    while len(k[0]) < 2000000:\n        i = 1 - i\n        for row in k:\n            row += [0]\n    return x * x\n',
      // or in an iterator, a function, a name of the caller
      '    it = iter(range(3000000))\n    i = 0\n    while sum([1 for _ in zip(it, [0])]):\n        i = 1 - i\n    return x * x\n',
      '    n = 0\n    def count():\n        nonlocal n\n        n += 1\n        return n\n    i = 0\n    while count() < 2000000:\n        i = 1 - i\n    return x * x\n',
      // or is told by identity alone
      '    n = 10 ** 6\n    a = b = c = d = n\n    while a is n:\n        for _ in range(100):\n            sum(range(40000))\n        a, b, c, d = b, c, d, n + 0\n    return x * x\n',
      // another function of that name
      '    n = [0]\n    def abs(i):\n        n[0] += 1\n        return n[0]\n    i = 0\n    while abs(i) < 2000000:\n        i = 1 - i\n    return x * x\n',
    ]) {
      assert.equal((await sandbox.run(SQUARE, body)).kind, 'passed', body);
    }
  } finally {
    await sandbox.close();
  }
});
