/** @file The event log: what is appended is read back, torn ends are survived, other damage is named. */
import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { RunEvent } from '../../src/runEvents.ts';
import {
  appendEventLine,
  closeEventLog,
  fromJsonText,
  openEventLog,
  readEvents,
  TAIL_START,
  tailEvents,
  toJsonText,
} from '../../src/trainer/events.ts';
import { stepEvent } from './runDirectoryFixture.ts';

function logFiles(t: TestContext): { log: string; discarded: string } {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'rgft-events-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return { log: path.join(folder, 'events.jsonl'), discarded: path.join(folder, 'discarded.jsonl') };
}

function write(files: { log: string; discarded: string }, events: readonly RunEvent[]): void {
  const { log } = openEventLog(files.log, files.discarded);
  for (const event of events) appendEventLine(log, event);
  closeEventLog(log);
}

test('numbers that are not finite survive JSON, and strings of that spelling stay strings', () => {
  const value = {
    numbers: [Number.NaN, Infinity, -Infinity, 0.1, 1e-320],
    strings: ['NaN', '~NaN', '~~-Infinity', 'Infinity', 'NaN!', '~', ''],
    nested: { loss: Number.NaN },
  };
  assert.deepEqual(fromJsonText(toJsonText(value)), value);
  assert.equal(toJsonText({ loss: Number.NaN }), '{"loss":"NaN"}');
});

test('a typed array is refused rather than stored as an object', () => {
  assert.throws(() => toJsonText({ shares: new Float64Array(2) }), { code: 'INTERNAL' });
});

test('events are read back as they were appended, one line each', (t) => {
  const files = logFiles(t);
  const events: RunEvent[] = [
    { type: 'started', step: 0, atMs: 5, method: 'rgft', totalSteps: 2, components: ['embed', '0.head.0'] },
    stepEvent(3),
    { type: 'evaluation', step: 3, loss: Infinity, accuracy: 0.5, tokens: 9, elapsedMs: 1 },
    { type: 'errorMap', step: 3, shares: [0.25, 0.75], measuredSteps: [3, -1] },
    { type: 'mask', step: 3, mask: [0, 1], lrScale: [1, 1.5], computeShare: 0.3 },
    { type: 'checkpoint', step: 3, bytes: 10, metric: null },
    { type: 'sample', step: 3, name: 'a', prompt: 'line\n"quoted" ü', completion: 'NaN' },
    { type: 'warning', step: 3, code: 'X', message: 'm' },
    { type: 'finished', step: 3, keptStep: 3, elapsedMs: 1, flops: 2, reason: 'completed' },
    { type: 'failed', step: 3, code: 'X', message: 'm' },
    { type: 'interrupted', step: 3, reason: 'signal' },
  ];
  write(files, events);
  assert.deepEqual(readEvents(files.log), { events, tornBytes: 0 });
  assert.equal(readFileSync(files.log, 'utf8').split('\n').length, events.length + 1);
});

test('a torn last line is left out by the reader, and cut off and kept aside when the log is opened', (t) => {
  const files = logFiles(t);
  write(files, [stepEvent(1), stepEvent(2)]);
  appendFileSync(files.log, '{"type":"st');
  const read = readEvents(files.log);
  assert.deepEqual([read.events.map(({ step }) => step), read.tornBytes], [[1, 2], 11]);
  write(files, [stepEvent(4)]);
  assert.deepEqual(
    readEvents(files.log).events.map(({ step }) => step),
    [1, 2, 4],
  );
  assert.equal(readFileSync(files.discarded, 'utf8'), '{"type":"st\n');
});

test('a log that is one torn line is empty', (t) => {
  const files = logFiles(t);
  writeFileSync(files.log, '{"type":"step","step":1');
  assert.deepEqual(readEvents(files.log), { events: [], tornBytes: 23 });
  write(files, [stepEvent(1)]);
  assert.equal(readEvents(files.log).events.length, 1);
});

test('opening cuts at the given byte, or at the line break before it, and keeps what it cuts', (t) => {
  const files = logFiles(t);
  write(files, [stepEvent(1), stepEvent(2), stepEvent(3)]);
  const lines = readFileSync(files.log, 'utf8').split('\n');
  const twoLines = lines[0].length + lines[1].length + 2;
  const { log, discardedBytes } = openEventLog(files.log, files.discarded, { keepBytes: twoLines + 5 });
  closeEventLog(log);
  assert.deepEqual([log.bytes, discardedBytes], [twoLines, lines[2].length + 1]);
  assert.equal(readFileSync(files.log, 'utf8'), `${lines[0]}\n${lines[1]}\n`);
  assert.equal(readFileSync(files.discarded, 'utf8'), `${lines[2]}\n`);
});

