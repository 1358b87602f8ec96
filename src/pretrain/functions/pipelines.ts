/**
 * @file Functions composed from parts: where the elements come from, which are kept, what is made of each, and what is
 * made of all. The parts know their wording and their Python; the composition is written in several programming styles.
 */

import type { Draw } from './draw.ts';
import type { FunctionSample, SampleParameter } from './template.ts';
import { documentation } from './template.ts';
import { drawArguments, type KindName, kindOf } from './values.ts';

/** Type of an element on its way through the pipeline. */
type Element = 'int' | 'str' | 'char' | 'pair' | 'record';

interface Source {
  readonly element: Element;
  /** Kinds of the parameters it needs. */
  readonly kinds: readonly KindName[];
  /** Python iterable; `@0` is the first parameter. */
  readonly iterable: string;
  /** True when the iterable is a plain list parameter that can be indexed. */
  readonly indexable: boolean;
  /** Plural noun of the elements and where they are: ["numbers", "in @0"]. */
  readonly wordings: readonly (readonly [noun: string, place: string])[];
  readonly weight: number;
  /** Names for one element. */
  readonly locals: readonly string[];
  /** Expression that turns the raw item into the element; `_` is the item. */
  readonly item?: string;
}

const NUMBER_LOCALS = ['x', 'n', 'num', 'value', 'number', 'v', 'item'];
const WORD_LOCALS = ['w', 'word', 'word', 's', 'item', 'token'];
const CHAR_LOCALS = ['c', 'ch', 'char', 'letter'];

const SOURCES: readonly Source[] = [
  {
    element: 'int',
    kinds: ['ints'],
    iterable: '@0',
    indexable: true,
    wordings: [
      ['numbers', 'in @0'],
      ['elements', 'of @0'],
      ['integers', 'in @0'],
      ['values', 'in @0'],
      ['numbers', 'from @0'],
    ],
    weight: 10,
    locals: NUMBER_LOCALS,
  },
  {
    element: 'int',
    kinds: ['pos'],
    iterable: 'range(1, @0 + 1)',
    indexable: false,
    wordings: [
      ['numbers', 'from 1 to @0'],
      ['integers', 'from 1 to @0 (inclusive)'],
      ['numbers', 'between 1 and @0, both included'],
      ['positive integers', 'up to @0'],
    ],
    weight: 3,
    locals: ['i', 'i', 'x', 'num', 'k', 'value'],
  },
  {
    element: 'int',
    kinds: ['n'],
    iterable: 'range(@0)',
    indexable: false,
    wordings: [
      ['numbers', 'below @0'],
      ['non-negative integers', 'less than @0'],
      ['integers', 'from 0 up to but not including @0'],
    ],
    weight: 1.5,
    locals: ['i', 'i', 'x', 'num', 'k', 'value'],
  },
  {
    element: 'int',
    kinds: ['big'],
    iterable: 'str(@0)',
    indexable: false,
    wordings: [
      ['digits', 'of @0'],
      ['decimal digits', 'of @0'],
    ],
    weight: 2,
    locals: ['d', 'digit', 'd', 'c'],
    item: 'int(_)',
  },
  {
    element: 'int',
    kinds: ['sdict'],
    iterable: '@0.values()',
    indexable: false,
    wordings: [
      ['values', 'in @0'],
      ['values', 'of @0'],
    ],
    weight: 1.5,
    locals: ['v', 'value', 'count', 'amount'],
  },
  {
    element: 'int',
    kinds: ['csvints'],
    iterable: '@0.split(",")',
    indexable: false,
    wordings: [
      ['numbers', 'in @0'],
      ['comma-separated integers', 'in @0'],
      ['integers', 'in the comma-separated string @0'],
    ],
    weight: 1.5,
    locals: ['part', 'p', 'x', 'piece', 'item'],
    item: 'int(_)',
  },
  {
    element: 'int',
    kinds: ['words'],
    iterable: '@0',
    indexable: false,
    wordings: [
      ['lengths', 'of the strings in @0'],
      ['lengths', 'of the words in @0'],
    ],
    weight: 1,
    locals: WORD_LOCALS,
    item: 'len(_)',
  },
  {
    element: 'str',
    kinds: ['words'],
    iterable: '@0',
    indexable: true,
    wordings: [
      ['strings', 'in @0'],
      ['words', 'in @0'],
      ['strings', 'from @0'],
      ['elements', 'of @0'],
    ],
    weight: 8,
    locals: WORD_LOCALS,
  },
  {
    element: 'str',
    kinds: ['sentence'],
    iterable: '@0.split()',
    indexable: false,
    wordings: [
      ['words', 'in @0'],
      ['words', 'of @0'],
      ['whitespace-separated words', 'of @0'],
    ],
    weight: 5,
    locals: WORD_LOCALS,
  },
  {
    element: 'str',
    kinds: ['sdict'],
    iterable: '@0',
    indexable: false,
    wordings: [
      ['keys', 'of @0'],
      ['keys', 'in @0'],
    ],
    weight: 1,
    locals: ['key', 'k', 'name'],
  },
  {
    element: 'str',
    kinds: ['lines'],
    iterable: '@0.split("\\n")',
    indexable: false,
    wordings: [
      ['lines', 'of @0'],
      ['lines', 'in @0'],
    ],
    weight: 0.8,
    locals: ['line', 'row', 'line'],
  },
  {
    element: 'str',
    kinds: ['csvwords'],
    iterable: '@0.split(",")',
    indexable: false,
    wordings: [
      ['fields', 'of @0'],
      ['comma-separated fields', 'in @0'],
      ['fields', 'in the comma-separated line @0'],
    ],
    weight: 0.8,
    locals: ['field', 'part', 'p', 'item'],
  },
  {
    element: 'char',
    kinds: ['text'],
    iterable: '@0',
    indexable: true,
    wordings: [
      ['characters', 'in @0'],
      ['characters', 'of @0'],
      ['letters', 'in @0'],
    ],
    weight: 6,
    locals: CHAR_LOCALS,
  },
  {
    element: 'pair',
    kinds: ['pairs'],
    iterable: '@0',
    indexable: true,
    wordings: [
      ['pairs', 'in @0'],
      ['(name, value) pairs', 'in @0'],
      ['entries', 'of @0'],
    ],
    weight: 3,
    locals: ['pair', 'p', 'item', 'entry'],
  },
  {
    element: 'pair',
    kinds: ['sdict'],
    iterable: '@0.items()',
    indexable: false,
    wordings: [
      ['entries', 'of @0'],
      ['items', 'in @0'],
    ],
    weight: 1.5,
    locals: ['pair', 'item', 'entry', 'p'],
  },
  {
    element: 'record',
    kinds: ['records'],
    iterable: '@0',
    indexable: true,
    wordings: [
      ['people', 'in @0'],
      ['records', 'in @0'],
      ['dictionaries', 'in @0'],
    ],
    weight: 2,
    locals: ['person', 'p', 'record', 'r'],
  },
];

