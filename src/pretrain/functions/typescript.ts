/** @file Families of small TypeScript functions, written and checked like the Python ones but run in this process. */

import type { Draw } from './draw.ts';
import { chooseExamples, wrapText } from './render.ts';
import { type FunctionSample, instantiate, parseTemplates, type Template } from './template.ts';

const TYPESCRIPT_TEXT = String.raw`
## sum|sum_values|total|add_all
(xs:ints) -> int
= the sum of @xs
---
return @xs.reduce((total, x) => total + x, 0);
---
let $total = 0;
for (const $x of @xs) {
  $total += $x;
}
return $total;

## sum_@what|total_@what|sum_of_@what
(xs:ints) -> int
with what~test in even ~ $x % 2 === 0 | odd ~ $x % 2 !== 0 | positive ~ $x > 0 | negative ~ $x < 0
= the sum of the @what numbers in @xs
---
return @xs.filter(($x) => @test).reduce((sum, value) => sum + value, 0);
---
let $total = 0;
for (const $x of @xs) {
  if (@test) {
    $total += $x;
  }
}
return $total;

## only_@what|filter_@what|keep_@what
(xs:ints) -> list[int]
with what~test in even ~ $x % 2 === 0 | odd ~ $x % 2 !== 0 | positive ~ $x > 0 | nonzero ~ $x !== 0
= the @what numbers of @xs
---
return @xs.filter(($x) => @test);
---
const $result: number[] = [];
for (const $x of @xs) {
  if (@test) $result.push($x);
}
return $result;

## count_@what|number_of_@what
(xs:ints, limit:limit) -> int
with what~word~op in above ~ greater than ~ > | below ~ less than ~ < | at_least ~ at least ~ >=
= the number of elements of @xs that are @word @limit
---
return @xs.filter(($x) => $x @op @limit).length;
---
let $count = 0;
for (const $x of @xs) {
  if ($x @op @limit) $count++;
}
return $count;

## unique|dedupe|distinct|remove_duplicates
(xs:ints) -> list[int]
= the elements of @xs without duplicates, in order of first appearance
---
return [...new Set(@xs)];
---
return @xs.filter(($x, index) => @xs.indexOf($x) === index);
---
const seen = new Set<number>();
const $result: number[] = [];
for (const $x of @xs) {
  if (seen.has($x)) continue;
  seen.add($x);
  $result.push($x);
}
return $result;

## chunk|split_into_chunks|batches
(xs:ints, k:k) -> list[list[int]]
. Split @xs into chunks of @k elements. The last one may be shorter.
---
const $result: number[][] = [];
for (let i = 0; i < @xs.length; i += @k) {
  $result.push(@xs.slice(i, i + @k));
}
return $result;

## group_by_length|words_by_length
(words:words) -> dict[int, list[str]]
= an object that maps each length to the words of that length in @words
---
const $groups: Record<number, string[]> = {};
for (const $w of @words) {
  ($groups[$w.length] ??= []).push($w);
}
return $groups;

## count_words|word_frequency|tally_words
(s:sentence) -> dict[str, int]
= an object with the number of occurrences of each word in @s
---
const $counts: Record<string, number> = {};
for (const $w of @s.split(' ')) {
  $counts[$w] = ($counts[$w] ?? 0) + 1;
}
return $counts;

## reverse_words|flip_words
(s:sentence) -> str
= the words of @s in reverse order
---
return @s.split(' ').reverse().join(' ');
---
const $words = @s.split(' ');
$words.reverse();
return $words.join(' ');

## capitalize|capitalize_first|upper_first
(s:text) -> str
= @s with its first character in upper case
---
return @s.charAt(0).toUpperCase() + @s.slice(1);
---
if (@s === '') return '';
return @s[0].toUpperCase() + @s.slice(1);

## title_case|capitalize_words
(s:sentence) -> str
. Capitalize the first letter of every word in @s.
---
return @s
  .split(' ')
  .map(($w) => $w.charAt(0).toUpperCase() + $w.slice(1))
  .join(' ');

## is_palindrome|reads_same_backwards
(s:word) -> bool
? @s reads the same forwards and backwards
---
return @s === [...@s].reverse().join('');
---
for (let i = 0; i < @s.length / 2; i++) {
  if (@s[i] !== @s[@s.length - 1 - i]) return false;
}
return true;

## count_vowels|vowel_count
(s:text) -> int
= the number of vowels in @s
---
let $count = 0;
for (const $c of @s.toLowerCase()) {
  if ('aeiou'.includes($c)) $count++;
}
return $count;
---
return [...@s].filter(($c) => 'aeiouAEIOU'.includes($c)).length;

## camel_case|to_camel_case
(s:snake) -> str
. Convert @s from snake_case to camelCase.
---
return @s.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
---
const [first, ...rest] = @s.split('_');
return first + rest.map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join('');

## snake_case|to_snake_case
(s:camel) -> str
. Convert @s from camelCase to snake_case.
---
return @s.replace(/[A-Z]/g, (letter) => '_' + letter.toLowerCase());

## truncate|shorten
(s:sentence, limit:limit) -> str
. Cut @s to @limit characters and append "..." if something was cut off.
---
if (@s.length <= @limit) return @s;
return @s.slice(0, @limit) + '...';
---
return @s.length > @limit ? @s.slice(0, @limit) + '...' : @s;

## pad_start|left_pad
(s:word, width:limit) -> str
= @s padded with spaces on the left to @width characters
---
return @s.padStart(@width);
---
let $result = @s;
while ($result.length < @width) {
  $result = ' ' + $result;
}
return $result;

## clamp|limit_to
(x:int, low:n, high:limit) -> int
= @x limited to the range from @low to @high
---
return Math.min(Math.max(@x, @low), @high);
---
if (@x < @low) return @low;
if (@x > @high) return @high;
return @x;

## factorial|fact
(n:small) -> int
= the factorial of @n
---
let $result = 1;
for (let i = 2; i <= @n; i++) {
  $result *= i;
}
return $result;
---
return @n <= 1 ? 1 : @n * @self(@n - 1);

## fibonacci|fib
(n:small) -> int
= the Fibonacci number with index @n
---
let a = 0;
let b = 1;
for (let i = 0; i < @n; i++) {
  [a, b] = [b, a + b];
}
return a;

## digit_sum|sum_digits
(n:big) -> int
= the sum of the digits of @n
---
let $total = 0;
for (const digit of String(@n)) {
  $total += Number(digit);
}
return $total;
---
return [...String(@n)].reduce((sum, digit) => sum + Number(digit), 0);

## range|number_range|count_up
(n:small) -> list[int]
= an array of the integers from 0 to @n - 1
---
return Array.from({ length: @n }, (_, i) => i);
---
const $result: number[] = [];
for (let i = 0; i < @n; i++) {
  $result.push(i);
}
return $result;

## transpose|swap_rows_and_columns
(m:matrix) -> list[list[int]]
= the transpose of @m
---
return @m[0].map((_, column) => @m.map((row) => row[column]));

## flatten|concat_all
(xs:lists) -> list[int]
= one array with the elements of all arrays in @xs
---
return @xs.flat();
---
const $result: number[] = [];
for (const row of @xs) {
  $result.push(...row);
}
return $result;

## longest_word|find_longest
(words:words) -> str
= the longest string in @words, or an empty string if there is none
---
let best = '';
for (const $w of @words) {
  if ($w.length > best.length) best = $w;
}
return best;
---
return @words.reduce((best, $w) => ($w.length > best.length ? $w : best), '');

## average|mean
(xs:ints) -> float
= the average of @xs, or 0 if it is empty
---
if (@xs.length === 0) return 0;
return @xs.reduce((sum, value) => sum + value, 0) / @xs.length;

## intersection|common_elements
(a:ints, b:ints) -> list[int]
= the elements of @a that also occur in @b
---
const allowed = new Set(@b);
return @a.filter(($x) => allowed.has($x));
---
return @a.filter(($x) => @b.includes($x));

## sort_by_length|order_by_length
(words:words) -> list[str]
= a copy of @words sorted by length
---
return [...@words].sort((a, b) => a.length - b.length);

## parse_query|parse_params
(s:kvtext) -> dict[str, str]
. Parse the key=value pairs of @s, which are separated by "&".
---
const $result: Record<string, string> = {};
for (const pair of @s.split('&')) {
  const [key, value] = pair.split('=');
  if (key) $result[key] = value ?? '';
}
return $result;

## pick_above|entries_above
(d:sdict, limit:limit) -> dict[str, int]
= the entries of @d whose value is greater than @limit
---
return Object.fromEntries(Object.entries(@d).filter(([, value]) => value > @limit));
---
const $result: Record<string, number> = {};
for (const [key, value] of Object.entries(@d)) {
  if (value > @limit) $result[key] = value;
}
return $result;

## sum_values_of|total_of_record
(d:sdict) -> int
= the sum of the values of @d
---
return Object.values(@d).reduce((sum, value) => sum + value, 0);

## invert|swap_keys_and_values
(d:ssdict) -> dict[str, str]
= a copy of @d with keys and values swapped
---
const $result: Record<string, string> = {};
for (const [key, value] of Object.entries(@d)) {
  $result[value] = key;
}
return $result;

## is_balanced|brackets_match
(s:brackets) -> bool
? the brackets in @s are balanced
---
const pairs: Record<string, string> = { ')': '(', ']': '[', '}': '{' };
const $stack: string[] = [];
for (const $c of @s) {
  if ('([{'.includes($c)) $stack.push($c);
  else if ($c in pairs && $stack.pop() !== pairs[$c]) return false;
}
return $stack.length === 0;

## format_time|to_clock
(seconds:seconds) -> str
= @seconds in the form "HH:MM:SS"
---
const hours = Math.floor(@seconds / 3600);
const minutes = Math.floor((@seconds % 3600) / 60);
return [hours, minutes, @seconds % 60].map((part) => String(part).padStart(2, '0')).join(':');

## binary_search|search_sorted
(xs:sortedInts, target:target) -> int
= the index of @target in the sorted array @xs, or -1 if it is missing
---
let low = 0;
let high = @xs.length - 1;
while (low <= high) {
  const middle = (low + high) >> 1;
  if (@xs[middle] === @target) return middle;
  if (@xs[middle] < @target) low = middle + 1;
  else high = middle - 1;
}
return -1;

## running_totals|cumulative_sums
(xs:ints) -> list[int]
= the running totals of @xs
---
let $total = 0;
return @xs.map(($x) => ($total += $x));
---
const $result: number[] = [];
let sum = 0;
for (const $x of @xs) {
  sum += $x;
  $result.push(sum);
}
return $result;
`;

