/**
 * @file Functions over lists made from functions of one value: a family whose body is one expression is applied to each
 * element, sorted by, filtered by, summed, or searched for.
 */

import type { Draw } from './draw.ts';
import { documentation, expandChoices, type FunctionSample, type Template } from './template.ts';
import { type KindName, kindOf } from './values.ts';

interface Element {
  readonly singular: string;
  readonly plural: string;
  readonly type: string;
  readonly lists: readonly string[];
  readonly locals: readonly string[];
}

const TEXT: Element = {
  singular: 'string',
  plural: 'strings',
  type: 'str',
  lists: ['words', 'strings', 'texts', 'items', 'lst', 'names', 'lines', 'values'],
  locals: ['w', 'word', 's', 'text', 'item', 'string'],
};
const NUMBER: Element = {
  singular: 'number',
  plural: 'numbers',
  type: 'int',
  lists: ['numbers', 'nums', 'values', 'lst', 'arr', 'items', 'xs'],
  locals: ['n', 'x', 'num', 'number', 'value', 'item'],
};
const LIST: Element = {
  singular: 'list',
  plural: 'lists',
  type: 'list[int]',
  lists: ['lists', 'rows', 'groups', 'nested', 'lst'],
  locals: ['row', 'group', 'sublist', 'values', 'items'],
};

const ELEMENTS: Partial<Record<KindName, Element>> = {
  text: TEXT,
  word: TEXT,
  sentence: TEXT,
  mixed: TEXT,
  digits: TEXT,
  n: NUMBER,
  pos: NUMBER,
  big: NUMBER,
  int: NUMBER,
  ints: LIST,
  pints: LIST,
};

/** Families that can be lifted: one parameter, a body that is one expression, a phrase for the result. */
export function liftable(templates: readonly Template[]): Template[] {
  return templates.filter(
    ({ parameters, bodies, docs, edges, imports }) =>
      parameters.length === 1 &&
      ELEMENTS[parameters[0].kind] !== undefined &&
      edges.length === 0 &&
      imports.length === 0 &&
      bodies.some(isExpression) &&
      docs.some((doc) => /^[=?]/.test(doc)),
  );
}

const isExpression = (body: string) => /^return .+$/.test(body.trim()) && !body.includes('@self');

interface Form {
  /** Documentation line; `%` is the phrase about `it`, `N`, `S` plural and singular noun, `@` the list. */
  readonly doc: readonly string[];
  readonly how: 'each' | 'it';
  readonly bodies: readonly string[];
  readonly returns: string;
  readonly names: readonly string[];
  readonly limit?: boolean;
}

const GENERAL_FORMS: readonly Form[] = [
  {
    doc: ['= a list of %', '= a list with %', '= a list that holds %', '= %, as a list'],
    how: 'each',
    bodies: [
      'return [E for w in @]',
      'result = []\nfor w in @:\n    result.append(E)\nreturn result',
      'result = []\nfor w in @:\n    value = E\n    result.append(value)\nreturn result',
    ],
    returns: 'list[R]',
    names: ['map_%', 'all_%', '%_of_each', 'each_%', '%_list'],
  },
  {
    doc: [
      '= a dictionary that maps each S in @ to %',
      '= a dictionary with the S as key and % as value, for every S in @',
    ],
    how: 'it',
    bodies: ['return {w: E for w in @}', 'result = {}\nfor w in @:\n    result[w] = E\nreturn result'],
    returns: 'dict[T, R]',
    names: ['%_map', '%_by_item', 'map_to_%', '%_dict'],
  },
];