/** A condition on an element: wording goes before ("even numbers") or after the noun ("numbers greater than k"). */
interface Filter {
  readonly element: Element;
  readonly before?: readonly string[];
  readonly after?: readonly string[];
  /** "is even": for any/all. */
  readonly verb: readonly string[];
  /** Python over `_`; `#` is the constant or second parameter. */
  readonly test: string;
  readonly negated?: string;
  /** What `#` is: a constant or a parameter of this kind. */
  readonly constant?: (draw: Draw) => string;
  readonly kind?: KindName;
  readonly slug: string;
  readonly weight?: number;
}

const FILTERS: readonly Filter[] = [
  {
    element: 'int',
    before: ['even'],
    verb: ['is even'],
    test: '_ % 2 == 0',
    negated: '_ % 2 != 0',
    slug: 'even',
    weight: 3,
  },
  {
    element: 'int',
    before: ['odd'],
    verb: ['is odd'],
    test: '_ % 2 == 1',
    negated: '_ % 2 == 0',
    slug: 'odd',
    weight: 3,
  },
  {
    element: 'int',
    before: ['positive'],
    verb: ['is positive'],
    test: '_ > 0',
    negated: '_ <= 0',
    slug: 'positive',
    weight: 2,
  },
  {
    element: 'int',
    before: ['negative'],
    verb: ['is negative'],
    test: '_ < 0',
    negated: '_ >= 0',
    slug: 'negative',
    weight: 2,
  },
  {
    element: 'int',
    before: ['non-zero', 'nonzero'],
    verb: ['is not zero'],
    test: '_ != 0',
    negated: '_ == 0',
    slug: 'nonzero',
  },
  {
    element: 'int',
    after: ['that are divisible by #', 'divisible by #', 'that are multiples of #'],
    verb: ['is divisible by #', 'is a multiple of #'],
    test: '_ % # == 0',
    negated: '_ % # != 0',
    constant: (draw) => String(draw.pick([3, 4, 5, 6, 7, 10, 3, 5])),
    slug: 'divisible',
    weight: 2.5,
  },
  {
    element: 'int',
    after: ['that are divisible by #', 'divisible by #', 'that are multiples of #'],
    verb: ['is divisible by #'],
    test: '_ % # == 0',
    negated: '_ % # != 0',
    kind: 'k',
    slug: 'divisible',
    weight: 1.5,
  },
  {
    element: 'int',
    after: ['that are not divisible by #', 'not divisible by #'],
    verb: ['is not divisible by #'],
    test: '_ % # != 0',
    negated: '_ % # == 0',
    constant: (draw) => String(draw.pick([2, 3, 4, 5])),
    slug: 'not_divisible',
  },
  {
    element: 'int',
    after: ['greater than #', 'that are greater than #', 'larger than #', 'that exceed #', 'above #'],
    verb: ['is greater than #', 'exceeds #'],
    test: '_ > #',
    negated: '_ <= #',
    kind: 'limit',
    slug: 'above',
    weight: 3,
  },
  {
    element: 'int',
    after: ['greater than #', 'that are greater than #', 'larger than #'],
    verb: ['is greater than #'],
    test: '_ > #',
    negated: '_ <= #',
    constant: (draw) => String(draw.pick([2, 3, 5, 10, 20])),
    slug: 'large',
    weight: 1.5,
  },
  {
    element: 'int',
    after: ['less than #', 'that are less than #', 'smaller than #', 'below #'],
    verb: ['is less than #', 'is below #'],
    test: '_ < #',
    negated: '_ >= #',
    kind: 'limit',
    slug: 'below',
    weight: 3,
  },
  {
    element: 'int',
    after: ['that are at least #', 'not less than #', 'greater than or equal to #'],
    verb: ['is at least #'],
    test: '_ >= #',
    negated: '_ < #',
    kind: 'limit',
    slug: 'at_least',
    weight: 2,
  },
  {
    element: 'int',
    after: ['that are at most #', 'not greater than #', 'less than or equal to #'],
    verb: ['is at most #'],
    test: '_ <= #',
    negated: '_ > #',
    kind: 'limit',
    slug: 'at_most',
    weight: 2,
  },
  {
    element: 'int',
    after: ['equal to #', 'that are equal to #'],
    verb: ['equals #', 'is equal to #'],
    test: '_ == #',
    negated: '_ != #',
    kind: 'target',
    slug: 'equal',
  },
  {
    element: 'int',
    after: ['different from #', 'that are not equal to #', 'other than #'],
    verb: ['is not #'],
    test: '_ != #',
    negated: '_ == #',
    kind: 'target',
    slug: 'other',
  },
  {
    element: 'int',
    after: ['that end in #', 'whose last digit is #', 'ending with the digit #'],
    verb: ['ends in #'],
    test: 'abs(_) % 10 == #',
    negated: 'abs(_) % 10 != #',
    constant: (draw) => String(draw.between(0, 9)),
    slug: 'ending',
  },
  {
    element: 'int',
    after: ['with exactly two digits', 'that have two digits'],
    verb: ['has two digits'],
    test: '10 <= abs(_) <= 99',
    slug: 'two_digit',
    weight: 0.5,
  },
  {
    element: 'int',
    after: ['that are perfect squares'],
    before: ['square'],
    verb: ['is a perfect square'],
    test: '_ >= 0 and int(_ ** 0.5) ** 2 == _',
    slug: 'square',
    weight: 0.6,
  },
  {
    element: 'int',
    before: ['prime'],
    verb: ['is prime', 'is a prime number'],
    test: '_ > 1 and all(_ % d for d in range(2, int(_ ** 0.5) + 1))',
    slug: 'prime',
    weight: 0.8,
  },
  {
    element: 'str',
    after: ['that start with #', 'starting with #', 'that begin with #'],
    verb: ['starts with #'],
    test: '_.startswith(#)',
    negated: 'not _.startswith(#)',
    kind: 'affix',
    slug: 'starting',
    weight: 2,
  },
  {
    element: 'str',
    after: ['that end with #', 'ending with #', 'ending in #'],
    verb: ['ends with #'],
    test: '_.endswith(#)',
    negated: 'not _.endswith(#)',
    kind: 'char',
    slug: 'ending',
    weight: 2,
  },
  {
    element: 'str',
    after: ['that contain #', 'containing #', 'in which # occurs'],
    verb: ['contains #'],
    test: '# in _',
    negated: '# not in _',
    kind: 'char',
    slug: 'containing',
    weight: 2,
  },
  {
    element: 'str',
    after: ['that do not contain #', 'without the letter #'],
    verb: ['does not contain #'],
    test: '# not in _',
    negated: '# in _',
    kind: 'char',
    slug: 'without',
  },
  {
    element: 'str',
    after: ['longer than # characters', 'with more than # characters', 'that have more than # letters'],
    verb: ['is longer than # characters', 'has more than # characters'],
    test: 'len(_) > #',
    negated: 'len(_) <= #',
    kind: 'k',
    slug: 'longer',
    weight: 2,
  },
  {
    element: 'str',
    after: ['with at least # characters', 'that are at least # characters long', 'of length # or more'],
    verb: ['has at least # characters'],
    test: 'len(_) >= #',
    negated: 'len(_) < #',
    constant: (draw) => String(draw.between(3, 6)),
    slug: 'long',
    weight: 2,
  },
  {
    element: 'str',
    after: ['with fewer than # characters', 'shorter than # characters'],
    verb: ['is shorter than # characters'],
    test: 'len(_) < #',
    negated: 'len(_) >= #',
    constant: (draw) => String(draw.between(4, 6)),
    slug: 'short',
    weight: 1.5,
  },
  {
    element: 'str',
    after: ['with exactly # characters', 'of length #', 'whose length is #'],
    verb: ['has exactly # characters'],
    test: 'len(_) == #',
    negated: 'len(_) != #',
    kind: 'k',
    slug: 'of_length',
    weight: 1.5,
  },
  {
    element: 'str',
    after: ['of even length', 'with an even number of characters'],
    verb: ['has an even length'],
    test: 'len(_) % 2 == 0',
    negated: 'len(_) % 2 == 1',
    slug: 'even_length',
  },
  {
    element: 'str',
    after: ['of odd length', 'with an odd number of characters'],
    verb: ['has an odd length'],
    test: 'len(_) % 2 == 1',
    negated: 'len(_) % 2 == 0',
    slug: 'odd_length',
  },
  {
    element: 'str',
    before: ['non-empty', 'nonempty'],
    verb: ['is not empty'],
    test: '_',
    negated: 'not _',
    slug: 'nonempty',
  },
  {
    element: 'str',
    after: ['that are palindromes', 'that read the same backwards'],
    verb: ['is a palindrome'],
    test: '_ == _[::-1]',
    negated: '_ != _[::-1]',
    slug: 'palindrome',
    weight: 0.8,
  },
  {
    element: 'str',
    after: ['that start with a vowel', 'beginning with a vowel'],
    verb: ['starts with a vowel'],
    test: '_[:1].lower() in ("a", "e", "i", "o", "u")',
    slug: 'vowel_start',
  },
  {
    element: 'str',
    after: ['that start with an uppercase letter', 'that are capitalized'],
    before: ['capitalized'],
    verb: ['starts with an uppercase letter'],
    test: '_[:1].isupper()',
    negated: 'not _[:1].isupper()',
    slug: 'capitalized',
  },
  {
    element: 'str',
    after: ['that contain a digit', 'with at least one digit'],
    verb: ['contains a digit'],
    test: 'any(c.isdigit() for c in _)',
    slug: 'with_digit',
  },
  {
    element: 'str',
    after: ['that start and end with the same letter', 'whose first and last letters are equal'],
    verb: ['starts and ends with the same letter'],
    test: '_ and _[0] == _[-1]',
    slug: 'same_ends',
  },
  {
    element: 'char',
    after: ['that are vowels'],
    verb: ['is a vowel'],
    test: '_.lower() in "aeiou"',
    negated: '_.lower() not in "aeiou"',
    slug: 'vowel',
    weight: 1.5,
  },
  {
    element: 'char',
    after: ['that are digits'],
    verb: ['is a digit'],
    test: '_.isdigit()',
    negated: 'not _.isdigit()',
    slug: 'digit',
    weight: 2,
  },
  {
    element: 'char',
    after: ['that are letters'],
    verb: ['is a letter'],
    test: '_.isalpha()',
    negated: 'not _.isalpha()',
    slug: 'letter',
    weight: 2,
  },
  {
    element: 'char',
    before: ['uppercase', 'upper case'],
    verb: ['is uppercase'],
    test: '_.isupper()',
    negated: 'not _.isupper()',
    slug: 'upper',
    weight: 1.5,
  },
  {
    element: 'char',
    before: ['lowercase', 'lower case'],
    verb: ['is lowercase'],
    test: '_.islower()',
    negated: 'not _.islower()',
    slug: 'lower',
    weight: 1.5,
  },
  {
    element: 'char',
    after: ['that are not spaces', 'other than spaces'],
    verb: ['is not a space'],
    test: '_ != " "',
    negated: '_ == " "',
    slug: 'nonspace',
    weight: 1.5,
  },
  {
    element: 'char',
    after: ['that also occur in #', 'that are contained in #'],
    verb: ['occurs in #'],
    test: '_ in #',
    negated: '_ not in #',
    kind: 'word',
    slug: 'common',
    weight: 1.5,
  },
  {
    element: 'char',
    after: ['that do not occur in #', 'that are not in #'],
    verb: ['does not occur in #'],
    test: '_ not in #',
    negated: '_ in #',
    kind: 'word',
    slug: 'missing',
    weight: 1.2,
  },
  {
    element: 'pair',
    after: ['whose value is greater than #', 'with a value above #', 'with a value greater than #'],
    verb: ['has a value greater than #'],
    test: '_[1] > #',
    negated: '_[1] <= #',
    kind: 'limit',
    slug: 'above',
    weight: 3,
  },
  {
    element: 'pair',
    after: ['whose value is less than #', 'with a value below #'],
    verb: ['has a value less than #'],
    test: '_[1] < #',
    negated: '_[1] >= #',
    kind: 'limit',
    slug: 'below',
    weight: 2,
  },
  {
    element: 'pair',
    after: ['whose value is at least #', 'with a value of at least #'],
    verb: ['has a value of at least #'],
    test: '_[1] >= #',
    negated: '_[1] < #',
    kind: 'limit',
    slug: 'at_least',
    weight: 2,
  },
  {
    element: 'pair',
    after: ['with an even value', 'whose value is even'],
    verb: ['has an even value'],
    test: '_[1] % 2 == 0',
    negated: '_[1] % 2 == 1',
    slug: 'even',
    weight: 1.5,
  },
  {
    element: 'pair',
    after: ['whose name starts with #', 'whose name begins with #'],
    verb: ['has a name that starts with #'],
    test: '_[0].startswith(#)',
    negated: 'not _[0].startswith(#)',
    kind: 'char',
    slug: 'named',
    weight: 1,
  },
  {
    element: 'record',
    after: ['whose age is at least #', 'who are at least # years old'],
    verb: ['is at least # years old'],
    test: '_["age"] >= #',
    negated: '_["age"] < #',
    kind: 'limit',
    slug: 'at_least',
    weight: 3,
  },
  {
    element: 'record',
    after: ['who are younger than #', 'whose age is less than #'],
    verb: ['is younger than #'],
    test: '_["age"] < #',
    negated: '_["age"] >= #',
    kind: 'limit',
    slug: 'younger',
    weight: 2,
  },
  {
    element: 'record',
    after: ['whose name starts with #', 'whose name begins with #'],
    verb: ['has a name that starts with #'],
    test: '_["name"].startswith(#)',
    negated: 'not _["name"].startswith(#)',
    kind: 'char',
    slug: 'named',
  },
];

