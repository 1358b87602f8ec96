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

test('a loop that cannot end is told early; one that could still end has all its time', { skip }, async () => {
  const patient = await openSandbox({ workers: 1, timeoutSeconds: 20, layers });
  try {
    const started = performance.now();
    for (const body of [
      '    while True:\n        x = x + 1\n',
      '    i = 0\n    text = ""\n    while i < x:\n        text += "a" * x\n    return text\n',
    ]) {
      const { kind, type } = await patient.run(SQUARE, body);
      assert.deepEqual([kind, type], ['timeout', 'TimeoutException']);
    }
    // Both together take less than half of one limit on the clock (20 s of CPython are 40 s here).
    assert.ok(performance.now() - started < 20_000);
    for (const body of [
      // ends by itself after the first looks at it
      '    n = 0\n    while n < 6000000:\n        n += 1\n    return x * x\n',
      // an exception that the caller catches ends it
      '    def g():\n        n = 0\n        while True:\n            n += 1\n            if n == 4000000: raise ValueError\n    try: g()\n    except ValueError: pass\n    return x * x\n',
      // a list in the condition is changed under another name
      '    a = [0] * 4000000\n    b = a\n    while len(a) > 0:\n        b.pop()\n    return x * x\n',
      // the end of an iterator ends the loop and the caller takes it for its own end
      '    it = iter(range(4000000))\n    def g(_):\n        while True:\n            next(it)\n    list(map(g, [1]))\n    return x * x\n',
    ]) {
      assert.equal((await patient.run(SQUARE, body)).kind, 'passed', body);
    }
  } finally {
    await patient.close();
  }
});