const NUMBER_FORMS: readonly Form[] = [
  {
    doc: ['= the sum of %', '= the sum over all N in @ of %', '= the total of %'],
    how: 'each',
    bodies: ['return sum(E for w in @)', 'total = 0\nfor w in @:\n    total += E\nreturn total'],
    returns: 'int',
    names: ['total_%', 'sum_%', 'sum_of_%'],
  },
  {
    doc: ['= the N in @ sorted by %', '. Sort the N in @ by %.', '. Sort @ by %, from smallest to largest.'],
    how: 'each',
    bodies: ['return sorted(@, key=lambda w: E)', 'result = list(@)\nresult.sort(key=lambda w: E)\nreturn result'],
    returns: 'list[T]',
    names: ['sort_by_%', 'order_by_%', 'sorted_by_%'],
  },
  {
    doc: ['= the N in @ sorted by %, in descending order', '. Sort the N in @ by %, largest first.'],
    how: 'each',
    bodies: ['return sorted(@, key=lambda w: E, reverse=True)'],
    returns: 'list[T]',
    names: ['sort_by_%_desc', 'rank_by_%'],
  },
  {
    doc: [
      '= the first S in @ for which % is largest, or None if @ is empty',
      '= the S in @ with the largest value of: %. Return None if @ is empty',
    ],
    how: 'it',
    bodies: [
      'if not @:\n    return None\nreturn max(@, key=lambda w: E)',
      'best = None\nhighest = None\nfor w in @:\n    score = E\n    if highest is None or score > highest:\n        best = w\n        highest = score\nreturn best',
    ],
    returns: 'T | None',
    names: ['max_by_%', 'most_%', 'largest_%'],
  },
  {
    doc: ['= the N in @ for which % is greater than #', '= a list of the N in @ for which % is more than #'],
    how: 'it',
    bodies: [
      'return [w for w in @ if E > #]',
      'result = []\nfor w in @:\n    if E > #:\n        result.append(w)\nreturn result',
    ],
    returns: 'list[T]',
    names: ['filter_by_%', 'with_%_above', 'select_by_%'],
    limit: true,
  },
  {
    doc: ['= the number of N in @ for which % is at least #', '. Count the N in @ for which % is at least #.'],
    how: 'it',
    bodies: [
      'return sum(1 for w in @ if E >= #)',
      'count = 0\nfor w in @:\n    if E >= #:\n        count += 1\nreturn count',
    ],
    returns: 'int',
    names: ['count_by_%', 'count_with_%'],
    limit: true,
  },
  {
    doc: ['= the N in @ for which % is even', '= the N in @ for which % is an even number'],
    how: 'it',
    bodies: [
      'return [w for w in @ if E % 2 == 0]',
      'result = []\nfor w in @:\n    if E % 2 == 0:\n        result.append(w)\nreturn result',
    ],
    returns: 'list[T]',
    names: ['even_%', 'with_even_%'],
  },
  {
    doc: ['= a dictionary that groups the N in @ by %', '. Group the N in @ by %.'],
    how: 'each',
    bodies: [
      'groups = {}\nfor w in @:\n    groups.setdefault(E, []).append(w)\nreturn groups',
      'groups = {}\nfor w in @:\n    key = E\n    if key not in groups:\n        groups[key] = []\n    groups[key].append(w)\nreturn groups',
    ],
    returns: 'dict[R, list[T]]',
    names: ['group_by_%', 'by_%'],
  },
];

const CONDITION_FORMS: readonly Form[] = [
  {
    doc: [
      '= the N w in @ for which %',
      '= a list of those N w in @ for which %',
      '. Keep only the N w of @ for which %.',
    ],
    how: 'it',
    bodies: [
      'return [w for w in @ if E]',
      'result = []\nfor w in @:\n    if E:\n        result.append(w)\nreturn result',
    ],
    returns: 'list[T]',
    names: ['filter_%', 'keep_%', 'select_%', 'only_%'],
  },
  {
    doc: ['= the N w in @ without those for which %', '. Remove the N w from @ for which %.'],
    how: 'it',
    bodies: [
      'return [w for w in @ if not (E)]',
      'result = []\nfor w in @:\n    if E:\n        continue\n    result.append(w)\nreturn result',
    ],
    returns: 'list[T]',
    names: ['remove_%', 'drop_%', 'without_%'],
  },
  {
    doc: ['= the number of N w in @ for which %', '. Count the N w in @ for which %.'],
    how: 'it',
    bodies: ['return sum(1 for w in @ if E)', 'count = 0\nfor w in @:\n    if E:\n        count += 1\nreturn count'],
    returns: 'int',
    names: ['count_%', 'number_of_%', 'num_%'],
  },
  {
    doc: ['? for every S w in @ it holds that %', '? for all N w in @, %'],
    how: 'it',
    bodies: ['return all(E for w in @)', 'for w in @:\n    if not (E):\n        return False\nreturn True'],
    returns: 'bool',
    names: ['all_%', 'every_%', 'are_all_%'],
  },
  {
    doc: ['? there is a S w in @ for which %', '? for at least one S w in @, %'],
    how: 'it',
    bodies: ['return any(E for w in @)', 'for w in @:\n    if E:\n        return True\nreturn False'],
    returns: 'bool',
    names: ['any_%', 'has_%', 'contains_%'],
  },
  {
    doc: [
      '= the first S w in @ for which %, or None if there is none',
      '. Find the first S w in @ for which %. Return None if there is none.',
    ],
    how: 'it',
    bodies: ['for w in @:\n    if E:\n        return w\nreturn None', 'return next((w for w in @ if E), None)'],
    returns: 'T | None',
    names: ['first_%', 'find_%', 'find_first_%'],
  },
  {
    doc: ['= the index of the first S w in @ for which %, or -1 if there is none'],
    how: 'it',
    bodies: ['for i, w in enumerate(@):\n    if E:\n        return i\nreturn -1'],
    returns: 'int',
    names: ['index_of_%', 'position_of_%'],
  },
];

