/** @file Kinds of parameters: the names people give them, their Python types, how a docstring speaks of them, examples. */

import type { Draw } from './draw.ts';

export interface ValueKind {
  /** Python type in the modern spelling; the renderer turns it into `typing` names or drops it. */
  readonly type: string;
  readonly names: readonly string[];
  /** Without an article: "list of integers". */
  readonly nouns: readonly string[];
  /** One example as a Python literal. */
  readonly literal: (draw: Draw) => string;
}

export const WORDS =
  'apple banana cherry date fig grape kiwi lemon mango orange pear plum cat dog bird fish horse mouse rabbit tiger lion sheep tree river mountain ocean forest desert island cloud storm rain snow wind sun moon star planet rocket train boat car bike plane bus road bridge house window door table chair lamp book pen paper letter word line page story music song dance paint color red green blue black white silver gold small large quick slow happy sad bright dark warm cold new old good great simple clean fresh open close start stop run walk jump swim read write speak listen learn teach build break make take give find keep hold turn move play work rest think dream hope code data file test loop stack queue graph node list array string number value key index level radar noon civic madam kayak hello world python java rust'.split(
    ' ',
  );
export const PEOPLE =
  'Alice Bob Carol Dave Eve Frank Grace Heidi Ivan Judy Mallory Nina Oscar Peggy Rupert Sybil Trent Uma Victor Wendy Ann Ben Cara Dan Ella Finn Gina Hugo Iris Jack Kate Liam Mia Noah Olga Paul Rosa Sam Tina Zoe'.split(
    ' ',
  );
const PUNCTUATION = ['', '', '', '!', '.', '?', ','];

export function quote(text: string): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\t', '\\t');
  return text.includes("'") ? `"${escaped.replaceAll('"', '\\"')}"` : `'${escaped}'`;
}

function repeat(draw: Draw, low: number, high: number, one: () => string): string[] {
  const count = draw.between(low, high);
  return Array.from({ length: count }, one);
}

const list = (parts: readonly string[]) => `[${parts.join(', ')}]`;

export function intLiteral(draw: Draw): number {
  return draw.weighted([
    [5, () => draw.between(0, 12)],
    [3, () => draw.between(-9, 9)],
    [2, () => draw.between(10, 60)],
    [1, () => draw.between(-50, 150)],
  ])();
}

function intList(draw: Draw, one: () => number): string {
  const count = draw.weighted<number>([
    [0.5, 0],
    [0.7, 1],
    [1, 2],
    [3, draw.between(3, 4)],
    [5, draw.between(4, 6)],
    [1, draw.between(6, 9)],
  ]);
  const values = Array.from({ length: count }, one);
  // Repeated values make counting and deduplication visible.
  if (count > 2 && draw.chance(0.35)) values[draw.below(count)] = values[draw.below(count)];
  return list(values.map(String));
}

export function sentence(draw: Draw): string {
  const words = repeat(draw, 1, 6, () => draw.pick(WORDS));
  if (draw.chance(0.3)) words[0] = capital(words[0]);
  if (draw.chance(0.12)) words[draw.below(words.length)] = words[draw.below(words.length)];
  if (draw.chance(0.1)) words[draw.below(words.length)] = draw.pick(PEOPLE);
  if (draw.chance(0.06)) words[draw.below(words.length)] = String(draw.between(1, 300));
  return words.join(' ') + (draw.chance(0.3) ? draw.pick(PUNCTUATION) : '');
}

const capital = (word: string) => word[0].toUpperCase() + word.slice(1);

function anyText(draw: Draw): string {
  return draw.weighted<() => string>([
    [4, () => sentence(draw)],
    [4, () => draw.pick(WORDS)],
    [1, () => capital(draw.pick(WORDS))],
    [1, () => repeat(draw, 3, 8, () => draw.pick([...'aabbccdde'])).join('')],
    [1, () => repeat(draw, 3, 8, () => draw.pick([...'aAbBcC12 '])).join('')],
    [0.8, () => draw.pick(WORDS) + String(draw.between(1, 999))],
    [0.6, () => ''],
    [0.4, () => draw.pick(WORDS).toUpperCase()],
  ])();
}

const pad2 = (value: number) => String(value).padStart(2, '0');
function isoDate(draw: Draw): string {
  return `${draw.between(1995, 2026)}-${pad2(draw.between(1, 12))}-${pad2(
    draw.weighted([
      [5, draw.between(1, 28)],
      [1, 1],
    ]),
  )}`;
}
const clock = (draw: Draw) =>
  `${pad2(draw.between(0, 23))}:${pad2(draw.pick([0, 5, 10, 15, 20, 30, 45, 59, draw.below(60)]))}`;

