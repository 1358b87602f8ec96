import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { probeLayers } from '../../src/eval/layers.ts';
import type { Problem } from '../../src/eval/problems.ts';
import { openSandbox, type Sandbox } from '../../src/eval/sandbox.ts';
import { hostileSamples } from './hostileSamples.ts';

const layers = probeLayers();
const skip = layers.osSandbox === 'none' ? 'this machine has no sandbox (bubblewrap on Linux)' : false;

/** One test value only, and an assertion last: whatever returns 4, or goes round the assertion, would pass. */
const SQUARE: Problem = {
  taskId: 'T/0',
  prompt: 'def f(x):\n',
  entryPoint: 'f',
  canonicalSolution: '    return x * x\n',
  test: 'def check(candidate):\n    assert candidate(3) == 9\n    assert candidate(2) == 4\n',
};
const RIGHT = '    return x * x\n';
const WRONG = '    return x * x + (x == 2)\n';

const outside = fs.mkdtempSync(path.join(os.tmpdir(), 'rgft-outside-'));
process.env['RGFT_SECRET'] = 'SECRET';
fs.writeFileSync(path.join(outside, 'secret'), 'SECRET');
let sandbox: Sandbox;
before(async () => {
  // One worker: whatever a sample leaves behind meets the next one.
  if (!skip) sandbox = await openSandbox({ workers: 1, timeoutSeconds: 0.4, memoryBytes: 256 * 2 ** 20, layers });
});
after(async () => {
  await sandbox?.close();
  fs.rmSync(outside, { recursive: true });
});

for (const { name, body, nativeOnly } of hostileSamples(outside)) {
  if (nativeOnly) continue;
  test(`${name}: does not pass, does nothing outside, changes nothing for the next`, { skip }, async () => {
    const { kind } = await sandbox.run(SQUARE, body);
    assert.notEqual(kind, 'passed');
    assert.deepEqual(fs.readdirSync(outside), ['secret']);
    assert.equal((await sandbox.run(SQUARE, WRONG)).kind, 'wrong');
    assert.equal((await sandbox.run(SQUARE, RIGHT)).kind, 'passed');
  });
}
