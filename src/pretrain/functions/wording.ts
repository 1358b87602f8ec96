/** @file Changes of a drawn function that keep it true: other words for the same thing, and small extensions. */

import type { Draw } from './draw.ts';
import { documentation, type FunctionSample } from './template.ts';

/** Words that may stand for each other in documentation. */
const SYNONYMS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/\boccurs\b/g, ['appears', 'is found']],
  [/\boccur\b/g, ['appear']],
  [/\boccurrences\b/g, ['appearances']],
  [/\bin ascending order\b/g, ['from smallest to largest', 'in increasing order', 'sorted ascending']],
  [/\bin descending order\b/g, ['from largest to smallest', 'in decreasing order', 'sorted descending']],
  [/\bcontains\b/g, ['includes', 'has']],
  [/\bdistinct\b/g, ['different', 'unique']],
  [/\bconsecutive\b/g, ['adjacent', 'neighbouring']],
  [/\bneighbouring\b/g, ['adjacent', 'consecutive']],
  [/\blargest\b/g, ['biggest', 'greatest', 'maximum', 'highest']],
  [/\bsmallest\b/g, ['lowest', 'minimum', 'least']],
  [/\bgreater than\b/g, ['larger than', 'bigger than', 'more than']],
  [/\bless than\b/g, ['smaller than', 'lower than']],
  [/\bRemove\b/g, ['Delete', 'Drop', 'Take out']],
  [/\bremoved\b/g, ['deleted', 'taken out']],
  [/\bReplace\b/g, ['Substitute', 'Exchange']],
  [/\bConvert\b/g, ['Turn', 'Translate', 'Transform']],
  [/\bequal to\b/g, ['the same as']],
  [/\bin upper case\b/g, ['in uppercase', 'in capital letters']],
  [/\bin lower case\b/g, ['in lowercase']],
  [/\bstarts with\b/g, ['begins with']],
  [/\bstart with\b/g, ['begin with']],
  [/\bstarting with\b/g, ['beginning with']],
  [/\belements\b/g, ['items', 'values', 'entries']],
  [/\bletter of the alphabet\b/g, ['alphabet letter']],
  [/\bin the form\b/g, ['in the format', 'formatted as']],
  [/\bignoring case\b/g, ['case-insensitively', 'regardless of case']],
  [/\bat least one\b/g, ['one or more']],
  [/\bjoined by\b/g, ['separated by', 'joined with']],
  [/\bwithout duplicates\b/g, ['with no repeats', 'each only once']],
  [/\brounded to two decimals\b/g, ['rounded to 2 decimal places', 'rounded to two decimal places']],
  [/\brounded to one decimal\b/g, ['rounded to 1 decimal place', 'rounded to one decimal place']],
  [/\bdictionary\b/g, ['dict', 'mapping']],
  [/\bintegers\b/g, ['numbers', 'whole numbers']],
  [/\bnumber of times\b/g, ['count of how often']],
  [/\bthe number of\b/g, ['the count of']],
  [/\bor an empty string if there is none\b/g, ['or "" if there is none']],
  [/\bor None if there is none\b/g, ['or None if no such element exists']],
  [/\bif there is none\b/g, ['if none exists', 'if there is no such value']],
  [/\bin their original order\b/g, ['keeping their order', 'in the same order']],
  [/\bpositive integer\b/g, ['positive number']],
];

const SYNONYM_CHANCE = 0.14;

/** Replaces some words of the documentation by others of the same meaning. */
export function rephrase(sample: FunctionSample, draw: Draw): FunctionSample {
  const doc = sample.doc.map((sentence) => {
    let out = sentence;
    for (const [pattern, others] of SYNONYMS) {
      if (pattern.test(out) && draw.chance(SYNONYM_CHANCE)) out = out.replace(pattern, draw.pick(others));
      pattern.lastIndex = 0;
    }
    return out;
  });
  // A note about the input, as people write it.
  if (draw.chance(0.04) && sample.parameters.length > 0) {
    const { name, noun } = sample.parameters[0];
    doc.push(
      draw.pick([`${name} is the ${noun}.`, `The input is the ${noun} ${name}.`, `Assume that ${name} is valid.`]),
    );
  }
  return { ...sample, doc };
}