/** What is made of each element: "the squares of …". */
interface Mapping {
  readonly element: Element;
  readonly result: 'int' | 'str';
  readonly wording: readonly string[];
  readonly expression: string;
  readonly slug: string;
  readonly constant?: (draw: Draw) => string;
  readonly kind?: KindName;
  readonly weight?: number;
}

const MAPPINGS: readonly Mapping[] = [
  { element: 'int', result: 'int', wording: ['the squares of'], expression: '_ ** 2', slug: 'squares', weight: 3 },
  { element: 'int', result: 'int', wording: ['the squares of'], expression: '_ * _', slug: 'squares', weight: 2 },
  { element: 'int', result: 'int', wording: ['the cubes of'], expression: '_ ** 3', slug: 'cubes', weight: 1 },
  {
    element: 'int',
    result: 'int',
    wording: ['the absolute values of'],
    expression: 'abs(_)',
    slug: 'absolute',
    weight: 1.5,
  },
  {
    element: 'int',
    result: 'int',
    wording: ['the doubles of', 'twice'],
    expression: '_ * 2',
    slug: 'doubled',
    weight: 1.5,
  },
  {
    element: 'int',
    result: 'int',
    wording: ['# times'],
    expression: '_ * #',
    slug: 'scaled',
    constant: (draw) => String(draw.pick([3, 4, 5, 10])),
  },
  { element: 'int', result: 'int', wording: ['the last digits of'], expression: 'abs(_) % 10', slug: 'last_digits' },
  { element: 'int', result: 'int', wording: ['the negatives of'], expression: '-_', slug: 'negated', weight: 0.7 },
  {
    element: 'int',
    result: 'int',
    wording: ['the remainders modulo # of'],
    expression: '_ % #',
    slug: 'remainders',
    constant: (draw) => String(draw.pick([3, 4, 5, 7])),
  },
  { element: 'int', result: 'str', wording: ['the string forms of'], expression: 'str(_)', slug: 'strings', weight: 1 },
  { element: 'str', result: 'int', wording: ['the lengths of'], expression: 'len(_)', slug: 'lengths', weight: 4 },
  {
    element: 'str',
    result: 'str',
    wording: ['the uppercase forms of'],
    expression: '_.upper()',
    slug: 'upper',
    weight: 1.5,
  },
  {
    element: 'str',
    result: 'str',
    wording: ['the lowercase forms of'],
    expression: '_.lower()',
    slug: 'lower',
    weight: 1,
  },
  {
    element: 'str',
    result: 'str',
    wording: ['the reversed forms of'],
    expression: '_[::-1]',
    slug: 'reversed',
    weight: 1.5,
  },
  {
    element: 'str',
    result: 'str',
    wording: ['the first letters of', 'the first characters of', 'the initials of'],
    expression: '_[:1]',
    slug: 'initials',
    weight: 2,
  },
  {
    element: 'str',
    result: 'str',
    wording: ['the last letters of', 'the last characters of'],
    expression: '_[-1:]',
    slug: 'last_letters',
    weight: 1,
  },
  {
    element: 'str',
    result: 'str',
    wording: ['the capitalized forms of'],
    expression: '_.capitalize()',
    slug: 'capitalized',
    weight: 1,
  },
  {
    element: 'str',
    result: 'str',
    wording: ['the stripped forms of'],
    expression: '_.strip()',
    slug: 'stripped',
    weight: 0.6,
  },
  {
    element: 'str',
    result: 'int',
    wording: ['the numbers of vowels in'],
    expression: 'sum(c in "aeiou" for c in _)',
    slug: 'vowels',
    weight: 0.7,
  },
  { element: 'char', result: 'str', wording: ['the uppercase forms of'], expression: '_.upper()', slug: 'upper' },
  { element: 'char', result: 'int', wording: ['the character codes of'], expression: 'ord(_)', slug: 'codes' },
  { element: 'pair', result: 'int', wording: ['the values of'], expression: '_[1]', slug: 'values', weight: 4 },
  {
    element: 'pair',
    result: 'str',
    wording: ['the names of', 'the names in'],
    expression: '_[0]',
    slug: 'names',
    weight: 4,
  },
  { element: 'record', result: 'int', wording: ['the ages of'], expression: '_["age"]', slug: 'ages', weight: 3 },
  { element: 'record', result: 'str', wording: ['the names of'], expression: '_["name"]', slug: 'names', weight: 4 },
];

