/** @file Families of functions over strings: counting, case, padding, splitting, searching, ciphers, validation. */

export const STRING_TEMPLATES = String.raw`
## count_@what|number_of_@what|@what_count|num_@what
(s:text) -> int
with what~noun~test in digits ~ digits ~ $c.isdigit() | letters ~ letters ~ $c.isalpha() | uppercase ~ uppercase letters ~ $c.isupper() | lowercase ~ lowercase letters ~ $c.islower() | spaces ~ spaces ~ $c == " " | vowels ~ vowels ~ $c in "aeiou" | alnum ~ letters and digits ~ $c.isalnum() | consonants ~ consonants ~ $c.isalpha() and $c.lower() not in "aeiou" | punctuation ~ characters that are neither letters, digits nor spaces ~ not $c.isalnum() and not $c.isspace()
= the number of @noun in @s
. Count <the|how many> @noun <there are|> in @s.
. Count the @noun <of|in> @s.
---
return sum(1 for $c in @s if @test)
---
$count = 0
for $c in @s:
    if @test:
        $count += 1
return $count
---
return len([$c for $c in @s if @test])
---
$count = 0
for $i in range(len(@s)):
    $c = @s[$i]
    if @test:
        $count = $count + 1
return $count

## remove_@what|strip_@what|without_@what|drop_@what|delete_@what
(s:text) -> str
with what~noun~test in digits ~ digits ~ $c.isdigit() | spaces ~ spaces ~ $c == " " | punctuation ~ punctuation characters ~ not ($c.isalnum() or $c.isspace()) | uppercase ~ uppercase letters ~ $c.isupper() | letters ~ letters ~ $c.isalpha() | whitespace ~ whitespace ~ $c.isspace() | non_letters ~ characters that are not letters ~ not $c.isalpha() | non_digits ~ characters that are not digits ~ not $c.isdigit()
= @s without <any|> @noun
= @s with all @noun removed
. Remove all @noun from @s.
. Remove <every one of the|the> @noun from @s and return the result.
---
return "".join($c for $c in @s if not (@test))
---
$result = ""
for $c in @s:
    if not (@test):
        $result += $c
return $result
---
$result = []
for $c in @s:
    if @test:
        continue
    $result.append($c)
return "".join($result)

## keep_@what|only_@what|extract_@what|filter_@what
(s:text) -> str
with what~noun~test in digits ~ digits ~ $c.isdigit() | letters ~ letters ~ $c.isalpha() | uppercase ~ uppercase letters ~ $c.isupper() | lowercase ~ lowercase letters ~ $c.islower() | vowels ~ vowels ~ $c.lower() in "aeiou" | consonants ~ consonants ~ $c.isalpha() and $c.lower() not in "aeiou"
= a string with only the @noun of @s
= the @noun of @s <joined together|in their original order>
. Keep only the @noun of @s.
---
return "".join($c for $c in @s if @test)
---
return "".join([$c for $c in @s if @test])
---
$result = ""
for $c in @s:
    if @test:
        $result += $c
return $result

## replace_vowels|mask_vowels|hide_vowels
(s:text, ch:char) -> str
= @s with every vowel replaced by @ch
. Replace each vowel of @s with @ch.
---
$result = ""
for $c in @s:
    if $c.lower() in "aeiou":
        $result += @ch
    else:
        $result += $c
return $result
---
return "".join(@ch if $c in "aeiouAEIOU" else $c for $c in @s)

## reverse_string|reverse_text|backwards|reversed_string
(s:text) -> str
= @s reversed
= @s written backwards
. Reverse @s.
---
return @s[::-1]
---
return "".join(reversed(@s))
---
$result = ""
for $c in @s:
    $result = $c + $result
return $result
---
$result = []
for $i in range(len(@s) - 1, -1, -1):
    $result.append(@s[$i])
return "".join($result)

## reverse_words|reverse_word_order|flip_words|words_backwards
(s:sentence) -> str
= the words of @s in reverse order<, separated by single spaces|>
. Reverse the order of the words in @s.
---
return " ".join(@s.split()[::-1])
---
return " ".join(reversed(@s.split()))
---
$words = @s.split()
$words.reverse()
return " ".join($words)
---
$result = []
for $w in @s.split():
    $result.insert(0, $w)
return " ".join($result)

## reverse_each_word|reverse_letters_in_words|flip_each_word
(s:sentence) -> str
. Reverse <each|every> word in @s but keep <the order of the words|the words in order>.
= @s with <each|every> word reversed
---
return " ".join($w[::-1] for $w in @s.split(" "))
---
$result = []
for $w in @s.split():
    $result.append($w[::-1])
return " ".join($result)
---
$words = @s.split()
for $i in range(len($words)):
    $words[$i] = $words[$i][::-1]
return " ".join($words)

## capitalize_words|title_words|capitalize_each|to_title
(s:sentence) -> str
. Capitalize the first letter of <each|every> word in @s.
= @s with the first letter of each word in upper case
---
return " ".join($w.capitalize() for $w in @s.split())
---
return " ".join($w[:1].upper() + $w[1:] for $w in @s.split())
---
$result = []
for $w in @s.split(" "):
    if $w:
        $w = $w[0].upper() + $w[1:]
    $result.append($w)
return " ".join($result)

## count_words|word_count|number_of_words|num_words
(s:sentence) -> int
= the number of words in @s
. Count the words in @s. Words are separated by <whitespace|spaces>.
---
return len(@s.split())
---
$count = 0
for $w in @s.split():
    $count += 1
return $count
---
$words = @s.split()
return len($words)

## longest_word|find_longest_word|get_longest_word
(s:sentence) -> str
= the longest word in @s<. If there are several, return the first one| (the first one if there is a tie)|>
edge! not @s.split() => ""
---
return max(@s.split(), key=len)
---
$best = ""
for $w in @s.split():
    if len($w) > len($best):
        $best = $w
return $best
---
$words = @s.split()
$best = $words[0]
for $w in $words[1:]:
    if len($w) > len($best):
        $best = $w
return $best

## shortest_word|find_shortest_word|smallest_word
(s:sentence) -> str
= the shortest word in @s<, the first one if several are equally short|. In case of a tie return the first>
edge! not @s.split() => ""
---
return min(@s.split(), key=len)
---
$best = None
for $w in @s.split():
    if $best is None or len($w) < len($best):
        $best = $w
return $best
---
$words = @s.split()
$best = $words[0]
for $w in $words:
    if len($w) < len($best):
        $best = $w
return $best

## word_lengths|lengths_of_words|length_of_each_word
(s:sentence) -> list[int]
= a list with the length of each word in @s
= the lengths of the words in @s
---
return [len($w) for $w in @s.split()]
---
return list(map(len, @s.split()))
---
$result = []
for $w in @s.split():
    $result.append(len($w))
return $result

## average_word_length|mean_word_length
(s:sentence) -> float
= the average length of the words in @s<, rounded to two decimals|>
edge! not @s.split() => 0.0
---
$words = @s.split()
return round(sum(len($w) for $w in $words) / len($words), 2)
---
$words = @s.split()
$total = 0
for $w in $words:
    $total += len($w)
return round($total / len($words), 2)

## acronym|initials|make_acronym|first_letters
(s:sentence) -> str
= the acronym of @s: the first letter of each word in upper case
. Build an acronym from the first letters of the words in @s, in upper case.
= the initials of the words in @s as capital letters
---
return "".join($w[0].upper() for $w in @s.split())
---
$result = ""
for $w in @s.split():
    $result += $w[0].upper()
return $result
---
return "".join([$w[0] for $w in @s.split()]).upper()

## char_frequency|count_characters|char_counts|letter_counts|frequency
(s:word) -> dict[str, int]
= a dictionary that maps each character of @s to <the number of times it occurs|its count|how often it appears>
. Count how often each character occurs in @s.
---
$counts = {}
for $c in @s:
    $counts[$c] = $counts.get($c, 0) + 1
return $counts
---
$counts = {}
for $c in @s:
    if $c in $counts:
        $counts[$c] += 1
    else:
        $counts[$c] = 1
return $counts
---
return {$c: @s.count($c) for $c in @s}

## word_frequency|count_each_word|word_counts
(s:sentence) -> dict[str, int]
= a dictionary with <the count of each word|how often each word occurs> in @s<, ignoring case|>
. Count the occurrences of each word in @s<. Upper and lower case are treated the same|, case-insensitively>.
---
$counts = {}
for $w in @s.lower().split():
    $counts[$w] = $counts.get($w, 0) + 1
return $counts
---
$words = @s.lower().split()
return {$w: $words.count($w) for $w in $words}
---
$counts = {}
for $w in @s.lower().split():
    if $w not in $counts:
        $counts[$w] = 0
    $counts[$w] += 1
return $counts

## most_common_char|most_frequent_letter|most_common_letter
(s:word) -> str
= the character that occurs most often in @s<. If there is a tie, return the one that comes first| (the first one on ties)>
edge! not @s => ""
---
return max(@s, key=@s.count)
---
$best = @s[0]
for $c in @s:
    if @s.count($c) > @s.count($best):
        $best = $c
return $best
---
$counts = {}
for $c in @s:
    $counts[$c] = $counts.get($c, 0) + 1
return max($counts, key=$counts.get)

## first_unique_char|first_non_repeating|first_single_char
(s:word) -> str
= the first character of @s that <occurs only once|is not repeated|appears exactly once>, or <an empty string|""> if there is none
---
for $c in @s:
    if @s.count($c) == 1:
        return $c
return ""
---
$counts = {}
for $c in @s:
    $counts[$c] = $counts.get($c, 0) + 1
for $c in @s:
    if $counts[$c] == 1:
        return $c
return ""

## first_repeated_char|first_duplicate_char|first_repeat
(s:word) -> str
= the first character of @s that <has been seen before|appears a second time>, or None if all characters are different
---
$seen = set()
for $c in @s:
    if $c in $seen:
        return $c
    $seen.add($c)
return None
---
for $i in range(len(@s)):
    if @s[$i] in @s[:$i]:
        return @s[$i]
return None

## has_unique_chars|all_unique|is_isogram|no_repeated_letters
(s:word) -> bool
? all characters of @s are different
? no character occurs more than once in @s
? @s has no repeated characters
---
return len(set(@s)) == len(@s)
---
$seen = set()
for $c in @s:
    if $c in $seen:
        return False
    $seen.add($c)
return True
---
for $c in @s:
    if @s.count($c) > 1:
        return False
return True

## is_palindrome_ignoring_case|is_palindromic_phrase|reads_same_backwards
(s:sentence) -> bool
? @s reads the same forwards and backwards, ignoring case and <everything that is not a letter or digit|spaces and punctuation>
ex 'Never odd or even' ;; 'hello world' ;; 'Was it a car' ;; 'No lemon, no melon' ;; 'Step on no pets' ;; 'abc'
---
$parts = [$c.lower() for $c in @s if $c.isalnum()]
return $parts == $parts[::-1]
---
cleaned = "".join($c for $c in @s.lower() if $c.isalnum())
return cleaned == cleaned[::-1]
---
cleaned = "".join($c for $c in @s.lower() if $c.isalnum())
$left = 0
$right = len(cleaned) - 1
while $left < $right:
    if cleaned[$left] != cleaned[$right]:
        return False
    $left += 1
    $right -= 1
return True

## is_anagram|are_anagrams|anagrams|is_permutation_of
(a:word, b:word) -> bool
? @a and @b are anagrams<| of each other>
? @a can be rearranged to form @b
? @a and @b consist of the same letters
ex 'listen', 'silent' ;; 'hello', 'world' ;; 'abc', 'cab' ;; 'aab', 'abb' ;; 'stone', 'notes' ;; 'cat', 'cats' ;; 'night', 'thing' ;; '', ''
---
return sorted(@a) == sorted(@b)
---
if len(@a) != len(@b):
    return False
return sorted(@a) == sorted(@b)
---
if len(@a) != len(@b):
    return False
for $c in @a:
    if @a.count($c) != @b.count($c):
        return False
return True
---
$counts = {}
for $c in @a:
    $counts[$c] = $counts.get($c, 0) + 1
for $c in @b:
    $counts[$c] = $counts.get($c, 0) - 1
return all($val == 0 for $val in $counts.values())

## is_pangram|uses_every_letter|has_all_letters
(s:sentence) -> bool
? @s contains every letter of the <English |>alphabet<| at least once>
ex 'The quick brown fox jumps over the lazy dog' ;; 'hello' ;; 'abcdefghijklmnopqrstuvwxyz' ;; 'Pack my box with five dozen liquor jugs' ;; 'abc xyz'
---
return set("abcdefghijklmnopqrstuvwxyz") <= set(@s.lower())
---
$seen = set()
for $c in @s.lower():
    if "a" <= $c <= "z":
        $seen.add($c)
return len($seen) == 26
---
for $c in "abcdefghijklmnopqrstuvwxyz":
    if $c not in @s.lower():
        return False
return True

## remove_duplicate_chars|unique_chars|dedupe_string|drop_repeats
(s:word) -> str
= @s with only the first occurrence of each character<| kept>
. Remove <duplicate|repeated> characters from @s, keeping the first occurrence of each.
---
$result = ""
for $c in @s:
    if $c not in $result:
        $result += $c
return $result
---
return "".join(dict.fromkeys(@s))
---
$seen = set()
$result = []
for $c in @s:
    if $c not in $seen:
        $seen.add($c)
        $result.append($c)
return "".join($result)

## squeeze|collapse_repeats|remove_consecutive_duplicates|squash_runs
(s:word) -> str
. Remove consecutive duplicate characters from @s.
= @s with every run of equal characters reduced to <one|a single> character
ex 'aabbcc' ;; 'aaab' ;; 'hello' ;; '' ;; 'abab' ;; 'bookkeeper' ;; 'aaaa' ;; 'mississippi'
---
$result = ""
for $c in @s:
    if not $result or $result[-1] != $c:
        $result += $c
return $result
---
$result = []
$prev = None
for $c in @s:
    if $c != $prev:
        $result.append($c)
    $prev = $c
return "".join($result)
---
if not @s:
    return ""
$result = @s[0]
for $i in range(1, len(@s)):
    if @s[$i] != @s[$i - 1]:
        $result += @s[$i]
return $result

## run_length_encode|rle_encode|compress|encode_runs
(s:word) -> str
. <Encode|Compress> @s with run-length encoding: each run of equal characters becomes the character followed by its <length|count>.
= the run-length encoding of @s, <with each run written as|where each run is written as> the character and the number of repetitions
ex 'aaabb' ;; 'abc' ;; '' ;; 'zzzz' ;; 'aabbaa' ;; 'wwwwb' ;; 'hello'
---
$result = ""
$i = 0
while $i < len(@s):
    $j = $i
    while $j < len(@s) and @s[$j] == @s[$i]:
        $j += 1
    $result += @s[$i] + str($j - $i)
    $i = $j
return $result
---
if not @s:
    return ""
$result = ""
$count = 1
for $i in range(1, len(@s)):
    if @s[$i] == @s[$i - 1]:
        $count += 1
    else:
        $result += @s[$i - 1] + str($count)
        $count = 1
return $result + @s[-1] + str($count)
---
from itertools import groupby

return "".join($key + str(len(list(group))) for $key, group in groupby(@s))

## run_lengths|count_runs_of_chars|encode_pairs
(s:word) -> list[tuple[str, int]]
= a list of (character, length) pairs for the runs of equal characters in @s
ex 'aaabb' ;; 'abc' ;; '' ;; 'zzzz' ;; 'aabbaa' ;; 'hello'
---
$result = []
for $c in @s:
    if $result and $result[-1][0] == $c:
        $result[-1] = ($c, $result[-1][1] + 1)
    else:
        $result.append(($c, 1))
return $result

## run_length_decode|rle_decode|decompress|expand_runs
(s:word) -> str
. Decode <the|a> run-length encoded string @s<, in which each letter is followed by its count|>.
. Expand @s: each letter is followed by a number that says how often it is repeated.
ex 'a3b2' ;; 'a1b1c1' ;; '' ;; 'z12' ;; 'x2y3' ;; 'k10'
---
$result = ""
$i = 0
while $i < len(@s):
    $c = @s[$i]
    $i += 1
    digits = ""
    while $i < len(@s) and @s[$i].isdigit():
        digits += @s[$i]
        $i += 1
    $result += $c * int(digits)
return $result
---
import re

return "".join($c * int($count) for $c, $count in re.findall(r"([a-z])(\d+)", @s))

## longest_run|max_run_length|longest_streak
(s:word) -> int
= the length of the longest run of equal characters in @s
= the length of the longest sequence of consecutive equal characters in @s
ex 'aaabb' ;; 'abc' ;; '' ;; 'zzzz' ;; 'aabbbaa' ;; 'hello'
---
$best = 0
$cur = 0
$prev = None
for $c in @s:
    if $c == $prev:
        $cur += 1
    else:
        $cur = 1
    $best = max($best, $cur)
    $prev = $c
return $best
---
if not @s:
    return 0
$best = 1
$cur = 1
for $i in range(1, len(@s)):
    if @s[$i] == @s[$i - 1]:
        $cur += 1
        $best = max($best, $cur)
    else:
        $cur = 1
return $best

## caesar_cipher|caesar|shift_letters|rotate_letters
(s:text, shift:k) -> str
. Shift <each|every> letter of @s by @shift positions in the alphabet, wrapping around at the end. Other characters <stay the same|are not changed>.
= @s with every letter moved forward by @shift places in the alphabet, keeping case and leaving other characters <alone|unchanged>
. Encrypt @s with a Caesar cipher with the given shift. Only letters are changed.
---
$result = ""
for $c in @s:
    if $c.islower():
        $result += chr((ord($c) - ord("a") + @shift) % 26 + ord("a"))
    elif $c.isupper():
        $result += chr((ord($c) - ord("A") + @shift) % 26 + ord("A"))
    else:
        $result += $c
return $result
---
$result = []
for $c in @s:
    if $c.isalpha():
        base = ord("a") if $c.islower() else ord("A")
        $result.append(chr((ord($c) - base + @shift) % 26 + base))
    else:
        $result.append($c)
return "".join($result)

## atbash|mirror_alphabet|atbash_cipher
(s:word) -> str
. Replace each lowercase letter of @s with its mirror in the alphabet: a becomes z, b becomes y<, and so on|>.
---
return "".join(chr(ord("a") + ord("z") - ord($c)) if $c.islower() else $c for $c in @s)
---
$result = ""
for $c in @s:
    if "a" <= $c <= "z":
        $result += chr(219 - ord($c))
    else:
        $result += $c
return $result

## snake_to_camel|to_camel_case|camelize|underscore_to_camel
(s:snake) -> str
. Convert @s from snake_case to camelCase.
= @s converted from snake_case to camelCase
---
$parts = @s.split("_")
return $parts[0] + "".join($p.capitalize() for $p in $parts[1:])
---
$parts = @s.split("_")
$result = $parts[0]
for $p in $parts[1:]:
    $result += $p[:1].upper() + $p[1:]
return $result

## snake_to_pascal|to_pascal_case|pascalize
(s:snake) -> str
. Convert @s from snake_case to PascalCase.
---
return "".join($p.capitalize() for $p in @s.split("_"))
---
$result = ""
for $p in @s.split("_"):
    $result += $p.capitalize()
return $result

## camel_to_snake|to_snake_case|snake_case
(s:camel) -> str
. Convert @s from camelCase to snake_case.
= @s converted from camelCase to snake_case
---
$result = ""
for $c in @s:
    if $c.isupper():
        $result += "_" + $c.lower()
    else:
        $result += $c
return $result.lstrip("_")
---
import re

return re.sub(r"([A-Z])", r"_\1", @s).lower().lstrip("_")
---
$result = []
for $i, $c in enumerate(@s):
    if $c.isupper() and $i > 0:
        $result.append("_")
    $result.append($c.lower())
return "".join($result)

## to_kebab_case|kebab_case|slugify|make_slug|to_slug
(s:sentence) -> str
. Turn @s into a slug: lower case, with the words joined by hyphens.
. Convert @s to lower case and join its words with hyphens.
---
return "-".join(@s.lower().split())
---
return "-".join($w.lower() for $w in @s.split())
---
$words = []
for $w in @s.split():
    $words.append($w.lower())
return "-".join($words)

## slugify|url_slug|make_slug|to_slug
(s:mixed) -> str
. Turn @s into a slug: lowercase letters and digits are kept, every other run of characters becomes a single hyphen. The slug must not start or end with a hyphen.
ex 'Hello World' ;; 'a  b' ;; '--x--' ;; 'Python 3.11!' ;; '' ;; 'red, green & blue'
---
$result = ""
for $c in @s.lower():
    if $c.isalnum():
        $result += $c
    elif $result and $result[-1] != "-":
        $result += "-"
return $result.strip("-")
---
import re

return re.sub(r"[^a-z0-9]+", "-", @s.lower()).strip("-")

## snake_to_words|humanize|label_from_name|to_label
(s:snake) -> str
. Convert @s to words separated by spaces, with the first letter <of the result|> capitalized.
---
return @s.replace("_", " ").capitalize()
---
return " ".join(@s.split("_")).capitalize()

## truncate|shorten|clip_text|ellipsize
(s:sentence, limit:limit) -> str
. Shorten @s to at most @limit characters. If <something|anything> is cut off, the result ends with "...".
. Truncate @s to @limit characters, ending in "..." if it was too long. The dots count towards the limit.
ex 'hello world', 8 ;; 'short', 10 ;; 'abcdef', 6 ;; 'the quick brown fox', 10 ;; 'abcdefgh', 5
---
if len(@s) <= @limit:
    return @s
return @s[:@limit - 3] + "..."
---
if len(@s) > @limit:
    @s = @s[:@limit - 3] + "..."
return @s

## cut_text|first_chars_with_dots|preview
(s:sentence, limit:limit) -> str
. Return the first @limit characters of @s, followed by "..." if @s is longer than that.
---
if len(@s) <= @limit:
    return @s
return @s[:@limit] + "..."
---
return @s if len(@s) <= @limit else @s[:@limit] + "..."

## pad_left|left_pad|right_align|pad_start
(s:word, width:limit, fill:char) -> str
. Pad @s on the left with @fill until it is @width characters long.
= @s padded on the left with @fill to a <length|width> of @width
---
return @fill * (@width - len(@s)) + @s
---
while len(@s) < @width:
    @s = @fill + @s
return @s
---
return @s.rjust(@width, @fill)

## pad_right|right_pad|left_align|pad_end
(s:word, width:limit) -> str
. Pad @s with spaces on the right so that it is at least @width characters long.
= @s padded with trailing spaces to a width of @width
---
return @s + " " * (@width - len(@s))
---
return @s.ljust(@width)
---
while len(@s) < @width:
    @s += " "
return @s

## center_text|center|pad_both_sides
(s:word, width:limit, fill:char) -> str
. Center @s in a field of @width characters, filled with @fill. If the padding is odd, the extra character goes to the right.
---
$rest = max(0, @width - len(@s))
$left = $rest // 2
return @fill * $left + @s + @fill * ($rest - $left)
---
if len(@s) >= @width:
    return @s
$left = (@width - len(@s)) // 2
$right = @width - len(@s) - $left
return @fill * $left + @s + @fill * $right

## zero_pad|pad_number|format_with_zeros
(n:n, width:k) -> str
. Convert @n to a string and pad it with leading zeros to @width digits.
= @n as a string of at least @width digits, with leading zeros
---
return str(@n).zfill(@width)
---
$result = str(@n)
while len($result) < @width:
    $result = "0" + $result
return $result
---
return "0" * (@width - len(str(@n))) + str(@n)

## repeat_string|repeat_with_separator|repeat_text|join_copies
(s:word, n:small, sep:sep) -> str
= @n copies of @s joined by @sep
. Repeat @s @n times, with @sep between the copies.
---
return @sep.join([@s] * @n)
---
$result = ""
for $i in range(@n):
    if $i > 0:
        $result += @sep
    $result += @s
return $result
---
return @sep.join(@s for $i in range(@n))

## double_letters|repeat_each_char|stutter|double_chars
(s:word) -> str
with k~times in 2 ~ twice | 3 ~ three times | 2 ~ two times
= @s with each character repeated @times
. Repeat every character of @s @times.
---
return "".join($c * @k for $c in @s)
---
$result = ""
for $c in @s:
    $result += $c * @k
return $result

## alternate_case|alternating_caps|spongebob|mock_case
(s:text) -> str
. Make the characters <of|in> @s alternate between upper and lower case, starting with upper case.
= @s with the characters at even positions in upper case and the others in lower case
---
$result = ""
for $i, $c in enumerate(@s):
    if $i % 2 == 0:
        $result += $c.upper()
    else:
        $result += $c.lower()
return $result
---
return "".join($c.upper() if $i % 2 == 0 else $c.lower() for $i, $c in enumerate(@s))

## every_nth_char|take_every_nth|skip_chars
(s:text, k:k) -> str
= every @k-th character of @s, starting with the first
. Keep every @k-th character of @s<| beginning with the first one>.
---
return @s[::@k]
---
return "".join(@s[$i] for $i in range(0, len(@s), @k))
---
$result = ""
for $i, $c in enumerate(@s):
    if $i % @k == 0:
        $result += $c
return $result

## rotate_string|rotate_left|left_rotate|shift_string
(s:word, k:k) -> str
. Rotate @s to the left by @k positions.
= @s rotated left by @k characters
edge! not @s => ""
---
@k = @k % len(@s)
return @s[@k:] + @s[:@k]
---
for $i in range(@k):
    @s = @s[1:] + @s[0]
return @s

## is_rotation|is_rotated|are_rotations
(a:word, b:word) -> bool
? @b is a rotation of @a
? @b can be obtained by rotating @a
ex 'abcde', 'cdeab' ;; 'abc', 'acb' ;; 'a', 'a' ;; 'abc', 'ab' ;; 'waterbottle', 'erbottlewat' ;; 'xy', 'yx'
---
return len(@a) == len(@b) and @b in @a + @a
---
if len(@a) != len(@b):
    return False
return @b in @a * 2
---
if len(@a) != len(@b):
    return False
for $i in range(len(@a)):
    if @a[$i:] + @a[:$i] == @b:
        return True
return @a == @b

## chunk_string|split_every|split_into_chunks|split_by_size
(s:text, k:k) -> list[str]
. Split @s into pieces of @k characters. The last piece may be shorter.
= a list of the consecutive pieces of @s of length @k (the last one may be shorter)
---
return [@s[$i:$i + @k] for $i in range(0, len(@s), @k)]
---
$result = []
for $i in range(0, len(@s), @k):
    $result.append(@s[$i:$i + @k])
return $result
---
$result = []
while @s:
    $result.append(@s[:@k])
    @s = @s[@k:]
return $result

## windows_of_string|substrings_of_length|all_substrings_of_length|ngrams
(s:word, k:k) -> list[str]
= all substrings of @s of length @k<, from left to right|>
= a list of the character n-grams of @s with n = @k
---
return [@s[$i:$i + @k] for $i in range(len(@s) - @k + 1)]
---
$result = []
for $i in range(len(@s) - @k + 1):
    $result.append(@s[$i:$i + @k])
return $result

## all_suffixes|suffixes|list_suffixes
(s:word) -> list[str]
= all suffixes of @s, from the longest to the shortest
---
return [@s[$i:] for $i in range(len(@s))]
---
$result = []
for $i in range(len(@s)):
    $result.append(@s[$i:])
return $result

## common_prefix|shared_prefix|longest_common_start
(a:word, b:word) -> str
= the longest common prefix of @a and @b
ex 'flower', 'flow' ;; 'abc', 'abd' ;; 'dog', 'cat' ;; '', 'x' ;; 'same', 'same' ;; 'interview', 'internet'
---
$result = ""
for $c, d in zip(@a, @b):
    if $c != d:
        break
    $result += $c
return $result
---
$i = 0
while $i < len(@a) and $i < len(@b) and @a[$i] == @b[$i]:
    $i += 1
return @a[:$i]

## longest_common_prefix|common_prefix_of_all|shared_start
(words:words) -> str
= the longest prefix <shared by|common to> all strings in @words
edge! not @words => ""
ex ['flower', 'flow', 'flight'] ;; ['dog', 'car'] ;; ['abc'] ;; ['test', 'testing', 'tester'] ;; ['a', ''] ;; []
---
$result = @words[0]
for $w in @words[1:]:
    while not $w.startswith($result):
        $result = $result[:-1]
return $result
---
$result = ""
for chars in zip(*@words):
    if len(set(chars)) > 1:
        break
    $result += chars[0]
return $result

## count_substring|count_occurrences|occurrences_of
(s:text, sub:char) -> int
= the number of <times @sub occurs in @s|occurrences of @sub in @s>
. Count how often @sub occurs in @s.
---
return @s.count(@sub)
---
$count = 0
for $c in @s:
    if $c == @sub:
        $count += 1
return $count
---
return sum(1 for $c in @s if $c == @sub)

## find_all_positions|positions_of|all_indices|indexes_of
(s:word, ch:char) -> list[int]
= a list of all positions at which @ch occurs in @s
= the indices of every occurrence of @ch in @s
---
return [$i for $i, $c in enumerate(@s) if $c == @ch]
---
$result = []
for $i in range(len(@s)):
    if @s[$i] == @ch:
        $result.append($i)
return $result

## hamming_distance|count_differences|differing_positions
(a:word, b:word) -> int
= the number of positions at which @a and @b differ<. The strings have the same length|>
= the Hamming distance between @a and @b, which have the same length
ex 'karolin', 'kathrin' ;; 'abc', 'abd' ;; '', '' ;; 'same', 'same' ;; '1011', '1001' ;; 'cat', 'dog'
---
return sum(1 for $c, d in zip(@a, @b) if $c != d)
---
$count = 0
for $i in range(len(@a)):
    if @a[$i] != @b[$i]:
        $count += 1
return $count
---
return sum($c != d for $c, d in zip(@a, @b))

## edit_distance|levenshtein|levenshtein_distance
(a:word, b:word) -> int
= the <edit distance|Levenshtein distance> between @a and @b: the smallest number of insertions, deletions and replacements that turn one into the other
ex 'kitten', 'sitting' ;; 'abc', 'abc' ;; '', 'abc' ;; 'flaw', 'lawn' ;; 'a', 'b' ;; 'book', 'back'
---
$prev = list(range(len(@b) + 1))
for i in range(1, len(@a) + 1):
    $cur = [i]
    for j in range(1, len(@b) + 1):
        cost = 0 if @a[i - 1] == @b[j - 1] else 1
        $cur.append(min($prev[j] + 1, $cur[j - 1] + 1, $prev[j - 1] + cost))
    $prev = $cur
return $prev[-1]
---
dp = [[0] * (len(@b) + 1) for _ in range(len(@a) + 1)]
for i in range(len(@a) + 1):
    for j in range(len(@b) + 1):
        if i == 0 or j == 0:
            dp[i][j] = i + j
        elif @a[i - 1] == @b[j - 1]:
            dp[i][j] = dp[i - 1][j - 1]
        else:
            dp[i][j] = 1 + min(dp[i - 1][j], dp[i][j - 1], dp[i - 1][j - 1])
return dp[-1][-1]

## is_subsequence|is_subseq|appears_in_order
(a:word, b:word) -> bool
? @a is a subsequence of @b<, that is its characters appear in @b in the same order|>
? all characters of @a appear in @b in the same order<, not necessarily next to each other|>
ex 'ace', 'abcde' ;; 'aec', 'abcde' ;; '', 'abc' ;; 'abc', '' ;; 'hlo', 'hello' ;; 'oh', 'hello'
---
$i = 0
for $c in @b:
    if $i < len(@a) and @a[$i] == $c:
        $i += 1
return $i == len(@a)
---
remaining = iter(@b)
return all($c in remaining for $c in @a)

## merge_alternately|interleave_strings|weave|zip_strings
(a:word, b:word) -> str
. Merge @a and @b by taking characters alternately<, starting with @a|>. The rest of the longer string is appended.
= the characters of @a and @b interleaved; what is left of the longer one comes at the end
---
$result = ""
for $i in range(max(len(@a), len(@b))):
    if $i < len(@a):
        $result += @a[$i]
    if $i < len(@b):
        $result += @b[$i]
return $result
---
$result = []
for $c, d in zip(@a, @b):
    $result.append($c + d)
n = min(len(@a), len(@b))
return "".join($result) + @a[n:] + @b[n:]

## common_letters|shared_letters|letters_in_both
(a:word, b:word) -> str
= the letters that occur in both @a and @b, sorted and without duplicates
---
return "".join(sorted(set(@a) & set(@b)))
---
$result = []
for $c in @a:
    if $c in @b and $c not in $result:
        $result.append($c)
return "".join(sorted($result))

## sort_letters|sort_characters|alphabetical_letters|sort_string
(s:word) -> str
with order~suffix in in alphabetical order ~ sorted(@s) | in reverse alphabetical order ~ sorted(@s, reverse=True)
= the characters of @s @order
. Sort the characters of @s @order.
---
return "".join(@suffix)

## sort_words|alphabetize|sort_sentence
(s:sentence) -> str
= the words of @s in alphabetical order<, ignoring case|, without regard to case>
. Sort the words in @s alphabetically<, ignoring case|, case-insensitively>.
---
return " ".join(sorted(@s.split(), key=str.lower))
---
$words = @s.split()
$words.sort(key=lambda $w: $w.lower())
return " ".join($words)

## normalize_spaces|collapse_spaces|squeeze_spaces|clean_spaces
(s:sentence) -> str
. Replace every run of spaces in @s with a single space and remove spaces at both ends.
= @s with extra spaces removed
ex '  a   b ' ;; 'x y' ;; '' ;; ' lots   of    space' ;; 'one' ;; '   '
---
return " ".join(@s.split())
---
$result = []
for $w in @s.split(" "):
    if $w:
        $result.append($w)
return " ".join($result)

## starts_with_vowel|begins_with_vowel
(word:word) -> bool
? @word starts with a vowel
---
return @word[:1].lower() in ("a", "e", "i", "o", "u")
---
if not @word:
    return False
return @word[0].lower() in "aeiou"

## starts_and_ends_same|same_first_last|first_equals_last
(s:word) -> bool
? the first and the last character of @s are the same
? @s starts and ends with the same character
---
return bool(@s) and @s[0] == @s[-1]
---
if not @s:
    return False
return @s[0] == @s[-1]
---
return len(@s) > 0 and @s[0] == @s[-1]

## pig_latin|to_pig_latin
(word:word) -> str
. Convert @word to pig latin: words that start with a vowel get "way" at the end, otherwise the first letter moves to the end followed by "ay".
edge! not @word => ""
---
if @word[0] in "aeiou":
    return @word + "way"
return @word[1:] + @word[0] + "ay"
---
first = @word[0]
if first in "aeiou":
    return @word + "way"
return @word[1:] + first + "ay"

## pluralize|plural|make_plural
(word:word) -> str
. Make the plural of @word: add "es" after s, x, z, ch or sh, replace a final y after a consonant with "ies", and add "s" otherwise.
ex 'cat' ;; 'box' ;; 'city' ;; 'day' ;; 'bus' ;; 'wish' ;; 'church' ;; 'quiz'
---
if @word.endswith(("s", "x", "z", "ch", "sh")):
    return @word + "es"
if @word.endswith("y") and @word[-2:-1] not in "aeiou":
    return @word[:-1] + "ies"
return @word + "s"

## is_valid_identifier|is_identifier|valid_variable_name
(s:mixed) -> bool
? @s is a valid <identifier|variable name>: it is not empty, has only letters, digits and underscores, and does not start with a digit
ex 'abc' ;; '1abc' ;; '_x1' ;; 'a-b' ;; '' ;; 'snake_case' ;; 'two words'
---
if not @s or @s[0].isdigit():
    return False
return all($c.isalnum() or $c == "_" for $c in @s)
---
if @s == "":
    return False
if @s[0].isdigit():
    return False
for $c in @s:
    if not ($c.isalnum() or $c == "_"):
        return False
return True

## is_strong_password|is_valid_password|check_password|password_ok
(password:password) -> bool
with k in 6..10
? @password is strong: at least @k characters long and containing at least one <digit, one uppercase letter and one lowercase letter|uppercase letter, one lowercase letter and one digit>
---
if len(@password) < @k:
    return False
has_upper = any($c.isupper() for $c in @password)
has_lower = any($c.islower() for $c in @password)
has_digit = any($c.isdigit() for $c in @password)
return has_upper and has_lower and has_digit
---
return (
    len(@password) >= @k
    and any($c.isupper() for $c in @password)
    and any($c.islower() for $c in @password)
    and any($c.isdigit() for $c in @password)
)
---
if len(@password) < @k:
    return False
upper = lower = digit = False
for $c in @password:
    if $c.isupper():
        upper = True
    elif $c.islower():
        lower = True
    elif $c.isdigit():
        digit = True
return upper and lower and digit

## password_score|password_strength|strength
(password:password) -> int
= a score from 0 to 4 for @password: one point each for at least 8 characters, a lowercase letter, an uppercase letter and a digit
---
score = 0
if len(@password) >= 8:
    score += 1
if any($c.islower() for $c in @password):
    score += 1
if any($c.isupper() for $c in @password):
    score += 1
if any($c.isdigit() for $c in @password):
    score += 1
return score
---
checks = [
    len(@password) >= 8,
    any($c.islower() for $c in @password),
    any($c.isupper() for $c in @password),
    any($c.isdigit() for $c in @password),
]
return sum(checks)

## mask_string|mask_all_but_last|hide_digits|mask_card
(s:digits) -> str
with k~kn in 4 ~ four | 2 ~ two | 3 ~ three
. Replace all but the last @kn characters of @s with <"*"|asterisks>.
= @s with every character except the last @kn replaced by "*"
---
return "*" * (len(@s) - @k) + @s[-@k:]
---
if len(@s) <= @k:
    return @s
return "*" * (len(@s) - @k) + @s[-@k:]
---
$result = ""
for $i, $c in enumerate(@s):
    if $i < len(@s) - @k:
        $result += "*"
    else:
        $result += $c
return $result

## mask_email|hide_email|obscure_email
(email:email) -> str
. Hide the local part of @email: keep its first <character|letter> and replace the others with "*". The domain stays visible.
---
name, domain = @email.split("@")
return name[0] + "*" * (len(name) - 1) + "@" + domain
---
at = @email.index("@")
return @email[0] + "*" * (at - 1) + @email[at:]

## email_domain|get_domain|domain_of
(email:email) -> str
= the domain of @email, <the part after the "@"|which is the part that follows the "@">
---
return @email.split("@")[1]
---
return @email[@email.index("@") + 1:]
---
_, domain = @email.split("@")
return domain

## email_user|local_part|username_of
(email:email) -> str
= the user name of @email, <the part before|everything before> the "@"
---
return @email.split("@")[0]
---
return @email[:@email.find("@")]

## is_valid_email|looks_like_email|check_email
(email:email) -> bool
? @email has exactly one "@", with something before it and a dot somewhere after it
ex 'a@b.com' ;; 'abc' ;; '@b.com' ;; 'a@b' ;; 'a@@b.c' ;; 'john.doe@mail.org' ;; 'x@y.'
---
$parts = @email.split("@")
if len($parts) != 2:
    return False
user, domain = $parts
return user != "" and "." in domain
---
if @email.count("@") != 1:
    return False
user, domain = @email.split("@")
return len(user) > 0 and "." in domain

## file_extension|get_extension|extension_of
(path:path) -> str
= the file extension of @path without the dot, or an empty string if there is none
ex 'notes.txt' ;; 'archive.tar.gz' ;; 'README' ;; 'a/b.c/d' ;; 'photo.JPG' ;; 'dir/file.py'
---
name = @path.split("/")[-1]
if "." not in name:
    return ""
return name.split(".")[-1]
---
name = @path.split("/")[-1]
$i = name.rfind(".")
if $i == -1:
    return ""
return name[$i + 1:]

## file_name|base_name|last_component
(path:path) -> str
= the file name of @path, <the part after the last slash|everything after the last "/">
---
return @path.split("/")[-1]
---
return @path[@path.rfind("/") + 1:]

## join_paths|join_path_parts|build_path
(parts:words) -> str
. Join the strings in @parts with "/", leaving out empty ones.
---
return "/".join($p for $p in @parts if $p)
---
$result = []
for $p in @parts:
    if $p:
        $result.append($p)
return "/".join($result)

## simplify_path|normalize_path|resolve_path
(path:path) -> str
. Simplify the absolute path @path: resolve "." and ".." and remove <double|repeated> slashes.
ex '/a/./b/../c' ;; '/' ;; '/../x' ;; '/home//user/' ;; '/a/b/..' ;; '/a/b/c'
---
$stack = []
for $p in @path.split("/"):
    if $p == "" or $p == ".":
        continue
    if $p == "..":
        if $stack:
            $stack.pop()
    else:
        $stack.append($p)
return "/" + "/".join($stack)

## is_numeric|is_integer_string|is_int|looks_like_integer
(s:text) -> bool
? @s is a valid integer: digits with an optional <sign|leading "+" or "-">
ex '12' ;; '-7' ;; '+3' ;; 'abc' ;; '' ;; '1.5' ;; '-' ;; '007'
---
if @s[:1] in ("+", "-"):
    @s = @s[1:]
return @s.isdigit()
---
if not @s:
    return False
if @s[0] in "+-":
    return @s[1:].isdigit()
return @s.isdigit()

## is_number|is_float|is_decimal_number
(s:text) -> bool
? @s <can be converted to a number|is a valid number>
ex '12' ;; '-7.5' ;; 'abc' ;; '' ;; '1.5.2' ;; '3e2' ;; ' 4 '
---
try:
    float(@s)
    return True
except ValueError:
    return False
---
try:
    float(@s)
except ValueError:
    return False
return True

## swap_halves|swap_first_and_second_half
(s:word) -> str
. Swap the two halves of @s. If the length is odd, the middle character stays in the middle.
---
$mid = len(@s) // 2
if len(@s) % 2 == 0:
    return @s[$mid:] + @s[:$mid]
return @s[$mid + 1:] + @s[$mid] + @s[:$mid]

## middle_char|middle_characters|get_middle
(s:word) -> str
= the middle character of @s, or the two middle characters if the length is even
edge! not @s => ""
---
$mid = len(@s) // 2
if len(@s) % 2 == 1:
    return @s[$mid]
return @s[$mid - 1:$mid + 1]
---
return @s[(len(@s) - 1) // 2:len(@s) // 2 + 1]

## swap_first_last|exchange_ends|swap_ends
(s:word) -> str
= @s with its first and last characters <swapped|exchanged>
. Swap the first and the last character of @s.
---
if len(@s) < 2:
    return @s
return @s[-1] + @s[1:-1] + @s[0]

## insert_every|group_digits|insert_separator|add_separator
(s:digits, k:k, sep:sep) -> str
. Insert @sep after every @k characters of @s, but not at the end.
= @s split into groups of @k characters joined by @sep
---
return @sep.join(@s[$i:$i + @k] for $i in range(0, len(@s), @k))
---
$result = ""
for $i, $c in enumerate(@s):
    if $i > 0 and $i % @k == 0:
        $result += @sep
    $result += $c
return $result

## ascii_codes|char_codes|to_codes
(s:word) -> list[int]
= a list of the <ASCII codes|character codes|Unicode code points> of the characters in @s
---
return [ord($c) for $c in @s]
---
return list(map(ord, @s))
---
$result = []
for $c in @s:
    $result.append(ord($c))
return $result

## letter_positions|alphabet_positions|letter_values
(s:word) -> list[int]
= the positions in the alphabet of the letters of @s, with a = 1<, ignoring case|>
---
return [ord($c) - ord("a") + 1 for $c in @s.lower()]
---
$result = []
for $c in @s.lower():
    $result.append(ord($c) - 96)
return $result

## word_value|word_score|letter_sum
(s:word) -> int
= the sum of the alphabet positions of the letters in @s, where a = 1, b = 2 and so on
---
return sum(ord($c) - ord("a") + 1 for $c in @s.lower() if $c.isalpha())
---
$total = 0
for $c in @s.lower():
    if $c.isalpha():
        $total += ord($c) - 96
return $total

## next_letter|shift_by_one|increment_letters
(s:word) -> str
. Replace every letter of @s with the next letter of the alphabet; z becomes a.
---
$result = ""
for $c in @s:
    if $c == "z":
        $result += "a"
    elif $c == "Z":
        $result += "A"
    else:
        $result += chr(ord($c) + 1)
return $result

## capitalize_first|upper_first|capitalize_initial
(s:text) -> str
= @s with its first character in upper case <and the rest unchanged|, leaving the others as they are>
---
return @s[:1].upper() + @s[1:]
---
if not @s:
    return @s
return @s[0].upper() + @s[1:]

## remove_prefix|strip_prefix|drop_prefix
(s:word, prefix:affix) -> str
. Remove @prefix from the start of @s if it is there.
= @s without @prefix if it starts with it, otherwise @s itself
ex 'unhappy', 'un' ;; 'hello', 'he' ;; 'world', 'x' ;; 'test_name', 'test_' ;; 'abc', 'abc'
---
if @s.startswith(@prefix):
    return @s[len(@prefix):]
return @s
---
return @s[len(@prefix):] if @s.startswith(@prefix) else @s

## remove_suffix|strip_suffix|drop_suffix
(s:word, suffix:affix) -> str
. Remove @suffix from the end of @s if it is there.
= @s without the ending @suffix, or @s itself if it does not end with it
ex 'file.txt', '.txt' ;; 'hello', 'lo' ;; 'world', 'x' ;; 'running', 'ing' ;; 'abc', 'abc'
---
if @s.endswith(@suffix):
    return @s[:len(@s) - len(@suffix)]
return @s

## count_char_ignore_case|count_letter|letter_occurrences
(s:text, ch:char) -> int
= the number of times the letter @ch occurs in @s, ignoring case
---
return @s.lower().count(@ch.lower())
---
$count = 0
for $c in @s:
    if $c.lower() == @ch.lower():
        $count += 1
return $count

## balanced_letters|equal_counts|same_number_of
(s:word) -> bool
with a1~b1 in a ~ b | x ~ o | ( ~ ) | 0 ~ 1
? @s contains the same number of "@a1" and "@b1" characters
ex 'aabb' ;; 'xoxo' ;; '()' ;; '0110' ;; 'aab' ;; 'xx' ;; ')(' ;; '' ;; '100'
---
return @s.count("@a1") == @s.count("@b1")
---
balance = 0
for $c in @s:
    if $c == "@a1":
        balance += 1
    elif $c == "@b1":
        balance -= 1
return balance == 0

## vowel_positions|indices_of_vowels|where_vowels
(s:word) -> list[int]
= the <indices|positions> of the vowels in @s
---
return [$i for $i, $c in enumerate(@s) if $c.lower() in "aeiou"]
---
$result = []
for $i in range(len(@s)):
    if @s[$i] in "aeiouAEIOU":
        $result.append($i)
return $result

## words_with_letter|words_containing
(s:sentence, ch:char) -> list[str]
= a list of the words in @s that contain the letter @ch
---
return [$w for $w in @s.split() if @ch in $w]
---
$result = []
for $w in @s.split():
    if @ch in $w:
        $result.append($w)
return $result

## censor|censor_word|replace_word
(s:sentence, word:word) -> str
. Replace <each|every> occurrence of the word @word in @s with asterisks of the same length.
ex 'the cat sat', 'cat' ;; 'dog dog', 'dog' ;; 'nothing here', 'x' ;; 'a b a', 'a'
---
return " ".join("*" * len($w) if $w == @word else $w for $w in @s.split())
---
$result = []
for $w in @s.split():
    if $w == @word:
        $result.append("*" * len($w))
    else:
        $result.append($w)
return " ".join($result)

## wrap_text|word_wrap|wrap_words|break_lines
(s:sentence, width:limit) -> list[str]
. Break @s into lines of at most @width characters without splitting words.
ex 'the quick brown fox', 10 ;; 'a b c d', 3 ;; 'hello', 10 ;; '', 5 ;; 'one two three four', 9
---
$result = []
line = ""
for $w in @s.split():
    if not line:
        line = $w
    elif len(line) + 1 + len($w) <= @width:
        line += " " + $w
    else:
        $result.append(line)
        line = $w
if line:
    $result.append(line)
return $result

## quote_string|wrap_in|surround
(s:word, mark:char) -> str
. Put @mark before and after @s.
= @s surrounded by @mark on both sides
---
return @mark + @s + @mark
---
return f"{@mark}{@s}{@mark}"

## indent_lines|indent_text|add_indent
(s:lines, k:k) -> str
. Put @k spaces in front of every <non-empty|nonempty> line of @s.
---
$result = []
for line in @s.split("\n"):
    if line:
        line = " " * @k + line
    $result.append(line)
return "\n".join($result)
---
return "\n".join(" " * @k + line if line else line for line in @s.split("\n"))

## number_lines|add_line_numbers|numbered
(s:lines) -> str
. Put a line number in front of every line of @s, as in "1: first line".
---
$result = []
for $i, line in enumerate(@s.split("\n"), 1):
    $result.append(f"{$i}: {line}")
return "\n".join($result)
---
return "\n".join(f"{$i}: {line}" for $i, line in enumerate(@s.split("\n"), start=1))

## longest_palindromic_substring|longest_palindrome_inside
(s:word) -> str
= the longest substring of @s that <is a palindrome|reads the same backwards>, the first one if there are several
---
$best = ""
for $i in range(len(@s)):
    for $j in range($i + 1, len(@s) + 1):
        $p = @s[$i:$j]
        if $p == $p[::-1] and len($p) > len($best):
            $best = $p
return $best

## longest_unique_substring|longest_without_repeats
(s:word) -> int
= the length of the longest substring of @s without repeated characters
---
$best = 0
$left = 0
last = {}
for $i, $c in enumerate(@s):
    if $c in last and last[$c] >= $left:
        $left = last[$c] + 1
    last[$c] = $i
    $best = max($best, $i - $left + 1)
return $best
---
$best = 0
for $i in range(len(@s)):
    $seen = set()
    for $c in @s[$i:]:
        if $c in $seen:
            break
        $seen.add($c)
    $best = max($best, len($seen))
return $best

## strip_html|remove_tags|drop_tags
(s:text) -> str
. Remove everything between "<" and ">" from @s, including the brackets.
ex '<b>bold</b>' ;; 'plain' ;; '<p>a<br>b</p>' ;; '' ;; 'x <i>y</i> z'
---
$result = ""
inside = False
for $c in @s:
    if $c == "<":
        inside = True
    elif $c == ">":
        inside = False
    elif not inside:
        $result += $c
return $result
---
import re

return re.sub(r"<[^>]*>", "", @s)

## template_fill|fill_template|render_template|format_template
(s:text, values:ssdict) -> str
. Replace every "{name}" in @s with the value of that name in @values.
ex 'Hello {name}!', {'name': 'Bob'} ;; '{a}-{b}', {'a': 'x', 'b': 'y'} ;; 'nothing', {} ;; '{x}{x}', {'x': 'ab'}
---
for $key, $val in @values.items():
    @s = @s.replace("{" + $key + "}", $val)
return @s
---
$result = @s
for $key in @values:
    $result = $result.replace("{" + $key + "}", @values[$key])
return $result

## translate_chars|replace_chars|map_chars
(s:word, table:ssdict) -> str
. Replace each character of @s that is a key of @table with its value<. Other characters are kept|>.
ex 'abc', {'a': '1', 'c': '3'} ;; 'hello', {'l': 'L'} ;; '', {'a': 'b'} ;; 'xyz', {}
---
return "".join(@table.get($c, $c) for $c in @s)
---
$result = ""
for $c in @s:
    if $c in @table:
        $result += @table[$c]
    else:
        $result += $c
return $result

## compare_ignore_case|equal_ignore_case|same_text
(a:word, b:word) -> bool
? @a and @b are equal when case is ignored
ex 'Hello', 'hello' ;; 'abc', 'abd' ;; '', '' ;; 'ABC', 'abc' ;; 'Python', 'PYTHON' ;; 'a', 'ab'
---
return @a.lower() == @b.lower()
---
if len(@a) != len(@b):
    return False
return @a.lower() == @b.lower()

## compare_versions|version_compare|cmp_versions
(a:word, b:word) -> int
. Compare two version strings such as "1.2.10". Return -1 if @a is older, 1 if it is newer and 0 if they are equal.
ex '1.2.3', '1.2.4' ;; '2.0', '1.9.9' ;; '1.0', '1.0' ;; '1.10', '1.9' ;; '0.1', '0.0.9'
---
left = [int($p) for $p in @a.split(".")]
right = [int($p) for $p in @b.split(".")]
if left < right:
    return -1
if left > right:
    return 1
return 0
---
x = tuple(map(int, @a.split(".")))
y = tuple(map(int, @b.split(".")))
return (x > y) - (x < y)
`;
