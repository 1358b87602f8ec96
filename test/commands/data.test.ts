import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printable, runDataCommand, visibleText } from '../../src/commands/data.ts';
import { BYTE_EOS, BYTE_FIM, byteTokenizer } from '../support/byteTokenizer.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const tokenizer = byteTokenizer();

test('the report counts files, tokens by language, rejections, secrets and the split, and survives JSON', async (t) => {
  const secret = `${'gh'}p_Q7w9Zb2Kx4Lm8Np3Rt6Vy1Cd5Fg0HjabcdEF`;
  const body = (name: string) => `def ${name}(x):\n    return x + 1\n\n\n`.repeat(3);
  const folder = temporaryFolder(t, {
    'a.py': body('a'),
    'b.py': `${body('bb')}key = "${secret}"\n`,
    'c.js': 'function c(x) { return x; }\n'.repeat(4),
    'copy.py': body('a'),
    'n.md': '# n\n',
    'n2.md': '# n\n',
  });
  const { report, text } = await runDataCommand({ folders: [folder], tokenizer, examples: { fimRate: 0 } });
  assert.deepEqual(JSON.parse(JSON.stringify(report)), report);
  assert.deepEqual(
    report.languages.map(({ language, files, tokens }) => ({ language, files, tokens })),
    [
      { language: 'python', files: 2, tokens: 3 * 29 + 3 * 30 + 2 },
      { language: 'javascript', files: 1, tokens: 4 * 28 + 1 },
    ],
  );
  assert.deepEqual(
    report.rejected.map(({ reason, count, files }) => [reason, count, files.map(({ path }) => path)]),
    [
      ['notCode', 2, ['n.md', 'n2.md']],
      ['duplicate', 1, ['copy.py']],
    ],
  );
  assert.deepEqual(report.secrets, [{ path: 'b.py', line: 13, kind: 'github-token', action: 'lineLeftOut' }]);
  assert.equal(report.split.train.files + report.split.heldOut.files, 3);
  assert.ok(report.split.heldOut.files >= 1);
  assert.equal(report.problem, undefined);
  assert.match(text, /b\.py:13: github-token, the line is left out/);
  assert.match(text, /copy\.py: The same as another file: "a\.py"\./);
  assert.ok(!`${text}${JSON.stringify(report)}`.includes(secret));
});

test('a folder without code is reported with its reasons and the problem', async (t) => {
  const folder = temporaryFolder(t, { 'n.md': '# n\n' });
  const { report, text } = await runDataCommand({ folders: [folder], tokenizer });
  assert.equal(report.problem?.code, 'FOLDER_EMPTY');
  assert.match(text, /n\.md: Not a programming language: the extension "\.md"\./);
  const tiny = temporaryFolder(t, { 'a.py': 'x = 1\n' });
  assert.equal((await runDataCommand({ folders: [tiny], tokenizer })).report.problem?.code, 'TOO_LITTLE_CODE');
});

test('long lists are cut unless everything is asked for', async (t) => {
  const folder = temporaryFolder(t, Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`${i}.md`, 'x'])));
  const short = (await runDataCommand({ folders: [folder], tokenizer })).text;
  const long = (await runDataCommand({ folders: [folder], tokenizer, verbose: true })).text;
  assert.match(short, /… 6 more \(--verbose\)/);
  assert.ok(!short.includes('8.md') && long.includes('8.md'));
});

test('a file name cannot steer the terminal', { skip: process.platform === 'win32' }, async (t) => {
  const folder = temporaryFolder(t, {
    'a\u001b[31m\n\u202Egnp.py': `x = "\u001b]0;title\u0007"\n${'y = 1\n'.repeat(30)}`,
  });
  const { text } = await runDataCommand({ folders: [folder], tokenizer, verbose: true });
  for (const sign of ['\u001b', '\u0007', '\u202e']) assert.ok(!text.includes(sign));
  assert.equal(printable('a\u001b\tb\n'), 'a\\u{1b}\tb\\u{a}');
});

test('special tokens are shown by name', () => {
  const ids = [BYTE_FIM.prefix, 97, BYTE_FIM.suffix, 99, 10, BYTE_FIM.middle, 98, BYTE_EOS];
  assert.equal(visibleText(Int32Array.from(ids), tokenizer), '⟨prefix⟩a⟨suffix⟩c\n⟨middle⟩b⟨end⟩');
});