/** The TypeScript families. */
export function typeScriptTemplates(): Template[] {
  return parseTemplates(TYPESCRIPT_TEXT);
}

const camel = (name: string) => name.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** TypeScript spelling of the generator's types. */
export function typeScriptType(type: string): string {
  const optional = /^(.*) \| None$/.exec(type);
  if (optional) return `${typeScriptType(optional[1])} | undefined`;
  const list = /^list\[(.*)\]$/.exec(type);
  if (list) return `${typeScriptType(list[1])}[]`;
  const dict = /^dict\[(\w+), (.*)\]$/.exec(type);
  if (dict) return `Record<${typeScriptType(dict[1])}, ${typeScriptType(dict[2])}>`;
  return { int: 'number', float: 'number', str: 'string', bool: 'boolean' }[type] ?? 'unknown';
}

/** Renames every snake_case identifier of the sample that it declares itself. */
function toCamelNames(sample: FunctionSample): FunctionSample {
  const own = new Set([sample.name, ...sample.parameters.map(({ name }) => name)]);
  for (const [word] of sample.body.matchAll(/\b[a-z]+(?:_[a-z0-9]+)+\b/g)) own.add(word);
  const rename = (text: string) => text.replace(/\b[a-z]\w*\b/g, (word) => (own.has(word) ? camel(word) : word));
  return {
    ...sample,
    name: camel(sample.name),
    parameters: sample.parameters.map((one) => ({ ...one, name: camel(one.name) })),
    doc: sample.doc.map(rename),
    body: rename(sample.body),
  };
}