const INT_NAMES = ['n', 'n', 'num', 'number', 'value', 'x', 'k'];
const LIST_NAMES = ['numbers', 'nums', 'values', 'lst', 'arr', 'data', 'items', 'xs', 'elements', 'l', 'seq', 'a'];
const TEXT_NAMES = [
  's',
  's',
  'text',
  'string',
  'text',
  'sentence',
  'phrase',
  'st',
  'line',
  'message',
  'input_string',
  'txt',
];
const WORD_LISTS = [
  'words',
  'strings',
  'items',
  'names',
  'tokens',
  'lst',
  'strs',
  'labels',
  'terms',
  'texts',
  'word_list',
];

const KINDS = {
  ints: {
    type: 'list[int]',
    names: LIST_NAMES,
    nouns: ['list of integers', 'list of numbers', 'list', 'list of ints'],
    literal: (draw) => intList(draw, () => intLiteral(draw)),
  },
  pints: {
    type: 'list[int]',
    names: [...LIST_NAMES, 'scores', 'prices', 'heights', 'weights', 'sizes', 'counts', 'ages'],
    nouns: ['list of positive integers', 'list of non-negative integers', 'list of numbers'],
    literal: (draw) => intList(draw, () => draw.between(0, draw.pick([6, 12, 40, 100]))),
  },
  sortedInts: {
    type: 'list[int]',
    names: [...LIST_NAMES, 'sorted_list', 'sorted_nums'],
    nouns: ['sorted list of integers', 'sorted list', 'sorted list of numbers'],
    literal: (draw) =>
      list(
        repeat(draw, 0, 7, () => String(draw.between(-5, 30)))
          .map(Number)
          .sort((a, b) => a - b)
          .map(String),
      ),
  },
  bits: {
    type: 'list[int]',
    names: ['bits', 'flags', 'binary', 'values'],
    nouns: ['list of zeros and ones', 'list of bits'],
    literal: (draw) => list(repeat(draw, 1, 8, () => draw.pick(['0', '1']))),
  },
  bools: {
    type: 'list[bool]',
    names: ['flags', 'values', 'results', 'checks', 'conditions'],
    nouns: ['list of booleans', 'list of flags'],
    literal: (draw) => list(repeat(draw, 0, 5, () => draw.pick(['True', 'False']))),
  },
  floats: {
    type: 'list[float]',
    names: [...LIST_NAMES, 'prices', 'temperatures', 'measurements', 'readings', 'samples', 'grades'],
    nouns: ['list of numbers', 'list of floats'],
    literal: (draw) =>
      list(
        repeat(draw, draw.chance(0.1) ? 0 : 1, 6, () => (draw.between(-20, 100) / draw.pick([1, 2, 4, 10])).toFixed(1)),
      ),
  },
  words: {
    type: 'list[str]',
    names: WORD_LISTS,
    nouns: ['list of strings', 'list of words', 'list of strings'],
    literal: (draw) => {
      const pool = draw.chance(0.2) ? PEOPLE : WORDS;
      const words = repeat(draw, draw.chance(0.08) ? 0 : 1, 5, () => draw.pick(pool));
      if (words.length > 1 && draw.chance(0.25)) words[draw.below(words.length)] = words[draw.below(words.length)];
      if (words.length > 0 && draw.chance(0.1)) words[draw.below(words.length)] = '';
      if (words.length > 0 && draw.chance(0.15)) words[0] = capital(words[0] || 'Ok');
      return list(words.map(quote));
    },
  },
  numstrs: {
    type: 'list[str]',
    names: ['strings', 'tokens', 'values', 'items', 'parts', 'fields'],
    nouns: ['list of strings', 'list of tokens'],
    literal: (draw) =>
      list(
        repeat(draw, 0, 5, () =>
          quote(
            draw.weighted([
              [3, String(draw.between(-20, 99))],
              [1, draw.pick(WORDS)],
              [0.5, String(draw.between(1, 9)) + 'x'],
            ]),
          ),
        ),
      ),
  },
  text: {
    type: 'str',
    names: TEXT_NAMES,
    nouns: ['string', 'string', 'text'],
    literal: (draw) => quote(anyText(draw)),
  },
  sentence: {
    type: 'str',
    names: ['text', 's', 'sentence', 'sentence', 'phrase', 'line', 'string', 'message'],
    nouns: ['string', 'sentence', 'text', 'string of words', 'phrase'],
    literal: (draw) => quote(draw.chance(0.07) ? '' : sentence(draw)),
  },
  word: {
    type: 'str',
    names: ['word', 's', 'word', 'string', 'text', 'name'],
    nouns: ['word', 'string', 'string'],
    literal: (draw) =>
      quote(
        draw.weighted([
          [5, draw.pick(WORDS)],
          [1, capital(draw.pick(WORDS))],
          [1, draw.pick(['level', 'noon', 'radar', 'kayak', 'a', 'aa', 'abba', 'banana', 'mississippi', 'letter', ''])],
          [1, repeat(draw, 3, 7, () => draw.pick([...'aabbcc'])).join('')],
        ]),
      ),
  },
  mixed: {
    type: 'str',
    names: TEXT_NAMES,
    nouns: ['string'],
    literal: (draw) =>
      quote(
        repeat(draw, 1, 4, () =>
          draw.pick([draw.pick(WORDS), String(draw.between(0, 99)), draw.pick(['-', ' ', '_', '#', '!'])]),
        ).join(''),
      ),
  },
  digits: {
    type: 'str',
    names: ['s', 'digits', 'number', 'num_str', 'text', 'code'],
    nouns: ['string of digits', 'numeric string'],
    literal: (draw) => quote(repeat(draw, 1, 7, () => String(draw.below(10))).join('')),
  },
  binary: {
    type: 'str',
    names: ['binary', 's', 'bits', 'b', 'binary_string'],
    nouns: ['binary string', 'string of zeros and ones'],
    literal: (draw) => quote(repeat(draw, 1, 8, () => draw.pick(['0', '1'])).join('')),
  },
  snake: {
    type: 'str',
    names: ['name', 's', 'identifier', 'text', 'variable'],
    nouns: ['snake_case string', 'snake_case name', 'snake_case identifier'],
    literal: (draw) => quote(repeat(draw, 1, 4, () => draw.pick(WORDS)).join('_')),
  },
  camel: {
    type: 'str',
    names: ['name', 's', 'identifier', 'text', 'variable'],
    nouns: ['camelCase string', 'camelCase name', 'camelCase identifier'],
    literal: (draw) =>
      quote(
        repeat(draw, 1, 4, () => draw.pick(WORDS))
          .map((word, index) => (index > 0 ? capital(word) : word))
          .join(''),
      ),
  },
  brackets: {
    type: 'str',
    names: ['s', 'text', 'expression', 'brackets', 'string'],
    nouns: ['string of brackets', 'string', 'expression'],
    literal: (draw) =>
      quote(
        draw.weighted<() => string>([
          [
            3,
            () =>
              draw.pick(['()', '(())', '()()', '([])', '{[()]}', '(()())', '[()]{}', '((()))', '', '(a + b)', '[x]']),
          ],
          [2, () => draw.pick(['(', ')', '(]', '([)]', '(()', '())', ')(', '{(})', '(a + b', '((())'])],
          [1, () => repeat(draw, 2, 6, () => draw.pick([...'()[]()'])).join('')],
        ])(),
      ),
  },
  parens: {
    type: 'str',
    names: ['s', 'text', 'parens', 'string'],
    nouns: ['string of parentheses', 'string'],
    literal: (draw) =>
      quote(
        draw.pick(['()', '(())', '()()', '(()(()))', '((()))', '', '(()', '())', ')(', '(((', '()(())', '(()())()']),
      ),
  },
  char: {
    type: 'str',
    names: ['c', 'ch', 'char', 'letter', 'character'],
    nouns: ['character', 'letter'],
    literal: (draw) => quote(draw.pick([...'aeiourstlnabc'])),
  },
  sep: {
    type: 'str',
    names: ['sep', 'separator', 'delimiter', 'delim'],
    nouns: ['separator', 'delimiter'],
    literal: (draw) => quote(draw.pick([',', '-', ' ', ';', '/', ', ', '|', '.', '_', ':'])),
  },
  affix: {
    type: 'str',
    names: ['prefix', 'start', 'affix', 'part', 'sub'],
    nouns: ['string', 'affix'],
    literal: (draw) => quote(draw.pick(WORDS).slice(0, draw.between(1, 3))),
  },
  n: {
    type: 'int',
    names: INT_NAMES,
    nouns: ['integer', 'number', 'non-negative integer', 'integer'],
    literal: (draw) =>
      String(
        draw.weighted([
          [5, draw.between(0, 12)],
          [3, draw.between(10, 100)],
          [1, 0],
        ]),
      ),
  },
  pos: {
    type: 'int',
    names: INT_NAMES,
    nouns: ['positive integer', 'integer', 'positive number', 'positive integer'],
    literal: (draw) =>
      String(
        draw.weighted([
          [5, draw.between(1, 12)],
          [4, draw.between(10, 100)],
          [1, draw.between(100, 1000)],
        ]),
      ),
  },
  small: {
    type: 'int',
    names: ['n', 'n', 'size', 'num', 'length', 'count'],
    nouns: ['non-negative integer', 'integer', 'small integer'],
    literal: (draw) => String(draw.between(0, 7)),
  },
  k: {
    type: 'int',
    names: ['k', 'n', 'k', 'count', 'size', 'step', 'limit'],
    nouns: ['positive integer', 'integer', 'number'],
    literal: (draw) => String(draw.between(1, 4)),
  },
  int: {
    type: 'int',
    names: INT_NAMES,
    nouns: ['integer', 'number', 'integer'],
    literal: (draw) => String(intLiteral(draw)),
  },
  big: {
    type: 'int',
    names: ['n', 'number', 'num', 'value'],
    nouns: ['integer', 'positive integer', 'non-negative integer', 'number'],
    literal: (draw) =>
      String(
        draw.weighted([
          [1, draw.between(0, 9)],
          [3, draw.between(10, 999)],
          [3, draw.between(1000, 99999)],
          [1, draw.between(100000, 12345678)],
        ]),
      ),
  },
  limit: {
    type: 'int',
    names: ['limit', 'threshold', 'bound', 'cutoff', 'k', 'n', 'target', 'minimum'],
    nouns: ['threshold', 'limit', 'number', 'integer'],
    literal: (draw) => String(draw.between(0, 20)),
  },
  target: {
    type: 'int',
    names: ['target', 'value', 'x', 'goal', 'key', 'item', 'n'],
    nouns: ['target', 'value', 'integer'],
    literal: (draw) => String(draw.between(0, 15)),
  },
  float: {
    type: 'float',
    names: ['x', 'value', 'number', 'amount', 'price', 'num'],
    nouns: ['number', 'float', 'floating point number'],
    literal: (draw) => (draw.between(-50, 900) / draw.pick([1, 2, 4, 8, 10])).toFixed(draw.pick([1, 2])),
  },
  money: {
    type: 'float',
    names: ['price', 'amount', 'cost', 'total', 'value'],
    nouns: ['price', 'amount', 'positive number'],
    literal: (draw) => (draw.between(1, 20000) / draw.pick([1, 2, 10, 100])).toFixed(2),
  },
  percent: {
    type: 'float',
    names: ['percent', 'rate', 'percentage', 'discount', 'tax'],
    nouns: ['percentage', 'rate in percent'],
    literal: (draw) => String(draw.pick([5, 10, 12.5, 15, 20, 25, 50, 75, 7.5])),
  },
  matrix: {
    type: 'list[list[int]]',
    names: ['matrix', 'grid', 'm', 'mat', 'rows', 'table', 'board'],
    nouns: ['matrix', 'list of lists', 'two-dimensional list of integers', 'list of rows', 'grid'],
    literal: (draw) => {
      const columns = draw.between(1, 4);
      return list(repeat(draw, 1, 3, () => list(Array.from({ length: columns }, () => String(draw.between(0, 9))))));
    },
  },
  square: {
    type: 'list[list[int]]',
    names: ['matrix', 'grid', 'm', 'mat', 'square'],
    nouns: ['square matrix', 'square matrix of integers', 'n x n matrix'],
    literal: (draw) => {
      const size = draw.between(1, 3);
      const row = () => list(Array.from({ length: size }, () => String(draw.between(0, 9))));
      return list(Array.from({ length: size }, row));
    },
  },
  lists: {
    type: 'list[list[int]]',
    names: ['lists', 'nested', 'groups', 'lst', 'rows', 'nested_list'],
    nouns: ['list of lists', 'list of lists of integers', 'nested list'],
    literal: (draw) => list(repeat(draw, 0, 4, () => list(repeat(draw, 0, 4, () => String(draw.between(0, 9)))))),
  },
  nested: {
    type: 'list',
    names: ['nested', 'lst', 'items', 'data', 'tree'],
    nouns: ['nested list', 'arbitrarily nested list', 'list that may contain other lists'],
    literal: (draw) => {
      const make = (depth: number): string =>
        list(
          repeat(draw, depth === 0 ? 1 : 0, 3, () =>
            depth < 3 && draw.chance(0.4) ? make(depth + 1) : String(draw.between(1, 9)),
          ),
        );
      return make(0);
    },
  },
  sdict: {
    type: 'dict[str, int]',
    names: ['d', 'counts', 'scores', 'mapping', 'prices', 'data', 'dictionary', 'stock', 'ages', 'inventory', 'table'],
    nouns: ['dictionary', 'dictionary mapping strings to integers', 'dict', 'mapping of names to numbers'],
    literal: (draw) => {
      const keys = draw.sample(draw.pick([WORDS, PEOPLE, [...'abcdef']]), draw.chance(0.08) ? 0 : draw.between(1, 4));
      return `{${keys.map((key) => `${quote(key)}: ${draw.between(0, draw.pick([5, 20, 100]))}`).join(', ')}}`;
    },
  },
  ssdict: {
    type: 'dict[str, str]',
    names: ['d', 'mapping', 'translations', 'aliases', 'config', 'table', 'settings', 'names'],
    nouns: ['dictionary', 'dictionary of strings', 'mapping'],
    literal: (draw) => {
      const keys = draw.sample(WORDS, draw.between(0, 3));
      return `{${keys.map((key) => `${quote(key)}: ${quote(draw.pick(WORDS))}`).join(', ')}}`;
    },
  },
  ldict: {
    type: 'dict[str, list[int]]',
    names: ['d', 'grades', 'groups', 'data', 'scores', 'mapping', 'results'],
    nouns: ['dictionary mapping names to lists of numbers', 'dictionary of lists', 'dictionary'],
    literal: (draw) => {
      const keys = draw.sample(draw.pick([PEOPLE, [...'abcd']]), draw.between(1, 3));
      return `{${keys.map((key) => `${quote(key)}: ${list(repeat(draw, 1, 3, () => String(draw.between(0, 20))))}`).join(', ')}}`;
    },
  },
  pairs: {
    type: 'list[tuple[str, int]]',
    names: ['pairs', 'items', 'records', 'entries', 'scores', 'students', 'players', 'data', 'products'],
    nouns: ['list of (name, value) pairs', 'list of pairs', 'list of tuples', 'list of (name, score) tuples'],
    literal: (draw) => {
      const pool = draw.pick([WORDS, PEOPLE, [...'abc']]);
      return list(
        repeat(
          draw,
          draw.chance(0.1) ? 0 : 1,
          4,
          () => `(${quote(draw.pick(pool))}, ${draw.between(0, draw.pick([5, 30, 100]))})`,
        ),
      );
    },
  },
  intpairs: {
    type: 'list[tuple[int, int]]',
    names: ['pairs', 'points', 'items', 'tuples', 'coords'],
    nouns: ['list of pairs', 'list of integer pairs', 'list of points'],
    literal: (draw) => list(repeat(draw, 0, 4, () => `(${draw.between(-5, 12)}, ${draw.between(-5, 12)})`)),
  },
  intervals: {
    type: 'list[tuple[int, int]]',
    names: ['intervals', 'ranges', 'spans', 'segments'],
    nouns: ['list of intervals', 'list of (start, end) intervals'],
    literal: (draw) =>
      list(
        repeat(draw, draw.chance(0.1) ? 0 : 1, 4, () => {
          const start = draw.between(0, 12);
          return `(${start}, ${start + draw.between(1, 6)})`;
        }),
      ),
  },
  interval: {
    type: 'tuple[int, int]',
    names: ['interval', 'span', 'first', 'a', 'range1'],
    nouns: ['interval', '(start, end) tuple'],
    literal: (draw) => {
      const start = draw.between(0, 10);
      return `(${start}, ${start + draw.between(1, 6)})`;
    },
  },
  point: {
    type: 'tuple[int, int]',
    names: ['p', 'point', 'a', 'start', 'position'],
    nouns: ['point', '(x, y) tuple'],
    literal: (draw) => `(${draw.between(-5, 9)}, ${draw.between(-5, 9)})`,
  },
  records: {
    type: 'list[dict]',
    names: ['people', 'users', 'records', 'employees', 'rows', 'students'],
    nouns: ['list of dictionaries', 'list of records', 'list of dicts with the keys "name" and "age"'],
    literal: (draw) =>
      list(
        repeat(
          draw,
          draw.chance(0.1) ? 0 : 1,
          3,
          () => `{'name': ${quote(draw.pick(PEOPLE))}, 'age': ${draw.between(5, 70)}}`,
        ),
      ),
  },
  isodate: {
    type: 'str',
    names: ['date', 'day', 'date_string', 's', 'date_str', 'd'],
    nouns: ['date in YYYY-MM-DD format', 'ISO date string', 'date string in the form "YYYY-MM-DD"'],
    literal: (draw) => quote(isoDate(draw)),
  },
  clock: {
    type: 'str',
    names: ['time', 't', 'clock', 'time_string', 's'],
    nouns: ['time in HH:MM format', 'time string of the form "HH:MM"', '24-hour time'],
    literal: (draw) => quote(clock(draw)),
  },
  hms: {
    type: 'str',
    names: ['time', 't', 'duration', 's'],
    nouns: ['time in HH:MM:SS format', 'duration string "HH:MM:SS"'],
    literal: (draw) => quote(`${clock(draw)}:${pad2(draw.below(60))}`),
  },
  seconds: {
    type: 'int',
    names: ['seconds', 'total_seconds', 'secs', 'n', 'duration'],
    nouns: ['number of seconds', 'non-negative number of seconds'],
    literal: (draw) =>
      String(
        draw.weighted([
          [1, draw.between(0, 59)],
          [2, draw.between(60, 3599)],
          [3, draw.between(3600, 90000)],
        ]),
      ),
  },
  minutes: {
    type: 'int',
    names: ['minutes', 'total_minutes', 'mins', 'n'],
    nouns: ['number of minutes', 'non-negative number of minutes'],
    literal: (draw) => String(draw.between(0, 1600)),
  },
  year: {
    type: 'int',
    names: ['year', 'y', 'year'],
    nouns: ['year'],
    literal: (draw) =>
      String(draw.pick([1900, 1996, 2000, 2001, 2004, 2019, 2020, 2023, 2024, 2100, draw.between(1900, 2100)])),
  },
  month: {
    type: 'int',
    names: ['month', 'm', 'month'],
    nouns: ['month number', 'month from 1 to 12'],
    literal: (draw) => String(draw.between(1, 12)),
  },
  ipv4: {
    type: 'str',
    names: ['address', 'ip', 's', 'ip_address'],
    nouns: ['IPv4 address', 'string', 'address string'],
    literal: (draw) =>
      quote(
        draw.weighted([
          [3, repeat(draw, 4, 4, () => String(draw.pick([0, 1, 10, 127, 168, 192, 255, draw.below(256)]))).join('.')],
          [1, draw.pick(['1.2.3', '256.1.1.1', '1.2.3.4.5', 'a.b.c.d', '1..2.3', '01.2.3.4', ''])],
        ]),
      ),
  },
  email: {
    type: 'str',
    names: ['email', 'address', 'mail', 's'],
    nouns: ['email address', 'string'],
    literal: (draw) =>
      quote(
        `${draw.pick(PEOPLE).toLowerCase()}${draw.pick(['', '.', '_'])}${draw.pick(WORDS)}@${draw.pick(WORDS)}.${draw.pick(['com', 'org', 'net'])}`,
      ),
  },
  path: {
    type: 'str',
    names: ['path', 'filename', 'file_path', 'p'],
    nouns: ['path', 'file path', 'file name'],
    literal: (draw) =>
      quote(
        `${draw.pick(['', '/', '/', './'])}${repeat(draw, 0, 3, () => `${draw.pick(WORDS)}/`).join('')}${draw.pick(WORDS)}${draw.pick(['.txt', '.py', '.tar.gz', '', '.csv', '.md'])}`,
      ),
  },
  url: {
    type: 'str',
    names: ['url', 'link', 'address'],
    nouns: ['URL', 'url string'],
    literal: (draw) =>
      quote(
        `${draw.pick(['http', 'https'])}://${draw.pick(['www.', '', 'api.'])}${draw.pick(WORDS)}.com${draw.pick(['', '/', `/${draw.pick(WORDS)}`, `/${draw.pick(WORDS)}?page=${draw.below(9)}`])}`,
      ),
  },
  kvtext: {
    type: 'str',
    names: ['text', 's', 'line', 'config', 'query', 'params'],
    nouns: ['string', 'string of key=value pairs'],
    literal: (draw) =>
      quote(
        repeat(
          draw,
          0,
          3,
          () =>
            `${draw.pick([...'abcxyz', 'name', 'size', 'mode'])}=${draw.pick([String(draw.below(50)), draw.pick(WORDS)])}`,
        ).join('&'),
      ),
  },
  csvints: {
    type: 'str',
    names: ['text', 's', 'line', 'csv', 'data'],
    nouns: ['comma-separated string of integers', 'string of comma-separated numbers', 'string'],
    literal: (draw) =>
      quote(
        repeat(draw, draw.chance(0.1) ? 0 : 1, 5, () => String(intLiteral(draw))).join(draw.pick([',', ',', ', '])),
      ),
  },
  csvwords: {
    type: 'str',
    names: ['text', 's', 'line', 'row', 'csv_line'],
    nouns: ['comma-separated string', 'string of comma-separated values', 'line of comma-separated fields'],
    literal: (draw) =>
      quote(repeat(draw, 1, 4, () => draw.pick([draw.pick(WORDS), ` ${draw.pick(WORDS)} `, ''])).join(',')),
  },
  lines: {
    type: 'str',
    names: ['text', 's', 'content', 'data'],
    nouns: ['text with several lines', 'multi-line string', 'text'],
    literal: (draw) => quote(repeat(draw, 1, 3, () => draw.pick([sentence(draw), draw.pick(WORDS), ''])).join('\n')),
  },
  roman: {
    type: 'str',
    names: ['s', 'roman', 'numeral'],
    nouns: ['roman numeral'],
    literal: (draw) =>
      quote(draw.pick(['I', 'III', 'IV', 'IX', 'XII', 'XL', 'XC', 'XIV', 'MCMXC', 'LVIII', 'CDXLIV', 'MMXXIV', 'D'])),
  },
  hex: {
    type: 'str',
    names: ['color', 'hex_color', 's', 'code'],
    nouns: ['hex color string such as "#ff0000"', 'hexadecimal color'],
    literal: (draw) => quote(`#${repeat(draw, 3, 3, () => draw.below(256).toString(16).padStart(2, '0')).join('')}`),
  },
  byte: {
    type: 'int',
    names: ['value', 'n', 'red', 'level'],
    nouns: ['number from 0 to 255', 'byte value'],
    literal: (draw) => String(draw.pick([0, 255, 128, 16, draw.below(256)])),
  },
  password: {
    type: 'str',
    names: ['password', 'pw', 's', 'pwd'],
    nouns: ['password', 'string'],
    literal: (draw) =>
      quote(
        draw.pick([
          draw.pick(WORDS),
          capital(draw.pick(WORDS)) + draw.below(1000),
          'Secret123',
          'abc',
          'PASSWORD1',
          'hunter2',
          'longpassword',
          'Aa1!aaaa',
          'Tr0ub4dor&3',
          capital(draw.pick(WORDS)) + draw.below(100) + '!',
        ]),
      ),
  },
  graph: {
    type: 'dict[str, list[str]]',
    names: ['graph', 'links', 'neighbors', 'edges', 'network', 'table'],
    nouns: ['dictionary of lists', 'dictionary mapping names to lists of names', 'adjacency dictionary'],
    literal: (draw) =>
      draw.pick([
        "{'a': ['b', 'c'], 'b': ['c'], 'c': []}",
        "{'a': ['b'], 'b': ['a']}",
        "{'x': ['y'], 'y': ['z'], 'z': ['x']}",
        '{}',
      ]),
  },
  strpairs: {
    type: 'list[tuple[str, str]]',
    names: ['pairs', 'links', 'entries', 'edges', 'records'],
    nouns: ['list of pairs of strings', 'list of (first, second) pairs', 'list of pairs'],
    literal: (draw) =>
      draw.pick([
        "[('a', 'b'), ('b', 'c')]",
        "[('x', 'y')]",
        "[('ann', 'ben'), ('ben', 'cara'), ('ann', 'dan')]",
        '[]',
      ]),
  },
  strtriples: {
    type: 'list[tuple[str, str, int]]',
    names: ['records', 'entries', 'rows', 'items', 'facts'],
    nouns: ['list of (name, kind, number) tuples', 'list of triples', 'list of tuples'],
    literal: (draw) => draw.pick(["[('a', 'b', 1), ('b', 'c', 2)]", "[('x', 'y', 5)]", '[]']),
  },
  bookings: {
    type: 'list[tuple[str, int, int]]',
    names: ['bookings', 'entries', 'records', 'rows', 'items'],
    nouns: ['list of (name, start, end) tuples', 'list of triples', 'list of tuples'],
    literal: (draw) => draw.pick(["[('a', 1, 3), ('b', 2, 5)]", "[('x', 9, 11)]", '[]']),
  },
  nestdict: {
    type: 'dict[str, dict[str, int]]',
    names: ['data', 'table', 'nested', 'mapping', 'tables'],
    nouns: ['dictionary of dictionaries', 'nested dictionary'],
    literal: (draw) => draw.pick(["{'a': {'x': 1, 'y': 2}, 'b': {'x': 3}}", "{'a': {}}", '{}']),
  },
  anydict: {
    type: 'dict',
    names: ['data', 'config', 'record', 'settings', 'd', 'mapping'],
    nouns: ['dictionary', 'dict', 'mapping'],
    literal: (draw) => draw.pick(["{'a': 1, 'b': {'c': 2}}", "{'x': 'y'}", '{}']),
  },
  fdict: {
    type: 'dict[str, float]',
    names: ['prices', 'rates', 'values', 'amounts', 'table'],
    nouns: ['dictionary mapping names to prices', 'dictionary mapping strings to numbers', 'dictionary'],
    literal: (draw) => draw.pick(["{'apple': 0.5, 'pear': 0.75}", "{'tea': 2.0}", '{}']),
  },
  intdict: {
    type: 'dict[int, int]',
    names: ['table', 'mapping', 'counts', 'd', 'data'],
    nouns: ['dictionary of integers', 'dictionary mapping integers to integers', 'dictionary'],
    literal: (draw) => draw.pick(['{1: 2, 2: 3}', '{5: 0}', '{}']),
  },
  intset: {
    type: 'set[int]',
    names: ['numbers', 'values', 'members', 's', 'ids'],
    nouns: ['set of integers', 'set of numbers', 'set'],
    literal: (draw) => draw.pick(['{1, 2, 3}', '{5}', 'set()', '{2, 4, 8}']),
  },
  strset: {
    type: 'set[str]',
    names: ['names', 'words', 'members', 'tags', 's'],
    nouns: ['set of strings', 'set of words', 'set'],
    literal: (draw) => draw.pick(["{'a', 'b'}", "{'x'}", 'set()']),
  },
  triple: {
    type: 'tuple[int, int, int]',
    names: ['triple', 't', 'values', 'first'],
    nouns: ['tuple of three integers', 'triple of integers', 'triple'],
    literal: (draw) => draw.pick(['(1, 2, 3)', '(0, 0, 0)', '(2024, 2, 29)', '(10, 5, 7)']),
  },
  triples: {
    type: 'list[tuple[int, int, int]]',
    names: ['triples', 'items', 'rows', 'entries'],
    nouns: ['list of triples', 'list of tuples of three integers'],
    literal: (draw) => draw.pick(['[(1, 2, 3), (4, 5, 6)]', '[(0, 0, 0)]', '[]']),
  },
  rows: {
    type: 'list[dict]',
    names: ['records', 'rows', 'entries', 'items'],
    nouns: ['list of dictionaries', 'list of records', 'list of dicts'],
    literal: (draw) => draw.pick(["[{'id': 1, 'name': 'a'}, {'id': 2, 'name': 'b'}]", '[]']),
  },
  table: {
    type: 'list[list[str]]',
    names: ['table', 'rows', 'cells', 'grid'],
    nouns: ['list of rows', 'table of strings', 'list of lists of strings'],
    literal: (draw) => draw.pick(["[['a', 'b'], ['c', 'd']]", "[['x']]", '[]']),
  },
  setdict: {
    type: 'dict[str, set[str]]',
    names: ['groups', 'rights', 'tags', 'members', 'table'],
    nouns: ['dictionary of sets', 'dictionary mapping names to sets of names'],
    literal: (draw) => draw.pick(["{'a': {'x'}, 'b': {'x', 'y'}}", '{}']),
  },
  dicts: {
    type: 'list[dict[str, int]]',
    names: ['tables', 'dicts', 'counts', 'parts'],
    nouns: ['list of dictionaries'],
    literal: (draw) => draw.pick(["[{'a': 1}, {'a': 2, 'b': 3}]", '[{}]', '[]']),
  },
} satisfies Record<string, ValueKind>;

