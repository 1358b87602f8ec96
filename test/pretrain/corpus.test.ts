import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  cleanFile,
  corpusSources,
  languageOfPath,
  newDuplicateIndex,
  rejectDuplicate,
  stripHeader,
} from '../../src/pretrain/corpus.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const CODE = Array.from(
  { length: 12 },
  (_, index) => `def function_${'abcdefghijkl'[index]}(argument):\n    return argument + other_name\n`,
).join('\n');

test('Every package is permissively licensed, pinned and either trained on or held out', () => {
  const sources = corpusSources();
  assert.ok(sources.length > 100);
  for (const source of sources) {
    assert.match(source.sha256, /^[0-9a-f]{64}$/, source.name);
    assert.match(source.version, /\d/, source.name);
  }
  const names = sources.map(({ manager, name }) => `${manager}:${name}`);
  assert.equal(new Set(names).size, names.length);
  const heldout = (language: string) => sources.filter((one) => one.role === 'heldout' && one.language === language);
  assert.ok(heldout('python').length >= 6);
  assert.ok(heldout('typescript').length >= 4);
});

test('Licence headers, shebangs and coding lines go, doc comments stay', () => {
  assert.equal(
    stripHeader(
      '#!/usr/bin/python\n# -*- coding: utf-8 -*-\n# Copyright 2020 Somebody\n# MIT License\n\n"""Doc."""\nx = 1\n',
      'python',
    ),
    '"""Doc."""\nx = 1\n',
  );
  assert.equal(stripHeader('/** Adds. */\nexport const a = 1;\n', 'typescript'), '/** Adds. */\nexport const a = 1;\n');
  assert.equal(
    stripHeader('/*!\n * Copyright (c) X\n */\n// SPDX-License-Identifier: MIT\nexport {};\n', 'typescript'),
    'export {};\n',
  );
});

test('Cleaning normalises line ends and trailing spaces', () => {
  const cleaned = cleanFile(bytes(CODE.replaceAll('\n', '  \r\n')), 'python');
  assert.deepEqual(cleaned, { text: `${CODE.trim()}\n` });
});

test('Generated code, tables, foreign text, secrets and tiny files are left out', () => {
  const reason = (text: string) => {
    const cleaned = cleanFile(bytes(text), 'python');
    return 'rejected' in cleaned ? cleaned.rejected : undefined;
  };
  assert.equal(reason(CODE), undefined);
  assert.equal(reason('x = 1\n'), 'size');
  assert.equal(reason(`# This file was generated automatically by a tool. Do not edit.\n${CODE}`), 'generated');
  assert.equal(reason(`TABLE = [\n${'    ("name", 1, 2, 3),\n'.repeat(60)}]\n`), 'data-table');
  assert.equal(reason(CODE + '# Комментарий на другом языке, достаточно длинный\n'.repeat(3)), 'non-english');
  assert.equal(reason(`${CODE}x = "${'a b '.repeat(130)}"\n`), 'long-lines');
  assert.equal(
    reason(
      `${CODE}# -----BEGIN RSA ${'PRIVATE'} KEY-----\n# MIIEpAIBAAKCAQEA7bq3\n# -----END RSA ${'PRIVATE'} KEY-----\n`,
    ),
    'secret',
  );
});

test('A copy is a duplicate, a file of mostly known lines a near-duplicate', () => {
  const index = newDuplicateIndex();
  assert.equal(rejectDuplicate(CODE, index), undefined);
  assert.equal(rejectDuplicate(CODE.replaceAll('    ', '\t'), index), 'duplicate');
  assert.equal(rejectDuplicate(`${CODE}\nthis_line_is_new = another_thing\n`, index), 'near-duplicate');
});

test('The language follows from the extension', () => {
  assert.deepEqual(['a.py', 'a.ts', 'a.mts', 'a.tsx', 'a.js', 'a.mjs'].map(languageOfPath), [
    'python',
    'typescript',
    'typescript',
    'typescript',
    'javascript',
    'javascript',
  ]);
});