/** Runs the calls in this process; the text is the generator's own. */
function runCalls(sample: FunctionSample): (string | null)[] {
  const body = sample.body.replace(/(const|let) (\w+): [^=]+ = /g, '$1 $2 = ').replace(/new Set<\w+>/g, 'new Set');
  const parameters = sample.parameters.map(({ name }) => name).join(', ');
  return sample.calls.map((call) => {
    const run = new Function(`function ${sample.name}(${parameters}) {\n${body}\n}\nreturn ${sample.name}(${call});`);
    const result: unknown = run();
    return result === undefined ? null : JSON.stringify(result);
  });
}

const RESERVED =
  /^(var|let|const|function|new|in|of|for|if|default|case|switch|class|enum|export|import|string|number|boolean|list)$/;

/** Draws a TypeScript file of one to three functions, or undefined when one of them did not work. */
export function drawTypeScriptFile(templates: readonly Template[], draw: Draw): string | undefined {
  const functions: string[] = [];
  const names = new Set<string>();
  const exported = draw.chance(0.7) ? 'export ' : '';
  const semicolons = !draw.chance(0.08);
  for (let count = draw.between(1, 3); count > 0; count--) {
    const drawn = instantiate(draw.pick(templates), draw);
    const sample = toCamelNames(drawn);
    if (names.has(sample.name) || sample.parameters.some(({ name }) => RESERVED.test(name))) continue;
    names.add(sample.name);
    const examples = chooseExamples(sample.calls, runCalls(sample), draw.between(1, 2));
    if (examples.length === 0) return undefined;
    const lines = wrapText(
      sample.doc
        .join(' ')
        .replace(/\bNone\b/g, 'undefined')
        .replace(/\b(T)rue\b|\b(F)alse\b/g, (word) => word.toLowerCase()),
      100,
    );
    const notes = draw.weighted<() => string[]>([
      [3, () => []],
      [2, () => ['', ...examples.map(({ call, result }) => `${sample.name}(${call}) // ${result}`)]],
      [1, () => ['', '@example', ...examples.map(({ call, result }) => `${sample.name}(${call}); // ${result}`)]],
    ])();
    const all = [...lines, ...notes];
    const comment =
      all.length === 1 ? `/** ${all[0]} */` : `/**\n${all.map((line) => ` * ${line}`.trimEnd()).join('\n')}\n */`;
    const parameters = sample.parameters.map(({ name, type }) => `${name}: ${typeScriptType(type)}`).join(', ');
    const returns = draw.chance(0.85) ? `: ${typeScriptType(sample.returns)}` : '';
    const body = sample.body.replace(/^(?=.)/gm, '  ');
    functions.push(
      `${comment}\n${exported}function ${sample.name}(${parameters})${returns} {\n${semicolons ? body : body.replace(/;$/gm, '')}\n}\n`,
    );
  }
  return functions.length > 0 ? functions.join('\n') : undefined;
}