/** What is made of all values `v` (an iterable expression). */
interface Aggregate {
  readonly input: 'int' | 'str' | 'any';
  readonly result: string;
  /** `%` is the phrase of the values: "the squares of the even numbers in xs". */
  readonly wording: readonly string[];
  /** Python of the value when the values stand as a generator in parentheses; `~` is the generator's inside. */
  readonly expression?: string;
  /** Needs a list first: `$` is the list's name. */
  readonly fromList?: readonly string[];
  /** Loop form: start, statement with `_` for the value and `$` for the accumulator, final expression. */
  readonly loop?: { readonly start: string; readonly step: string; readonly end?: string };
  readonly slug: string;
  readonly accumulator: readonly string[];
  /** Guard for no values: [condition on the list, values to return]. */
  readonly empty?: readonly string[];
  readonly weight?: number;
}

const TOTAL = ['total', 'result', 'total', 'acc', 'res', 'sum_'];
const COUNT = ['count', 'cnt', 'count', 'total', 'result'];
const RESULT = ['result', 'res', 'out', 'output', 'result', 'ans'];

const AGGREGATES: readonly Aggregate[] = [
  {
    input: 'int',
    result: 'int',
    wording: ['the sum of %', 'the total of %', 'the sum of %'],
    expression: 'sum(~)',
    loop: { start: '0', step: '$ += _' },
    slug: 'sum',
    accumulator: TOTAL,
    weight: 5,
  },
  {
    input: 'int',
    result: 'int',
    wording: ['the product of %'],
    loop: { start: '1', step: '$ *= _' },
    slug: 'product',
    accumulator: ['product', 'result', 'prod', 'total'],
    weight: 1.5,
  },
  {
    input: 'any',
    result: 'int',
    wording: ['the number of %', 'how many of % there are', 'the count of %'],
    expression: 'sum(1 for_)',
    loop: { start: '0', step: '$ += 1' },
    slug: 'count',
    accumulator: COUNT,
    weight: 4,
  },
  {
    input: 'any',
    result: 'list',
    wording: ['a list of %', '%', '% as a list', '% in their original order', 'a list with %'],
    expression: '[~]',
    loop: { start: '[]', step: '$.append(_)' },
    slug: 'list',
    accumulator: RESULT,
    weight: 6,
  },
  {
    input: 'any',
    result: 'list',
    wording: ['% in reverse order', 'a list of % in reverse order'],
    fromList: ['$[::-1]', 'list(reversed($))'],
    slug: 'reversed',
    accumulator: RESULT,
    weight: 1,
  },
  {
    input: 'any',
    result: 'list',
    wording: ['a sorted list of %', '% in ascending order', '%, sorted', '% sorted in ascending order'],
    expression: 'sorted(~)',
    fromList: ['sorted($)'],
    slug: 'sorted',
    accumulator: RESULT,
    weight: 2.5,
  },
  {
    input: 'any',
    result: 'list',
    wording: ['% in descending order', '% sorted from largest to smallest', 'a list of % in descending order'],
    fromList: ['sorted($, reverse=True)'],
    slug: 'descending',
    accumulator: RESULT,
    weight: 1.5,
  },
  {
    input: 'any',
    result: 'list',
    wording: ['a sorted list of % without duplicates', 'the distinct values among % in ascending order'],
    fromList: ['sorted(set($))'],
    expression: 'sorted({~})',
    slug: 'distinct',
    accumulator: RESULT,
    weight: 1.5,
  },
  {
    input: 'any',
    result: 'int',
    wording: ['the number of different values among %', 'how many distinct values there are among %'],
    fromList: ['len(set($))'],
    expression: 'len({~})',
    slug: 'count_distinct',
    accumulator: RESULT,
    weight: 1.2,
  },
  {
    input: 'int',
    result: 'int',
    wording: ['the largest of %', 'the maximum of %', 'the largest value among %'],
    fromList: ['max($)'],
    slug: 'max',
    accumulator: RESULT,
    empty: ['None', '0', '-1'],
    weight: 3,
  },
  {
    input: 'int',
    result: 'int',
    wording: ['the smallest of %', 'the minimum of %', 'the smallest value among %'],
    fromList: ['min($)'],
    slug: 'min',
    accumulator: RESULT,
    empty: ['None', '0', '-1'],
    weight: 2.5,
  },
  {
    input: 'int',
    result: 'float',
    wording: ['the average of %', 'the mean of %', 'the arithmetic mean of %'],
    fromList: ['sum($) / len($)'],
    slug: 'average',
    accumulator: RESULT,
    empty: ['0', 'None', '0.0'],
    weight: 2.5,
  },
  {
    input: 'int',
    result: 'int',
    wording: ['the difference between the largest and the smallest of %', 'the range (largest minus smallest) of %'],
    fromList: ['max($) - min($)'],
    slug: 'range',
    accumulator: RESULT,
    empty: ['0', 'None'],
    weight: 1.2,
  },
  {
    input: 'str',
    result: 'str',
    wording: ['the longest of %', 'the longest string among %'],
    fromList: ['max($, key=len)'],
    slug: 'longest',
    accumulator: RESULT,
    empty: ['None', '""'],
    weight: 2.5,
  },
  {
    input: 'str',
    result: 'str',
    wording: ['the shortest of %', 'the shortest string among %'],
    fromList: ['min($, key=len)'],
    slug: 'shortest',
    accumulator: RESULT,
    empty: ['None', '""'],
    weight: 1.5,
  },
  {
    input: 'str',
    result: 'str',
    wording: ['the alphabetically first of %', 'the first of % in alphabetical order'],
    fromList: ['min($)', 'sorted($)[0]'],
    slug: 'first_alphabetically',
    accumulator: RESULT,
    empty: ['None', '""'],
    weight: 1,
  },
  {
    input: 'str',
    result: 'str',
    wording: ['% joined by "-"', '% joined with "-"'],
    expression: '"-".join(~)',
    slug: 'joined',
    accumulator: RESULT,
    weight: 0.8,
  },
  {
    input: 'str',
    result: 'str',
    wording: ['% joined by ", "', '% as one string, separated by ", "'],
    expression: '", ".join(~)',
    slug: 'joined',
    accumulator: RESULT,
    weight: 1.5,
  },
  {
    input: 'str',
    result: 'str',
    wording: ['% joined by spaces', '% joined with single spaces', '% as one string, separated by spaces'],
    expression: '" ".join(~)',
    slug: 'joined',
    accumulator: RESULT,
    weight: 2,
  },
  {
    input: 'str',
    result: 'str',
    wording: ['% joined into one string', '% concatenated', 'the concatenation of %'],
    expression: '"".join(~)',
    loop: { start: '""', step: '$ += _' },
    slug: 'concatenated',
    accumulator: RESULT,
    weight: 2.5,
  },
  {
    input: 'str',
    result: 'int',
    wording: ['the total length of %', 'the number of characters in % together'],
    expression: 'sum(len(value) for value in (~))',
    fromList: ['sum(map(len, $))', 'len("".join($))'],
    loop: { start: '0', step: '$ += len(_)' },
    slug: 'total_length',
    accumulator: TOTAL,
    weight: 1.5,
  },
  {
    input: 'any',
    result: 'dict',
    wording: [
      'a dictionary that maps each value among % to its number of occurrences',
      'a dictionary with the count of each of %',
    ],
    loop: { start: '{}', step: '$[_] = $.get(_, 0) + 1' },
    slug: 'counts',
    accumulator: ['counts', 'freq', 'counter', 'result'],
    weight: 1.5,
  },
  {
    input: 'str',
    result: 'dict',
    wording: ['a dictionary that maps each of % to its length'],
    loop: { start: '{}', step: '$[_] = len(_)' },
    slug: 'lengths',
    accumulator: RESULT,
    weight: 1,
  },
  {
    input: 'int',
    result: 'dict',
    wording: ['a dictionary that maps each of % to its square'],
    loop: { start: '{}', step: '$[_] = _ * _' },
    slug: 'square_map',
    accumulator: RESULT,
    weight: 0.5,
  },
  {
    input: 'any',
    result: 'elem',
    wording: ['the first of %', 'the first value among %'],
    fromList: ['$[0]'],
    slug: 'first',
    accumulator: RESULT,
    empty: ['None', '-1'],
    weight: 1.5,
  },
  {
    input: 'any',
    result: 'elem',
    wording: ['the last of %', 'the last value among %'],
    fromList: ['$[-1]'],
    slug: 'last',
    accumulator: RESULT,
    empty: ['None', '-1'],
    weight: 1.2,
  },
  {
    input: 'int',
    result: 'list',
    wording: ['the running totals of %', 'the cumulative sums of %'],
    fromList: ['[sum($[:i + 1]) for i in range(len($))]'],
    slug: 'running_totals',
    accumulator: RESULT,
    weight: 0.8,
  },
  {
    input: 'any',
    result: 'list',
    wording: ['% without repetitions, in order of first appearance'],
    loop: { start: '[]', step: 'if _ not in $:\n    $.append(_)' },
    fromList: ['list(dict.fromkeys($))'],
    slug: 'unique',
    accumulator: RESULT,
    weight: 1,
  },
];