export type KindName = keyof typeof KINDS;

export function isKind(name: string): name is KindName {
  return name in KINDS;
}

export function kindOf(name: KindName): ValueKind {
  return KINDS[name];
}

/** Arguments for one call. A target, limit or letter is often taken from the first argument, so that it matters. */
export function drawArguments(kinds: readonly KindName[], draw: Draw): string {
  const literals: string[] = [];
  for (const kind of kinds) {
    const first = literals[0];
    literals.push((first && draw.chance(0.55) && related(kind, first, draw)) || kindOf(kind).literal(draw));
  }
  return literals.join(', ');
}

function related(kind: KindName, first: string, draw: Draw): string | undefined {
  const numbers = (first.match(/-?\d+(?![\d.])/g) ?? []).filter((one) => one.length < 4);
  const words = first.match(/[A-Za-z]+/g);
  if ((kind === 'target' || kind === 'limit') && numbers.length > 0) {
    const found = Number(draw.pick(numbers));
    return String(found >= 0 ? found : kindOf(kind).literal(draw));
  }
  if (kind === 'char' && words) return quote(draw.pick([...draw.pick(words)]).toLowerCase());
  if (kind === 'affix' && words) {
    const word = draw.pick(words);
    return quote(word.slice(0, draw.between(1, Math.min(3, word.length))));
  }
  if (kind === 'ints' && numbers.length > 2) {
    return `[${draw.sample([...numbers.slice(1), String(draw.between(0, 12)), String(draw.between(0, 12))], draw.between(1, 4)).join(', ')}]`;
  }
  if (kind === 'word' && words && draw.chance(0.3)) return quote(draw.pick(words).toLowerCase());
  return undefined;
}
