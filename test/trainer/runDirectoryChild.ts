/** @file A process for the run directory's tests to race against and to kill. Usage: node child.mjs <train|lock|exit> <folder> */
import { existsSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { FineTuneError } from '../../src/errors.ts';
import { appendEvent, createRun, openRun, writeCheckpoint } from '../../src/trainer/runDirectory.ts';
import type { RunLock } from '../../src/trainer/runLock.ts';
import { acquireLock, releaseLock } from '../../src/trainer/runLock.ts';
import { blobsOf, description, stepEvent } from './runDirectoryFixture.ts';

const [mode, folder] = process.argv.slice(2);
/** Synchronous, so that a line that the parent has read says what was true before it. */
const say = (line: string) => writeSync(1, line + '\n');

/** Trains for ever: an event for each step, a checkpoint after each; says when each part and each checkpoint is done. */
async function train(): Promise<void> {
  const isResumed = existsSync(`${folder}/run.json`);
  const opened = isResumed ? await openRun(folder) : { run: createRun(folder, description), checkpoint: null };
  for (let step = (opened.checkpoint?.step ?? 0) + 1; ; step++) {
    appendEvent(opened.run, stepEvent(step));
    const announced = blobsOf(step).map(({ name, byteLength, parts }) => ({
      name,
      byteLength,
      parts: (function* () {
        let index = 0;
        for (const part of parts as Iterable<Uint8Array>) {
          yield part;
          say(`part ${name} ${index++}`);
        }
      })(),
    }));
    await writeCheckpoint(opened.run, step, announced, { step }, { metric: 1 / step });
    say(`done ${step}`);
  }
}

/** On "go <folder>" tries to lock it and says how that went; on "release" gives it back. */
async function lockOnRequest(): Promise<void> {
  let lock: RunLock | null = null;
  say('ready');
  for await (const line of createInterface({ input: process.stdin })) {
    const [command, target] = line.split(' ');
    if (command === 'go') {
      try {
        lock = acquireLock(target);
        say('locked');
      } catch (error) {
        say(error instanceof FineTuneError ? error.code : String(error));
      }
    } else {
      if (lock) releaseLock(lock);
      lock = null;
      say('released');
    }
  }
}

if (mode === 'train') await train();
if (mode === 'lock') await lockOnRequest();
if (mode === 'exit') {
  acquireLock(folder);
  process.exit(0);
}