test('the event that is to follow is kept where it stands, else appended', (t) => {
  const files = logFiles(t);
  write(files, [stepEvent(1), stepEvent(2), stepEvent(3)]);
  const keepBytes = toJsonText(stepEvent(1)).length + 1;
  for (const [thenEvent, discarded] of [
    [stepEvent(2), [3]],
    [stepEvent(4), [3, 2]],
  ] as const) {
    closeEventLog(openEventLog(files.log, files.discarded, { keepBytes, thenEvent }).log);
    assert.deepEqual(readEvents(files.log).events, [stepEvent(1), thenEvent]);
    assert.deepEqual(
      readEvents(files.discarded).events.map(({ step }) => step),
      discarded,
    );
  }
});

test('opening a whole log cuts nothing', (t) => {
  const files = logFiles(t);
  write(files, [stepEvent(1)]);
  write(files, [stepEvent(2)]);
  assert.equal(readEvents(files.log).events.length, 2);
  assert.equal(existsSync(files.discarded), false);
});

test('any other broken line is RUN_CORRUPT with its number', (t) => {
  const files = logFiles(t);
  for (const [bad, line] of [
    ['{"type":"step","st\n', 2],
    ['\n', 2],
    ['\0\0\0\n', 2],
    ['{"type":"dance","step":1}\n', 2],
    ['{"type":"toString","step":1}\n', 2],
    ['{"type":"step"}\n', 2],
    ['null\n', 2],
  ] as const) {
    writeFileSync(files.log, `${toJsonText(stepEvent(1))}\n${bad}${toJsonText(stepEvent(2))}\n`);
    assert.throws(
      () => readEvents(files.log),
      (error: { code?: string; details?: { line: number } }) =>
        error.code === 'RUN_CORRUPT' && error.details?.line === line,
      bad,
    );
  }
});

test('a watcher gets each event once, and the torn one when it is whole', (t) => {
  const files = logFiles(t);
  assert.deepEqual(tailEvents(files.log), { events: [], cursor: TAIL_START, restarted: false });
  write(files, [stepEvent(1), stepEvent(2)]);
  let look = tailEvents(files.log);
  assert.deepEqual(
    look.events.map(({ step }) => step),
    [1, 2],
  );
  const line = toJsonText(stepEvent(3));
  appendFileSync(files.log, line.slice(0, 9));
  look = tailEvents(files.log, look.cursor);
  assert.deepEqual([look.events, look.restarted], [[], false]);
  appendFileSync(files.log, line.slice(9) + '\n');
  look = tailEvents(files.log, look.cursor);
  assert.deepEqual([look.events, look.restarted], [[stepEvent(3)], false]);
  assert.equal(look.cursor.line, 3);
});

test('a watcher starts over when a resumed run has cut the log, even if it has grown past the old end', (t) => {
  const files = logFiles(t);
  write(files, [stepEvent(1), stepEvent(2)]);
  const { cursor } = tailEvents(files.log);
  const firstLine = toJsonText(stepEvent(1)).length + 1;

  truncateSync(files.log, firstLine);
  let look = tailEvents(files.log, cursor);
  assert.deepEqual([look.restarted, look.events.map(({ step }) => step)], [true, [1]]);

  write(files, [{ ...stepEvent(2), tokens: 11 }, stepEvent(3)]);
  look = tailEvents(files.log, cursor);
  assert.deepEqual([look.restarted, look.events.map(({ step }) => step)], [true, [1, 2, 3]]);
});

test('a log larger than one read, and a line larger than one read, come back whole', (t) => {
  const files = logFiles(t);
  const long = 'x'.repeat(3 << 20);
  const events: RunEvent[] = Array.from({ length: 9000 }, (_, i) => stepEvent(i + 1));
  events.splice(5000, 0, { type: 'sample', step: 5000, name: 'long', prompt: long, completion: 'ü'.repeat(1000) });
  writeFileSync(files.log, events.map((event) => toJsonText(event) + '\n').join(''));
  assert.deepEqual(readEvents(files.log).events, events);
});

test('a full device makes appending fail with DISK_FULL', {
  skip: !existsSync('/dev/full') && 'needs /dev/full',
}, (t) => {
  const files = logFiles(t);
  const { log } = openEventLog('/dev/full', files.discarded);
  t.after(() => closeEventLog(log));
  assert.throws(() => appendEventLine(log, stepEvent(1)), { code: 'DISK_FULL' });
});