const NAME_NOUN: Readonly<Record<Element, string>> = {
  int: 'numbers',
  str: 'words',
  char: 'chars',
  pair: 'pairs',
  record: 'people',
};

/** A filter with its constant or parameter filled in. */
interface ChosenFilter {
  readonly filter: Filter;
  readonly test: string;
  readonly negated?: string;
  readonly fill: (wording: string) => string;
}

/** Draws a composed function. */
export function drawPipeline(draw: Draw): FunctionSample {
  for (;;) {
    const sample = draw.chance(0.16) ? drawQuantifier(draw) : drawAggregate(draw);
    if (sample) return sample;
  }
}

interface Frame {
  readonly source: Source;
  readonly noun: string;
  readonly place: string;
  readonly item: string;
  readonly parameters: SampleParameter[];
  readonly kinds: KindName[];
  readonly taken: Set<string>;
}

function openFrame(draw: Draw): Frame {
  const source = draw.weighted(SOURCES.map((one) => [one.weight, one] as const));
  const taken = new Set<string>();
  const frame: Frame = {
    source,
    noun: '',
    place: '',
    item: '',
    parameters: [],
    kinds: [],
    taken,
  };
  for (const kind of source.kinds) addParameter(frame, kind, draw);
  const [noun, place] = draw.pick(source.wordings);
  const { name, noun: kindNoun } = frame.parameters[0];
  const long = source.element !== 'int' || /values|ints|csvints/.test(source.kinds[0]);
  const mention = draw.weighted([
    [6, name],
    [long ? 1.5 : 0, `the ${kindNoun} ${name}`],
    [long ? 1.5 : 0, `the given ${kindNoun}`],
    [long ? 0.8 : 0, 'the input'],
  ]);
  const item = draw.pick(source.locals.filter((one) => !taken.has(one)));
  taken.add(item);
  return {
    ...frame,
    noun,
    place: place.replace('@0', mention.startsWith('the') && /the comma/.test(place) ? name : mention),
    item,
  };
}

