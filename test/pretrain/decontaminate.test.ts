import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { createDecontaminator, findOverlap, indexProblems, readProblems } from '../../src/pretrain/decontaminate.ts';

const PROBLEM = {
  task_id: 'T/1',
  prompt:
    'def weave(a, b):\n    """Braid the ribbons a and b over one wooden frame and count every crossing twice."""\n',
  canonical_solution: '    crossing = sum(zip_ribbons(a, frame) for ribbon in reversed(b))\n    return crossing\n',
};

test('Ten words in a row are an overlap whatever stands between them', () => {
  const index = indexProblems([PROBLEM]);
  const text = 'x = 1\n# braid the ribbons a and b\n#   over one wooden frame, and count\n';
  assert.deepEqual(findOverlap(text, index), {
    task: 'T/1',
    run: 'braid the ribbons a and b over one wooden frame',
    kind: 'words',
  });
  assert.equal(findOverlap('# braid the ribbons a and b over one frame\n', index), undefined);
});

test('Fifty characters in a row are an overlap whatever the white space', () => {
  const solution = 'interlacedCrossings = measureEveryWoodenFrameSeparately(allRibbons)\n';
  const index = indexProblems([{ ...PROBLEM, canonical_solution: solution }]);
  const copied = 'InterlacedCrossings=measureEveryWoodenFrameSeparately(\n  allRibbons)';
  assert.equal(findOverlap(copied, index)?.kind, 'characters');
  assert.equal(findOverlap(copied.slice(0, 45), index), undefined);
});

test('Runs of numbers are nobody’s text', () => {
  const numbers = Array.from({ length: 60 }, (_, index) => index).join(', ');
  const index = indexProblems([{ ...PROBLEM, canonical_solution: `    return [${numbers}]\n` }]);
  assert.equal(findOverlap(`VALUES = (${numbers})`, index), undefined);
});

test('Dropped documents are counted by source, from plain and gzipped problem files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'decontaminate-'));
  const line = `${JSON.stringify(PROBLEM)}\n`;
  writeFileSync(join(folder, 'a.jsonl'), line);
  writeFileSync(join(folder, 'b.jsonl.gz'), gzipSync(line));
  assert.deepEqual(readProblems(join(folder, 'b.jsonl.gz')), [PROBLEM]);
  const filter = createDecontaminator([join(folder, 'a.jsonl')]);
  const document = (text: string) => ({ source: 'made', path: 'a.py', language: 'python' as const, text });
  assert.equal(filter.accept(document('y = 2\n')), true);
  assert.equal(filter.accept(document(PROBLEM.prompt)), false);
  const report = filter.report();
  assert.deepEqual(
    [report.documents, report.dropped, report.droppedBySource, report.tasks, report.problemFiles],
    [2, 1, { made: 1 }, ['T/1'], ['a.jsonl']],
  );
});
