import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { confine, probeLayers } from '../../src/eval/layers.ts';
import type { Problem } from '../../src/eval/problems.ts';
import { openSandbox, type Sandbox } from '../../src/eval/sandbox.ts';
import { SandboxProcess } from '../../src/eval/sandboxProcess.ts';
import { hostileSamples } from './hostileSamples.ts';

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
after(() => fs.rmSync(outside, { recursive: true }));

for (const kindOfSandbox of ['bubblewrap', 'unshare'] as const) {
  const layers = probeLayers([kindOfSandbox]);
  const skip = layers.osSandbox === 'none' ? `this machine has no ${kindOfSandbox}` : false;
  let sandbox: Sandbox;
  before(async () => {
    // One worker: whatever a sample leaves behind meets the next one.
    if (!skip) sandbox = await openSandbox({ workers: 1, timeoutSeconds: 0.4, memoryBytes: 256 * 2 ** 20, layers });
  });
  after(() => sandbox?.close());

  for (const { name, body, nativeOnly } of hostileSamples(outside)) {
    if (nativeOnly) continue;
    test(`${name}, behind ${kindOfSandbox}: does not pass, does nothing outside, changes nothing for the next`, {
      skip,
    }, async () => {
      const { kind } = await sandbox.run(SQUARE, body);
      assert.notEqual(kind, 'passed');
      assert.deepEqual(fs.readdirSync(outside), ['secret']);
      assert.equal((await sandbox.run(SQUARE, WRONG)).kind, 'wrong');
      assert.equal((await sandbox.run(SQUARE, RIGHT)).kind, 'passed');
    });
  }
}

const layers = probeLayers(['unshare']);
test('behind unshare there is no network, no file of the user, no right and no new namespace', {
  skip: layers.osSandbox === 'none' && 'this machine has no unshare',
}, () => {
  const folder = fs.mkdtempSync(path.join(outside, 'root-'));
  const shown = path.join(outside, 'secret');
  // Each line that is printed is something that should not work; at the end comes what should.
  const script = `
    ls -d /root /home /etc/passwd ${outside}/root-* 2> /dev/null
    for place in /x /usr/x ${shown} /dev/x; do (: > $place) 2> /dev/null && echo writes $place; done
    mount -t tmpfs none /tmp 2> /dev/null && echo mounts
    umount /usr 2> /dev/null && echo unmounts
    unshare --user true 2> /dev/null && echo unshares
    hostname other 2> /dev/null && echo renames
    chroot /usr true 2> /dev/null && echo changes its root
    (exec 3<> /dev/tcp/127.0.0.1/22) 2> /dev/null && echo connects
    kill -9 1 2> /dev/null; kill -0 ${process.pid} 2> /dev/null && echo sees processes
    ls /proc 2> /dev/null
    [ -z "$RGFT_SECRET" ] || echo knows the environment
    : > /tmp/y && cat ${shown} && echo && pwd && ls -A /tmp`;
  const { command, args, cwd } = confine(layers, {
    ...{ program: '/bin/bash', args: ['-c', script], readable: [shown], env: {} },
    ...{ dataBytes: 2 ** 30, folder },
  });
  const { stdout, stderr, status } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  assert.equal(stdout, `SECRET\n/tmp\n${path.basename(outside)}\ny\n`, stderr);
  assert.equal(status, 0);
  assert.deepEqual(fs.readdirSync(folder), [], 'the root was mounted in there and for it alone');
});

test('what is started behind unshare ends with it', {
  skip: layers.osSandbox === 'none' && 'this machine has no unshare',
}, async () => {
  // A process that leaves the group and ignores signals, and its parent.
  const mark = `rgft-mark-${process.pid}`;
  const script = `setsid bash -c 'trap "" TERM INT HUP; exec -a ${mark} sleep 1000' & echo "{}"; wait`;
  const sandboxed = new SandboxProcess(layers, {
    ...{ program: '/bin/bash', args: ['-c', script], readable: [], env: {}, dataBytes: 2 ** 30 },
  });
  const isThere = () => spawnSync('pgrep', ['-f', `^${mark} 1000`]).status === 0;
  const becomes = async (there: boolean) => {
    const until = performance.now() + 20_000;
    while (isThere() !== there && performance.now() < until) await turn();
    return isThere() === there;
  };
  assert.ok('line' in (await sandboxed.answer(20_000)));
  assert.ok(await becomes(true), 'it has started');
  await sandboxed.kill();
  assert.ok(await becomes(false), 'it is gone');
});

test('a Python of the user is refused where its processes could not be limited', {
  skip: layers.osSandbox === 'none' && 'this machine has no unshare',
}, async () => {
  await assert.rejects(openSandbox({ layers, python: 'python3' }), /Install bubblewrap/);
});
