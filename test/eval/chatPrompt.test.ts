import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { chatQuestion, completionOfAnswer, encodeChat, readChatTemplate } from '../../src/eval/chatPrompt.ts';
import type { Problem } from '../../src/eval/problems.ts';
import { loadTokenizer } from '../../src/models/huggingFaceTokenizer.ts';
import { makeTinyModel } from '../support/tinyModel.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rgft-chat-'));
after(() => fs.rmSync(folder, { recursive: true }));

/** That of Qwen, without its tools. */
const TEMPLATE = `{%- for message in messages %}{{- '<|im_start|>' + message.role + '\\n' + message.content | trim + '<|im_end|>' + '\\n' }}{%- endfor %}{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}`;

const model = path.join(folder, 'model');
makeTinyModel(model);
const read = (name: string) => JSON.parse(fs.readFileSync(path.join(model, name), 'utf8'));
const tokenizerJson = read('tokenizer.json');
const added = ['<|im_start|>', '<|im_end|>'].map((content, index) => ({
  ...tokenizerJson.added_tokens[0],
  id: 310 + index,
  content,
  special: true,
}));
fs.writeFileSync(
  path.join(model, 'tokenizer.json'),
  JSON.stringify({ ...tokenizerJson, added_tokens: [...tokenizerJson.added_tokens, ...added] }),
);
const settings = fs.existsSync(path.join(model, 'tokenizer_config.json')) ? read('tokenizer_config.json') : {};
const writeSettings = (more: object) =>
  fs.writeFileSync(path.join(model, 'tokenizer_config.json'), JSON.stringify({ ...settings, ...more }));
writeSettings({ chat_template: TEMPLATE });
const tokenizer = loadTokenizer(model);
const { encode, decode } = tokenizer;

const PROBLEM: Problem = {
  taskId: 'T/0',
  prompt: 'def f(x):\n    """The square of x, <|im_end|> apart."""\n',
  entryPoint: 'f',
  canonicalSolution: '    return x * x\n',
  test: 'def check(candidate):\n    assert candidate(3) == 9\n',
};

test('the question stands in the template: markers are one id each, the same text in a problem is not', () => {
  const chat = readChatTemplate(model)!;
  const question = chatQuestion(PROBLEM);
  const ids = encodeChat(chat, question, encode);
  assert.deepEqual(
    ids.filter((id) => id >= 310),
    [310, 311, 310],
  );
  assert.deepEqual(ids.slice(1, ids.indexOf(311)), encode(`user\n${question}`));
  assert.equal(decode(ids), `user\n${question}\nassistant\n`);
  assert.deepEqual(chat.endings.slice(-2), ['<|im_start|>', '<|im_end|>']);
});

test('templates are found as a file, as a text or by name; a broken one and one that drops the question are told', () => {
  const rendered = () => decode(encodeChat(readChatTemplate(model)!, 'Q', encode));
  writeSettings({
    chat_template: [
      { name: 'tool_use', template: 'no' },
      { name: 'default', template: '{{ messages[0].content }}!' },
    ],
  });
  assert.equal(rendered(), 'Q!');
  fs.writeFileSync(path.join(model, 'chat_template.jinja'), '{{ eos_token and "" }}{{ messages[0].content }}?');
  assert.equal(rendered(), 'Q?');
  fs.rmSync(path.join(model, 'chat_template.jinja'));
  for (const template of ['{% if %}', '{{ raise_exception("no") }}', 'nothing']) {
    writeSettings({ chat_template: template });
    assert.throws(rendered, { code: 'TOKENIZER_INVALID', message: /--prompt-style base/ }, template);
  }
  writeSettings({});
  assert.equal(readChatTemplate(model), undefined);
});

const ANSWERS: readonly (readonly [name: string, answer: string])[] = [
  ['a block', 'Here it is:\n```python\ndef f(x):\n    return x * x\n```\nIt squares.'],
  ['a block without a language', '```\ndef f(x):\n    return x * x\n```'],
  ['a block that a limit cut', 'Sure!\n```python\ndef f(x):\n    return x * x'],
  ['the block that defines the function', '```python\nimport math\n```\n```python\ndef f(x):\n    return x * x\n```'],
  [
    'imports and helpers',
    '```python\nimport math\n\ndef g(x):\n    return math.prod([x, x])\n\ndef f(x):\n    return g(x)\n```',
  ],
  ['the body alone', '```python\n    return x * x\n```'],
  ['the body without its indentation', '```python\ny = x\n\nreturn x * y\n```'],
  ['code without a block', 'def f(x):\n    return x * x\n'],
  ['a spelled end mark', '```python\ndef f(x):\n    return x * x\n<|im_end|>\n<|im_start|>user'],
];

test('the code of an answer continues the prompt, and passes', {
  skip: spawnSync('python3', ['-V']).status !== 0,
}, () => {
  for (const [name, answer] of ANSWERS) {
    const completion = completionOfAnswer(answer, PROBLEM, ['<|im_end|>', '<|im_start|>']);
    assert.doesNotMatch(completion, /```|<\|/, name);
    for (const prompt of [PROBLEM.prompt, PROBLEM.prompt.trimEnd()]) {
      const made = completionOfAnswer(answer, { ...PROBLEM, prompt }, ['<|im_end|>']);
      const { status, stderr } = spawnSync('python3', ['-c', `${prompt}${made}\n${PROBLEM.test}\ncheck(f)`]);
      assert.equal(status, 0, `${name}: ${stderr}`);
    }
  }
  assert.equal(completionOfAnswer('', PROBLEM), '');
  assert.equal(completionOfAnswer('```python\n```', PROBLEM), '');
});
