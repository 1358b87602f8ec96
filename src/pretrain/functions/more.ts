/** @file More families: small formats, text layout, calendars, games, stock-keeping, validation. */

export const MORE_TEMPLATES = String.raw`
## parse_fraction|fraction_value|fraction_to_float
(s:word) -> float
= the value of the fraction @s, such as "3/4", as a float
ex '3/4' ;; '1/2' ;; '10/5' ;; '7/8' ;; '0/3'
---
$a, $b = @s.split("/")
return int($a) / int($b)
---
$parts = @s.split("/")
return int($parts[0]) / int($parts[1])

## simplify_fraction|reduce_fraction|lowest_terms
(a:pos, b:pos) -> tuple[int, int]
= the fraction @a / @b in lowest terms as a (numerator, denominator) tuple
---
x, y = @a, @b
while y:
    x, y = y, x % y
return @a // x, @b // x
---
import math

divisor = math.gcd(@a, @b)
return @a // divisor, @b // divisor

## add_fractions|sum_of_fractions
(a:pos, b:pos, c:pos, d:pos) -> tuple[int, int]
= the sum of the fractions @a/@b and @c/@d in lowest terms as a tuple
---
import math

numerator = @a * @d + @c * @b
denominator = @b * @d
divisor = math.gcd(numerator, denominator)
return numerator // divisor, denominator // divisor

## parse_matrix|text_to_matrix|read_matrix
(s:word) -> list[list[int]]
= the matrix written in @s, where rows are separated by ";" and numbers by ","
ex '1,2;3,4' ;; '5' ;; '1,2,3' ;; '0;1;2'
---
return [[int($x) for $x in row.split(",")] for row in @s.split(";")]
---
$result = []
for row in @s.split(";"):
    $result.append([int($x) for $x in row.split(",")])
return $result

## parse_point|read_coordinates|parse_coordinates
(s:word) -> tuple[int, int]
= the two integers in @s, which has the form "(x, y)", as a tuple
ex '(1, 2)' ;; '(0, -5)' ;; '(10, 20)' ;; '(-3, -4)'
---
$a, $b = @s.strip("()").split(",")
return int($a), int($b)
---
$parts = @s[1:-1].split(",")
return int($parts[0]), int($parts[1])

## parse_temperature|to_celsius_from_text|read_temperature
(s:word) -> float
. Convert a temperature such as "25C" or "77F" to degrees Celsius, rounded to one decimal.
ex '25C' ;; '77F' ;; '32F' ;; '0C' ;; '-40F' ;; '100C'
---
value = float(@s[:-1])
if @s.endswith("F"):
    value = (value - 32) * 5 / 9
return round(value, 1)
---
number, unit = float(@s[:-1]), @s[-1]
if unit == "C":
    return round(number, 1)
return round((number - 32) * 5 / 9, 1)

## parse_command|split_command|read_command
(s:sentence) -> tuple[str, list[str]]
= a tuple with the first word of @s in lower case and the list of the remaining words
edge! not @s.split() => ("", [])
---
$parts = @s.split()
return $parts[0].lower(), $parts[1:]
---
name, *arguments = @s.split()
return name.lower(), arguments

## parse_flags|parse_options|read_flags
(words:words) -> dict[str, str]
. Parse command line options: "--name=value" gives an entry, "--name" alone has the value "true". Other strings are ignored.
ex ['--size=5', '--fast'] ;; [] ;; ['file.txt', '--mode=slow'] ;; ['--a=1', '--b=2', 'x']
---
$result = {}
for $w in @words:
    if not $w.startswith("--"):
        continue
    if "=" in $w:
        $key, $val = $w[2:].split("=", 1)
        $result[$key] = $val
    else:
        $result[$w[2:]] = "true"
return $result

## parse_header|parse_headers|headers_to_dict
(s:lines) -> dict[str, str]
. Parse header lines of the form "Name: value" into a dictionary with lowercase names. Lines without a colon are ignored.
ex 'Host: a.com\nAge: 5' ;; '' ;; 'X:1\nnope' ;; 'Content-Type: text/html'
---
$result = {}
for line in @s.split("\n"):
    if ":" in line:
        $key, $val = line.split(":", 1)
        $result[$key.strip().lower()] = $val.strip()
return $result

## parse_sections|parse_ini|read_sections
(s:lines) -> dict[str, dict[str, str]]
. Parse text with "[section]" lines followed by "key=value" lines into a dictionary of dictionaries.
ex '[a]\nx=1\ny=2\n[b]\nz=3' ;; '' ;; '[only]' ;; '[s]\nk=v'
---
$result = {}
section = None
for line in @s.split("\n"):
    line = line.strip()
    if line.startswith("["):
        section = line[1:-1]
        $result[section] = {}
    elif "=" in line and section is not None:
        $key, $val = line.split("=", 1)
        $result[section][$key] = $val
return $result

## parse_todo|count_done|done_items
(s:lines) -> tuple[int, int]
= the numbers of finished and open items in @s, where each line starts with "[x]" or "[ ]"
ex '[x] a\n[ ] b' ;; '' ;; '[ ] x\n[ ] y\n[x] z' ;; '[x] only'
---
done = 0
left = 0
for line in @s.split("\n"):
    if line.startswith("[x]"):
        done += 1
    elif line.startswith("[ ]"):
        left += 1
return done, left

## format_phone|phone_number|format_phone_number
(digits:digits) -> str
. Format the ten digits in @digits as a phone number of the form "(123) 456-7890".
ex '1234567890' ;; '5550001111' ;; '9876543210' ;; '0001112222'
---
return f"({@digits[:3]}) {@digits[3:6]}-{@digits[6:]}"
---
return "(" + @digits[0:3] + ") " + @digits[3:6] + "-" + @digits[6:10]

## is_valid_phone|valid_phone|check_phone
(s:word) -> bool
? @s has the form "123-456-7890"
ex '123-456-7890' ;; '1234567890' ;; '12-3456-7890' ;; 'abc-def-ghij' ;; ''
---
import re

return re.fullmatch(r"\d{3}-\d{3}-\d{4}", @s) is not None
---
$parts = @s.split("-")
return [len($p) for $p in $parts] == [3, 3, 4] and all($p.isdigit() for $p in $parts)

## is_hex_color|valid_hex_color|check_color
(s:word) -> bool
? @s is a hex color: "#" followed by exactly six hexadecimal digits
ex '#ff0000' ;; '#12345' ;; 'ff0000' ;; '#GG0000' ;; '#ABCDEF' ;; ''
---
if len(@s) != 7 or @s[0] != "#":
    return False
return all($c in "0123456789abcdefABCDEF" for $c in @s[1:])
---
import re

return bool(re.fullmatch(r"#[0-9a-fA-F]{6}", @s))

## bullet_list|make_bullets|to_bullets|list_lines
(words:words) -> str
with mark~name in - ~ hyphen | * ~ asterisk | + ~ plus sign
= the strings in @words as lines, each starting with a @name and a space
---
return "\n".join("@mark " + $w for $w in @words)
---
lines = []
for $w in @words:
    lines.append(f"@mark {$w}")
return "\n".join(lines)

## numbered_list|enumerate_lines|ordered_list|number_items
(words:words) -> str
= the strings in @words as numbered lines such as "1. first"
---
return "\n".join(f"{$i}. {$w}" for $i, $w in enumerate(@words, 1))
---
lines = []
for $i, $w in enumerate(@words):
    lines.append(str($i + 1) + ". " + $w)
return "\n".join(lines)

## underline|heading|make_heading|underline_title
(s:word) -> str
with mark~name in = ~ equals signs | - ~ hyphens | ~ ~ tildes
= @s followed by a line of @name of the same length
---
return @s + "\n" + "@mark" * len(@s)
---
return f"{@s}\n{'@mark' * len(@s)}"

## count_noun|pluralize_count|with_count|item_count_text
(n:n, noun:word) -> str
. Return "1 apple" for 1 and "3 apples" for other numbers, with the given number @n and noun @noun.
= @n followed by @noun, with an "s" added unless @n is 1
---
if @n == 1:
    return f"1 {@noun}"
return f"{@n} {@noun}s"
---
return f"{@n} {@noun}" + ("" if @n == 1 else "s")

## format_table|rows_to_text|table_lines
(rows:pairs) -> list[str]
= a list of lines, one for each (name, value) pair in @rows: the name padded to the longest name, a space and the value
---
width = max((len(name) for name, _ in @rows), default=0)
return [f"{name.ljust(width)} {value}" for name, value in @rows]
---
width = 0
for name, value in @rows:
    width = max(width, len(name))
lines = []
for name, value in @rows:
    lines.append(name + " " * (width - len(name)) + " " + str(value))
return lines

## markdown_row|table_row|to_markdown_row
(words:words) -> str
= a Markdown table row with the strings in @words, such as "| a | b |"
---
return "| " + " | ".join(@words) + " |"

## html_list|make_html_list|to_html
(words:words) -> str
= an HTML list with the strings in @words: "<ul>", one "<li>…</li>" for each string, "</ul>", all in one line
ex ['a', 'b'] ;; [] ;; ['x'] ;; ['one', 'two', 'three']
---
return "<ul>" + "".join(f"<li>{$w}</li>" for $w in @words) + "</ul>"
---
$result = "<ul>"
for $w in @words:
    $result += "<li>" + $w + "</li>"
return $result + "</ul>"

## escape_html|html_escape|escape_text
(s:text) -> str
. Replace "&", "<" and ">" in @s with "&amp;", "&lt;" and "&gt;".
ex 'a < b' ;; 'x & y' ;; '<b>' ;; '' ;; 'plain' ;; '1 > 0 & 2 > 1'
---
return @s.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
---
table = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
return "".join(table.get($c, $c) for $c in @s)

## strip_comments|remove_comments|without_comments
(s:lines) -> str
. Remove comments from @s: everything from "#" to the end of each line, and spaces before it.
ex 'x = 1 # one\ny = 2' ;; '# all' ;; 'a\nb' ;; '' ;; 'k # c # d'
---
return "\n".join(line.split("#")[0].rstrip() for line in @s.split("\n"))
---
$result = []
for line in @s.split("\n"):
    if "#" in line:
        line = line[:line.index("#")]
    $result.append(line.rstrip())
return "\n".join($result)

## dedent|remove_indent|strip_indent
(s:lines) -> str
= @s with the leading spaces of every line removed
---
return "\n".join(line.lstrip(" ") for line in @s.split("\n"))
---
$result = []
for line in @s.split("\n"):
    $result.append(line.lstrip())
return "\n".join($result)

## count_lines|line_count|number_of_lines
(s:lines) -> int
with what~test in non-empty ~ line.strip() | empty ~ not line.strip()
= the number of @what lines in @s
---
return sum(1 for line in @s.split("\n") if @test)
---
$count = 0
for line in @s.split("\n"):
    if @test:
        $count += 1
return $count

## longest_line|widest_line|max_line_length
(s:lines) -> int
= the length of the longest line in @s
---
return max(len(line) for line in @s.split("\n"))
---
$best = 0
for line in @s.split("\n"):
    if len(line) > $best:
        $best = len(line)
return $best

## sentence_case|to_sentence_case|fix_capitals
(s:sentence) -> str
= @s with the first character in upper case and all others in lower case
---
return @s.capitalize()
---
return @s[:1].upper() + @s[1:].lower()

## count_sentences|number_of_sentences|sentence_count
(s:sentence) -> int
= the number of sentences in @s, which end with ".", "!" or "?"
ex 'Hi. How are you?' ;; 'no end' ;; 'Stop! Go! Wait.' ;; '' ;; 'One.'
---
return sum(1 for $c in @s if $c in ".!?")
---
$count = 0
for $c in @s:
    if $c in ".!?":
        $count += 1
return $count

## split_sentences|to_sentences|list_sentences
(s:sentence) -> list[str]
= a list of the sentences in @s, which end with ".", without the dots and surrounding spaces
ex 'Hi there. All good.' ;; 'One.' ;; '' ;; 'A. B. C.'
---
return [$p.strip() for $p in @s.split(".") if $p.strip()]
---
$result = []
for $p in @s.split("."):
    $p = $p.strip()
    if $p:
        $result.append($p)
return $result

## shared_words|common_words|words_in_both
(a:sentence, b:sentence) -> list[str]
= a sorted list of the words that occur in both @a and @b<, ignoring case|>
ex 'the red cat', 'the blue cat' ;; 'a b', 'c d' ;; 'Hello World', 'hello there' ;; '', 'x'
---
return sorted(set(@a.lower().split()) & set(@b.lower().split()))
---
other = @b.lower().split()
$result = []
for $w in @a.lower().split():
    if $w in other and $w not in $result:
        $result.append($w)
return sorted($result)

## unique_words|different_words|distinct_words
(s:sentence) -> list[str]
= a sorted list of the different words in @s in lower case
---
return sorted(set(@s.lower().split()))
---
$result = []
for $w in @s.lower().split():
    if $w not in $result:
        $result.append($w)
$result.sort()
return $result

## repeated_words|words_used_twice|duplicate_words
(s:sentence) -> list[str]
= the words that occur more than once in @s, in the order of their first occurrence
ex 'a b a' ;; 'one two three' ;; '' ;; 'x x y y z' ;; 'the cat and the dog and me'
---
$words = @s.split()
$result = []
for $w in $words:
    if $words.count($w) > 1 and $w not in $result:
        $result.append($w)
return $result

## has_repeated_words|next_to_each_other_twice|double_word
(s:sentence) -> bool
? some word in @s is followed by the same word
ex 'the the cat' ;; 'a b a' ;; '' ;; 'so so good' ;; 'one'
---
$words = @s.split()
for $i in range(len($words) - 1):
    if $words[$i] == $words[$i + 1]:
        return True
return False
---
$words = @s.split()
return any($a == $b for $a, $b in zip($words, $words[1:]))

## last_word|final_word|word_at_end
(s:sentence) -> str
with which~idx in last ~ -1 | first ~ 0
= the @which word of @s
edge! not @s.split() => ""
---
return @s.split()[@idx]
---
$words = @s.split()
return $words[@idx]

## nth_word|word_at|get_word
(s:sentence, k:k) -> str
= word number @k of @s, counting from 1, or an empty string if there are not that many words
---
$words = @s.split()
if @k > len($words):
    return ""
return $words[@k - 1]
---
$words = @s.split()
return $words[@k - 1] if @k <= len($words) else ""

## swap_words|swap_first_last_word|exchange_outer_words
(s:sentence) -> str
. Swap the first and the last word of @s.
---
$words = @s.split()
if len($words) > 1:
    $words[0], $words[-1] = $words[-1], $words[0]
return " ".join($words)

## remove_words|drop_words|without_words
(s:sentence, words:words) -> str
= @s without the words in @words
ex 'the cat sat', ['the'] ;; 'a b c', ['a', 'c'] ;; '', ['x'] ;; 'stay', []
---
return " ".join($w for $w in @s.split() if $w not in @words)
---
$result = []
for $w in @s.split():
    if $w not in @words:
        $result.append($w)
return " ".join($result)

## replace_words|translate_words|substitute_words
(s:sentence, table:ssdict) -> str
. Replace every word of @s that is a key of @table with its value.
ex 'hello world', {'hello': 'bye'} ;; 'a b', {} ;; 'x y x', {'x': 'z'} ;; '', {'a': 'b'}
---
return " ".join(@table.get($w, $w) for $w in @s.split())
---
$result = []
for $w in @s.split():
    if $w in @table:
        $result.append(@table[$w])
    else:
        $result.append($w)
return " ".join($result)

## words_longer_than_average|above_average_words|long_words
(s:sentence) -> list[str]
= the words in @s that are longer than the average word
edge! not @s.split() => []
---
$words = @s.split()
average = sum(len($w) for $w in $words) / len($words)
return [$w for $w in $words if len($w) > average]

## above_average|numbers_above_mean|greater_than_average
(xs:ints) -> list[int]
with which~op in greater than ~ > | less than ~ <
= the elements of @xs that are @which the average of the list
edge! not @xs => []
---
average = sum(@xs) / len(@xs)
return [$x for $x in @xs if $x @op average]
---
average = sum(@xs) / len(@xs)
$result = []
for $x in @xs:
    if $x @op average:
        $result.append($x)
return $result

## vowels_before_consonants|vowels_first|split_vowels
(s:word) -> str
= the vowels of @s followed by its other characters, each in their original order
---
vowels = "".join($c for $c in @s if $c in "aeiou")
others = "".join($c for $c in @s if $c not in "aeiou")
return vowels + others
---
vowels = ""
others = ""
for $c in @s:
    if $c in "aeiou":
        vowels += $c
    else:
        others += $c
return vowels + others

## last_day_of_month|month_end|end_of_month
(year:year, month:month) -> str
import calendar
= the last day of @month in @year in the form YYYY-MM-DD
---
day = calendar.monthrange(@year, @month)[1]
return f"{@year}-{@month:02d}-{day:02d}"

## next_month|month_after|following_month
(year:year, month:month) -> tuple[int, int]
with word~test~y~m~step in after ~ @month == 12 ~ @year + 1 ~ 1 ~ @month + 1 | before ~ @month == 1 ~ @year - 1 ~ 12 ~ @month - 1
= the (year, month) @word @month of @year
---
if @test:
    return @y, @m
return @year, @step

## next_leap_year|following_leap_year
(year:year) -> int
= the first leap year after @year
---
@year += 1
while not (@year % 4 == 0 and (@year % 100 != 0 or @year % 400 == 0)):
    @year += 1
return @year
---
def is_leap(y):
    return y % 4 == 0 and (y % 100 != 0 or y % 400 == 0)

candidate = @year + 1
while not is_leap(candidate):
    candidate += 1
return candidate

## count_weekdays|working_days|business_days
(a:isodate, b:isodate) -> int
from datetime import date, timedelta
with what~test in working days (Monday to Friday) ~ day.weekday() < 5 | weekend days ~ day.weekday() >= 5 | Mondays ~ day.weekday() == 0
= the number of @what from @a to @b, both included
ex '2024-01-01', '2024-01-07' ;; '2024-03-01', '2024-03-01' ;; '2023-12-25', '2024-01-05' ;; '2024-05-04', '2024-05-12'
---
day = date.fromisoformat(@a)
last = date.fromisoformat(@b)
$count = 0
while day <= last:
    if @test:
        $count += 1
    day += timedelta(days=1)
return $count

## next_weekday|next_working_day|following_workday
(day:isodate) -> str
from datetime import date, timedelta
= the next day after @day that is not a Saturday or Sunday, in the form YYYY-MM-DD
---
cur = date.fromisoformat(@day) + timedelta(days=1)
while cur.weekday() >= 5:
    cur += timedelta(days=1)
return cur.isoformat()

## date_range|list_dates|days_from
(start:isodate, n:small) -> list[str]
from datetime import date, timedelta
= a list of @n consecutive dates starting with @start, in the form YYYY-MM-DD
---
first = date.fromisoformat(@start)
return [(first + timedelta(days=$i)).isoformat() for $i in range(@n)]
---
cur = date.fromisoformat(@start)
$result = []
for $i in range(@n):
    $result.append(str(cur))
    cur += timedelta(days=1)
return $result

## weeks_between|full_weeks|whole_weeks
(a:isodate, b:isodate) -> int
from datetime import date
= the number of full weeks between the dates @a and @b
---
return abs((date.fromisoformat(@b) - date.fromisoformat(@a)).days) // 7

## is_before|comes_before|earlier_date
(a:isodate, b:isodate) -> bool
? the date @a, in the form YYYY-MM-DD, is before @b
---
return @a < @b
---
return [int(x) for x in @a.split("-")] < [int(x) for x in @b.split("-")]

## same_month|in_same_month|months_equal
(a:isodate, b:isodate) -> bool
? the dates @a and @b are in the same month of the same year
ex '2024-01-05', '2024-01-31' ;; '2024-01-05', '2023-01-05' ;; '2020-12-01', '2020-12-02' ;; '2021-05-05', '2021-06-05'
---
return @a[:7] == @b[:7]
---
return @a.split("-")[:2] == @b.split("-")[:2]

## months_between|month_difference|count_months
(a:isodate, b:isodate) -> int
= the number of months from the month of @a to the month of @b, ignoring the days
ex '2024-01-05', '2024-03-31' ;; '2023-11-30', '2024-02-01' ;; '2020-12-01', '2020-12-02' ;; '2021-05-05', '2020-05-05'
---
y1, m1 = int(@a[:4]), int(@a[5:7])
y2, m2 = int(@b[:4]), int(@b[5:7])
return (y2 - y1) * 12 + m2 - m1
---
first = @a.split("-")
second = @b.split("-")
return 12 * (int(second[0]) - int(first[0])) + int(second[1]) - int(first[1])

## weekday_after|day_in_n_days|shift_weekday
(day:word, n:n) -> str
= the weekday @n days after the weekday @day
ex 'Monday', 3 ;; 'Sunday', 1 ;; 'Friday', 10 ;; 'Tuesday', 0 ;; 'Saturday', 14
---
names = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
return names[(names.index(@day) + @n) % 7]

## total_time|add_times|sum_durations
(times:words) -> str
= the sum of the durations in @times, given as "H:MM", in the same form
ex ['1:30', '0:45'] ;; [] ;; ['2:00'] ;; ['0:50', '0:50', '0:20']
---
$total = 0
for t in @times:
    hours, minutes = t.split(":")
    $total += int(hours) * 60 + int(minutes)
return f"{$total // 60}:{$total % 60:02d}"

## earliest_time|first_time|@which_time
(times:words) -> str
with which~fn in earliest ~ min | latest ~ max
= the @which of the times in @times, given as "HH:MM"
edge! not @times => None
ex ['12:30', '08:15'] ;; ['23:59'] ;; [] ;; ['10:00', '09:59', '10:01']
---
return @fn(@times)
---
return @fn(@times, key=lambda t: int(t[:2]) * 60 + int(t[3:]))

## is_open|within_opening_hours|shop_is_open
(time:clock, opens:clock, closes:clock) -> bool
? @time lies between @opens and @closes (the closing time itself is excluded), all in the form "HH:MM"
ex '12:00', '09:00', '18:00' ;; '18:00', '09:00', '18:00' ;; '08:59', '09:00', '18:00' ;; '09:00', '09:00', '17:30'
---
return @opens <= @time < @closes
---
def minutes(t):
    return int(t[:2]) * 60 + int(t[3:])

return minutes(@opens) <= minutes(@time) < minutes(@closes)

## restock|items_to_order|low_stock
(stock:sdict, limit:limit) -> list[str]
= a sorted list of the items in @stock of which there are fewer than @limit
---
return sorted($key for $key, $val in @stock.items() if $val < @limit)
---
$result = []
for $key in @stock:
    if @stock[$key] < @limit:
        $result.append($key)
$result.sort()
return $result

## remove_from_stock|sell|take_items
(stock:sdict, order:sdict) -> dict[str, int]
. Subtract the quantities in @order from @stock and return the new stock. Items that reach zero or less are removed.
ex {'a': 3, 'b': 1}, {'b': 1} ;; {}, {} ;; {'x': 5}, {'x': 2} ;; {'p': 2, 'q': 4}, {'q': 9}
---
$result = {}
for $key, $val in @stock.items():
    left = $val - @order.get($key, 0)
    if left > 0:
        $result[$key] = left
return $result

## can_build|enough_letters|can_spell
(word:word, letters:word) -> bool
? @word can be built from the characters of @letters, each used at most once
ex 'cat', 'tacos' ;; 'aab', 'ab' ;; '', 'x' ;; 'dog', 'god' ;; 'zoo', 'zo'
---
available = list(@letters)
for $c in @word:
    if $c not in available:
        return False
    available.remove($c)
return True
---
return all(@word.count($c) <= @letters.count($c) for $c in @word)

## is_isomorphic|same_pattern|follows_pattern
(a:word, b:word) -> bool
? the characters of @a can be replaced one for one to get @b
ex 'egg', 'add' ;; 'foo', 'bar' ;; 'paper', 'title' ;; 'ab', 'aa' ;; '', ''
---
if len(@a) != len(@b):
    return False
table = {}
for $c, other in zip(@a, @b):
    if table.setdefault($c, other) != other:
        return False
return len(set(table.values())) == len(table)
---
if len(@a) != len(@b):
    return False
return len(set(zip(@a, @b))) == len(set(@a)) == len(set(@b))

## dice_score|yahtzee_score|score_dice
(dice:pints) -> int
= the score of @dice: 50 if all dice are equal, otherwise the sum of the dice
ex [1, 1, 1] ;; [1, 2, 3] ;; [6, 6] ;; [4] ;; [2, 2, 5, 2]
---
if len(set(@dice)) == 1:
    return 50
return sum(@dice)

## bowling_score|sum_with_bonus|points_with_bonus
(scores:pints) -> int
with k~bonus in 10 ~ 5 | 6 ~ 2 | 20 ~ 10
= the sum of @scores, plus @bonus for every score of at least @k
---
$total = 0
for $x in @scores:
    $total += $x
    if $x >= @k:
        $total += @bonus
return $total
---
return sum($x + @bonus if $x >= @k else $x for $x in @scores)

## drop_lowest|sum_without_lowest|total_best
(scores:pints) -> int
with which~fn in lowest ~ min | highest ~ max
= the sum of @scores without the @which one
edge! not @scores => 0
---
return sum(@scores) - @fn(@scores)
---
ordered = sorted(@scores)
ordered.remove(@fn(ordered))
return sum(ordered)

## trimmed_mean|average_without_extremes|fair_average
(xs:pints) -> float
= the average of @xs without its largest and smallest element, rounded to two decimals. @xs has at least three elements
edge! len(@xs) < 3 => 0.0
---
middle = sorted(@xs)[1:-1]
return round(sum(middle) / len(middle), 2)
---
$total = sum(@xs) - max(@xs) - min(@xs)
return round($total / (len(@xs) - 2), 2)

## alternating_sum|plus_minus_sum|sum_with_signs
(xs:ints) -> int
= the alternating sum of @xs: the first element minus the second plus the third and so on
---
$total = 0
for $i, $x in enumerate(@xs):
    if $i % 2 == 0:
        $total += $x
    else:
        $total -= $x
return $total
---
return sum(@xs[::2]) - sum(@xs[1::2])
---
return sum($x if $i % 2 == 0 else -$x for $i, $x in enumerate(@xs))

## sum_at_@what|@what_position_sum|add_@what_positions
(xs:ints) -> int
with what~noun~start in even ~ even ~ 0 | odd ~ odd ~ 1
= the sum of the elements of @xs at @noun <indices|positions>, counting from 0
---
return sum(@xs[@start::2])
---
$total = 0
for $i in range(@start, len(@xs), 2):
    $total += @xs[$i]
return $total
---
return sum($x for $i, $x in enumerate(@xs) if $i % 2 == @start)

## elements_at_@what|at_@what_indices|take_@what_positions
(xs:ints) -> list[int]
with what~start in even ~ 0 | odd ~ 1
= the elements of @xs at @what indices
---
return @xs[@start::2]
---
return [$x for $i, $x in enumerate(@xs) if $i % 2 == @start]
---
$result = []
for $i in range(len(@xs)):
    if $i % 2 == @start:
        $result.append(@xs[$i])
return $result

## index_sum|position_weighted_sum|weighted_by_index
(xs:ints) -> int
= the sum of each element of @xs multiplied by its index
---
return sum($i * $x for $i, $x in enumerate(@xs))
---
$total = 0
for $i in range(len(@xs)):
    $total += $i * @xs[$i]
return $total

## fixed_points|equal_to_index|match_index
(xs:ints) -> list[int]
= the elements of @xs that are equal to their index
ex [0, 5, 2] ;; [3, 1, 1] ;; [] ;; [1, 0] ;; [0, 1, 2]
---
return [$x for $i, $x in enumerate(@xs) if $i == $x]
---
$result = []
for $i in range(len(@xs)):
    if @xs[$i] == $i:
        $result.append(@xs[$i])
return $result

## sum_first_last|ends_sum|add_ends
(xs:ints) -> int
with noun~op in sum ~ + | product ~ * | difference ~ -
= the @noun of the first and the last element of @xs
edge! not @xs => 0|None
---
return @xs[0] @op @xs[-1]

## middle_element|center_value|middle_of_list
(xs:ints) -> int
= the element in the middle of @xs; for an even length the left one of the two
edge! not @xs => None
---
return @xs[(len(@xs) - 1) // 2]

## halves_equal|balanced_halves|same_sum_halves
(xs:ints) -> bool
? the sum of the first half of @xs equals the sum of the second half. The middle element of a list of odd length is ignored
ex [1, 2, 3] ;; [1, 2, 2, 1] ;; [] ;; [5] ;; [1, 9, 1] ;; [4, 4]
---
half = len(@xs) // 2
return sum(@xs[:half]) == sum(@xs[len(@xs) - half:])

## split_in_half|two_halves|cut_in_half
(xs:ints) -> tuple[list[int], list[int]]
. Split @xs into two halves. If the length is odd, the first half is longer.
---
$mid = (len(@xs) + 1) // 2
return @xs[:$mid], @xs[$mid:]

## split_by_value|split_list_at|split_at_value
(xs:ints, target:target) -> list[list[int]]
. Split @xs at every element that is equal to @target. The separators are dropped.
ex [1, 0, 2, 3, 0, 4], 0 ;; [1, 2], 5 ;; [], 1 ;; [7], 7 ;; [3, 3, 1], 3
---
$result = [[]]
for $x in @xs:
    if $x == @target:
        $result.append([])
    else:
        $result[-1].append($x)
return $result

## count_between|how_many_between|number_in_range
(xs:ints, low:n, high:limit) -> int
= the number of elements of @xs from @low to @high, both included
---
return sum(1 for $x in @xs if @low <= $x <= @high)
---
$count = 0
for $x in @xs:
    if $x >= @low and $x <= @high:
        $count += 1
return $count

## clip_list|clamp_all|limit_values
(xs:ints, low:n, high:limit) -> list[int]
. Limit every element of @xs to the range from @low to @high.
ex [1, 5, 12], 2, 10 ;; [], 0, 5 ;; [-3, 4], 0, 3 ;; [7], 1, 9
---
return [max(@low, min(@high, $x)) for $x in @xs]
---
$result = []
for $x in @xs:
    if $x < @low:
        $result.append(@low)
    elif $x > @high:
        $result.append(@high)
    else:
        $result.append($x)
return $result

## describe_temperature|temperature_word|feels_like
(x:int) -> str
with a1~w1~a2~w2~w3 in 0 ~ freezing ~ 15 ~ cold ~ warm | 10 ~ cold ~ 25 ~ mild ~ hot | 5 ~ low ~ 10 ~ medium ~ high
. Return "@w1" if @x is below @a1, "@w2" if it is below @a2, and "@w3" otherwise.
---
if @x < @a1:
    return "@w1"
if @x < @a2:
    return "@w2"
return "@w3"
---
if @x < @a1:
    return "@w1"
elif @x < @a2:
    return "@w2"
else:
    return "@w3"

## shipping_cost|delivery_fee|postage
(weight:n) -> int
with a1~c1~a2~c2~c3 in 1 ~ 3 ~ 5 ~ 7 ~ 12 | 2 ~ 5 ~ 10 ~ 8 ~ 20 | 10 ~ 4 ~ 20 ~ 6 ~ 10
= the shipping cost for a parcel of @weight kilograms: @c1 up to @a1 kg, @c2 up to @a2 kg, and @c3 above that
---
if @weight <= @a1:
    return @c1
if @weight <= @a2:
    return @c2
return @c3

## tax_due|income_tax|progressive_tax
(income:big) -> float
with a1~r in 1000 ~ 10 | 5000 ~ 20 | 10000 ~ 25
= the tax on @income: nothing up to @a1, and @r percent of the part above it, rounded to two decimals
---
if @income <= @a1:
    return 0.0
return round((@income - @a1) * @r / 100, 2)
---
taxable = max(0, @income - @a1)
return round(taxable * @r / 100, 2)

## split_bill|share_per_person|bill_share
(total:money, people:k, tip:percent) -> float
= the amount each of @people persons pays for a bill of @total with a tip of @tip percent, rounded to two decimals
---
return round(@total * (1 + @tip / 100) / @people, 2)

## count_change|number_of_ways|ways_to_pay
(amount:small, coins:pints) -> int
= the number of ways to pay @amount with coins of the values in @coins
ex 5, [1, 2, 5] ;; 3, [2] ;; 0, [1] ;; 4, [1, 3] ;; 10, [2, 5]
---
ways = [1] + [0] * @amount
for coin in @coins:
    for total in range(coin, @amount + 1):
        ways[total] += ways[total - coin]
return ways[@amount]

## next_state|traffic_light|following_color
(color:word) -> str
. Return the color that follows @color in the cycle "red", "green", "yellow".
ex 'red' ;; 'green' ;; 'yellow'
---
order = ["red", "green", "yellow"]
return order[(order.index(@color) + 1) % 3]
---
following = {"red": "green", "green": "yellow", "yellow": "red"}
return following[@color]

## turn|rotate_direction|new_direction
(direction:word, turns:word) -> str
. Start facing @direction ("N", "E", "S" or "W") and follow @turns, where "L" is a left and "R" a right turn. Return the final direction.
ex 'N', 'RR' ;; 'E', 'L' ;; 'S', '' ;; 'W', 'RLR' ;; 'N', 'LLL'
---
compass = "NESW"
$i = compass.index(@direction)
for $c in @turns:
    $i += 1 if $c == "R" else -1
return compass[$i % 4]

## count_visited|visited_cells|distinct_positions
(moves:word) -> int
= the number of different grid cells visited when starting at (0, 0) and following @moves ("U", "D", "L", "R"), the start included
ex 'UURR' ;; '' ;; 'LR' ;; 'UDUD' ;; 'RRLL'
---
x = y = 0
$seen = {(0, 0)}
for $c in @moves:
    if $c == "U":
        y += 1
    elif $c == "D":
        y -= 1
    elif $c == "L":
        x -= 1
    else:
        x += 1
    $seen.add((x, y))
return len($seen)

## is_valid_sudoku_row|has_all_numbers|is_complete_row
(xs:pints) -> bool
? @xs contains every number from 1 to its length exactly once
ex [1, 2, 3] ;; [2, 2] ;; [] ;; [3, 1, 2] ;; [1, 3]
---
return sorted(@xs) == list(range(1, len(@xs) + 1))
---
return set(@xs) == set(range(1, len(@xs) + 1))

## checkerboard|make_board|chess_pattern
(n:small) -> list[str]
with a1~b1 in # ~ . | X ~ O | * ~ -
= @n lines of @n characters that alternate between "@a1" and "@b1" like a chess board, starting with "@a1"
---
return ["".join("@a1" if ($i + $j) % 2 == 0 else "@b1" for $j in range(@n)) for $i in range(@n)]
---
$result = []
for $i in range(@n):
    row = ""
    for $j in range(@n):
        if ($i + $j) % 2 == 0:
            row += "@a1"
        else:
            row += "@b1"
    $result.append(row)
return $result

## make_matrix|zeros|filled_grid
(rows:small, cols:small) -> list[list[int]]
with v~expr in zeros ~ 0 | ones ~ 1 | the sum of the row and the column index ~ $i + $j
= a matrix with @rows rows and @cols columns, filled with @v
---
return [[@expr for $j in range(@cols)] for $i in range(@rows)]
---
$result = []
for $i in range(@rows):
    row = []
    for $j in range(@cols):
        row.append(@expr)
    $result.append(row)
return $result

## border_sum|sum_of_edges|outer_sum
(m:matrix) -> int
= the sum of the elements on the border of @m
---
$total = 0
for $i, row in enumerate(@m):
    for $j, $x in enumerate(row):
        if $i in (0, len(@m) - 1) or $j in (0, len(row) - 1):
            $total += $x
return $total

## count_in_matrix|matrix_count|occurrences_in_grid
(m:matrix, target:target) -> int
= how often @target occurs in @m
---
return sum(row.count(@target) for row in @m)
---
$count = 0
for row in @m:
    for $x in row:
        if $x == @target:
            $count += 1
return $count

## row_with_@which_sum|@which_row|index_of_@which_row
(m:matrix) -> int
with which~fn in largest ~ max | smallest ~ min
= the index of the row of @m with the @which sum, the first one on ties
---
sums = [sum(row) for row in @m]
return sums.index(@fn(sums))
---
return @fn(range(len(@m)), key=lambda $i: sum(@m[$i]))

## sort_rows|sort_each_row|sorted_rows
(m:matrix) -> list[list[int]]
= a copy of @m with every row sorted
---
return [sorted(row) for row in @m]
---
$result = []
for row in @m:
    $result.append(sorted(row))
return $result

## is_magic_square|rows_sum_equal|equal_row_sums
(m:square) -> bool
? all rows <and columns|as well as all columns> of @m have the same sum
ex [[1, 1], [1, 1]] ;; [[1, 2], [3, 4]] ;; [[5]] ;; [[2, 7, 6], [9, 5, 1], [4, 3, 8]]
---
sums = {sum(row) for row in @m} | {sum(column) for column in zip(*@m)}
return len(sums) == 1
---
$total = sum(@m[0])
for $i in range(len(@m)):
    if sum(@m[$i]) != $total or sum(row[$i] for row in @m) != $total:
        return False
return True
`;
