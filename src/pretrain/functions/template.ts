/**
 * @file A small language for families of Python functions, and how one member is drawn from a family.
 *
 * ```
 * ## name|other_name                 names of the function, @variables allowed
 * (xs:ints, k:k) -> list[int]        parameters as key:kind (values.ts), result type
 * import math                        imports the bodies need
 * with op~word in > ~ greater than | < ~ less than
 * edge @xs => None|0                 a clause that half of the members get (edge!: all of them)
 * ex [1, 2], 3 ;; [4], 1             argument lists, where random ones would say little
 * = the sum of @xs                   documentation: = noun phrase, ? condition, . whole sentences
 * ---
 * return sum(@xs)                    bodies: @key parameter or variable, $local local name; one is drawn
 * ```
 * `<a|b|>` in documentation is a choice.
 */

import type { Draw } from './draw.ts';
import { drawArguments, isKind, type KindName, kindOf } from './values.ts';

interface TemplateParameter {
  readonly key: string;
  readonly kind: KindName;
  /** Python expression; the parameter is optional in the signature. */
  readonly fallback?: string;
}

interface TemplateEdge {
  readonly condition: string;
  readonly values: readonly string[];
  readonly required: boolean;
}

export interface Template {
  readonly names: readonly string[];
  readonly parameters: readonly TemplateParameter[];
  readonly returns: string;
  readonly imports: readonly string[];
  readonly variables: readonly { readonly keys: readonly string[]; readonly rows: readonly (readonly string[])[] }[];
  readonly edges: readonly TemplateEdge[];
  readonly examples: readonly string[];
  readonly docs: readonly string[];
  readonly bodies: readonly string[];
}

export interface SampleParameter {
  readonly name: string;
  readonly type: string;
  readonly noun: string;
  readonly fallback?: string;
}

/** One function before its examples are run. */
export interface FunctionSample {
  readonly name: string;
  readonly parameters: readonly SampleParameter[];
  /** Modern spelling, `list[int] | None`. */
  readonly returns: string;
  readonly imports: readonly string[];
  /** Sentences. */
  readonly doc: readonly string[];
  /** Statements without the function's own indentation. */
  readonly body: string;
  /** Argument lists to try. */
  readonly calls: readonly string[];
}

