/** @file From a function whose examples are known to Python text in one of many house styles. */

import type { Draw } from './draw.ts';
import { describeParameters, type FunctionSample } from './template.ts';

/** What stays the same within one file. */
export interface HouseStyle {
  readonly annotations: 'typing' | 'builtin' | 'bare' | 'none';
  readonly docstring: 'sameLine' | 'sameLineSpace' | 'nextLine' | 'none';
  readonly examples: 'doctest' | 'doctestHeading' | 'arrow' | 'equals' | 'none';
  readonly blankBeforeExamples: boolean;
  readonly blankBetweenExamples: boolean;
  readonly exampleCount: number;
  readonly sections: boolean;
  readonly singleQuotes: boolean;
  readonly tripleSingle: boolean;
  /** Strings in the example calls in double quotes; results stay as Python prints them. */
  readonly doubleQuotedCalls: boolean;
}

export function drawStyle(draw: Draw): HouseStyle {
  return {
    annotations: draw.weighted([
      [4, 'typing'],
      [4, 'builtin'],
      [0.8, 'bare'],
      [2.2, 'none'],
    ]),
    docstring: draw.weighted([
      [5, 'sameLine'],
      [2.5, 'sameLineSpace'],
      [2.5, 'nextLine'],
      [0.4, 'none'],
    ]),
    examples: draw.weighted([
      [8, 'doctest'],
      [1, 'doctestHeading'],
      [0.4, 'arrow'],
      [0.3, 'equals'],
      [1, 'none'],
    ]),
    blankBeforeExamples: draw.chance(0.6),
    blankBetweenExamples: draw.chance(0.08),
    exampleCount: draw.weighted([
      [1.5, 1],
      [5, 2],
      [4, 3],
      [1, 4],
    ]),
    sections: draw.chance(0.07),
    singleQuotes: draw.chance(0.35),
    tripleSingle: draw.chance(0.02),
    doubleQuotedCalls: draw.chance(0.45),
  };
}

/** Rewrites a modern annotation to `typing` names and collects them. */
export function typingSpelling(type: string, used: Set<string>): string {
  const optional = /^(.*) \| None$/.exec(type);
  if (optional) {
    used.add('Optional');
    return `Optional[${typingSpelling(optional[1], used)}]`;
  }
  return type.replace(/\b(list|dict|tuple|set)\b/g, (word) => {
    const name = word[0].toUpperCase() + word.slice(1);
    used.add(name);
    return name;
  });
}

export function signatureLine(sample: FunctionSample, style: HouseStyle, typing: Set<string>): string {
  const annotate = (type: string) => {
    if (style.annotations === 'typing') return typingSpelling(type, typing);
    return style.annotations === 'bare' ? type.replace(/\[.*\]/g, '') : type;
  };
  const parameters = sample.parameters.map(({ name, type, fallback }) => {
    if (style.annotations === 'none') return fallback ? `${name}=${fallback}` : name;
    return fallback ? `${name}: ${annotate(type)} = ${fallback}` : `${name}: ${annotate(type)}`;
  });
  const result = style.annotations === 'none' ? '' : ` -> ${annotate(sample.returns)}`;
  return `def ${sample.name}(${parameters.join(', ')})${result}:`;
}

/** Breaks `text` into lines of at most `width` characters. */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line ? `${line} ${word}` : word;
  }
  if (line) lines.push(line);
  return lines;
}

const indent = (text: string) => text.replace(/^(?=.)/gm, '    ');

/** Chooses which calls to show: different results first, short ones, the order of drawing otherwise kept. */
export function chooseExamples(
  calls: readonly string[],
  out: readonly (string | null)[],
  count: number,
): { call: string; result: string }[] {
  const usable = calls
    .map((call, index) => ({ call, result: out[index] }))
    .filter(
      (one): one is { call: string; result: string } =>
        one.result !== null &&
        one.result.length <= 110 &&
        one.call.length <= 110 &&
        !/ at 0x|\d\.\d{7,}|\d{13,}|e[+-]\d\d/.test(one.result),
    );
  const unique = usable.filter((one, index) => usable.findIndex((other) => other.call === one.call) === index);
  const results = new Map<string, number>();
  const rank = unique.map((one) => {
    const seen = results.get(one.result) ?? 0;
    results.set(one.result, seen + 1);
    return { one, key: seen * 1000 + (one.call.length + one.result.length > 70 ? 400 : 0) };
  });
  const chosen = new Set(
    [...rank]
      .sort((a, b) => a.key - b.key)
      .slice(0, count)
      .map(({ one }) => one),
  );
  return unique.filter((one) => chosen.has(one));
}

