/**
 * @file Problems for instruct models: the question goes through the model's own chat template, and the code is taken out
 * of the answer.
 *
 * Markers of the template (`<|im_start|>`) become their ids; the same text in a problem does not. The sample stays in
 * the official format, a continuation of the prompt, so any harness can score it.
 */
import fs from 'node:fs';
import path from 'node:path';
import { Template } from '@huggingface/jinja';
import { FineTuneError } from '../errors.ts';
import type { Problem } from './problems.ts';

export interface ChatTemplate {
  readonly template: Template;
  /** Texts that stand for one token each. */
  readonly markers: ReadonlyMap<string, number>;
  /** Texts of tokens that no code contains; an answer ends before one that is spelled out. */
  readonly endings: readonly string[];
  /** What templates may name: bos_token, eos_token and others. */
  readonly tokens: Readonly<Record<string, string>>;
}

type Json = Readonly<Record<string, unknown>>;

/**
 * The chat template of a model folder (chat_template.jinja, or chat_template of tokenizer_config.json; the one named
 * `default` where there are several); undefined where the model has none.
 *
 * @throws TOKENIZER_INVALID for a template that cannot be read
 */
export function readChatTemplate(folder: string): ChatTemplate | undefined {
  const settings = readJson(path.join(folder, 'tokenizer_config.json'));
  const source = templateSource(folder, settings);
  if (source === undefined) return undefined;
  const special = readJson(path.join(folder, 'special_tokens_map.json'));
  const tokens: Record<string, string> = {};
  for (const [key, value] of [...Object.entries(special), ...Object.entries(settings)]) {
    const text = typeof value === 'string' ? value : (value as Json | null)?.content;
    if (key.endsWith('_token') && typeof text === 'string') tokens[key] = text;
  }
  try {
    const markers = readMarkers(folder, settings);
    // Added tokens may be ordinary text too (runs of spaces): only the end of text and what is written like <|this|> ends.
    const endings = [...markers.keys()].filter((text) => /^<[|｜].+[|｜]>$/.test(text) || text === tokens.eos_token);
    return { template: new Template(source), markers, endings, tokens };
  } catch (error) {
    throw templateInvalid(error);
  }
}

/** The question that a problem is put in. The prompt is given whole, its last newline apart. */
export function chatQuestion({ prompt }: Pick<Problem, 'prompt'>): string {
  return `Please provide a self-contained Python script that solves the following problem in a markdown code block:\n\`\`\`python\n${prompt.trimEnd()}\n\`\`\``;
}

/**
 * Token ids of a question in the chat template, up to where the answer begins.
 *
 * @param encode text to ids, without any marker
 * @throws TOKENIZER_INVALID for a template that fails
 */
export function encodeChat(
  { template, markers, tokens }: ChatTemplate,
  question: string,
  encode: (text: string) => readonly number[],
): number[] {
  // A stand-in for the question, so that the markers of the template can be told from text that only looks like them.
  const standIn = 'QUESTION\u{f0000}OF\u{f0000}THE\u{f0000}USER';
  let rendered: string;
  try {
    const messages = [{ role: 'user', content: standIn }];
    rendered = template.render({ ...tokens, messages, add_generation_prompt: true });
  } catch (error) {
    throw templateInvalid(error);
  }
  const parts = rendered.split(standIn);
  if (parts.length < 2) throw templateInvalid(new Error('it leaves the question out'));
  const names = [...markers.keys()].filter((name) => name !== '').sort((a, b) => b.length - a.length);
  const marker = new RegExp(
    `(${names.map((name) => name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|') || '(?!)'})`,
  );
  const ids: number[] = [];
  let text = '';
  const flush = () => {
    if (text !== '') ids.push(...encode(text));
    text = '';
  };
  parts.forEach((part, index) => {
    if (index > 0) text += question;
    for (const piece of part.split(marker)) {
      const id = markers.get(piece);
      if (id === undefined) {
        text += piece;
        continue;
      }
      flush();
      ids.push(id);
    }
  });
  flush();
  return ids;
}

/**
 * The code of an answer as a continuation of the prompt. A block that defines the function follows the prompt's own
 * unfinished one, which it replaces; a block that is only the body finishes it.
 *
 * @param endings texts of special tokens: an answer ends before the first that is spelled out in it
 */
