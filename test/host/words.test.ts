/** @file Numbers, data reports and remedies as people read them, and what commands are called with. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { modelPathOf, runPathOf } from '../../src/host/arguments.ts';
import { type DataSummary, whatIsLearned, whatIsLeftOut, whereSecretsAre } from '../../src/host/dataReport.ts';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatLossChange,
  formatLossPercent,
  plainText,
} from '../../src/host/format.ts';
import type { ModelEntry } from '../../src/host/models.ts';
import { remediesFor } from '../../src/host/remedies.ts';

test('numbers are short and have units', () => {
  assert.deepEqual([0, 1023, 1536, 200 * 2 ** 20, 3 * 2 ** 30].map(formatBytes), [
    '0 B',
    '1023 B',
    '1.5 KB',
    '200 MB',
    '3.0 GB',
  ]);
  assert.deepEqual([400, 75_000, 900_000, 7_260_000].map(formatDuration), ['0 s', '1 min 15 s', '15 min', '2 h 1 min']);
  assert.deepEqual([999, 12_345, 4_984_064, 1.5e9].map(formatCount), ['999', '12.3 K', '5.0 M', '1.5 B']);
  assert.equal(formatLossChange(2, 1.5), '\u221225.0 % (2.000 \u2192 1.500)');
  assert.equal(formatLossChange(2, 2.5), '+25.0 % (2.000 \u2192 2.500)');
  assert.equal(formatLossChange(2, null), '2.000');
  assert.equal(formatLossChange(null, null), '');
  assert.equal(formatLossPercent(2, 1.5), '\u221225.0 %');
  assert.equal(formatLossPercent(2, null), '');
});

const data: DataSummary = {
  totals: { files: 12, lines: 400, tokens: 4000, rejected: 4 },
  languages: [
    { language: 'python', files: 9, tokens: 3000 },
    { language: 'typescript', files: 3, tokens: 1000 },
  ],
  rejected: [
    { reason: 'tooLarge', count: 3, files: [] },
    { reason: 'generated', count: 1, files: [] },
  ],
  secrets: [
    { path: 'a.py', line: 1 },
    { path: 'b.py', line: 3 },
    { path: 'b.py', line: 4 },
  ],
  split: { train: { files: 11, tokens: 3600 }, heldOut: { files: 1, tokens: 400 } },
  packing: { rows: 8 },
};

test('a data report is told in three lines', () => {
  assert.equal(whatIsLearned(data), '12 files, 4.0 K tokens: Python 75 %, TypeScript 25 %');
  assert.equal(whatIsLeftOut(data), '3 too large, 1 generated');
  assert.equal(whereSecretsAre(data), 'b.py (2), a.py');
});

test('every fault has a way out', () => {
  assert.deepEqual(remediesFor('DISK_FULL'), ['resume', 'deleteRun']);
  assert.deepEqual(remediesFor('MODEL_NOT_FOUND'), ['selectModel']);
  assert.deepEqual(remediesFor('WORKSPACE_UNTRUSTED'), ['trustWorkspace']);
  assert.deepEqual(remediesFor('SETTING_INVALID'), ['openSettings']);
  assert.deepEqual(remediesFor('NO_PERMISSION'), ['resume', 'openFolder']);
  assert.deepEqual(remediesFor('RUN_LOCKED'), ['showErrorMap']);
  assert.deepEqual(remediesFor('ANYTHING_ELSE'), ['showLog']);
});

test('a model is that of the entry in the view, a run of the other view, or a folder; from the palette there is none', () => {
  const entry: ModelEntry = {
    kind: 'folder',
    path: '/models/a',
    name: 'a',
    summary: '',
    description: '',
    problem: null,
  };
  assert.equal(modelPathOf(entry), '/models/a');
  assert.deepEqual(
    [modelPathOf('/w/.rgft/runs/one'), runPathOf('/w/.rgft/runs/one')],
    Array(2).fill('/w/.rgft/runs/one'),
  );
  for (const nothing of [undefined, null, {}, { path: 7 }]) {
    assert.deepEqual([modelPathOf(nothing), runPathOf(nothing)], [undefined, undefined]);
  }
});

test('a text of a file is no link in a notification', () => {
  // What VS Code makes links of: src/vs/base/common/linkedText.ts.
  const link = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/i;
  const hostile = 'a [click](command:rm) b [x](https://e.org "t") [](file:///etc) list[0](1)';
  assert.match(hostile, link);
  assert.doesNotMatch(plainText(hostile), link);
  assert.equal(plainText('run [1] (new)'), 'run [1] (new)');
});