function addParameter(frame: Pick<Frame, 'parameters' | 'kinds' | 'taken'>, kind: KindName, draw: Draw): string {
  const { names, type, nouns } = kindOf(kind);
  const free = names.filter((one) => !frame.taken.has(one));
  const name = free.length > 0 ? draw.pick(free) : `${kind}_value`;
  frame.taken.add(name);
  frame.parameters.push({ name, type, noun: draw.pick(nouns) });
  frame.kinds.push(kind);
  return name;
}

function chooseFilter(frame: Frame, draw: Draw, exclude?: Filter): ChosenFilter | undefined {
  const usable = FILTERS.filter(
    (one) =>
      one.element === frame.source.element &&
      one.slug !== exclude?.slug &&
      !(exclude?.kind && one.kind === exclude.kind),
  );
  if (usable.length === 0) return undefined;
  const filter = draw.weighted(usable.map((one) => [one.weight ?? 1, one] as const));
  const value = filter.constant ? filter.constant(draw) : filter.kind ? addParameter(frame, filter.kind, draw) : '';
  const fill = (text: string) => text.replaceAll('#', value);
  return { filter, test: fill(filter.test), negated: filter.negated && fill(filter.negated), fill };
}

/** "the even numbers in xs that are greater than k" */
function elementPhrase(frame: Frame, filters: readonly ChosenFilter[], draw: Draw, article = true): string {
  let noun = frame.noun;
  const after: string[] = [];
  for (const { filter, fill } of filters) {
    if (filter.before && (!filter.after || draw.chance(0.6))) noun = `${fill(draw.pick(filter.before))} ${noun}`;
    else if (filter.after) after.push(fill(draw.pick(filter.after)));
  }
  const joined = after.join(' and ');
  const the = article ? 'the ' : '';
  return draw.chance(0.65) || !joined
    ? `${the}${noun} ${frame.place} ${joined}`.trim()
    : `${the}${noun} ${joined} ${frame.place}`;
}

const put = (expression: string, value: string) => expression.replace(/(?<![\w.])_(?!\w)/g, value);

function callsOf(frame: Frame, draw: Draw): string[] {
  return Array.from({ length: 10 }, () => drawArguments(frame.kinds, draw));
}

function iterableOf(frame: Frame): string {
  return frame.source.iterable.replace('@0', frame.parameters[0].name);
}

/** The element as Python, from the loop variable. */
function elementOf(frame: Frame): string {
  return frame.source.item ? put(frame.source.item, frame.item) : frame.item;
}

const RETURN_TYPE: Readonly<Record<string, string>> = {
  int: 'int',
  str: 'str',
  float: 'float',
  list: 'list',
  dict: 'dict',
};