export function completionOfAnswer(answer: string, problem: Problem, endings: readonly string[] = []): string {
  const { prompt, entryPoint } = problem;
  const code = codeOfAnswer(upToEnding(answer, endings), entryPoint);
  if (code.trim() === '') return '';
  const lastLine = prompt.trimEnd().split('\n').at(-1) ?? '';
  const indent = /^[ \t]+/.exec(lastLine)?.[0] ?? '    ';
  const lineBefore = prompt.endsWith('\n') ? '' : '\n';
  if (defines(code, entryPoint)) return `${lineBefore}${indent}pass\n\n\n${code}`;
  const isIndented = code.split('\n').every((line) => line.trim() === '' || /^[ \t]/.test(line));
  const body = isIndented ? code : code.replace(/^(?=.*\S)/gm, indent);
  return `${lineBefore}${body}`;
}

function upToEnding(answer: string, endings: readonly string[]): string {
  const places = endings.map((ending) => answer.indexOf(ending)).filter((place) => place >= 0);
  return answer.slice(0, Math.min(answer.length, ...places));
}

/** The first fenced block that defines the function, else the first block, else the answer itself. */
function codeOfAnswer(answer: string, entryPoint: string): string {
  const blocks: string[] = [];
  let open: { fence: string; lines: string[] } | undefined;
  for (const line of answer.split('\n')) {
    const fence = /^\s*(`{3,}|~{3,})\s*([\w+-]*)\s*$/.exec(line);
    if (open === undefined) {
      if (fence) open = { fence: fence[1], lines: [] };
    } else if (fence && fence[2] === '' && fence[1].startsWith(open.fence)) {
      blocks.push(open.lines.join('\n'));
      open = undefined;
    } else open.lines.push(line);
  }
  // An answer that met the limit of tokens ends inside its block.
  if (open) blocks.push(open.lines.join('\n'));
  const block = blocks.find((each) => defines(each, entryPoint)) ?? blocks[0] ?? answer;
  return block === '' || block.endsWith('\n') ? block : `${block}\n`;
}

function defines(code: string, entryPoint: string): boolean {
  return new RegExp(`^(async )?def ${entryPoint}\\b`, 'm').test(code);
}

function templateSource(folder: string, settings: Json): string | undefined {
  const file = path.join(folder, 'chat_template.jinja');
  if (fs.existsSync(file)) return fs.readFileSync(file, 'utf8');
  const { chat_template: found } = settings;
  if (!Array.isArray(found)) return typeof found === 'string' ? found : undefined;
  const named = found as readonly Json[];
  const chosen = named.find(({ name }) => name === 'default') ?? named[0];
  return typeof chosen?.template === 'string' ? chosen.template : undefined;
}

function readMarkers(folder: string, settings: Json): Map<string, number> {
  const markers = new Map<string, number>();
  const add = (content: unknown, id: unknown) => {
    if (typeof content === 'string' && Number.isSafeInteger(id)) markers.set(content, id as number);
  };
  const listed = readJson(path.join(folder, 'tokenizer.json')).added_tokens;
  for (const { content, id } of (Array.isArray(listed) ? listed : []) as readonly Json[]) add(content, id);
  for (const [id, entry] of Object.entries((settings.added_tokens_decoder ?? {}) as Json)) {
    add((entry as Json | null)?.content, Number(id));
  }
  return markers;
}

function readJson(file: string): Json {
  if (!fs.existsSync(file)) return {};
  try {
    const value: unknown = JSON.parse(fs.readFileSync(file, 'utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
    throw new Error('it is no JSON object');
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    throw new FineTuneError(
      'TOKENIZER_INVALID',
      `${file}: ${found}. Fetch the file again.`,
      { file },
      { cause: error },
    );
  }
}

function templateInvalid(error: unknown): FineTuneError {
  const found = error instanceof Error ? error.message : String(error);
  return new FineTuneError(
    'TOKENIZER_INVALID',
    `The model's chat template cannot be used: ${found}. Fetch tokenizer_config.json again, or evaluate with --prompt-style base.`,
    { found },
    { cause: error },
  );
}