/** Draws a function over a list from a family of functions of one value. */
export function drawLifted(templates: readonly Template[], draw: Draw): FunctionSample | undefined {
  const template = draw.pick(templates);
  const kind = template.parameters[0].kind;
  const element = ELEMENTS[kind];
  if (!element) return undefined;
  const values = new Map<string, string>();
  for (const { keys, rows } of template.variables) {
    const row = draw.pick(rows);
    keys.forEach((key, index) => {
      values.set(key, row[index] ?? '');
    });
  }
  const fill = (text: string) =>
    text.replace(/@([a-z_][a-zA-Z0-9_]*)/g, (whole, key: string) => values.get(key) ?? whole);
  const doc = draw.pick(template.docs.filter((one) => /^[=?]/.test(one)));
  const forms = doc.startsWith('?')
    ? CONDITION_FORMS
    : template.returns === 'int'
      ? [...GENERAL_FORMS, ...NUMBER_FORMS, ...NUMBER_FORMS]
      : GENERAL_FORMS;
  const form = draw.pick(forms.filter((one) => !(element === LIST && /^dict\[T/.test(one.returns))));
  const list = draw.pick(element.lists);
  const raw = fill(draw.pick(template.bodies.filter(isExpression)))
    .trim()
    .slice('return '.length);
  const spelled = new Set(raw.match(/(?<![@$\w.])[a-z_]\w*/g) ?? []);
  const item = draw.pick(element.locals.filter((one) => one !== list && !spelled.has(one)));
  const limit = form.limit ? draw.pick(['limit', 'threshold', 'k', 'minimum'].filter((one) => one !== item)) : '';
  const key = template.parameters[0].key;
  const inner = new Map<string, string>();
  const pools: Readonly<Record<string, readonly string[]>> = {
    c: ['c', 'ch', 'char'],
    d: ['d', 'digit'],
    i: ['i', 'i', 'j'],
    x: ['x', 'v'],
    w: ['part', 'token'],
  };
  const expression = fill(raw)
    .replace(new RegExp(`@${key}(?!\\w)`, 'g'), item)
    .replace(/\$([a-z_]\w*)/g, (_, local: string) => {
      const known = inner.get(local);
      if (known) return known;
      const free = (pools[local] ?? [local]).filter((one) => one !== item && one !== list && !spelled.has(one));
      const chosen = free.length > 0 ? draw.pick(free) : `${local}_`;
      inner.set(local, chosen);
      return chosen;
    });
  const phrase = (named: boolean) =>
    expandChoices(fill(doc.slice(2)), draw).replace(new RegExp(`@${key}(?!\\w)`, 'g'), () =>
      form.how === 'each'
        ? `each ${element.singular} in ${list}`
        : named
          ? item
          : draw.pick(['it', `the ${element.singular}`]),
    );
  const pattern = draw.pick(form.doc);
  const text = pattern.replace(/%|\bN\b|\bS\b|\bw\b|@|#/g, (mark) => {
    if (mark === '%') return phrase(/ w /.test(pattern));
    if (mark === 'N') return element.plural;
    if (mark === 'S') return element.singular;
    if (mark === 'w') return item;
    return mark === '@' ? list : limit;
  });
  if (text.includes('. ') && text.startsWith('=') && !text.includes('Return None')) return undefined;
  const taken = new Set([item, list, limit, ...inner.values()]);
  const renamed: Record<string, string> = {};
  for (const [name, pool] of Object.entries({
    result: ['result', 'out', 'res', 'output'],
    total: ['total', 'result', 'acc'],
    count: ['count', 'cnt', 'total'],
    groups: ['groups', 'result', 'grouped'],
  })) {
    renamed[name] = draw.pick(pool.filter((one) => !taken.has(one)));
  }
  const body = draw
    .pick(form.bodies)
    .replace(/\bresult\b|\btotal\b|\bcount\b|\bgroups\b/g, (name) => renamed[name] ?? name)
    .replace(/\bw\b|@|#|\bE\b/g, (mark) => {
      if (mark === 'w') return item;
      if (mark === '@') return list;
      if (mark === '#') return limit;
      return expression;
    });
  const returns = form.returns
    .replace(/\bT\b/g, element.type)
    .replace(/\bR\b/g, doc.startsWith('?') ? 'bool' : fill(template.returns));
  const parameters = [{ name: list, type: `list[${element.type}]`, noun: `list of ${element.plural}` }];
  if (limit) parameters.push({ name: limit, type: 'int', noun: 'number' });
  const base = draw
    .pick(template.names)
    .replace(/@([a-z_]\w*)/g, (_, name: string) => [...values].find(([one]) => name.startsWith(one))?.[1] ?? '')
    .replace(/[^a-zA-Z0-9_]+/g, '_');
  const one = () =>
    template.examples.length > 0 && draw.chance(0.7) ? draw.pick(template.examples) : kindOf(kind).literal(draw);
  return {
    name: draw.pick(form.names).replace('%', base.replace(/^(is|has|count|get|find)_/, '')),
    parameters,
    returns,
    imports: [],
    doc: documentation(text.replace(/\.$/, text.startsWith('.') ? '.' : ''), parameters, returns, draw),
    body,
    calls: Array.from({ length: 9 }, () => {
      const size = draw.chance(0.07) ? 0 : draw.between(1, 4);
      const items = `[${Array.from({ length: size }, one).join(', ')}]`;
      return limit ? `${items}, ${draw.between(0, 6)}` : items;
    }),
  };
}