function drawAggregate(draw: Draw): FunctionSample | undefined {
  const frame = openFrame(draw);
  const { element } = frame.source;
  const filters: ChosenFilter[] = [];
  if (draw.chance(0.72)) {
    const first = chooseFilter(frame, draw);
    if (first) filters.push(first);
    if (first && draw.chance(0.22)) {
      const second = chooseFilter(frame, draw, first.filter);
      if (second) filters.push(second);
    }
  }
  const mappings = MAPPINGS.filter((one) => one.element === element);
  const needsMapping = element === 'pair' || element === 'record';
  const mapping =
    mappings.length > 0 && (needsMapping || draw.chance(filters.length > 0 ? 0.4 : 0.6))
      ? draw.weighted(mappings.map((one) => [one.weight ?? 1, one] as const))
      : undefined;
  const constant = mapping?.constant ? mapping.constant(draw) : '';
  const valueType = mapping?.result ?? (element === 'int' ? 'int' : 'str');
  const usable = AGGREGATES.filter((one) => one.input === 'any' || one.input === valueType).filter(
    // Counting does not look at the values; plain lists of everything say nothing.
    (one) =>
      !(one.slug === 'count' && (mapping || filters.length === 0)) &&
      !(one.slug === 'list' && !mapping && filters.length === 0),
  );
  const aggregate = draw.weighted(
    usable.map(
      (one) => [(one.weight ?? 1) * (element === 'char' && one.slug === 'concatenated' ? 3 : 1), one] as const,
    ),
  );
  if (element === 'char' && /longest|shortest|total_length|lengths/.test(aggregate.slug)) return undefined;

  const inner = elementPhrase(frame, filters, draw);
  const values = mapping ? `${draw.pick(mapping.wording).replaceAll('#', constant)} ${inner}` : inner;
  const phrase = draw.pick(aggregate.wording).replace('%', values);

  const raw = elementOf(frame);
  const test = filters.map(({ test }) => put(test, raw)).join(' and ');
  const value = mapping ? put(mapping.expression.replaceAll('#', constant), raw) : raw;
  const iterable = iterableOf(frame);
  const comprehension = `${value} for ${frame.item} in ${iterable}${test ? ` if ${test}` : ''}`;
  const name = (pool: readonly string[]) => {
    const free = pool.filter((one) => !frame.taken.has(one));
    const chosen = free.length > 0 ? draw.pick(free) : `${pool[0]}_`;
    frame.taken.add(chosen);
    return chosen;
  };
  const empty = aggregate.empty
    ? draw.pick(aggregate.empty.filter((one) => valueType === 'int' || one !== '-1'))
    : undefined;

  const loopBody = (accumulator: string, step: string) => {
    const statement = (one: string) => step.replaceAll('$', accumulator).replace(/(?<![\w.])_(?!\w)/g, () => one);
    const lines = [`for ${frame.item} in ${iterable}:`];
    let depth = '    ';
    let current = value;
    if (frame.source.item && draw.chance(0.6)) {
      const converted = name(NUMBER_LOCALS);
      lines.push(`${depth}${converted} = ${raw}`);
      current = mapping ? put(mapping.expression.replaceAll('#', constant), converted) : converted;
      if (test) lines.push(`${depth}if ${filters.map((one) => put(one.test, converted)).join(' and ')}:`);
    } else if (test && filters.length === 1 && filters[0].negated && draw.chance(0.15)) {
      lines.push(`${depth}if ${put(filters[0].negated, raw)}:`, `${depth}    continue`);
      lines.push(
        ...statement(current)
          .split('\n')
          .map((line) => depth + line),
      );
      return lines.join('\n');
    } else if (filters.length === 2 && draw.chance(0.2)) {
      lines.push(`${depth}if ${put(filters[0].test, raw)}:`);
      depth += '    ';
      lines.push(`${depth}if ${put(filters[1].test, raw)}:`);
    } else if (test) lines.push(`${depth}if ${test}:`);
    if (test) depth += '    ';
    lines.push(
      ...statement(current)
        .split('\n')
        .map((line) => depth + line),
    );
    return lines.join('\n');
  };

  const styles: [number, () => string][] = [];
  if (aggregate.expression && !empty) {
    const expression = aggregate.expression;
    const inside =
      aggregate.slug === 'count'
        ? `sum(1 for ${frame.item} in ${iterable} if ${test})`
        : expression.replace('~', () =>
            comprehension.replace(/^(\w+) for \1 in (.*)$/, (whole, one: string, rest: string) =>
              test || !/^(sum|sorted)/.test(expression) ? whole : one && rest,
            ),
          );
    styles.push([4, () => `return ${inside}`]);
    if (aggregate.slug === 'count')
      styles.push([1, () => `return len([${frame.item} for ${frame.item} in ${iterable} if ${test}])`]);
    else {
      styles.push([
        0.7,
        () => {
          const accumulator = name(aggregate.accumulator);
          return `${accumulator} = ${inside}\nreturn ${accumulator}`;
        },
      ]);
    }
  }
  if (aggregate.loop) {
    const { start, step } = aggregate.loop;
    styles.push([
      3.5,
      () => {
        const accumulator = name(aggregate.accumulator);
        return `${accumulator} = ${start}\n${loopBody(accumulator, step)}\nreturn ${accumulator}`;
      },
    ]);
    if (frame.source.indexable && !frame.source.item && draw.chance(0.5)) {
      styles.push([
        0.5,
        () => {
          const accumulator = name(aggregate.accumulator);
          const list = frame.parameters[0].name;
          const inner = loopBody(accumulator, step).split('\n').slice(1).join('\n');
          return `${accumulator} = ${start}\nfor i in range(len(${list})):\n    ${frame.item} = ${list}[i]\n${inner}\nreturn ${accumulator}`;
        },
      ]);
    }
  }
  if (aggregate.fromList) {
    const list = aggregate.fromList;
    styles.push([
      empty ? 4 : 2,
      () => {
        const holder = name(['selected', 'values', 'matches', 'found', 'candidates', 'kept', 'result', 'items']);
        const guard = empty
          ? draw.pick([
              `if not ${holder}:\n    return ${empty}\n`,
              `if len(${holder}) == 0:\n    return ${empty}\n`,
              `if not ${holder}:\n    return ${empty}\n`,
            ])
          : '';
        const final = draw.pick(list).replaceAll('$', holder);
        const build = draw.chance(0.72)
          ? `${holder} = [${comprehension}]\n`
          : `${holder} = []\n${loopBody(holder, '$.append(_)')}\n`;
        if (empty && draw.chance(0.15)) return `${build}return ${final} if ${holder} else ${empty}`;
        return `${build}${guard}return ${final}`;
      },
    ]);
    if (empty && (aggregate.slug === 'max' || aggregate.slug === 'min')) {
      const op = aggregate.slug === 'max' ? '>' : '<';
      styles.push([
        2,
        () => {
          const best = name(
            ['best', 'result', 'largest', 'current'].map((one) =>
              aggregate.slug === 'min' && one === 'largest' ? 'smallest' : one,
            ),
          );
          const lines = loopBody(best, `if $ is None or _ ${op} $:\n    $ = _`);
          const end = empty === 'None' ? `return ${best}` : `return ${empty} if ${best} is None else ${best}`;
          return `${best} = None\n${lines}\n${end}`;
        },
      ]);
      if (!test) styles.length = Math.min(styles.length, 2);
    }
    if (empty && aggregate.slug === 'first' && test) {
      styles.push([
        3,
        () => `for ${frame.item} in ${iterable}:\n    if ${test}:\n        return ${value}\nreturn ${empty}`,
      ]);
      styles.push([1, () => `return next((${comprehension}), ${empty})`]);
    }
  }
  if (styles.length === 0) return undefined;
  const body = draw.weighted(styles)();

  const elementType = valueType;
  let returns =
    aggregate.result === 'list'
      ? `list[${elementType}]`
      : aggregate.result === 'dict'
        ? `dict[${elementType}, int]`
        : aggregate.result === 'elem'
          ? elementType
          : (RETURN_TYPE[aggregate.result] ?? 'int');
  if (empty === 'None') returns = `${returns} | None`;
  if (empty === '-1' && elementType === 'str') return undefined;

  const doc = documentation(`= ${phrase}`, frame.parameters, returns, draw);
  if (empty) doc.push(emptyClause(empty, filters.length > 0, frame, draw));
  return {
    name: pipelineName(frame, filters, mapping?.slug, aggregate.slug, draw),
    parameters: frame.parameters,
    returns,
    imports: [],
    doc,
    body,
    calls: callsOf(frame, draw),
  };
}