/** Adds a check of the arguments, or asks one more question of the result. */
export function extendSample(sample: FunctionSample, draw: Draw): FunctionSample {
  const first = sample.parameters[0];
  if (first?.type === 'int' && /number|integer/.test(first.noun) && draw.chance(0.5)) {
    const message = draw.pick([
      `${first.name} must not be negative`,
      `${first.name} must be non-negative`,
      'negative input',
    ]);
    return {
      ...sample,
      doc: [
        ...sample.doc,
        draw.pick([
          `Raise a ValueError if ${first.name} is negative.`,
          `Raises ValueError for negative ${first.name}.`,
          `If ${first.name} is negative, raise ValueError.`,
        ]),
      ],
      body: `if ${first.name} < 0:\n    raise ValueError("${message}")\n${sample.body}`,
    };
  }
  return questionOf(sample, draw) ?? sample;
}

/** "Return the number of …" becomes "Return True if the number of … is greater than 3". */
function questionOf(sample: FunctionSample, draw: Draw): FunctionSample | undefined {
  const phrase = /^(?:Return|Returns|Compute|Find|Get|Calculate|Build|Create) ((?:the|a|an|how) .*)\.$/.exec(
    sample.doc[0],
  )?.[1];
  const returns = sample.body.match(/\breturn\b/g) ?? [];
  const last = /(^|\n)return (.+)$/.exec(sample.body);
  if (
    !phrase ||
    sample.doc.length > 1 ||
    returns.length !== 1 ||
    !last ||
    phrase.includes('. ') ||
    phrase.includes(';')
  )
    return undefined;
  const before = sample.body.slice(0, last.index) + last[1];
  const wrap = (expression: string) => `${before}return ${expression}`;
  const value = /^[\w.]+(\(.*\))?$/.test(last[2]) && !/\)\s*[-+*/%<>=]/.test(last[2]) ? last[2] : `(${last[2]})`;
  if (sample.returns === 'int' && phrase.startsWith('the ')) {
    const [words, operator] = draw.pick([
      ['greater than', '>'],
      ['less than', '<'],
      ['at least', '>='],
      ['equal to', '=='],
      ['even', 'even'],
      ['odd', 'odd'],
    ]);
    const bound = String(draw.between(1, 12));
    const doc =
      operator === 'even' || operator === 'odd' ? `? ${phrase} is ${words}` : `? ${phrase} is ${words} ${bound}`;
    const test =
      operator === 'even'
        ? `${value} % 2 == 0`
        : operator === 'odd'
          ? `${value} % 2 == 1`
          : `${value} ${operator} ${bound}`;
    return {
      ...sample,
      name: `check_${sample.name}`,
      returns: 'bool',
      doc: documentation(doc, sample.parameters, 'bool', draw),
      body: wrap(test),
    };
  }
  if (/^list\[(int|str)\]$/.test(sample.returns)) {
    const [words, expression, type] = draw.pick([
      [`the number of elements in ${phrase}`, `len(${last[2]})`, 'int'],
      [`the reverse of ${phrase}`, `${value}[::-1]`, sample.returns],
      [`the first three elements of ${phrase}`, `${value}[:3]`, sample.returns],
    ] as const);
    return {
      ...sample,
      name: `${draw.pick(['new', 'other', 'my'])}_${sample.name}`,
      returns: type,
      doc: documentation(`= ${words}`, sample.parameters, type, draw),
      body: wrap(expression),
    };
  }
  if (sample.returns === 'str') {
    const [words, expression, type] = draw.pick([
      [`the length of ${phrase}`, `len(${last[2]})`, 'int'],
      [`${phrase}, in upper case`, `${value}.upper()`, 'str'],
      [`${phrase}, and then reversed`, `${value}[::-1]`, 'str'],
    ] as const);
    return {
      ...sample,
      returns: type,
      doc: documentation(`= ${words}`, sample.parameters, type, draw),
      body: wrap(expression),
    };
  }
  return undefined;
}