/** Reads the templates of `text`. Throws on the first line it does not understand: the text is part of the program. */
export function parseTemplates(text: string): Template[] {
  return text
    .split(/^## /m)
    .slice(1)
    .map((block) => {
      const [head, ...bodies] = block.split(/^---.*\n/m);
      const lines = head.split('\n').filter((line) => line.trim() !== '');
      const [names, signature, ...rest] = lines;
      const match = /^\((.*)\) -> (.+)$/.exec(signature ?? '');
      if (!match || bodies.length === 0) throw new Error(`Template "${names}" has no signature or no body.`);
      const parameters = match[1] === '' ? [] : match[1].split(/,\s*/).map((one) => parseParameter(one, names));
      const template = {
        names: names.split('|'),
        parameters,
        returns: match[2].trim(),
        imports: [] as string[],
        variables: [] as { keys: string[]; rows: string[][] }[],
        edges: [] as TemplateEdge[],
        examples: [] as string[],
        docs: [] as string[],
        bodies: bodies.map((body) => body.replace(/\s+$/, '')),
      };
      for (const line of rest) {
        if (/^(import|from) /.test(line)) template.imports.push(line);
        else if (line.startsWith('with ')) template.variables.push(parseVariables(line));
        else if (line.startsWith('edge')) template.edges.push(parseEdge(line));
        else if (line.startsWith('ex ')) template.examples.push(...line.slice(3).split(' ;; '));
        else if (/^[=?.] /.test(line)) template.docs.push(line);
        else throw new Error(`Template "${names}": cannot read the line "${line}".`);
      }
      if (template.docs.length === 0) throw new Error(`Template "${names}" has no documentation.`);
      return template;
    });
}

function parseParameter(text: string, names: string): TemplateParameter {
  const [key, rest] = text.split(':');
  const [kind, fallback] = (rest ?? '').split('=');
  if (!isKind(kind)) throw new Error(`Template "${names}": "${kind}" is not a kind of value.`);
  return { key, kind, fallback };
}

function parseVariables(line: string): { keys: string[]; rows: string[][] } {
  const text = line.slice(5);
  const at = text.indexOf(' in ');
  const [keys, values] = [text.slice(0, at), text.slice(at + 4)];
  const range = /^(\d+)\.\.(\d+)$/.exec(values.trim());
  if (range) {
    const [low, high] = [Number(range[1]), Number(range[2])];
    return { keys: [keys.trim()], rows: Array.from({ length: high - low + 1 }, (_, index) => [String(low + index)]) };
  }
  return {
    keys: keys.trim().split('~'),
    rows: values
      .trim()
      .split(' | ')
      .map((row) => row.split(' ~ ')),
  };
}

function parseEdge(line: string): TemplateEdge {
  const match = /^edge(!?) (.+) => (.+)$/.exec(line);
  if (!match) throw new Error(`Cannot read the clause "${line}".`);
  return { condition: match[2], values: match[3].split('|'), required: match[1] === '!' };
}

/** Expands `<a|b>` choices, innermost first. */
export function expandChoices(text: string, draw: Draw): string {
  let out = text;
  for (;;) {
    const next = out.replace(/<([^<>]*\|[^<>]*)>/, (_, options: string) => draw.pick(options.split('|')));
    if (next === out)
      return out
        .replace(/ {2,}/g, ' ')
        .replace(/ ([.,])/g, '$1')
        .trim();
    out = next;
  }
}

const LOCALS: Readonly<Record<string, readonly string[]>> = {
  x: ['x', 'n', 'num', 'value', 'number', 'item', 'v', 'element'],
  y: ['y', 'other', 'm'],
  i: ['i', 'i', 'i', 'idx', 'index', 'pos'],
  j: ['j', 'j', 'k', 'end'],
  c: ['c', 'ch', 'char', 'letter', 'c', 'character'],
  w: ['w', 'word', 'word', 'token', 'item', 's'],
  p: ['p', 'part', 'piece', 'chunk', 'field', 'item'],
  row: ['row', 'row', 'line', 'r'],
  key: ['key', 'k', 'key', 'name'],
  val: ['value', 'v', 'val', 'count'],
  total: ['total', 'result', 'acc', 'sum_', 'res', 'total'],
  count: ['count', 'cnt', 'count', 'total', 'num', 'result'],
  result: ['result', 'result', 'res', 'out', 'output', 'ans', 'ret'],
  best: ['best', 'best', 'result', 'current_best', 'winner'],
  seen: ['seen', 'seen', 'visited', 'found'],
  stack: ['stack', 'stack', 'pending', 'open_items'],
  counts: ['counts', 'freq', 'counter', 'frequency', 'occurrences'],
  groups: ['groups', 'result', 'grouped', 'buckets', 'out'],
  parts: ['parts', 'pieces', 'tokens', 'fields', 'items'],
  words: ['words', 'tokens', 'parts', 'pieces'],
  left: ['left', 'lo', 'low', 'start'],
  right: ['right', 'hi', 'high', 'end'],
  mid: ['mid', 'middle', 'mid'],
  rest: ['rest', 'remaining', 'n', 'left'],
  a: ['a', 'x', 'first'],
  b: ['b', 'y', 'second'],
  d: ['d', 'digit', 'd'],
  cur: ['current', 'cur', 'current', 'run'],
  prev: ['prev', 'previous', 'last', 'prev'],
};

const RESERVED = new Set(
  'len sum max min sorted list dict set str int float map filter any all range zip enumerate abs round pow divmod reversed type id input print bool tuple ord chr bin hex if in is or and not for def from as with pass return lambda class None True False'.split(
    ' ',
  ),
);

/** Replaces `@key` by its value and `$local` by a local name that clashes with nothing. */
function substitute(text: string, values: ReadonlyMap<string, string>): string {
  const once = (part: string) =>
    part.replace(/[@$]([a-z_][a-zA-Z0-9_]*)/g, (whole, key: string) => values.get(whole[0] + key) ?? whole);
  // Twice: a variable's value may itself speak of parameters and locals.
  return once(once(text));
}

const SHORT_NOUN: readonly (readonly [RegExp, string])[] = [
  [/^list/, 'list'],
  [/^str$/, 'string'],
  [/^dict/, 'dictionary'],
];

/** The last word of a phrase for "an empty …". */
function shortNoun(type: string): string {
  return SHORT_NOUN.find(([pattern]) => pattern.test(type))?.[1] ?? 'input';
}

export function emptyLiteral(type: string): string | undefined {
  if (type.startsWith('list')) return '[]';
  if (type === 'str') return "''";
  return type.startsWith('dict') ? '{}' : undefined;
}

/** Names that speak of no other member: "second_largest" is no name while the variable says "smallest". */
function fittingNames(template: Template, values: ReadonlyMap<string, string>): readonly string[] {
  const chosen = template.variables.flatMap(({ keys }) => keys.map((key) => values.get(`@${key}`) ?? ''));
  const others = template.variables
    .flatMap(({ rows }) => rows.flat())
    .filter((value) => /^[a-z_]{3,}$/.test(value) && !chosen.some((one) => one.includes(value)));
  const fitting = template.names.filter((name) => !others.some((value) => `_${name}_`.includes(`_${value}_`)));
  return fitting.length > 0 ? fitting : template.names;
}

/** Draws one member of the family. */
export function instantiate(template: Template, draw: Draw): FunctionSample {
  const values = new Map<string, string>();
  for (const { keys, rows } of template.variables) {
    const row = draw.pick(rows);
    keys.forEach((key, index) => {
      values.set(`@${key}`, row[index] ?? '');
    });
  }
  const name = [...values]
    .reduce((text, [key, value]) => text.replaceAll(key, value), draw.pick(fittingNames(template, values)))
    .replace(/[^a-zA-Z0-9_]+/g, '_');
  const rawBody = [...values]
    .filter(([key]) => template.variables.some(({ keys }) => keys.includes(key.slice(1))))
    .reduce(
      (text, [key, value]) => text.replaceAll(new RegExp(`${key}\\b`, 'g'), () => value),
      draw.pick(template.bodies),
    );
  // Names that the body writes out are not free.
  const spelled = rawBody.matchAll(/(?<![@$\w.])[a-z_]\w*/g);
  values.set('@self', name);
  const taken = new Set<string>([name, ...Array.from(spelled, ([word]) => word)]);
  const parameters = template.parameters.map(({ key, kind, fallback }) => {
    const { names, type, nouns } = kindOf(kind);
    // A key that is a word of its own is a suggestion for the name.
    const own = key.length > 2 && draw.chance(0.75) ? key : undefined;
    const free = names.filter((one) => !taken.has(one));
    const chosen = own && !taken.has(own) ? own : free.length > 0 ? draw.pick(free) : `${key}_value`;
    taken.add(chosen);
    values.set(`@${key}`, chosen);
    return { name: chosen, type, noun: draw.pick(nouns), fallback: fallback && substitute(fallback, values) };
  });
  for (const [, key] of rawBody.matchAll(/\$([a-z_][a-zA-Z0-9_]*)/g)) {
    if (values.has(`$${key}`)) continue;
    const pool = (LOCALS[key] ?? [key]).filter((one) => !taken.has(one) && !RESERVED.has(one));
    const chosen = pool.length > 0 ? draw.pick(pool) : `${key}_`;
    taken.add(chosen);
    values.set(`$${key}`, chosen);
  }
  let body = substitute(rawBody, values);
  let returns = substitute(template.returns, values);
  const mention = parameterMentions(template.parameters, parameters, values, draw);
  // Only the first mention is a long one.
  let docLine = expandChoices(draw.pick(template.docs), draw);
  for (const [key, text] of mention) {
    docLine = docLine.replace(new RegExp(`${key}(?![a-zA-Z0-9_])`), () => text);
  }
  const doc = documentation(substitute(docLine, values), parameters, returns, draw);
  const kinds = template.parameters.map(({ kind }) => kind);
  const calls =
    template.examples.length > 0
      ? draw.sample(template.examples, 6).map((example) => substitute(example, values))
      : Array.from({ length: 10 }, () => drawArguments(kinds, draw));
  for (const edge of template.edges) {
    if (!edge.required && !draw.chance(0.55)) continue;
    const value = draw.pick(edge.values);
    const condition = substitute(edge.condition, values);
    const first = parameters[0];
    const plainEmpty = condition === `not ${first.name}`;
    const shown = value
      .replace(/^"(.*)"$/, draw.pick(["'$1'", '"$1"']))
      .replace(/^(''|"")$/, draw.pick(['an empty string', '""']));
    if (plainEmpty) {
      const noun = shortNoun(first.type);
      doc.push(
        draw.pick([
          `If ${first.name} is empty, return ${shown}.`,
          `Return ${shown} if the ${noun} is empty.`,
          `Return ${shown} for an empty ${noun}.`,
          `If the ${noun} is empty, return ${shown}.`,
          `For an empty ${noun} the result is ${shown}.`,
          `An empty ${noun} gives ${shown}.`,
        ]),
      );
      const empty = emptyLiteral(first.type);
      if (empty)
        calls[0] = [empty, ...template.parameters.slice(1).map(({ kind }) => kindOf(kind).literal(draw))].join(', ');
    } else {
      doc.push(
        draw.pick([
          `If ${conditionText(condition)}, return ${shown}.`,
          `Return ${shown} if ${conditionText(condition)}.`,
        ]),
      );
    }
    const test = plainEmpty && draw.chance(0.25) ? `len(${first.name}) == 0` : condition;
    body = `if ${test}:\n    return ${value}\n${body}`;
    if (value === 'None' && !returns.includes('None')) returns = `${returns} | None`;
  }
  return { name, parameters, returns, imports: template.imports, doc, body, calls };
}

function conditionText(condition: string): string {
  return condition
    .replace(/^not (\w+)$/, '$1 is empty')
    .replace(/ <= 0$/, ' is not positive')
    .replace(/ < 0$/, ' is negative')
    .replace(/ == 0$/, ' is zero')
    .replace(/len\((\w+)\) < (\d+)/, '$1 has fewer than $2 elements')
    .replace(/ < /, ' is less than ')
    .replace(/ > /, ' is greater than ');
}

/** How the documentation speaks of each parameter: by name, or by its noun where that reads well. */
function parameterMentions(
  declared: readonly TemplateParameter[],
  parameters: readonly SampleParameter[],
  values: ReadonlyMap<string, string>,
  draw: Draw,
): Map<string, string> {
  const mention = new Map(values);
  const ticks = draw.chance(0.06) ? '`' : '';
  declared.forEach(({ key }, index) => {
    const { name, noun, type } = parameters[index];
    const sole = declared.filter((one) => one.kind === declared[index].kind).length === 1;
    const plain = `${ticks}${name}${ticks}`;
    const long = type !== 'int' && type !== 'float' && sole && index === 0;
    mention.set(
      `@${key}`,
      long
        ? draw.weighted([
            [5, plain],
            [2, `the ${noun} ${plain}`],
            [2, `the given ${noun}`],
            [1, `the ${shortNoun(type) === 'input' ? noun : shortNoun(type)}`],
            [2, article(noun)],
            [0.5, `the input ${shortNoun(type) === 'input' ? noun : shortNoun(type)}`],
          ])
        : plain,
    );
  });
  return mention;
}

export function article(noun: string): string {
  return `${/^([aeio]|8|hon|IS|IP)/.test(noun) ? 'an' : 'a'} ${noun}`;
}

/** "a list of integers numbers and an integer k" */
export function describeParameters(parameters: readonly SampleParameter[]): string {
  const parts = parameters.map(({ name, noun }) => `${article(noun)} ${name}`);
  return parts.length < 2 ? (parts[0] ?? 'nothing') : `${parts.slice(0, -1).join(', ')} and ${parts[parts.length - 1]}`;
}

const VERBS_VALUE = [
  'Return',
  'Return',
  'Return',
  'Returns',
  'Compute',
  'Find',
  'Get',
  'Calculate',
  'Determine',
  'Give',
];
const VERBS_OBJECT = [
  'Return',
  'Return',
  'Return',
  'Returns',
  'Build',
  'Get',
  'Create',
  'Produce',
  'Make',
  'Give back',
];

/** Sentences from `= noun phrase`, `? condition` or `. sentences`. */
export function documentation(
  line: string,
  parameters: readonly SampleParameter[],
  returns: string,
  draw: Draw,
): string[] {
  const text = line.slice(2).trim();
  const given = () => describeParameters(parameters);
  if (line.startsWith('=')) {
    const verbs = /^(list|dict|str|set|tuple)/.test(returns) ? VERBS_OBJECT : VERBS_VALUE;
    return [
      draw.weighted<() => string>([
        [10, () => `${draw.pick(verbs)} ${text}.`],
        [1.2, () => `Given ${given()}, return ${text}.`],
        [0.5, () => `You are given ${given()}. Return ${text}.`],
        [0.5, () => `Take ${given()} and return ${text}.`],
        [0.4, () => `This function returns ${text}.`],
        [0.3, () => `Write a function that returns ${text}.`],
        [0.4, () => `${text[0].toUpperCase()}${text.slice(1)}.`],
        [0.3, () => `Given ${given()}, find ${text}.`],
      ])(),
    ];
  }
  if (line.startsWith('?')) {
    return [
      draw.weighted<() => string>([
        [
          5,
          () =>
            `Return True if ${text}${draw.pick(['', '', ', False otherwise', ', otherwise False', ' and False otherwise', ', else False'])}.`,
        ],
        [2, () => `Check ${draw.pick(['if', 'whether', 'that'])} ${text}.`],
        [1.5, () => `Return whether ${text}.`],
        [1, () => `Determine ${draw.pick(['if', 'whether'])} ${text}.`],
        [0.7, () => `Returns True if ${text}${draw.pick(['', ', False otherwise'])}.`],
        [0.6, () => `Tell whether ${text}.`],
        [0.5, () => `Test whether ${text}.`],
        [0.5, () => `Given ${given()}, return True if ${text}.`],
        [0.5, () => `Given ${given()}, check if ${text}.`],
        [0.3, () => `True if ${text}.`],
      ])(),
    ];
  }
  return text.split(/(?<=\.) (?=[A-Z])/);
}