function emptyClause(value: string, filtered: boolean, frame: Frame, draw: Draw): string {
  const shown = value.replace(/^""$/, 'an empty string');
  const { name } = frame.parameters[0];
  if (filtered) {
    return draw.pick([
      `If there are none, return ${shown}.`,
      `Return ${shown} if there are no such ${frame.noun}.`,
      `If there is no such ${singular(frame.noun)}, return ${shown}.`,
      `Return ${shown} if there are none.`,
    ]);
  }
  return draw.pick([
    `If there are no ${frame.noun}, return ${shown}.`,
    `Return ${shown} if ${name} is empty.`,
    `Return ${shown} if there are none.`,
  ]);
}

function singular(noun: string): string {
  return noun
    .replace(/entries$/, 'entry')
    .replace(/people$/, 'person')
    .replace(/ies$/, 'y')
    .replace(/s$/, '');
}

function pipelineName(
  frame: Frame,
  filters: readonly ChosenFilter[],
  mapping: string | undefined,
  aggregate: string,
  draw: Draw,
): string {
  if (draw.chance(0.05))
    return draw.pick(['solve', 'solution', 'f', 'func', 'process', 'compute', 'calculate', 'transform', 'task', 'foo']);
  const noun = draw.chance(0.5)
    ? NAME_NOUN[frame.source.element]
    : frame.noun
        .split(' ')
        .pop()!
        .replace(/[^a-z]/g, '');
  const adjective = filters.map(({ filter }) => filter.slug);
  const object = [
    ...(mapping && draw.chance(0.7) ? [mapping, 'of'] : []),
    ...adjective.slice(0, draw.chance(0.75) ? 2 : 1),
    noun,
  ].join('_');
  const verb: Readonly<Record<string, readonly string[]>> = {
    list: ['get', 'filter', 'select', 'keep', 'find', 'list', 'only', 'collect'],
    count: ['count', 'number_of', 'num', 'how_many'],
    sum: ['sum', 'sum_of', 'total', 'add_up', 'sum'],
    sorted: ['sort', 'sorted', 'order'],
    average: ['average', 'mean', 'average_of', 'avg'],
    max: ['max', 'largest', 'max_of', 'find_max', 'biggest'],
    min: ['min', 'smallest', 'min_of', 'find_min', 'lowest'],
    joined: ['join', 'combine', 'join'],
    concatenated: ['concat', 'join', 'extract', 'keep'],
    longest: ['longest', 'find_longest'],
    shortest: ['shortest', 'find_shortest'],
    counts: ['count', 'tally', 'frequency_of'],
    first: ['first', 'find_first'],
    last: ['last', 'find_last'],
  };
  return `${draw.pick(verb[aggregate] ?? [aggregate])}_${object}`;
}

/** "Return True if all/any/none of the … are …", "at least k", comparisons of two counts. */
function drawQuantifier(draw: Draw): FunctionSample | undefined {
  const frame = openFrame(draw);
  const chosen = chooseFilter(frame, draw);
  if (!chosen) return undefined;
  const raw = elementOf(frame);
  const test = put(chosen.test, raw);
  const negated = chosen.negated ? put(chosen.negated, raw) : `not (${test})`;
  const iterable = iterableOf(frame);
  const verb = chosen.fill(draw.pick(chosen.filter.verb));
  const one = singular(frame.noun);
  const loop = (condition: string, inside: string, after: string) =>
    `for ${frame.item} in ${iterable}:\n    if ${condition}:\n        return ${inside}\nreturn ${after}`;
  const kind = draw.pick(['all', 'any', 'none', 'atLeast', 'exactly', 'index'] as const);
  const count = `sum(1 for ${frame.item} in ${iterable} if ${test})`;
  const counting = (final: string) => {
    const counter = frame.taken.has('count') ? 'cnt' : 'count';
    return `${counter} = 0\nfor ${frame.item} in ${iterable}:\n    if ${test}:\n        ${counter} += 1\nreturn ${final.replace('$', counter)}`;
  };
  let line: string;
  let body: string;
  let returns = 'bool';
  let slug: string = kind;
  if (kind === 'all') {
    line = draw.pick([`? every ${one} ${frame.place} ${verb}`, `? each ${one} ${frame.place} ${verb}`]);
    body = draw.pick([`return all(${test} for ${frame.item} in ${iterable})`, loop(negated, 'False', 'True')]);
  } else if (kind === 'any') {
    line = draw.pick([
      `? at least one ${one} ${frame.place} ${verb}`,
      `? any ${one} ${frame.place} ${verb}`,
      `? there is a ${one} ${frame.place} that ${verb}`,
    ]);
    body = draw.pick([`return any(${test} for ${frame.item} in ${iterable})`, loop(test, 'True', 'False')]);
  } else if (kind === 'none') {
    line = draw.pick([`? no ${one} ${frame.place} ${verb}`, `? none of the ${frame.noun} ${frame.place} ${verb}`]);
    body = draw.pick([`return not any(${test} for ${frame.item} in ${iterable})`, loop(test, 'False', 'True')]);
  } else if (kind === 'index') {
    const bare = frame.source.indexable ? frame.parameters[0].name : iterable;
    line = `= the index of the first ${one} ${frame.place} that ${verb}, or -1 if there is none`;
    body = `for i, ${frame.item} in enumerate(${bare}):\n    if ${test}:\n        return i\nreturn -1`;
    if (frame.taken.has('i')) return undefined;
    returns = 'int';
    slug = 'index_of';
  } else {
    const needed = draw.chance(0.6) ? String(draw.between(2, 4)) : addParameter(frame, 'k', draw);
    const words = kind === 'atLeast' ? 'at least' : 'exactly';
    const op = kind === 'atLeast' ? '>=' : '==';
    const phrase = elementPhrase(frame, [chosen], draw, false);
    line = `? there are ${words} ${needed} ${phrase}`;
    body = draw.pick([`return ${count} ${op} ${needed}`, counting(`$ ${op} ${needed}`)]);
    slug = kind === 'atLeast' ? 'at_least' : 'exactly';
  }
  return {
    name: draw.chance(0.06)
      ? draw.pick(['check', 'test', 'is_ok', 'verify', 'f', 'validate'])
      : `${draw.pick([slug, `${slug}`, slug === 'any' ? 'has' : slug === 'all' ? 'are_all' : slug])}_${chosen.filter.slug}`,
    parameters: frame.parameters,
    returns,
    imports: [],
    doc: documentation(line, frame.parameters, returns, draw),
    body,
    calls: callsOf(frame, draw),
  };
}
