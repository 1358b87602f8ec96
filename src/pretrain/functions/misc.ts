/** @file Families of functions that parse, format, recurse, search, and reckon with dates and times. */

export const MISC_TEMPLATES = String.raw`
## parse_ints|parse_numbers|to_ints|read_integers
(s:csvints) -> list[int]
= a list of the integers in the comma-separated string @s
. Parse @s, a comma-separated list of integers, into a list of ints.
edge @s.strip() == "" => []
---
return [int($p) for $p in @s.split(",")]
---
$result = []
for $p in @s.split(","):
    $result.append(int($p.strip()))
return $result
---
return list(map(int, @s.split(",")))

## extract_numbers|find_numbers|numbers_in_text|all_integers
(s:mixed) -> list[int]
= a list of <all|the> <non-negative |>integers that occur in @s<, in order|>
. Extract all <whole |>numbers from @s.
ex 'a12b3' ;; 'no numbers' ;; '7 apples and 12 pears' ;; '' ;; '2024-05-01' ;; 'x1y22z333'
---
import re

return [int($p) for $p in re.findall(r"\d+", @s)]
---
$result = []
number = ""
for $c in @s:
    if $c.isdigit():
        number += $c
    elif number:
        $result.append(int(number))
        number = ""
if number:
    $result.append(int(number))
return $result

## sum_numbers_in_text|add_numbers_in|sum_embedded_numbers
(s:mixed) -> int
= the sum of all integers that occur in @s
. Add up all the numbers in @s.
ex 'a12b3' ;; 'no numbers' ;; '7 apples and 12 pears' ;; '' ;; '1+2+3' ;; 'x10y'
---
import re

return sum(int($p) for $p in re.findall(r"\d+", @s))
---
$total = 0
number = ""
for $c in @s + " ":
    if $c.isdigit():
        number += $c
    else:
        if number:
            $total += int(number)
        number = ""
return $total

## parse_key_values|parse_query|parse_pairs|parse_params|query_to_dict
(s:kvtext) -> dict[str, str]
. Parse @s, a string of key=value pairs separated by "&", into a dictionary.
= a dictionary with the key=value pairs in @s, which are separated by "&"
edge! not @s => {}
---
$result = {}
for $p in @s.split("&"):
    $key, $val = $p.split("=")
    $result[$key] = $val
return $result
---
return dict($p.split("=") for $p in @s.split("&"))
---
$result = {}
for $p in @s.split("&"):
    $key, _, $val = $p.partition("=")
    $result[$key] = $val
return $result

## parse_config|parse_settings|read_config|parse_properties
(s:lines) -> dict[str, str]
. Parse @s into a dictionary. Every line has the form "key = value"; empty lines and lines that start with "#" are ignored. Spaces around keys and values are removed.
ex 'a = 1\nb = 2' ;; '# comment\n\nname = Bob' ;; '' ;; 'x=5' ;; ' mode = fast \n# off'
---
$result = {}
for line in @s.split("\n"):
    line = line.strip()
    if not line or line.startswith("#"):
        continue
    $key, $val = line.split("=", 1)
    $result[$key.strip()] = $val.strip()
return $result

## parse_pairs_string|parse_mapping|parse_scores|text_to_dict
(s:csvwords) -> dict[str, int]
. Parse @s, in which entries like "name:number" are separated by commas, into a dictionary of integers.
= a dictionary of the entries "name:number" in @s, which are separated by commas
ex 'a:1,b:2' ;; '' ;; 'x:10' ;; 'tom:3,ann:5,tom:4' ;; 'k:-1'
---
$result = {}
if not @s:
    return $result
for $p in @s.split(","):
    $key, $val = $p.split(":")
    $result[$key] = int($val)
return $result
---
if not @s:
    return {}
return {$p.split(":")[0]: int($p.split(":")[1]) for $p in @s.split(",")}

## dict_to_query|format_pairs|encode_pairs|to_query_string
(d:sdict) -> str
with sep~eq~desc in & ~ = ~ "&" | , ~ : ~ commas | ; ~ = ~ semicolons
= the entries of @d as "key@eqvalue" strings joined by @desc, sorted by key
---
return "@sep".join(f"{$key}@eq{@d[$key]}" for $key in sorted(@d))
---
$parts = []
for $key, $val in sorted(@d.items()):
    $parts.append($key + "@eq" + str($val))
return "@sep".join($parts)

## parse_csv|parse_table|read_rows|split_rows
(s:lines) -> list[list[str]]
. Split @s into lines and every line into fields at the commas. Return a list of rows.
ex 'a,b\nc,d' ;; 'x' ;; '1,2,3' ;; 'name,age\nBob,5\nAnn,7'
---
return [line.split(",") for line in @s.split("\n")]
---
rows = []
for line in @s.splitlines():
    rows.append(line.split(","))
return rows

## csv_to_dicts|parse_records|rows_to_dicts|read_records
(s:lines) -> list[dict[str, str]]
. Parse the CSV text @s. The first line holds the column names; every other line becomes a dictionary.
ex 'a,b\n1,2' ;; 'x\n5\n6' ;; 'name,age\nBob,5\nAnn,7' ;; 'k,v'
---
lines = @s.split("\n")
header = lines[0].split(",")
return [dict(zip(header, line.split(","))) for line in lines[1:]]
---
rows = [line.split(",") for line in @s.split("\n")]
header = rows[0]
$result = []
for row in rows[1:]:
    record = {}
    for $key, $val in zip(header, row):
        record[$key] = $val
    $result.append(record)
return $result

## join_csv|to_csv_line|format_row|make_row
(xs:ints) -> str
with sep~name in , ~ commas | ; ~ semicolons | - ~ hyphens | / ~ slashes
= the numbers in @xs as a string, separated by @name
. Join the numbers in @xs with @name.
---
return "@sep".join(str($x) for $x in @xs)
---
return "@sep".join(map(str, @xs))
---
$result = ""
for $i, $x in enumerate(@xs):
    if $i > 0:
        $result += "@sep"
    $result += str($x)
return $result

## parse_ranges|expand_ranges|parse_page_ranges|expand_range_string
(s:csvints) -> list[int]
. Expand a string like "1-3,7" into the list of all numbers it stands for: [1, 2, 3, 7].
= the list of numbers described by @s, in which ranges such as "2-5" and single numbers are separated by commas
ex '1-3,7' ;; '5' ;; '2-2' ;; '1,2,3' ;; '10-12,1-2' ;; '4-6,9'
---
$result = []
for $p in @s.split(","):
    if "-" in $p:
        start, end = $p.split("-")
        $result.extend(range(int(start), int(end) + 1))
    else:
        $result.append(int($p))
return $result

## parse_range|split_range|range_bounds
(s:word) -> tuple[int, int]
= the two bounds of the range @s, such as "3-8", as a tuple of integers
ex '3-8' ;; '10-20' ;; '0-0' ;; '5-50' ;; '7-9'
---
start, end = @s.split("-")
return int(start), int(end)
---
$left, $right = @s.split("-")
return (int($left), int($right))

## parse_bool|to_bool|str_to_bool|is_truthy
(s:word) -> bool
? @s, ignoring case and surrounding spaces, is one of "true", "yes", "on" or "1"
ex 'True' ;; 'no' ;; ' YES ' ;; '1' ;; '' ;; 'off' ;; 'On'
---
return @s.strip().lower() in ("true", "yes", "on", "1")
---
value = @s.strip().lower()
if value in {"true", "yes", "on", "1"}:
    return True
return False

## safe_int|parse_int|to_int_or_default|int_or_default
(s:word, default:int=0) -> int
= @s converted to an integer, or @default if that is not possible
. Convert @s to an integer. If it is not a valid integer, return @default.
ex '12', 0 ;; 'abc', 0 ;; '-5', 1 ;; '', 7 ;; '3.5', -1 ;; ' 8 ', 0
---
try:
    return int(@s)
except ValueError:
    return @default

## convert_all|to_numbers|keep_integers|valid_integers
(tokens:numstrs) -> list[int]
= a list of the strings in @tokens that are integers, converted to int<. All others are skipped|. Strings that are not integers are ignored>
. Convert the strings in @tokens to integers and skip those that cannot be converted.
---
$result = []
for $w in @tokens:
    try:
        $result.append(int($w))
    except ValueError:
        pass
return $result
---
return [int($w) for $w in @tokens if $w.lstrip("-").isdigit()]
---
$result = []
for $w in @tokens:
    if $w.lstrip("-").isdigit():
        $result.append(int($w))
return $result

## evaluate_sum|eval_addition|calculate_sum_string
(s:word) -> int
= the value of the expression @s, which consists of integers, "+" and "-"<. There are no spaces|>
ex '1+2' ;; '10-3+2' ;; '5' ;; '7-7' ;; '1+2+3+4' ;; '20-5-5'
---
$total = 0
sign = 1
number = ""
for $c in @s + "+":
    if $c in "+-":
        $total += sign * int(number)
        number = ""
        sign = 1 if $c == "+" else -1
    else:
        number += $c
return $total
---
import re

return sum(int($p) for $p in re.findall(r"[+-]?\d+", @s))

## calculate|evaluate|apply_operator|compute
(a:int, op:char, b:pos) -> int
. Apply the operator @op ("+", "-", "*" or "//") to @a and @b and return the result.
ex 2, '+', 3 ;; 7, '-', 10 ;; 4, '*', 5 ;; 9, '//', 2 ;; 0, '+', 1
---
if @op == "+":
    return @a + @b
if @op == "-":
    return @a - @b
if @op == "*":
    return @a * @b
return @a // @b
---
operations = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
    "//": lambda x, y: x // y,
}
return operations[@op](@a, @b)

## evaluate_expression|simple_calculator|eval_simple
(s:word) -> int
= the value of @s, an expression of the form "a op b" with the operators +, - and *
ex '1 + 2' ;; '7 * 6' ;; '3 - 10' ;; '0 * 5' ;; '12 + 30'
---
$left, op, $right = @s.split()
$a = int($left)
$b = int($right)
if op == "+":
    return $a + $b
if op == "-":
    return $a - $b
return $a * $b

## is_balanced|balanced_brackets|brackets_match|valid_brackets
(s:brackets) -> bool
? the brackets (), [] and {} in @s are balanced<| and correctly nested>
? every bracket in @s is closed by a bracket of the same kind in the right order
---
$stack = []
pairs = {")": "(", "]": "[", "}": "{"}
for $c in @s:
    if $c in "([{":
        $stack.append($c)
    elif $c in pairs:
        if not $stack or $stack.pop() != pairs[$c]:
            return False
return not $stack
---
$stack = []
for $c in @s:
    if $c in "([{":
        $stack.append($c)
    elif $c in ")]}":
        if not $stack:
            return False
        opening = $stack.pop()
        if opening + $c not in ("()", "[]", "{}"):
            return False
return len($stack) == 0

## max_depth|nesting_depth|deepest_nesting|bracket_depth
(s:parens) -> int
= the largest nesting depth of the parentheses in @s
---
depth = 0
$best = 0
for $c in @s:
    if $c == "(":
        depth += 1
        $best = max($best, depth)
    elif $c == ")":
        depth -= 1
return $best

## missing_parentheses|count_unmatched|min_insertions|unbalanced_count
(s:parens) -> int
= the number of parentheses in @s that have no partner
= how many parentheses must be added to @s to balance it
---
depth = 0
missing = 0
for $c in @s:
    if $c == "(":
        depth += 1
    elif $c == ")":
        if depth == 0:
            missing += 1
        else:
            depth -= 1
return missing + depth

## text_in_parentheses|inside_brackets|extract_parenthesized
(s:text) -> list[str]
= a list of the texts between parentheses in @s<. Parentheses are not nested|>
ex 'a (b) c (d e)' ;; 'none' ;; '(x)' ;; '' ;; 'f(1) + g(2)' ;; '()'
---
import re

return re.findall(r"\(([^)]*)\)", @s)
---
$result = []
start = None
for $i, $c in enumerate(@s):
    if $c == "(":
        start = $i + 1
    elif $c == ")" and start is not None:
        $result.append(@s[start:$i])
        start = None
return $result

## parse_ipv4|ip_to_list|ip_parts
(address:ipv4) -> list[int]
= the four numbers of the IPv4 address @address
ex '192.168.0.1' ;; '10.0.0.255' ;; '127.0.0.1' ;; '8.8.4.4'
---
return [int($p) for $p in @address.split(".")]
---
return list(map(int, @address.split(".")))

## is_valid_ipv4|valid_ip|is_ip_address|check_ip
(address:ipv4) -> bool
? @address is a valid IPv4 address: four numbers from 0 to 255 separated by dots
---
$parts = @address.split(".")
if len($parts) != 4:
    return False
for $p in $parts:
    if not $p.isdigit() or int($p) > 255:
        return False
return True
---
$parts = @address.split(".")
return len($parts) == 4 and all($p.isdigit() and int($p) <= 255 for $p in $parts)

## ip_to_int|ip_as_number|address_to_int
(address:ipv4) -> int
= the IPv4 address @address as one integer
ex '192.168.0.1' ;; '0.0.0.255' ;; '127.0.0.1' ;; '0.0.1.0'
---
$result = 0
for $p in @address.split("."):
    $result = $result * 256 + int($p)
return $result

## url_domain|host_of|get_host|domain_from_url
(url:url) -> str
= the host name of @url<, without the scheme and the path|>
---
return @url.split("://")[1].split("/")[0]
---
rest = @url[@url.index("://") + 3:]
return rest.split("/")[0]

## url_params|query_params|get_query
(url:url) -> dict[str, str]
= a dictionary of the query parameters of @url<, which follow the "?" and are separated by "&"|>
ex 'http://a.com?x=1&y=2' ;; 'http://a.com' ;; 'https://b.org/p?q=z' ;; 'http://c.net/?k=v&k2=v2'
---
if "?" not in @url:
    return {}
query = @url.split("?")[1]
$result = {}
for $p in query.split("&"):
    $key, $val = $p.split("=")
    $result[$key] = $val
return $result

## levels_in_log|count_levels|count_log_levels
(s:lines) -> dict[str, int]
. Count the log lines in @s by level. The level is the first word of each line.
ex 'INFO started\nERROR failed\nINFO done' ;; 'WARN x' ;; 'INFO a\nINFO b' ;; 'DEBUG 1\nERROR 2\nERROR 3'
---
$counts = {}
for line in @s.split("\n"):
    level = line.split()[0]
    $counts[level] = $counts.get(level, 0) + 1
return $counts

## parse_duration|duration_to_minutes|to_minutes|parse_hours_minutes
(s:word) -> int
. Convert a duration such as "2h30m", "45m" or "3h" to minutes.
= the number of minutes in the duration @s, which is written like "2h30m", "45m" or "3h"
ex '2h30m' ;; '45m' ;; '3h' ;; '1h5m' ;; '0m' ;; '10h'
---
$total = 0
number = ""
for $c in @s:
    if $c.isdigit():
        number += $c
    elif $c == "h":
        $total += int(number) * 60
        number = ""
    elif $c == "m":
        $total += int(number)
        number = ""
return $total
---
import re

hours = re.search(r"(\d+)h", @s)
minutes = re.search(r"(\d+)m", @s)
$total = 0
if hours:
    $total += 60 * int(hours.group(1))
if minutes:
    $total += int(minutes.group(1))
return $total

## parse_amount|parse_size|size_in_bytes|parse_bytes
(s:word) -> int
. Convert a size such as "10B", "4KB" or "2MB" to bytes, where 1 KB is 1024 bytes.
ex '10B' ;; '4KB' ;; '2MB' ;; '0B' ;; '1KB' ;; '100B'
---
if @s.endswith("KB"):
    return int(@s[:-2]) * 1024
if @s.endswith("MB"):
    return int(@s[:-2]) * 1024 * 1024
return int(@s[:-1])
---
units = {"KB": 1024, "MB": 1024 ** 2}
unit = @s[-2:]
if unit in units:
    return int(@s[:-2]) * units[unit]
return int(@s[:-1])

## parse_price|price_to_float|money_to_float
(s:word) -> float
= the price @s, such as "$1,234.50", as a float
ex '$1,234.50' ;; '$5.00' ;; '$0.99' ;; '$10' ;; '$12,000.00'
---
return float(@s.replace("$", "").replace(",", ""))
---
return float(@s.lstrip("$").replace(",", ""))

## parse_chess_square|square_to_indices
(s:word) -> tuple[int, int]
= the column and row (both from 0) of the chess square @s, such as "a1" or "h8"
ex 'a1' ;; 'h8' ;; 'e4' ;; 'c7' ;; 'd5'
---
return ord(@s[0]) - ord("a"), int(@s[1]) - 1
---
column = "abcdefgh".index(@s[0])
row = int(@s[1]) - 1
return column, row

## column_number|excel_column|column_to_number
(s:word) -> int
= the number of the spreadsheet column @s, where "A" is 1, "Z" is 26 and "AA" is 27
ex 'A' ;; 'Z' ;; 'AA' ;; 'AB' ;; 'BA' ;; 'C'
---
$result = 0
for $c in @s:
    $result = $result * 26 + ord($c) - ord("A") + 1
return $result

## column_name|number_to_column|column_letters
(n:pos) -> str
= the name of spreadsheet column number @n, where 1 is "A", 26 is "Z" and 27 is "AA"
---
$result = ""
while @n > 0:
    @n -= 1
    $result = chr(ord("A") + @n % 26) + $result
    @n //= 26
return $result

## tokenize|split_expression|lex
(s:text) -> list[str]
. Split the arithmetic expression @s into tokens: numbers, operators and parentheses. Spaces are ignored.
ex '1+2' ;; '(3 + 44)*5' ;; '7' ;; '10/ 2-1' ;; ''
---
$result = []
$i = 0
while $i < len(@s):
    $c = @s[$i]
    if $c.isdigit():
        number = ""
        while $i < len(@s) and @s[$i].isdigit():
            number += @s[$i]
            $i += 1
        $result.append(number)
        continue
    if $c != " ":
        $result.append($c)
    $i += 1
return $result
---
import re

return re.findall(r"\d+|[-+*/()]", @s)

## split_outside_quotes|split_fields|split_quoted
(s:csvwords) -> list[str]
. Split @s at commas, but not at commas inside double quotes. The quotes are removed.
ex 'a,b,c' ;; 'a,"b,c",d' ;; '"x"' ;; '' ;; '1,"2,3"'
---
$result = []
field = ""
quoted = False
for $c in @s:
    if $c == '"':
        quoted = not quoted
    elif $c == "," and not quoted:
        $result.append(field)
        field = ""
    else:
        field += $c
$result.append(field)
return $result

## split_camel|split_words_camel|camel_words
(s:camel) -> list[str]
= a list of the words of @s, which is written in camelCase, in lower case
. Split @s at its capital letters into lowercase words.
---
$words = []
for $c in @s:
    if $c.isupper() or not $words:
        $words.append($c.lower())
    else:
        $words[-1] += $c
return $words
---
$result = []
cur = ""
for $c in @s:
    if $c.isupper() and cur:
        $result.append(cur)
        cur = ""
    cur += $c.lower()
if cur:
    $result.append(cur)
return $result

## morse_encode|to_morse|encode_morse
(s:word) -> str
. Encode @s with the table {"a": ".-", "b": "-...", "c": "-.-.", "e": ".", "s": "...", "o": "---", "t": "-"}; the codes are separated by spaces and letters that are not in the table are skipped.
ex 'sos' ;; 'cat' ;; 'e' ;; 'boat' ;; '' ;; 'xyz'
---
table = {"a": ".-", "b": "-...", "c": "-.-.", "e": ".", "s": "...", "o": "---", "t": "-"}
return " ".join(table[$c] for $c in @s if $c in table)
---
table = {"a": ".-", "b": "-...", "c": "-.-.", "e": ".", "s": "...", "o": "---", "t": "-"}
$parts = []
for $c in @s:
    if $c in table:
        $parts.append(table[$c])
return " ".join($parts)

## leet_speak|to_leet|substitute_letters
(s:word) -> str
with a1~b1~a2~b2 in a ~ 4 ~ e ~ 3 | o ~ 0 ~ i ~ 1 | s ~ 5 ~ t ~ 7
= @s with "@a1" replaced by "@b1" and "@a2" replaced by "@b2"
. Replace every "@a1" in @s with "@b1" and every "@a2" with "@b2".
---
return @s.replace("@a1", "@b1").replace("@a2", "@b2")
---
$result = ""
for $c in @s:
    if $c == "@a1":
        $result += "@b1"
    elif $c == "@a2":
        $result += "@b2"
    else:
        $result += $c
return $result
---
table = {"@a1": "@b1", "@a2": "@b2"}
return "".join(table.get($c, $c) for $c in @s)

## rail_columns|write_in_columns|transpose_text|columnar_cipher
(s:word, k:k) -> str
= the characters of @s read column by column when it is written in rows of @k characters
---
return "".join(@s[$i::@k] for $i in range(@k))
---
$result = ""
for $i in range(@k):
    $result += @s[$i::@k]
return $result

## vigenere|shift_by_key|key_cipher
(s:word, key:word) -> str
. Shift each letter of @s by the position in the alphabet of the corresponding letter of @key (a = 0). The key is repeated as often as needed.
ex 'hello', 'abc' ;; 'attack', 'b' ;; 'xyz', 'zz' ;; 'python', 'key' ;; 'aaa', 'abc'
---
$result = ""
for $i, $c in enumerate(@s):
    shift = ord(@key[$i % len(@key)]) - ord("a")
    $result += chr((ord($c) - ord("a") + shift) % 26 + ord("a"))
return $result

## format_time|seconds_to_hms|to_hms|format_duration
(seconds:seconds) -> str
. Format @seconds as "HH:MM:SS"<, with two digits for each part|>.
= @seconds as a string in the form "HH:MM:SS"
---
hours = @seconds // 3600
minutes = @seconds % 3600 // 60
return f"{hours:02d}:{minutes:02d}:{@seconds % 60:02d}"
---
minutes, $rest = divmod(@seconds, 60)
hours, minutes = divmod(minutes, 60)
return f"{hours:02d}:{minutes:02d}:{$rest:02d}"
---
hours = @seconds // 3600
minutes = (@seconds // 60) % 60
$rest = @seconds % 60
return str(hours).zfill(2) + ":" + str(minutes).zfill(2) + ":" + str($rest).zfill(2)

## format_minutes|minutes_to_clock|to_clock|minutes_to_time
(minutes:minutes) -> str
. Format @minutes as "H:MM", for example 65 becomes "1:05".
= @minutes as a string of hours and minutes like "1:05"
---
return f"{@minutes // 60}:{@minutes % 60:02d}"
---
hours, $rest = divmod(@minutes, 60)
return f"{hours}:{$rest:02d}"
---
hours = @minutes // 60
$rest = @minutes % 60
return str(hours) + ":" + str($rest).zfill(2)

## readable_duration|describe_duration|human_duration|duration_text
(seconds:seconds) -> str
. Describe @seconds in the form "1h 2m 3s", leaving out parts that are zero. Return "0s" for 0.
---
$parts = []
for size, unit in [(3600, "h"), (60, "m"), (1, "s")]:
    $count = @seconds // size
    if $count:
        $parts.append(f"{$count}{unit}")
    @seconds %= size
return " ".join($parts) or "0s"
---
hours, $rest = divmod(@seconds, 3600)
minutes, secs = divmod($rest, 60)
$parts = []
if hours:
    $parts.append(f"{hours}h")
if minutes:
    $parts.append(f"{minutes}m")
if secs or not $parts:
    $parts.append(f"{secs}s")
return " ".join($parts)

## split_duration|to_days_hours_minutes|break_down_minutes
(minutes:minutes) -> tuple[int, int, int]
= a tuple with the days, hours and minutes that @minutes amount to
---
days, $rest = divmod(@minutes, 24 * 60)
hours, $rest = divmod($rest, 60)
return days, hours, $rest
---
days = @minutes // 1440
hours = @minutes % 1440 // 60
return days, hours, @minutes % 60

## time_to_minutes|minutes_since_midnight|clock_to_minutes
(time:clock) -> int
= the number of minutes since midnight at @time
. Convert @time, in the form "HH:MM", to minutes since midnight.
---
hours, minutes = @time.split(":")
return int(hours) * 60 + int(minutes)
---
hours, minutes = map(int, @time.split(":"))
return 60 * hours + minutes
---
$parts = @time.split(":")
return int($parts[0]) * 60 + int($parts[1])

## time_to_seconds|hms_to_seconds|seconds_of_time
(time:hms) -> int
= the number of seconds in @time, which has the form "HH:MM:SS"
. Convert @time from "HH:MM:SS" to seconds.
---
hours, minutes, seconds = map(int, @time.split(":"))
return hours * 3600 + minutes * 60 + seconds
---
$total = 0
for $p in @time.split(":"):
    $total = $total * 60 + int($p)
return $total
---
$parts = [int($p) for $p in @time.split(":")]
return $parts[0] * 3600 + $parts[1] * 60 + $parts[2]

## minutes_between|time_difference|elapsed_minutes|duration_between
(start:clock, end:clock) -> int
= the number of minutes from @start to @end, both in the form "HH:MM"<. If @end is earlier than @start, it is on the next day|. If @end is before @start, it belongs to the next day>
---
h1, m1 = map(int, @start.split(":"))
h2, m2 = map(int, @end.split(":"))
return (h2 * 60 + m2 - h1 * 60 - m1) % (24 * 60)
---
h1, m1 = @start.split(":")
h2, m2 = @end.split(":")
difference = int(h2) * 60 + int(m2) - int(h1) * 60 - int(m1)
if difference < 0:
    difference += 24 * 60
return difference

## add_minutes|later_time|time_after|advance_clock
(time:clock, minutes:minutes) -> str
= the time of day @minutes minutes after @time, in the form "HH:MM"
. Add @minutes minutes to @time and return the new time as "HH:MM"<, wrapping around at midnight|>.
---
hours, mins = map(int, @time.split(":"))
$total = (hours * 60 + mins + @minutes) % (24 * 60)
return f"{$total // 60:02d}:{$total % 60:02d}"
---
$parts = @time.split(":")
$total = int($parts[0]) * 60 + int($parts[1]) + @minutes
hours = $total // 60 % 24
return f"{hours:02d}:{$total % 60:02d}"

## to_12_hour|to_am_pm|twelve_hour_clock|format_12h
(time:clock) -> str
. Convert @time from 24-hour to 12-hour format, such as "3:05 PM".
= @time in 12-hour format with AM or PM, such as "12:30 AM"
---
hours, minutes = @time.split(":")
hours = int(hours)
suffix = "AM" if hours < 12 else "PM"
hours = hours % 12
if hours == 0:
    hours = 12
return f"{hours}:{minutes} {suffix}"
---
hours, minutes = map(int, @time.split(":"))
suffix = "PM" if hours >= 12 else "AM"
return f"{hours % 12 or 12}:{minutes:02d} {suffix}"

## to_24_hour|parse_am_pm|from_12_hour
(time:word) -> str
. Convert @time from 12-hour format, such as "3:05 PM", to 24-hour format "HH:MM".
ex '3:05 PM' ;; '12:00 AM' ;; '12:30 PM' ;; '11:59 AM' ;; '1:00 PM'
---
clock, suffix = @time.split()
hours, minutes = map(int, clock.split(":"))
hours %= 12
if suffix == "PM":
    hours += 12
return f"{hours:02d}:{minutes:02d}"

## is_valid_time|valid_clock|is_time
(s:clock) -> bool
? @s is a valid time in the form "HH:MM"<, from "00:00" to "23:59"|>
ex '12:30' ;; '24:00' ;; '7:30' ;; '23:59' ;; 'ab:cd' ;; '12:60' ;; '1230'
---
if len(@s) != 5 or @s[2] != ":":
    return False
hours, minutes = @s[:2], @s[3:]
if not (hours.isdigit() and minutes.isdigit()):
    return False
return int(hours) < 24 and int(minutes) < 60
---
$parts = @s.split(":")
if len($parts) != 2:
    return False
if not all(len($p) == 2 and $p.isdigit() for $p in $parts):
    return False
return int($parts[0]) <= 23 and int($parts[1]) <= 59

## time_of_day|part_of_day|greeting_for
(hour:small) -> str
. Return "night" before 6, "morning" before 12, "afternoon" before 18 and "evening" otherwise, for the given @hour from 0 to 23.
ex 3 ;; 6 ;; 12 ;; 17 ;; 18 ;; 23 ;; 0
---
if @hour < 6:
    return "night"
if @hour < 12:
    return "morning"
if @hour < 18:
    return "afternoon"
return "evening"
---
if @hour < 6:
    $result = "night"
elif @hour < 12:
    $result = "morning"
elif @hour < 18:
    $result = "afternoon"
else:
    $result = "evening"
return $result

## clock_angle|angle_between_hands|hands_angle
(hours:small, minutes:small) -> float
= the smaller angle in degrees between the hands of a clock at @hours hours and @minutes minutes
ex 3, 0 ;; 6, 0 ;; 12, 30 ;; 9, 15 ;; 0, 0 ;; 1, 20
---
hour_hand = @hours % 12 * 30 + @minutes * 0.5
minute_hand = @minutes * 6
angle = abs(hour_hand - minute_hand)
return min(angle, 360 - angle)

## days_in_month|month_length|number_of_days
(year:year, month:month) -> int
= the number of days in @month of @year<, taking leap years into account|>
---
if @month == 2:
    leap = @year % 4 == 0 and (@year % 100 != 0 or @year % 400 == 0)
    return 29 if leap else 28
if @month in (4, 6, 9, 11):
    return 30
return 31
---
days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
if @month == 2 and (@year % 400 == 0 or (@year % 4 == 0 and @year % 100 != 0)):
    return 29
return days[@month - 1]
---
import calendar

return calendar.monthrange(@year, @month)[1]

## days_in_year|year_length
(year:year) -> int
= the number of days in @year
---
if @year % 4 == 0 and (@year % 100 != 0 or @year % 400 == 0):
    return 366
return 365
---
leap = @year % 400 == 0 or (@year % 4 == 0 and @year % 100 != 0)
return 366 if leap else 365

## leap_years_between|leap_years|list_leap_years
(a:year, b:year) -> list[int]
= all leap years from @a to @b<, both included|>
ex 2000, 2012 ;; 1999, 2001 ;; 1896, 1904 ;; 2001, 2003 ;; 2020, 2020
---
return [y for y in range(@a, @b + 1) if y % 4 == 0 and (y % 100 != 0 or y % 400 == 0)]
---
$result = []
for y in range(@a, @b + 1):
    if y % 400 == 0 or (y % 4 == 0 and y % 100 != 0):
        $result.append(y)
return $result

## season|season_of_month|which_season
(month:month) -> str
= the season of @month in the northern hemisphere: "winter" for December to February, "spring", "summer" and "autumn" for the following three months each
---
if @month in (12, 1, 2):
    return "winter"
if @month <= 5:
    return "spring"
if @month <= 8:
    return "summer"
return "autumn"
---
return ["winter", "spring", "summer", "autumn"][@month % 12 // 3]

## quarter|quarter_of_month|which_quarter
(month:month) -> int
= the quarter of the year (1 to 4) that @month belongs to
---
return (@month - 1) // 3 + 1
---
return (@month + 2) // 3

## month_name|name_of_month|month_to_name
(month:month) -> str
= the <three-letter|short> English name of the month with number @month, such as "Jan"
---
names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
return names[@month - 1]

## weekday_name|day_of_week|name_of_weekday
(date:isodate) -> str
from datetime import date
= the English name of the weekday of @date
---
year, month, day = map(int, @date.split("-"))
names = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
return names[date(year, month, day).weekday()]
---
return date.fromisoformat(@date).strftime("%A")

## is_weekend|falls_on_weekend
(day:isodate) -> bool
from datetime import date
? @day is a Saturday or Sunday
---
return date.fromisoformat(@day).weekday() >= 5
---
year, month, d = map(int, @day.split("-"))
return date(year, month, d).weekday() in (5, 6)

## days_between|date_difference|number_of_days_between
(a:isodate, b:isodate) -> int
from datetime import date
= the number of days <between the dates @a and @b|from @a to @b>, as a non-negative number
---
return abs((date.fromisoformat(@b) - date.fromisoformat(@a)).days)
---
first = date.fromisoformat(@a)
second = date.fromisoformat(@b)
return abs((second - first).days)

## add_days|date_after|shift_date|days_later
(day:isodate, n:n) -> str
from datetime import date, timedelta
with word~op in after ~ + | before ~ -
= the date @n days @word @day, in the form YYYY-MM-DD
---
return (date.fromisoformat(@day) @op timedelta(days=@n)).isoformat()
---
$result = date.fromisoformat(@day) @op timedelta(days=@n)
return $result.isoformat()

## next_day|tomorrow|day_after
(day:isodate) -> str
from datetime import date, timedelta
with word~op in after ~ + | before ~ -
= the day @word @day, in the form YYYY-MM-DD
---
return str(date.fromisoformat(@day) @op timedelta(days=1))
---
cur = date.fromisoformat(@day)
return (cur @op timedelta(days=1)).isoformat()

## day_of_year|ordinal_day|day_number
(day:isodate) -> int
from datetime import date
= the number of @day within its year, where January 1 is 1
---
d = date.fromisoformat(@day)
return (d - date(d.year, 1, 1)).days + 1
---
return date.fromisoformat(@day).timetuple().tm_yday

## age_on|age_in_years|years_old|full_years
(born:isodate, today:isodate) -> int
from datetime import date
= the age in full years on @today of a person born on @born
ex '2000-05-10', '2020-05-09' ;; '2000-05-10', '2020-05-10' ;; '1990-12-31', '2024-01-01' ;; '2015-03-02', '2024-07-30'
---
birth = date.fromisoformat(@born)
now = date.fromisoformat(@today)
years = now.year - birth.year
if (now.month, now.day) < (birth.month, birth.day):
    years -= 1
return years
---
y1, m1, d1 = map(int, @born.split("-"))
y2, m2, d2 = map(int, @today.split("-"))
return y2 - y1 - ((m2, d2) < (m1, d1))

## parse_date|split_date|date_parts
(day:isodate) -> tuple[int, int, int]
= the year, month and day of @day as integers
. Split @day into year, month and day.
---
year, month, d = @day.split("-")
return int(year), int(month), int(d)
---
return tuple(int($p) for $p in @day.split("-"))
---
return tuple(map(int, @day.split("-")))

## reformat_date|convert_date|to_european_date|format_date
(day:isodate) -> str
with form~expr in DD.MM.YYYY ~ {d}.{month}.{year} | DD/MM/YYYY ~ {d}/{month}/{year} | MM/DD/YYYY ~ {month}/{d}/{year} | YYYYMMDD ~ {year}{month}{d}
. Convert @day from YYYY-MM-DD to @form.
= @day in the form @form
---
year, month, d = @day.split("-")
return f"@expr"

## to_iso_date|parse_european_date|iso_from_slashes
(s:word) -> str
with form~order~a1~b1~c1 in DD/MM/YYYY ~ day, month, year ~ day ~ month ~ year | MM/DD/YYYY ~ month, day, year ~ month ~ day ~ year
. Convert the date @s from @form to YYYY-MM-DD<, with two digits for month and day|>.
ex '3/4/2021' ;; '12/11/1999' ;; '01/02/2003' ;; '5/12/2020'
---
@a1, @b1, @c1 = @s.split("/")
return f"{year}-{month.zfill(2)}-{day.zfill(2)}"
---
@order = [int($p) for $p in @s.split("/")]
return f"{year}-{month:02d}-{day:02d}"

## is_valid_date|valid_date|date_exists
(s:isodate) -> bool
? @s is a valid date in the form YYYY-MM-DD
ex '2024-02-29' ;; '2023-02-29' ;; '2020-13-01' ;; 'hello' ;; '2021-04-31' ;; '1999-12-31'
from datetime import datetime
---
try:
    datetime.strptime(@s, "%Y-%m-%d")
    return True
except ValueError:
    return False
---
try:
    datetime.strptime(@s, "%Y-%m-%d")
except ValueError:
    return False
return True

## is_valid_day|valid_calendar_day|exists_in_calendar
(year:year, month:month, day:limit) -> bool
? @day is a valid day of @month in @year
ex 2024, 2, 29 ;; 2023, 2, 29 ;; 2020, 13, 1 ;; 2021, 4, 31 ;; 2000, 12, 31 ;; 2022, 6, 0
---
if @month < 1 or @month > 12:
    return False
days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
if @year % 4 == 0 and (@year % 100 != 0 or @year % 400 == 0):
    days[1] = 29
return 1 <= @day <= days[@month - 1]

## sort_dates|order_dates|chronological
(dates:words) -> list[str]
. Sort @dates, which are in the form DD.MM.YYYY, from the earliest to the latest.
= the dates in @dates, given as DD.MM.YYYY, in chronological order
ex ['01.02.2020', '15.01.2020'] ;; [] ;; ['31.12.1999', '01.01.2000', '05.06.1998'] ;; ['02.02.2002']
---
return sorted(@dates, key=lambda d: d.split(".")[::-1])
---
return sorted(@dates, key=lambda d: (d[6:], d[3:5], d[:2]))

## latest_date|earliest_date|@which_of_dates
(dates:words) -> str
with which~fn in latest ~ max | earliest ~ min
= the @which of the dates in @dates, which are in the form YYYY-MM-DD
edge! not @dates => None|""
ex ['2020-01-05', '2019-12-31'] ;; ['2021-02-03'] ;; ['1999-01-01', '2005-07-08', '2001-02-02'] ;; []
---
return @fn(@dates)
---
return sorted(@dates)[0 if "@fn" == "min" else -1]

## count_by_month|dates_per_month|group_by_month
(dates:words) -> dict[str, int]
= a dictionary with the number of dates in @dates for each month, with keys such as "2024-03"
ex ['2024-03-01', '2024-03-15', '2024-04-01'] ;; [] ;; ['2020-01-01'] ;; ['2021-05-05', '2021-05-06']
---
$counts = {}
for d in @dates:
    month = d[:7]
    $counts[month] = $counts.get(month, 0) + 1
return $counts

## factorial_recursive|fact|recursive_factorial
(n:small) -> int
= the factorial of @n, computed recursively
. Compute the factorial of @n with recursion.
---
if @n <= 1:
    return 1
return @n * @self(@n - 1)
---
if @n == 0:
    return 1
return @n * @self(@n - 1)

## fib|fibonacci|fib_recursive
(n:small) -> int
= the Fibonacci number with index @n, computed recursively (index 0 is 0, index 1 is 1)
---
if @n < 2:
    return @n
return @self(@n - 1) + @self(@n - 2)
---
if @n == 0:
    return 0
if @n == 1:
    return 1
return @self(@n - 1) + @self(@n - 2)

## recursive_sum|sum_list|sum_recursive|total_recursive
(xs:ints) -> int
with what~start~op in sum ~ 0 ~ + | product ~ 1 ~ *
= the @what of the elements of @xs, computed recursively. For an empty list it is @start
---
if not @xs:
    return @start
return @xs[0] @op @self(@xs[1:])
---
if len(@xs) == 0:
    return @start
return @self(@xs[:-1]) @op @xs[-1]

## recursive_reverse|reverse_recursively|rev
(s:word) -> str
= @s reversed, computed recursively
. Reverse @s using recursion.
---
if len(@s) <= 1:
    return @s
return @self(@s[1:]) + @s[0]
---
if @s == "":
    return ""
return @s[-1] + @self(@s[:-1])

## recursive_digit_sum|digit_sum_rec|sum_digits_recursive
(n:big) -> int
= the sum of the digits of @n, computed recursively
---
if @n < 10:
    return @n
return @n % 10 + @self(@n // 10)

## recursive_power|power_recursive|pow_rec
(x:k, n:small) -> int
= @x to the power of @n, computed recursively
---
if @n == 0:
    return 1
return @x * @self(@x, @n - 1)
---
if @n == 0:
    return 1
half = @self(@x, @n // 2)
if @n % 2 == 0:
    return half * half
return half * half * @x

## recursive_count|count_recursive|occurrences_recursive
(xs:ints, target:target) -> int
= how often @target occurs in @xs, computed recursively
---
if not @xs:
    return 0
rest = @self(@xs[1:], @target)
return rest + 1 if @xs[0] == @target else rest
---
if @xs == []:
    return 0
if @xs[0] == @target:
    return 1 + @self(@xs[1:], @target)
return @self(@xs[1:], @target)

## recursive_max|max_recursive|largest_recursive
(xs:ints) -> int
with which~op in largest ~ > | smallest ~ <
= the @which element of the non-empty list @xs, computed recursively
---
if len(@xs) == 1:
    return @xs[0]
rest = @self(@xs[1:])
return @xs[0] if @xs[0] @op rest else rest

## flatten_deep|deep_flatten|flatten_nested|flatten
(nested:nested) -> list[int]
. Flatten @nested completely: all numbers in one list, in order.
= a flat list of all numbers in @nested, however deeply they are nested
---
$result = []
for $x in @nested:
    if isinstance($x, list):
        $result.extend(@self($x))
    else:
        $result.append($x)
return $result
---
if not @nested:
    return []
first = @nested[0]
if isinstance(first, list):
    return @self(first) + @self(@nested[1:])
return [first] + @self(@nested[1:])

## deep_sum|sum_nested|nested_total|total_of_nested
(nested:nested) -> int
= the sum of all numbers in @nested<, including those in inner lists|, at every level>
---
$total = 0
for $x in @nested:
    if isinstance($x, list):
        $total += @self($x)
    else:
        $total += $x
return $total
---
return sum(@self($x) if isinstance($x, list) else $x for $x in @nested)

## nested_depth|depth|max_nesting|list_depth
(nested:nested) -> int
= the nesting depth of @nested, where a list without inner lists has depth 1
---
$best = 0
for $x in @nested:
    if isinstance($x, list):
        $best = max($best, @self($x))
return $best + 1
---
return 1 + max([@self($x) for $x in @nested if isinstance($x, list)], default=0)

## count_leaves|count_nested|number_of_leaves|deep_count
(nested:nested) -> int
= the number of elements in @nested that are not lists<, at any depth|>
---
$count = 0
for $x in @nested:
    if isinstance($x, list):
        $count += @self($x)
    else:
        $count += 1
return $count

## deep_map|double_nested|map_nested
(nested:nested) -> list
with what~expr in doubled ~ $x * 2 | squared ~ $x ** 2 | increased by one ~ $x + 1
= a copy of @nested in which every number is @what<, with the same nesting|>
---
return [@self($x) if isinstance($x, list) else @expr for $x in @nested]
---
$result = []
for $x in @nested:
    if isinstance($x, list):
        $result.append(@self($x))
    else:
        $result.append(@expr)
return $result

## hanoi_moves|tower_of_hanoi|count_hanoi
(n:small) -> int
= the number of moves needed to solve the Tower of Hanoi with @n disks
---
return 2 ** @n - 1
---
if @n == 0:
    return 0
return 2 * @self(@n - 1) + 1

## hanoi|solve_hanoi|hanoi_steps
(n:k, source:char="A", target:char="C", spare:char="B") -> list[tuple[str, str]]
= the list of moves (from, to) that solve the Tower of Hanoi with @n disks
ex 1 ;; 2 ;; 3 ;; 0
---
if @n == 0:
    return []
moves = @self(@n - 1, @source, @spare, @target)
moves.append((@source, @target))
return moves + @self(@n - 1, @spare, @target, @source)

## binary_strings|all_binary_strings
(n:k) -> list[str]
= all binary strings of length @n in ascending order
---
if @n == 0:
    return [""]
shorter = @self(@n - 1)
return ["0" + s for s in shorter] + ["1" + s for s in shorter]
---
return [format($i, "b").zfill(@n) for $i in range(2 ** @n)]

## generate_parentheses|balanced_strings|all_balanced
(n:k) -> list[str]
= all strings of @n pairs of balanced parentheses<, in lexicographic order|>
---
$result = []

def build(text, opened, closed):
    if len(text) == 2 * @n:
        $result.append(text)
        return
    if opened < @n:
        build(text + "(", opened + 1, closed)
    if closed < opened:
        build(text + ")", opened, closed + 1)

build("", 0, 0)
return $result

## combinations_of|choose_k|k_subsets
(xs:ints, k:k) -> list[list[int]]
= all ways to choose @k elements of @xs, as lists in the order of @xs
ex [1, 2, 3], 2 ;; [1, 2], 1 ;; [5], 1 ;; [1, 2, 3, 4], 3 ;; [1, 2], 3
---
if @k == 0:
    return [[]]
if not @xs:
    return []
with_first = [[@xs[0]] + rest for rest in @self(@xs[1:], @k - 1)]
return with_first + @self(@xs[1:], @k)
---
from itertools import combinations

return [list(c) for c in combinations(@xs, @k)]

## string_permutations|all_permutations|anagrams_of
(s:word) -> list[str]
= a sorted list of all different permutations of the characters of @s
ex 'abc' ;; 'aa' ;; 'x' ;; 'ab' ;; 'aab'
---
from itertools import permutations

return sorted({"".join(p) for p in permutations(@s)})
---
if len(@s) <= 1:
    return [@s]
$result = set()
for $i, $c in enumerate(@s):
    for rest in @self(@s[:$i] + @s[$i + 1:]):
        $result.add($c + rest)
return sorted($result)

## count_paths|grid_paths|number_of_paths|unique_paths
(rows:k, cols:k) -> int
= the number of paths from the top left to the bottom right cell of a grid with @rows rows and @cols columns, moving only right or down
---
if @rows == 1 or @cols == 1:
    return 1
return @self(@rows - 1, @cols) + @self(@rows, @cols - 1)
---
paths = [[1] * @cols for _ in range(@rows)]
for $i in range(1, @rows):
    for $j in range(1, @cols):
        paths[$i][$j] = paths[$i - 1][$j] + paths[$i][$j - 1]
return paths[-1][-1]

## min_path_sum|cheapest_path|minimum_path
(grid:matrix) -> int
= the smallest sum of numbers on a path from the top left to the bottom right of @grid, moving only right or down
---
best = [row[:] for row in @grid]
for $i in range(len(@grid)):
    for $j in range(len(@grid[0])):
        if $i == 0 and $j == 0:
            continue
        options = []
        if $i > 0:
            options.append(best[$i - 1][$j])
        if $j > 0:
            options.append(best[$i][$j - 1])
        best[$i][$j] += min(options)
return best[-1][-1]

## longest_common_subsequence|lcs_length|lcs
(a:word, b:word) -> int
= the length of the longest common subsequence of @a and @b
ex 'abcde', 'ace' ;; 'abc', 'def' ;; '', 'x' ;; 'banana', 'atana' ;; 'same', 'same'
---
dp = [[0] * (len(@b) + 1) for _ in range(len(@a) + 1)]
for i in range(len(@a)):
    for j in range(len(@b)):
        if @a[i] == @b[j]:
            dp[i + 1][j + 1] = dp[i][j] + 1
        else:
            dp[i + 1][j + 1] = max(dp[i][j + 1], dp[i + 1][j])
return dp[-1][-1]
---
if not @a or not @b:
    return 0
if @a[0] == @b[0]:
    return 1 + @self(@a[1:], @b[1:])
return max(@self(@a[1:], @b), @self(@a, @b[1:]))

## longest_common_substring|longest_shared_part|common_substring
(a:word, b:word) -> str
= the longest string that is a substring of both @a and @b<, the first one in @a if there are several|>
ex 'abcdef', 'zcdex' ;; 'abc', 'xyz' ;; 'banana', 'ananas' ;; '', 'a' ;; 'test', 'contest'
---
$best = ""
for $i in range(len(@a)):
    for $j in range($i + 1, len(@a) + 1):
        $p = @a[$i:$j]
        if $p in @b and len($p) > len($best):
            $best = $p
return $best

## count_islands|number_of_regions|count_groups_of_ones
(grid:matrix) -> int
= the number of groups of ones in @grid that are connected horizontally or vertically
ex [[1, 1, 0], [0, 0, 0], [0, 1, 1]] ;; [[0]] ;; [[1]] ;; [[1, 0, 1], [0, 1, 0]] ;; [[1, 1], [1, 1]]
---
$seen = set()
$count = 0
for r in range(len(@grid)):
    for c in range(len(@grid[0])):
        if @grid[r][c] != 1 or (r, c) in $seen:
            continue
        $count += 1
        $stack = [(r, c)]
        while $stack:
            i, j = $stack.pop()
            if (i, j) in $seen or not (0 <= i < len(@grid) and 0 <= j < len(@grid[0])):
                continue
            if @grid[i][j] != 1:
                continue
            $seen.add((i, j))
            $stack += [(i + 1, j), (i - 1, j), (i, j + 1), (i, j - 1)]
return $count

## shortest_path_length|bfs_distance|distance_in_graph|steps_between
(graph:ldict, start:char, goal:char) -> int
= the number of edges on the shortest path from @start to @goal in @graph, a dictionary of neighbour lists, or -1 if there is none
ex {'a': ['b'], 'b': ['c'], 'c': []}, 'a', 'c' ;; {'a': []}, 'a', 'a' ;; {'a': ['b'], 'b': [], 'c': []}, 'a', 'c' ;; {'a': ['b', 'c'], 'b': ['d'], 'c': ['d'], 'd': []}, 'a', 'd'
---
queue = [(@start, 0)]
$seen = {@start}
while queue:
    node, distance = queue.pop(0)
    if node == @goal:
        return distance
    for neighbour in @graph.get(node, []):
        if neighbour not in $seen:
            $seen.add(neighbour)
            queue.append((neighbour, distance + 1))
return -1

## reachable|reachable_nodes|connected_nodes|visit_all
(graph:ldict, start:char) -> list[str]
= a sorted list of all nodes that can be reached from @start in @graph, a dictionary that maps each node to its neighbours
ex {'a': ['b'], 'b': ['c'], 'c': []}, 'a' ;; {'a': []}, 'a' ;; {'a': ['b'], 'b': ['a'], 'c': ['a']}, 'b' ;; {'x': ['y', 'z'], 'y': [], 'z': ['x']}, 'x'
---
$seen = set()
$stack = [@start]
while $stack:
    node = $stack.pop()
    if node not in $seen:
        $seen.add(node)
        $stack.extend(@graph.get(node, []))
return sorted($seen)

## topological_sort|task_order|order_tasks
(tasks:ldict) -> list[str]
= an order of the tasks in @tasks in which each task comes after those it depends on; @tasks maps each task to its dependencies, and ready tasks are taken in alphabetical order
ex {'a': [], 'b': ['a']} ;; {'x': ['y'], 'y': [], 'z': ['x']} ;; {} ;; {'c': ['a', 'b'], 'a': [], 'b': []}
---
$result = []
while len($result) < len(@tasks):
    ready = sorted(t for t in @tasks if t not in $result and all(d in $result for d in @tasks[t]))
    if not ready:
        return []
    $result.append(ready[0])
return $result

## tree_sum|sum_tree|tree_total
(tree:sdict) -> int
= the sum of the values of all nodes of @tree, where a node is a dictionary with "value" and a list of "children"
ex {'value': 1, 'children': []} ;; {'value': 1, 'children': [{'value': 2, 'children': []}, {'value': 3, 'children': []}]} ;; {'value': 5, 'children': [{'value': 1, 'children': [{'value': 4, 'children': []}]}]}
---
$total = @tree["value"]
for child in @tree["children"]:
    $total += @self(child)
return $total
---
return @tree["value"] + sum(@self(child) for child in @tree["children"])

## flatten_dict|flatten_keys|nested_to_flat
(d:sdict) -> dict[str, int]
. Flatten the nested dictionary @d: keys of inner dictionaries are joined with dots.
= a flat copy of the nested dictionary @d in which the keys of inner dictionaries are joined with "."
ex {'a': 1} ;; {'a': {'b': 2, 'c': 3}} ;; {} ;; {'x': {'y': {'z': 1}}, 'w': 2}
---
$result = {}
for $key, $val in @d.items():
    if isinstance($val, dict):
        for inner, value in @self($val).items():
            $result[$key + "." + inner] = value
    else:
        $result[$key] = $val
return $result

## merge_sort|sort_by_merging|mergesort
(xs:ints) -> list[int]
. Sort @xs in ascending order with merge sort.
= @xs sorted in ascending order with the merge sort algorithm
---
if len(@xs) <= 1:
    return @xs
$mid = len(@xs) // 2
$left = @self(@xs[:$mid])
$right = @self(@xs[$mid:])
$result = []
i = j = 0
while i < len($left) and j < len($right):
    if $left[i] <= $right[j]:
        $result.append($left[i])
        i += 1
    else:
        $result.append($right[j])
        j += 1
return $result + $left[i:] + $right[j:]

## counting_sort|sort_small_numbers|bucket_sort
(xs:pints) -> list[int]
. Sort @xs, a list of small non-negative integers, with counting sort.
edge! not @xs => []
---
$counts = [0] * (max(@xs) + 1)
for $x in @xs:
    $counts[$x] += 1
$result = []
for value, $count in enumerate($counts):
    $result.extend([value] * $count)
return $result

## dutch_flag|sort_three|sort_colors
(words:words) -> list[str]
. Sort @words, which contains only "red", "white" and "blue", so that red comes first, then white, then blue.
ex ['blue', 'red', 'white'] ;; [] ;; ['white', 'white', 'red'] ;; ['blue'] ;; ['red', 'blue', 'red']
---
order = {"red": 0, "white": 1, "blue": 2}
return sorted(@words, key=lambda $w: order[$w])
---
return [color for color in ("red", "white", "blue") for $w in @words if $w == color]

## custom_order_sort|sort_by_order|sort_by_alphabet
(s:word, order:word) -> str
. Sort the characters of @s by their position in @order. Characters that are not in @order come last, in their original order.
ex 'banana', 'nab' ;; 'hello', 'leh' ;; '', 'abc' ;; 'cab', 'bca' ;; 'xyza', 'a'
---
return "".join(sorted(@s, key=lambda $c: @order.index($c) if $c in @order else len(@order)))
---
$result = ""
for $c in @order:
    $result += $c * @s.count($c)
return $result + "".join($c for $c in @s if $c not in @order)

## natural_sort|sort_by_number|sort_numbered_names
(names:words) -> list[str]
. Sort @names, such as "item10", by the number at their end.
ex ['item10', 'item2', 'item1'] ;; [] ;; ['a3', 'b1', 'c2'] ;; ['x100', 'x20'] ;; ['file5']
---
import re

return sorted(@names, key=lambda name: int(re.search(r"\d+$", name).group()))

## format_list|join_with_and|english_list|list_to_text
(words:words) -> str
. Join the strings in @words into an English list: "a", "a and b" or "a, b and c". Return an empty string for an empty list.
= the strings in @words as an English enumeration such as "a, b and c"
ex ['a', 'b', 'c'] ;; ['x'] ;; [] ;; ['tea', 'milk'] ;; ['one', 'two', 'three', 'four']
---
if not @words:
    return ""
if len(@words) == 1:
    return @words[0]
return ", ".join(@words[:-1]) + " and " + @words[-1]
---
if len(@words) < 2:
    return "".join(@words)
return f"{', '.join(@words[:-1])} and {@words[-1]}"

## likes_text|who_likes|summary_of_names
(names:words) -> str
. Return "nobody", "A", "A and B" or "A and N others" for the strings in @names, where N is the number of the remaining ones.
ex ['Ann', 'Ben', 'Cara'] ;; ['Ann'] ;; [] ;; ['Ann', 'Ben'] ;; ['Ann', 'Ben', 'Cara', 'Dan']
---
if not @names:
    return "nobody"
if len(@names) == 1:
    return @names[0]
if len(@names) == 2:
    return f"{@names[0]} and {@names[1]}"
return f"{@names[0]} and {len(@names) - 1} others"

## greet|make_greeting|welcome|hello
(name:word) -> str
with word in Hello | Welcome | Hi | Good morning
= the greeting "@word, <name>!" for @name
. Greet @name: return "@word, " followed by the name and an exclamation mark.
edge not @name => "@word!"
---
return f"@word, {@name}!"
---
return "@word, " + @name + "!"

## format_name|full_name|last_first|name_with_initial
(first:word, last:word) -> str
with form~expr in "Last, First" ~ {@last}, {@first} | "First Last" ~ {@first} {@last} | "F. Last" ~ {@first[0]}. {@last}
= the name made of @first and @last in the form @form
ex 'Ada', 'Lovelace' ;; 'Alan', 'Turing' ;; 'Grace', 'Hopper' ;; 'Bob', 'Ross'
---
return f"@expr"

## initials_of_name|name_initials|get_initials
(name:sentence) -> str
= the initials of @name, each followed by a dot, such as "J.R.R.T."
ex 'Ada Lovelace' ;; 'alan turing' ;; 'Cher' ;; 'john ronald reuel tolkien'
---
return "".join($w[0].upper() + "." for $w in @name.split())
---
$result = ""
for $w in @name.split():
    $result += $w[0].upper() + "."
return $result

## make_table_row|format_columns|align_columns
(words:words, width:limit) -> str
= the strings in @words, each padded with spaces on the right to @width characters, joined by " | "
ex ['a', 'bb'], 3 ;; ['x'], 5 ;; [], 4 ;; ['one', 'two', 'three'], 6
---
return " | ".join($w.ljust(@width) for $w in @words)
---
$result = []
for $w in @words:
    $result.append($w + " " * (@width - len($w)))
return " | ".join($result)

## draw_triangle|triangle_lines|stars|make_triangle
(n:small) -> list[str]
with what~expr in with 1, 2, 3, ... stars ~ "*" * $i | with 1, 3, 5, ... stars, centered with spaces on the left ~ " " * (@n - $i) + "*" * (2 * $i - 1) | aligned to the right, with 1, 2, 3, ... stars ~ " " * (@n - $i) + "*" * $i
= a list of @n strings that form a triangle of stars, @what
---
return [@expr for $i in range(1, @n + 1)]
---
$result = []
for $i in range(1, @n + 1):
    $result.append(@expr)
return $result

## draw_box|rectangle_lines|hollow_square|make_box
(width:pos, height:pos) -> list[str]
= the lines of a hollow rectangle of "#" characters with the given @width and @height
ex 3, 3 ;; 1, 1 ;; 4, 2 ;; 5, 4 ;; 2, 3
---
$result = []
for $i in range(@height):
    if $i in (0, @height - 1):
        $result.append("#" * @width)
    elif @width == 1:
        $result.append("#")
    else:
        $result.append("#" + " " * (@width - 2) + "#")
return $result

## bar_chart|histogram|text_bars|draw_bars
(d:sdict) -> list[str]
= one line for each entry of @d with the key, a colon, a space and as many "#" characters as the value says
ex {'a': 3, 'b': 1} ;; {} ;; {'x': 0} ;; {'cat': 2, 'dog': 5}
---
return [f"{$key}: {'#' * $val}" for $key, $val in @d.items()]
---
lines = []
for $key, $val in @d.items():
    lines.append($key + ": " + "#" * $val)
return lines

## progress_bar|make_progress_bar|render_progress
(done:pos, total:pos) -> str
= a progress bar of 10 characters for @done out of @total: "#" for the finished part (rounded down) and "." for the rest, in square brackets
ex 5, 10 ;; 0, 4 ;; 3, 3 ;; 1, 3 ;; 7, 20
---
filled = 10 * @done // @total
return "[" + "#" * filled + "." * (10 - filled) + "]"
---
filled = @done * 10 // @total
return f"[{'#' * filled}{'.' * (10 - filled)}]"

## justify|spread_spaces|align_right_lines
(lines:words, width:limit) -> list[str]
with how~method in right ~ rjust | left ~ ljust | center ~ center
= the strings in @lines aligned to the @how in a field of @width characters
---
return [line.@method(@width) for line in @lines]
---
$result = []
for line in @lines:
    $result.append(line.@method(@width))
return $result

## common_prefix_length|shared_start_length|match_length
(a:word, b:word) -> int
= the number of characters at the start of @a and @b that are equal
---
$count = 0
for $c, other in zip(@a, @b):
    if $c != other:
        break
    $count += 1
return $count
---
$i = 0
while $i < min(len(@a), len(@b)) and @a[$i] == @b[$i]:
    $i += 1
return $i

## score_word|scrabble_score|word_points
(word:word) -> int
= the score of @word: 1 point for each vowel, 2 points for each other letter<, ignoring case|>
---
$total = 0
for $c in @word.lower():
    if $c in "aeiou":
        $total += 1
    elif $c.isalpha():
        $total += 2
return $total
---
return sum(1 if $c in "aeiou" else 2 for $c in @word.lower() if $c.isalpha())

## rock_paper_scissors|rps_winner|game_result
(a:word, b:word) -> int
. Return 1 if the first player wins rock, paper, scissors, 2 if the second player wins and 0 for a draw. @a and @b are the players' choices.
ex 'rock', 'scissors' ;; 'paper', 'scissors' ;; 'rock', 'rock' ;; 'paper', 'rock' ;; 'scissors', 'paper'
---
if @a == @b:
    return 0
wins = {"rock": "scissors", "scissors": "paper", "paper": "rock"}
return 1 if wins[@a] == @b else 2
---
if @a == @b:
    return 0
if (@a, @b) in [("rock", "scissors"), ("scissors", "paper"), ("paper", "rock")]:
    return 1
return 2

## tic_tac_toe_winner|winner|check_winner
(board:words) -> str
= the winner ("X" or "O") of the tic-tac-toe position @board, three strings of three characters, or None if nobody has won
ex ['XXX', 'OO.', '...'] ;; ['XO.', 'XO.', 'X..'] ;; ['...', '...', '...'] ;; ['O.X', 'XO.', 'X.O'] ;; ['XOX', 'OXO', 'OXO']
---
lines = list(@board)
lines += ["".join(row[$i] for row in @board) for $i in range(3)]
lines.append("".join(@board[$i][$i] for $i in range(3)))
lines.append("".join(@board[$i][2 - $i] for $i in range(3)))
for line in lines:
    if line in ("XXX", "OOO"):
        return line[0]
return None

## bank_balance|apply_transactions|final_balance|process_transactions
(start:n, changes:ints) -> int
. Start with the balance @start and apply the amounts in @changes. A withdrawal (negative amount) that would make the balance negative is skipped. Return the final balance.
ex 10, [5, -20, -3] ;; 0, [] ;; 100, [-50, -60, 10] ;; 5, [-5, 1] ;; 7, [-8, -7]
---
balance = @start
for amount in @changes:
    if balance + amount < 0:
        continue
    balance += amount
return balance
---
balance = @start
for amount in @changes:
    if balance + amount >= 0:
        balance += amount
return balance

## water_trapped|container_area|max_container
(heights:pints) -> int
= the largest area between two of the vertical lines with the given @heights: their distance times the smaller height
---
$best = 0
for $i in range(len(@heights)):
    for $j in range($i + 1, len(@heights)):
        $best = max($best, ($j - $i) * min(@heights[$i], @heights[$j]))
return $best
---
$left, $right = 0, len(@heights) - 1
$best = 0
while $left < $right:
    $best = max($best, ($right - $left) * min(@heights[$left], @heights[$right]))
    if @heights[$left] < @heights[$right]:
        $left += 1
    else:
        $right -= 1
return $best

## knapsack|best_value|max_value_within
(items:intpairs, limit:limit) -> int
= the largest total value of items from @items, (weight, value) pairs, whose total weight is at most @limit
ex [(2, 3), (3, 4), (4, 5)], 5 ;; [], 3 ;; [(1, 1)], 0 ;; [(5, 10), (4, 40), (6, 30)], 10
---
$best = [0] * (@limit + 1)
for weight, value in @items:
    for room in range(@limit, weight - 1, -1):
        $best[room] = max($best[room], $best[room - weight] + value)
return $best[@limit]

## elect|election_winner|most_votes|count_votes
(votes:words) -> str
= the name with the most votes in @votes<; on a tie the alphabetically first one|. If there is a tie, the name that comes first in the alphabet wins>
edge! not @votes => None
---
$counts = {}
for name in @votes:
    $counts[name] = $counts.get(name, 0) + 1
return min($counts, key=lambda name: (-$counts[name], name))
---
$best = None
for name in sorted(set(@votes)):
    if $best is None or @votes.count(name) > @votes.count($best):
        $best = name
return $best

## top_words|most_common_words|frequent_words
(s:sentence, k:k) -> list[str]
= the @k most frequent words in @s<, ignoring case|>; words that occur equally often are ordered alphabetically
---
$counts = {}
for $w in @s.lower().split():
    $counts[$w] = $counts.get($w, 0) + 1
return sorted($counts, key=lambda $w: (-$counts[$w], $w))[:@k]
---
from collections import Counter

$counts = Counter(@s.lower().split())
ordered = sorted($counts.items(), key=lambda p: (-p[1], p[0]))
return [$w for $w, _ in ordered[:@k]]

## most_common_with_counter|counter_top|top_k_frequent
(xs:ints, k:k) -> list[int]
= the @k most frequent values in @xs<, most frequent first|>; values with equal counts are ordered from small to large
---
$counts = {}
for $x in @xs:
    $counts[$x] = $counts.get($x, 0) + 1
return sorted($counts, key=lambda $x: (-$counts[$x], $x))[:@k]
---
from collections import Counter

$counts = Counter(@xs)
return sorted($counts, key=lambda $x: (-$counts[$x], $x))[:@k]

## lru_order|recently_used|simulate_cache
(keys:words, k:k) -> list[str]
= the content of a cache of size @k after the keys in @keys were used one after the other, least recently used first
---
cache = []
for $key in @keys:
    if $key in cache:
        cache.remove($key)
    elif len(cache) == @k:
        cache.pop(0)
    cache.append($key)
return cache

## round_robin|deal_cards|distribute|deal
(xs:ints, k:k) -> list[list[int]]
. Distribute the elements of @xs in turn over @k lists, like dealing cards.
= @k lists that get the elements of @xs in turn
---
return [@xs[$i::@k] for $i in range(@k)]
---
$result = [[] for _ in range(@k)]
for $i, $x in enumerate(@xs):
    $result[$i % @k].append($x)
return $result

## split_evenly|divide_into_parts|equal_parts
(n:n, k:k) -> list[int]
. Split @n into @k integers that differ by at most 1, larger ones first.
= a list of @k integers that add up to @n and differ by at most 1, in descending order
---
base, extra = divmod(@n, @k)
return [base + 1] * extra + [base] * (@k - extra)
---
base = @n // @k
extra = @n % @k
$result = []
for $i in range(@k):
    $result.append(base + 1 if $i < extra else base)
return $result

## apply_n_times|repeat_step|iterate
(x:int, n:small) -> int
with what~expr in doubles it and adds one ~ 2 * @x + 1 | adds three ~ @x + 3 | subtracts it from ten ~ 10 - @x
= the result of applying @n times, starting from @x, the step that @what
---
for $i in range(@n):
    @x = @expr
return @x
---
while @n > 0:
    @x = @expr
    @n -= 1
return @x

## names_to_ages|age_by_name|index_records
(people:records) -> dict[str, int]
= a dictionary that maps the "name" of each record in @people to its "age"
---
return {p["name"]: p["age"] for p in @people}
---
$result = {}
for person in @people:
    $result[person["name"]] = person["age"]
return $result

## split_by_age|group_people|by_age_group
(people:records) -> dict[str, list[str]]
= a dictionary with the keys "minor" (age below 18) and "adult", each with the list of the names in @people
---
$groups = {"minor": [], "adult": []}
for person in @people:
    $key = "minor" if person["age"] < 18 else "adult"
    $groups[$key].append(person["name"])
return $groups
---
return {
    "minor": [p["name"] for p in @people if p["age"] < 18],
    "adult": [p["name"] for p in @people if p["age"] >= 18],
}

## update_counts|add_item|increment_key
(d:sdict, key:word) -> dict[str, int]
= a copy of @d in which the value of @key is increased by one; a missing key counts as 0
ex {'a': 1}, 'a' ;; {}, 'x' ;; {'b': 2}, 'c' ;; {'k': 0, 'm': 5}, 'm'
---
$result = dict(@d)
$result[@key] = $result.get(@key, 0) + 1
return $result
---
$result = @d.copy()
if @key in $result:
    $result[@key] += 1
else:
    $result[@key] = 1
return $result

## remove_keys|without_keys|drop_keys|omit
(d:sdict, keys:words) -> dict[str, int]
with what~op in without the keys in ~ not in | with only the keys in ~ in
= a copy of @d @what @keys
ex {'a': 1, 'b': 2}, ['a'] ;; {}, ['x'] ;; {'k': 5, 'm': 6}, ['k', 'm'] ;; {'z': 1}, []
---
return {$key: $val for $key, $val in @d.items() if $key @op @keys}
---
$result = {}
for $key in @d:
    if $key @op @keys:
        $result[$key] = @d[$key]
return $result

## rename_keys|map_keys|upper_keys|transform_keys
(d:sdict) -> dict[str, int]
with what~expr in in upper case ~ $key.upper() | in lower case ~ $key.lower() | reversed ~ $key[::-1] | prefixed with an underscore ~ "_" + $key
= a copy of @d with all keys @what
---
return {@expr: $val for $key, $val in @d.items()}
---
$result = {}
for $key, $val in @d.items():
    $result[@expr] = $val
return $result

## get_or_default|lookup|value_or_default
(d:sdict, key:word, default:int=0) -> int
= the value of @key in @d, or @default if the key is missing
ex {'a': 1}, 'a', 5 ;; {}, 'x', 7 ;; {'b': 2}, 'c', 0 ;; {'k': 0}, 'k', 9
---
return @d.get(@key, @default)
---
if @key in @d:
    return @d[@key]
return @default

## check_values|all_values|values_ok
(d:sdict) -> bool
with what~test in are even ~ $val % 2 == 0 | are greater than 5 ~ $val > 5 | are at most 10 ~ $val <= 10
? all values of @d @what
---
return all(@test for $val in @d.values())
---
for $val in @d.values():
    if not @test:
        return False
return True
`;