/** Text of one function, or undefined when too few examples worked. */
export function renderFunction(
  sample: FunctionSample,
  out: readonly (string | null)[],
  style: HouseStyle,
  draw: Draw,
  typing: Set<string>,
): string | undefined {
  const examples = chooseExamples(sample.calls, out, style.exampleCount);
  if (examples.length === 0 || out.filter((one) => one !== null).length < 2) return undefined;
  // A function whose examples all give nothing teaches little: most of them are left out.
  if (new Set(out.filter((one) => one !== null)).size === 1 && draw.chance(0.75)) return undefined;
  const lines = docLines(sample, examples, style, draw);
  const quotes = style.tripleSingle ? "'''" : '"""';
  let docstring = '';
  if (style.docstring !== 'none') {
    const opening =
      style.docstring === 'nextLine'
        ? `${quotes}\n${lines[0]}`
        : `${quotes}${style.docstring === 'sameLineSpace' ? ' ' : ''}${lines[0]}`;
    const single = lines.length === 1 && style.docstring !== 'nextLine' && !lines[0].endsWith('"');
    const text = single
      ? `${opening}${quotes}`
      : `${opening}\n${lines.slice(1).join('\n')}${lines.length > 1 ? '\n' : ''}${quotes}`;
    docstring = indent(text.includes('\\') ? text.replaceAll('\\', '\\\\') : text) + '\n';
  }
  const body = style.singleQuotes ? toSingleQuotes(sample.body) : sample.body;
  return `${signatureLine(sample, style, typing)}\n${docstring}${indent(body)}\n`;
}

const STRING_LITERAL = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g;

/** Python with `"text"` spelled `'text'` where the text holds no quote and no escape. Every literal is read as a whole. */
export function toSingleQuotes(code: string): string {
  return code.replace(STRING_LITERAL, (literal) =>
    /^"[^'\\]*"$/.test(literal) ? `'${literal.slice(1, -1)}'` : literal,
  );
}

/** The other way round. */
export function toDoubleQuotes(code: string): string {
  return code.replace(STRING_LITERAL, (literal) => (/^'[^"]*'$/.test(literal) ? `"${literal.slice(1, -1)}"` : literal));
}

function docLines(
  sample: FunctionSample,
  examples: readonly { call: string; result: string }[],
  style: HouseStyle,
  draw: Draw,
): string[] {
  const width = draw.pick([72, 76, 80, 100]);
  const [first, ...rest] = sample.doc;
  const lines =
    draw.chance(0.3) && rest.length > 0
      ? [...wrapText(first, width), ...(draw.chance(0.5) ? [''] : []), ...wrapText(rest.join(' '), width)]
      : wrapText([first, ...rest].join(' '), width);
  if (style.sections && sample.parameters.length > 0) {
    lines.push('', 'Args:');
    for (const { name, noun } of sample.parameters)
      lines.push(`    ${name}: ${describeParameters([{ name: '', type: '', noun }]).trim()}`);
    lines.push('', 'Returns:', `    ${sample.returns}`);
  }
  const call = (text: string) => `${sample.name}(${style.doubleQuotedCalls ? toDoubleQuotes(text) : text})`;
  if (style.examples === 'none') return lines;
  const told = examples.find((example) => example.result.length < 30 && example.call.length < 40);
  if (told && draw.chance(0.06)) {
    const sentence = draw.pick([
      `For example, ${call(told.call)} returns ${told.result}.`,
      `For example, the result of ${call(told.call)} is ${told.result}.`,
      `So ${call(told.call)} is ${told.result}.`,
    ]);
    lines.push(...wrapText(sentence, width));
  }
  if (style.blankBeforeExamples) lines.push('');
  if (style.examples === 'doctestHeading') lines.push(draw.pick(['Examples:', 'Example:', 'For example:', 'Examples']));
  examples.forEach((example, index) => {
    if (style.blankBetweenExamples && index > 0) lines.push('');
    if (style.examples === 'arrow')
      lines.push(`${call(example.call)} ${draw.pick(['=>', '->', '➞'])} ${example.result}`);
    else if (style.examples === 'equals') lines.push(`${call(example.call)} == ${example.result}`);
    else {
      lines.push(`>>> ${call(example.call)}`);
      if (example.result !== 'None') lines.push(example.result);
    }
  });
  return lines;
}
