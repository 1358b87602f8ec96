/** @file Families of short functions, told in plain sentences that seldom name a parameter. */

export const PLAIN_TEMPLATES = String.raw`
## middle_part|inner_text|without_ends
(text:word) -> str
with n~w in 1 ~ the first and the last character | 2 ~ two characters at each end
. Return the text without @w. Short texts become empty.
. Leave out @w and give back what is between them.
---
return @text[@n:-@n]
---
return @text[@n : max(@n, len(@text) - @n)]

## second_half|back_half|latter_half
(text:word) -> str
. Return the second half of the text. With an odd number of characters the middle one <belongs to it|is part of it>.
---
return @text[len(@text) // 2 :]
---
middle = len(@text) // 2
return @text[middle:]

## starts_and_ends_alike|same_ends|matching_ends
(word:word) -> bool
with w~e in letter ~ @word[0].lower() == @word[-1].lower() | character ~ @word[0] == @word[-1]
. <Tell|Check> whether the word begins and ends with the same @w. The empty word does not.
. Is the first @w equal to the last one? An empty word gives False.
---
if not @word:
    return False
return @e
---
return len(@word) > 0 and @e

## ends_with_vowel|begins_with_vowel|vowel_at_edge
(word:word) -> bool
with w~i in ends ~ -1 | begins ~ 0
. <Tell|Check> whether the word @w with a, e, i, o or u, in upper or lower case. The empty word does not.
. Does the word @w with a vowel? Case does not matter.
---
return len(@word) > 0 and @word[@i].lower() in "aeiou"
---
if @word == "":
    return False
return @word[@i] in "aeiouAEIOU"

## all_same_letter|is_uniform|one_character_only
(text:word) -> bool
. <Tell|Check> whether the text consists of one and the same character. The empty text does, too.
. Are all characters equal? Return True for an empty text.
---
return len(set(@text)) <= 1
---
for c in @text:
    if c != @text[0]:
        return False
return True

## has_digit|contains_number|any_digit
(text:word) -> bool
with w~m in digit ~ isdigit | letter ~ isalpha | space ~ isspace | capital letter ~ isupper | lower case letter ~ islower
. <Tell|Check> whether there is a @w anywhere in the text.
. Does the text contain at least one @w?
---
return any(c.@m() for c in @text)
---
for c in @text:
    if c.@m():
        return True
return False

## only_letters_kept|keep_kind|letters_only
(text:sentence) -> str
with w~m in letters ~ isalpha | digits ~ isdigit | capital letters ~ isupper | letters and digits ~ isalnum
. <Return|Keep> only the @w of the text, in their order.
. Remove everything from the text that is not one of the @w.
---
return "".join(c for c in @text if c.@m())
---
kept = ""
for c in @text:
    if c.@m():
        kept += c
return kept

## without_letter|drop_letter|remove_character
(text:sentence, letter:char) -> str
with w~e~t in every ~ @text.replace(@letter, "") ~ True | the first ~ @text.replace(@letter, "", 1) ~ False
. <Remove|Delete> @w occurrence of the letter from the text.
. Return the text without @w place where the character stands. If it does not occur, the text stays as it is.
---
return @e

## count_both_cases|letter_count_ignoring_case|how_often
(text:sentence, letter:char) -> int
. How often does the letter occur in the text? Upper and lower case count as the same.
. <Count|Return> how many times the letter appears, no matter whether it is a capital.
---
return @text.lower().count(@letter.lower())
---
count = 0
for c in @text:
    if c.lower() == @letter.lower():
        count += 1
return count

## more_of|which_is_more_frequent|more_common_letter
(text:sentence, a:char, b:char) -> bool
. <Tell|Check> whether the first character occurs more often in the text than the second one.
. Does the text contain the first letter more often than the second?
---
return @text.count(@a) > @text.count(@b)
---
first = sum(c == @a for c in @text)
second = sum(c == @b for c in @text)
return first > second

## longer_text|longer_of_two|pick_longer
(first:word, second:word) -> str
with w~op in longer ~ >= | shorter ~ <=
. <Return|Give back> the @w of the two texts. If both have the same length, it is the first one.
. Which word is @w? With equal lengths the first word is returned.
---
if len(@first) @op len(@second):
    return @first
return @second
---
return @first if len(@first) @op len(@second) else @second

## same_length|equally_long|lengths_match
(first:word, second:word) -> bool
. <Tell|Check> whether both words have the same number of letters.
. Are the two texts equally long?
---
return len(@first) == len(@second)

## common_letters|shared_letters|letters_in_both
(first:word, second:word) -> str
with w~c in both words ~ in | the first word but not in the second ~ not in
. <Return|List> the letters that occur in @w, each once and in alphabetical order, as a text.
. Which letters are in @w? Put them together in the order of the alphabet, without repetition.
---
return "".join(sorted(set(c for c in @first if c @c @second)))
---
letters = []
for c in @first:
    if c @c @second and c not in letters:
        letters.append(c)
return "".join(sorted(letters))

## first_difference|where_they_differ|position_of_difference
(first:word, second:word) -> int
. <Return|Find> the first position at which the two texts have different characters, or -1 if there is none as far as both go.
. At which index do the words first differ? Only positions that both of them have count; -1 means that there they are equal.
---
for i in range(min(len(@first), len(@second))):
    if @first[i] != @second[i]:
        return i
return -1
---
for i, (a, b) in enumerate(zip(@first, @second)):
    if a != b:
        return i
return -1

## replace_spaces|join_words|words_joined
(text:sentence) -> str
with c in _ | - | . | +
. Write the words of the text with "@c" between them instead of spaces.
. Put a "@c" in place of the white space between the words. There is none at the ends.
---
return "@c".join(@text.split())
---
result = ""
for word in @text.split():
    if result:
        result += "@c"
    result += word
return result

## words_backwards|reverse_words|last_word_first
(text:sentence) -> str
. Write the words of the text in the opposite order, separated by single spaces.
. The last word comes first and the first word last. Words themselves stay as they are.
---
return " ".join(reversed(@text.split()))
---
words = @text.split()
words.reverse()
return " ".join(words)

## nth_word|word_at|pick_word
(text:sentence, n:k) -> str
with w~i in 1 ~ @n - 1 | 0 ~ @n
. <Return|Give> the word with the given number; the first word has number @w. If there is no such word, return the empty text.
ex 'the quick fox', 1 ;; '', 1 ;; 'one two', 2 ;; 'a b c', 5 ;; 'alone', 1
---
words = @text.split()
if 0 <= @i < len(words):
    return words[@i]
return ""
---
for number, word in enumerate(@text.split()):
    if number == @i:
        return word
return ""

## words_with_letter|words_containing|filter_by_letter
(words:words, letter:char) -> list[str]
with w~c in that contain ~ in | without ~ not in
. <Return|List> the words @w the letter, in their order.
. Keep only the words @w the given character.
---
return [word for word in @words if @letter @c word]
---
result = []
for word in @words:
    if @letter @c word:
        result.append(word)
return result

## total_letters|number_of_characters|all_lengths
(words:words) -> int
. How many letters do all words have together?
. <Add up|Return the sum of> the lengths of the words.
---
return sum(len(word) for word in @words)
---
total = 0
for word in @words:
    total += len(word)
return total

## lengths_of_words|word_lengths|how_long
(text:sentence) -> list[int]
. <Return|List> how many characters each word of the text has.
. The words are separated by spaces. Give the length of each of them, in order.
---
return [len(word) for word in @text.split()]
---
lengths = []
for word in @text.split():
    lengths.append(len(word))
return lengths

## sort_by_last_letter|order_words|sorted_words
(words:words) -> list[str]
with w~e in length, shortest first ~ len(word) | last letter ~ word[-1:] | number of different letters ~ len(set(word))
. Sort the words by their @w. Words that are equal in this keep their order.
. <Return|Give> the words ordered by @w; ties stay as they were.
---
return sorted(@words, key=lambda word: @e)
---
def rank(word):
    return @e

result = list(@words)
result.sort(key=rank)
return result

## add_exclamation|emphasise|shout
(text:word) -> str
with c in ! | ? | .
. Add a "@c" at the end unless there is one already.
. <Make sure|See to it> that the text ends with "@c".
---
if @text.endswith("@c"):
    return @text
return @text + "@c"
---
return @text if @text[-1:] == "@c" else @text + "@c"

## quoted|wrap_in|put_in_marks
(text:word) -> str
with a~b in ( ~ ) | [ ~ ] | < ~ >
. Put the text between "@a" and "@b".
. <Return|Give> the text with "@a" in front of it and "@b" behind it.
---
return "@a" + @text + "@b"
---
return f"@a{@text}@b"

## strip_marks|unwrap|remove_outer
(text:word) -> str
with a~b in ( ~ ) | [ ~ ] | < ~ >
. If the text begins with "@a" and ends with "@b", remove these two characters. Other texts stay unchanged.
ex '@aabc@b' ;; 'abc' ;; '@aabc' ;; '@a@b' ;; ''
---
if len(@text) >= 2 and @text[0] == "@a" and @text[-1] == "@b":
    return @text[1:-1]
return @text
---
if @text.startswith("@a") and @text.endswith("@b"):
    return @text[1:-1]
return @text

## between_marks|text_inside|inner_of
(text:word) -> str
with a~b in ( ~ ) | [ ~ ] | < ~ >
. <Return|Find> what stands between the first "@a" and the first "@b" after it. If one of them is missing, return the empty text.
ex 'a@abc@bd' ;; 'none' ;; '@a@b' ;; 'x@ay' ;; '@b@aq@b'
---
start = @text.find("@a")
if start == -1:
    return ""
end = @text.find("@b", start)
if end == -1:
    return ""
return @text[start + 1 : end]
---
_, opening, rest = @text.partition("@a")
inside, closing, _ = rest.partition("@b")
return inside if opening and closing else ""

## file_extension|ending_of|name_without_ending
(name:word) -> str
with w~e~f in the part after the last dot ~ @name.split(".")[-1] ~ "" | the part before the last dot ~ @name.rsplit(".", 1)[0] ~ @name
. <Return|Give> @w of the file name. Without a dot the result is @f.
ex 'notes.txt' ;; 'archive.tar.gz' ;; 'README' ;; 'a.b' ;; 'x.'
---
if "." not in @name:
    return @f
return @e
---
return @e if "." in @name else @f

## user_of_address|domain_of_address|mail_part
(address:email) -> str
with w~i in name before ~ 0 | part after ~ 1
. <Return|Give> the @w the "@" sign of a mail address.
---
return @address.split("@")[@i]
---
parts = @address.partition("@")
return parts[2 * @i]

## is_double|twice_as_large|is_n_times
(a:int, b:int) -> bool
with w~n in twice ~ 2 | three times ~ 3 | ten times ~ 10
. <Tell|Check> whether the first number is @w the second.
. Is the first number exactly @w as large as the second one?
---
return @a == @n * @b

## between|is_inside|in_range
(x:int, low:int, high:int) -> bool
with w~a~b in both ends included ~ <= ~ <= | both ends excluded ~ < ~ < | the lower end included, the upper one not ~ <= ~ <
. <Tell|Check> whether the first number lies between the other two, @w.
. Is x in the range from low to high (@w)?
---
return @low @a @x @b @high
---
if not @low @a @x:
    return False
return @x @b @high

## limit_value|keep_in_bounds|bounded
(x:int, low:int, high:int) -> int
. Numbers below low become low, numbers above high become high, all others stay as they are. low is not greater than high.
ex 5, 0, 10 ;; -3, 0, 10 ;; 12, 0, 10 ;; 7, 7, 7
---
if @x < @low:
    return @low
if @x > @high:
    return @high
return @x
---
return max(@low, min(@x, @high))

## how_far|distance_between|gap
(a:int, b:int) -> int
. How far apart are the two numbers on the number line?
. <Return|Compute> the distance of two numbers; it is never negative.
---
return abs(@a - @b)
---
if @a > @b:
    return @a - @b
return @b - @a

## ones_digit|tens_digit|digit_at
(n:big) -> int
with w~d in ones ~ 1 | tens ~ 10 | hundreds ~ 100
. <Return|Give> the @w digit of the number. n is not negative.
. Which digit stands in the @w place? If the number is too short, it is 0.
---
return @n // @d % 10
---
text = str(@n).zfill(3)
return int(text[-len(str(@d))])

## has_even_digit|digit_check|contains_digit_kind
(n:big) -> bool
with w~e in even digit ~ int(d) % 2 == 0 | digit greater than 5 ~ int(d) > 5 | zero ~ d == "0" | digit that is a multiple of 3 ~ int(d) % 3 == 0
. <Tell|Check> whether the number has an @w when it is written in decimal.
. Is any digit of the number a(n) @w?
---
return any(@e for d in str(@n))
---
for d in str(@n):
    if @e:
        return True
return False

## largest_digit|smallest_digit|extreme_digit
(n:big) -> int
with w~f in largest ~ max | smallest ~ min
. <Return|Find> the @w digit of a number that is not negative.
. Which of the number's decimal digits is the @w?
---
return @f(int(d) for d in str(@n))
---
best = @n % 10
while @n > 0:
    best = @f(best, @n % 10)
    @n //= 10
return best

## number_of_multiples|multiples_up_to|count_multiples_below
(limit:n, k:pos) -> int
. How many positive numbers up to the limit (included) can be divided by k without a rest?
. <Count|Return the number of> the multiples of k from 1 to the limit.
---
return @limit // @k
---
count = 0
for i in range(1, @limit + 1):
    if i % @k == 0:
        count += 1
return count

## sum_of_kind|sum_up_to|add_numbers
(n:pos) -> int
with w~e in even numbers ~ i % 2 == 0 | odd numbers ~ i % 2 == 1 | numbers that are not multiples of 3 ~ i % 3 != 0 | multiples of 4 ~ i % 4 == 0
. Add all @w from 1 to n, n included.
. <Return|Compute> the sum of the @w that are not greater than n, beginning with 1.
---
return sum(i for i in range(1, @n + 1) if @e)
---
total = 0
for i in range(1, @n + 1):
    if @e:
        total += i
return total

## countdown|count_up|number_row
(n:n) -> list[int]
with w~e~f in from n down to 1 ~ range(@n, 0, -1) ~ result.insert(0, i) | from 1 up to n ~ range(1, @n + 1) ~ result.append(i)
. <Return|List> the numbers @w. For 0 the list is empty.
. Count @w and put the numbers into a list.
---
return list(@e)
---
result = []
for i in range(1, @n + 1):
    @f
return result

## powers_list|first_powers|powers_of
(n:small) -> list[int]
with b in 2 | 3 | 10
. <Return|List> the first n powers of @b, beginning with 1.
. The list starts with 1, and each further number is @b times the one before it. It has n elements.
---
return [@b**i for i in range(@n)]
---
result = []
power = 1
for _ in range(@n):
    result.append(power)
    power *= @b
return result

## halve_until_odd|how_often_divisible|times_divisible
(n:big) -> int
with d in 2 | 3 | 5 | 10
. How many times can the number be divided by @d without a rest? 0 gives 0.
. <Count|Return> how often the number is divisible by @d in a row.
---
if @n == 0:
    return 0
count = 0
while @n % @d == 0:
    @n //= @d
    count += 1
return count
---
count = 0
while @n != 0 and @n % @d == 0:
    count += 1
    @n = @n // @d
return count

## first_power_above|smallest_power|next_power
(limit:big) -> int
with b in 2 | 3 | 10
. <Return|Find> the smallest power of @b that is greater than the limit.
. Which power of @b (1, @b, ...) is the first one above the given number?
---
power = 1
while power <= @limit:
    power *= @b
return power

## average_of_two|mean_rounded|middle_between
(a:int, b:int) -> float
. <Return|Compute> the number exactly in the middle between the two.
. What is the average of both numbers?
---
return (@a + @b) / 2

## all_positive|every_number|check_all
(values:ints) -> bool
with w~e in positive ~ x > 0 | even ~ x % 2 == 0 | less than 100 ~ x < 100 | not zero ~ x != 0
. <Tell|Check> whether all numbers in the list are @w. For the empty list this is true.
. Is every number @w?
---
return all(@e for x in @values)
---
for x in @values:
    if not (@e):
        return False
return True

## any_such|contains_kind|check_any
(values:ints) -> bool
with w~e in negative number ~ x < 0 | number above 10 ~ x > 10 | odd number ~ x % 2 == 1 | zero ~ x == 0
. <Tell|Check> whether there is a @w in the list.
. Does the list contain at least one @w?
---
return any(@e for x in @values)
---
for x in @values:
    if @e:
        return True
return False

## position_of_first|where_first|index_of_kind
(values:ints) -> int
with w~e in negative number ~ x < 0 | number above 10 ~ x > 10 | even number ~ x % 2 == 0 | zero ~ x == 0
. At which index does the first @w stand? If there is none, return -1.
. <Return|Find> the position of the first @w, counted from 0, or -1.
---
for i, x in enumerate(@values):
    if @e:
        return i
return -1
---
places = [i for i, x in enumerate(@values) if @e]
return places[0] if places else -1

## last_such|find_last|final_match
(values:ints) -> int | None
with w~e in negative number ~ x < 0 | number above 10 ~ x > 10 | even number ~ x % 2 == 0 | multiple of 3 ~ x % 3 == 0
. <Return|Find> the last @w of the list, or None if there is none.
. Which @w comes last? The answer is None when the list has none.
---
for x in reversed(@values):
    if @e:
        return x
return None
---
found = None
for x in @values:
    if @e:
        found = x
return found

## first_and_last_sum|ends_sum|add_ends
(values:ints) -> int
with w~op in sum ~ + | product ~ * | difference ~ -
. <Return|Compute> the @w of the first and the last number. The empty list gives 0.
---
if not @values:
    return 0
return @values[0] @op @values[-1]
---
return @values[0] @op @values[-1] if len(@values) > 0 else 0

## without_largest|drop_extreme|remove_one_extreme
(values:ints) -> list[int]
with w~f in largest ~ max | smallest ~ min
. Remove the @w number once, where it first stands. The empty list stays empty.
. <Return|Give> the list without its @w number; if it occurs several times, only the first is left out.
---
if not @values:
    return []
i = @values.index(@f(@values))
return @values[:i] + @values[i + 1 :]
---
result = list(@values)
if result:
    result.remove(@f(result))
return result

## swap_first_last|exchange_ends|swap_ends_of_list
(values:ints) -> list[int]
. <Return|Give> a new list in which the first and the last element have changed places.
---
result = list(@values)
if result:
    result[0], result[-1] = result[-1], result[0]
return result
---
if len(@values) < 2:
    return list(@values)
return [@values[-1]] + @values[1:-1] + [@values[0]]

## shift_list|rotate_once|move_end
(values:ints) -> list[int]
with w~e in last element to the front ~ @values[-1:] + @values[:-1] | first element to the end ~ @values[1:] + @values[:1]
. Move the @w. All others keep their order.
. <Return|Give> the list with the @w.
---
return @e

## add_to_each|change_each|each_number
(values:ints, n:int) -> list[int]
with w~op in increased by ~ + | multiplied by ~ * | reduced by ~ -
. <Return|Give> the numbers, each of them @w n.
. Every number of the list is @w the given one.
---
return [x @op @n for x in @values]
---
result = []
for x in @values:
    result.append(x @op @n)
return result

## apply_rule|change_numbers|by_rule
(values:ints) -> list[int]
with w~c~a~b in Double the even numbers and leave the odd ones as they are. ~ x % 2 == 0 ~ 2 * x ~ x | Replace negative numbers by 0. ~ x < 0 ~ 0 ~ x | Add 1 to odd numbers and subtract 1 from even ones. ~ x % 2 == 1 ~ x + 1 ~ x - 1 | Square the numbers below 10 and keep the others. ~ x < 10 ~ x * x ~ x
. @w <The order stays the same.|>
---
return [@a if @c else @b for x in @values]
---
result = []
for x in @values:
    if @c:
        result.append(@a)
    else:
        result.append(@b)
return result

## pairwise_sums|neighbour_sums|combine_neighbours
(values:ints) -> list[int]
with w~e in sum ~ a + b | product ~ a * b | larger one ~ max(a, b) | difference (second minus first) ~ b - a
. For each pair of neighbours <return|give> the @w. The result is one shorter than the list.
. Combine every number with the one after it and list the @w of both.
---
return [@e for a, b in zip(@values, @values[1:])]
---
result = []
for i in range(len(@values) - 1):
    a, b = @values[i], @values[i + 1]
    result.append(@e)
return result

## sum_at_positions|add_positions|sum_every_second
(values:ints) -> int
with w~s in even positions (0, 2, 4, ...) ~ 0 | odd positions (1, 3, 5, ...) ~ 1
. Add the numbers that stand at @w.
. <Return|Compute> the sum of the elements at @w of the list.
---
return sum(@values[@s::2])
---
total = 0
for i, x in enumerate(@values):
    if i % 2 == @s:
        total += x
return total

## count_changes|number_of_changes|how_often_changed
(values:ints) -> int
. How often is an element different from the one right before it?
. <Count|Return> the places where the value changes from one element to the next.
---
return sum(a != b for a, b in zip(@values, @values[1:]))
---
changes = 0
for i in range(1, len(@values)):
    if @values[i] != @values[i - 1]:
        changes += 1
return changes

## squeeze_runs|collapse_repeats|drop_neighbours
(values:ints) -> list[int]
. Of equal numbers that stand side by side only one is kept.
. <Return|Give> the list in which no element equals the one before it: repeats right next to each other are dropped.
---
result = []
for x in @values:
    if not result or result[-1] != x:
        result.append(x)
return result
---
return [x for i, x in enumerate(@values) if i == 0 or x != @values[i - 1]]

## shared_numbers|in_both_lists|missing_numbers
(a:ints, b:ints) -> list[int]
with w~c in also occur in the second ~ in | do not occur in the second ~ not in
. <Return|List> the numbers of the first list that @w, in their order and with repetitions.
. Which elements of the first list @w list? Keep their order.
---
return [x for x in @a if x @c @b]
---
result = []
for x in @a:
    if x @c @b:
        result.append(x)
return result

## same_elements|is_rearrangement|equal_as_sets
(a:ints, b:ints) -> bool
with w~e in the same numbers, each as often ~ sorted(@a) == sorted(@b) | the same different numbers, however often ~ set(@a) == set(@b)
. <Tell|Check> whether both lists contain @w. The order does not matter.
---
return @e

## cut_into_pairs|groups_of|chunks_of
(values:ints, size:pos) -> list[list[int]]
. Cut the list into pieces of the given size. The last piece may be shorter.
. <Return|Give> the elements in groups of so many, in order; what is left forms a smaller group.
---
return [@values[i : i + @size] for i in range(0, len(@values), @size)]
---
groups = []
for x in @values:
    if not groups or len(groups[-1]) == @size:
        groups.append([])
    groups[-1].append(x)
return groups

## totals_so_far|running_result|partial_results
(values:ints) -> list[int]
with w~e in sum ~ sum(@values[: i + 1]) | maximum ~ max(@values[: i + 1]) | minimum ~ min(@values[: i + 1])
. <Return|List>, for every position, the @w of all numbers up to and including it.
. What is the @w so far after each element?
---
return [@e for i in range(len(@values))]
---
result = []
for i in range(len(@values)):
    result.append(@e)
return result

## names_to_lengths|map_words|word_table
(words:words) -> dict[str, int]
with w~e in length ~ len(word) | number of vowels ~ sum(c in "aeiou" for c in word) | position in the list (the last one counts) ~ i
. <Build|Return> a dictionary that gives the @w for each word.
. Map every word to its @w.
---
return {word: @e for i, word in enumerate(@words)}
---
result = {}
for i, word in enumerate(@words):
    result[word] = @e
return result

## keys_with_value|names_with|who_has
(table:sdict, value:int) -> list[str]
with w~op in equal to ~ == | at least ~ >= | below ~ <
. <Return|List> the keys whose value is @w the given number, sorted.
. Which names have a value @w the number? Sort them alphabetically.
---
return sorted(key for key, x in @table.items() if x @op @value)
---
keys = []
for key in @table:
    if @table[key] @op @value:
        keys.append(key)
return sorted(keys)

## raise_values|change_values|updated_table
(table:sdict, n:int) -> dict[str, int]
with w~e in Add the number to every value. ~ x + @n | Multiply every value by the number. ~ x * @n | Replace every value below the number by the number. ~ max(x, @n)
. @w <Return a new dictionary.|The dictionary that was given stays unchanged.>
---
return {key: @e for key, x in @table.items()}
---
result = {}
for key, x in @table.items():
    result[key] = @e
return result

## merge_tables|combine_counts|join_tables
(a:sdict, b:sdict) -> dict[str, int]
with w~e in their sum ~ result[key] + x | the larger one ~ max(result[key], x) | the one of the second dictionary ~ x
. Join both dictionaries. A key that is in both gets @w.
ex {'a': 1}, {'a': 2, 'b': 3} ;; {}, {} ;; {'x': 5}, {} ;; {'p': 4, 'q': 1}, {'q': 7}
---
result = dict(@a)
for key, x in @b.items():
    result[key] = @e if key in result else x
return result
---
result = @a.copy()
for key, x in @b.items():
    if key in result:
        result[key] = @e
    else:
        result[key] = x
return result

## lookup_all|translate_words|replace_known
(words:words, table:ssdict) -> list[str]
with w~e in stay as they are ~ @table.get(word, word) | become "?" ~ @table.get(word, "?")
. Replace each word by its entry in the dictionary. Words without an entry @w.
ex ['a', 'b'], {'a': 'x'} ;; [], {} ;; ['cat', 'dog'], {'cat': 'gato', 'dog': 'perro'} ;; ['q'], {}
---
return [@e for word in @words]
---
result = []
for word in @words:
    result.append(@e)
return result

## is_square_grid|all_rows_equal|same_row_length
(grid:matrix) -> bool
with w~e in as many rows as columns ~ all(len(row) == len(@grid) for row in @grid) | rows that are all equally long ~ all(len(row) == len(@grid[0]) for row in @grid)
. <Tell|Check> whether the list of lists has @w.
ex [[1, 2], [3, 4]] ;; [[1]] ;; [[1, 2, 3], [4, 5, 6]] ;; [[1, 2], [3]]
---
return @e

## column|pick_column|column_values
(grid:matrix, i:n) -> list[int]
with w~e in column ~ [row[@i] for row in @grid] | row ~ list(@grid[@i])
. <Return|Give> the @w with index i of the grid.
ex [[1, 2], [3, 4]], 0 ;; [[1, 2], [3, 4]], 1 ;; [[5, 6]], 0 ;; [[7, 8, 9], [1, 2, 3]], 1
---
return @e

## row_totals|column_totals|line_sums
(grid:matrix) -> list[int]
with w~a~b in row ~ [sum(row) for row in @grid] ~ list(map(sum, @grid)) | column ~ [sum(column) for column in zip(*@grid)] ~ [sum(row[i] for row in @grid) for i in range(len(@grid[0]))]
. Add up the numbers of every @w and <return|list> the sums.
ex [[1, 2], [3, 4]] ;; [[5]] ;; [[1, 2, 3], [4, 5, 6]] ;; [[0, -1]]
---
return @a
---
return @b

## empty_grid|make_grid|filled_grid
(rows:small, cols:small, value:int) -> list[list[int]]
. <Build|Return> a grid with so many rows and columns in which every cell has the value.
---
return [[@value] * @cols for _ in range(@rows)]
---
grid = []
for _ in range(@rows):
    row = []
    for _ in range(@cols):
        row.append(@value)
    grid.append(row)
return grid

## point_distance|taxi_distance|steps_between
(a:point, b:point) -> int
with w~e in The way goes along the grid: first across, then up or down. ~ abs(@a[0] - @b[0]) + abs(@a[1] - @b[1]) | A king on a chessboard may also go diagonally. ~ max(abs(@a[0] - @b[0]), abs(@a[1] - @b[1]))
. <Return|Compute> the number of steps from one point to the other. @w
ex (0, 0), (3, 4) ;; (1, 1), (1, 1) ;; (-2, 5), (4, 0) ;; (2, 7), (3, 7)
---
return @e

## move_point|shift_point|translated
(point:point, dx:int, dy:int) -> tuple[int, int]
. Move the point by dx to the right and by dy upwards.
ex (0, 0), 1, 2 ;; (3, -1), 0, 4 ;; (5, 5), -5, -5
---
return @point[0] + @dx, @point[1] + @dy
---
x, y = @point
return (x + @dx, y + @dy)

## is_right_angled|triangle_kind|can_be_triangle
(a:pos, b:pos, c:pos) -> bool
. <Tell|Check> whether three sticks of these lengths can form a triangle: each must be shorter than the other two together.
ex 3, 4, 5 ;; 1, 1, 2 ;; 5, 5, 5 ;; 1, 2, 9
---
return @a < @b + @c and @b < @a + @c and @c < @a + @b
---
short, middle, long = sorted([@a, @b, @c])
return long < short + middle

## box_volume|surface_of_box|box_value
(a:pos, b:pos, c:pos) -> int
with w~e in volume ~ @a * @b * @c | surface ~ 2 * (@a * @b + @b * @c + @a * @c) | total length of all edges ~ 4 * (@a + @b + @c)
. <Return|Compute> the @w of a box with these three side lengths.
---
return @e

## parse_numbers|numbers_in_line|read_numbers
(text:csvints) -> list[int]
with w~e in in the order in which they stand ~ numbers | in ascending order ~ sorted(numbers) | from the largest to the smallest ~ sorted(numbers, reverse=True)
. The text holds whole numbers separated by commas. <Return|List> them @w.
---
numbers = [int(part) for part in @text.split(",")]
return @e
---
numbers = list(map(int, @text.split(",")))
return @e

## key_value|parse_setting|split_setting
(line:word) -> tuple[str, str]
with c in = | : | >
. Split a line such as "name@cvalue" at the first "@c". Spaces around both parts are removed. Without a "@c" the second part is empty.
ex 'a@c1' ;; 'name @c some value' ;; 'flag' ;; 'x@cy@cz' ;; ' k @c v '
---
if "@c" not in @line:
    return @line.strip(), ""
key, value = @line.split("@c", 1)
return key.strip(), value.strip()
---
key, _, value = @line.partition("@c")
return key.strip(), value.strip()

## is_comment|skip_line|is_blank_line
(line:word) -> bool
with c in # | // | ;
. <Tell|Check> whether the line is empty or a comment. Comments begin with "@c", maybe after spaces.
ex '@c note' ;; '' ;; '   ' ;; 'x = 1 @c set' ;; '  @c more'
---
text = @line.strip()
return text == "" or text.startswith("@c")
---
stripped = @line.lstrip()
return not stripped or stripped[: len("@c")] == "@c"

## indent_depth|leading_spaces|depth_of_line
(line:word) -> int
with w~e in spaces ~ count | levels of four spaces (rounded down) ~ count // 4
. How many @w does the line begin with?
ex 'x' ;; '    y' ;; '  z ' ;; '' ;; '        deep'
---
count = len(@line) - len(@line.lstrip(" "))
return @e
---
count = 0
while count < len(@line) and @line[count] == " ":
    count += 1
return @e

## nesting_depth|deepest_level|how_deep
(text:word) -> int
with a~b in ( ~ ) | [ ~ ] | { ~ }
. How deep are the brackets nested? "@a" opens and "@b" closes a level; all other characters are ignored.
ex '@a@b' ;; '@a@a@b@b' ;; 'abc' ;; '' ;; '@ax@b@a@ay@b@b'
---
depth = deepest = 0
for c in @text:
    if c == "@a":
        depth += 1
        deepest = max(deepest, depth)
    elif c == "@b":
        depth -= 1
return deepest
---
levels = [0]
for c in @text:
    if c in "@a@b":
        levels.append(levels[-1] + (1 if c == "@a" else -1))
return max(levels)

## flatten_once|join_lists|all_elements
(lists:lists) -> list[int]
. Put the elements of all inner lists into one list.
. <Return|Give> one list with everything that the lists contain, in order.
---
return [x for part in @lists for x in part]
---
result = []
for part in @lists:
    result.extend(part)
return result

## longest_list|list_with_most|best_inner_list
(lists:lists) -> list[int]
with w~e in most elements ~ len(part) | largest sum ~ sum(part)
. <Return|Find> the inner list with the @w; the first one if there are several. Without inner lists the result is empty.
ex [[1], [2, 3]] ;; [] ;; [[5], [4]] ;; [[1, 1], [9], []]
---
best = []
for i, part in enumerate(@lists):
    if i == 0 or @e > best_value:
        best = part
        best_value = @e
return best
---
return max(@lists, key=lambda part: @e, default=[])

## try_number|to_int_or|safe_int
(text:numstrs) -> list[int]
with w~e in left out ~ pass | counted as 0 ~ numbers.append(0)
. Turn the texts into whole numbers. Those that are no numbers are @w.
---
numbers = []
for part in @text:
    try:
        numbers.append(int(part))
    except ValueError:
        @e
return numbers

## yes_or_no|answer_word|as_word
(flag:n, limit:n) -> str
with a~b in yes ~ no | on ~ off | open ~ closed | pass ~ fail
. <Return|Say> "@a" when the first number is at least the second, otherwise "@b".
---
return "@a" if @flag >= @limit else "@b"
---
if @flag >= @limit:
    return "@a"
return "@b"

## sign_word|compare_words|order_word
(a:int, b:int) -> str
with x~y~z in less ~ equal ~ greater | smaller ~ same ~ larger | < ~ = ~ >
. <Return|Say> "@x", "@y" or "@z", depending on how the first number compares with the second.
---
if @a < @b:
    return "@x"
if @a == @b:
    return "@y"
return "@z"
---
return "@x" if @a < @b else "@z" if @a > @b else "@y"

## day_name|weekday_of|month_short
(number:small) -> str
with w~list~n in day ~ ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] ~ 7 | season ~ ["spring", "summer", "autumn", "winter"] ~ 4
. <Return|Give> the name of the @w with this number, 0 being the first. Larger numbers start again from the beginning.
---
names = @list
return names[@number % @n]
---
names = @list
while @number >= len(names):
    @number -= len(names)
return names[@number]

## weekday_after|day_in_future|which_day
(day:small, days:n) -> int
. Days of the week are numbers from 0 (Monday) to 6. <Return|Compute> which day it is so many days later.
ex 0, 1 ;; 6, 1 ;; 3, 7 ;; 2, 10 ;; 5, 0
---
return (@day + @days) % 7
---
for _ in range(@days):
    @day = 0 if @day == 6 else @day + 1
return @day

## is_weekend|is_workday|free_day
(day:small) -> bool
with w~e in weekend ~ @day % 7 >= 5 | working day ~ @day % 7 < 5
. Days are numbered from 0 (Monday) on, and after 6 the week begins anew. <Tell|Check> whether this day is a @w.
---
return @e

## clock_hands|twelve_hour|to_am_pm
(hour:n) -> str
. Write an hour from 0 to 23 in the twelve-hour style, such as "12 am", "9 am", "12 pm" or "3 pm".
ex 0 ;; 9 ;; 12 ;; 15 ;; 23 ;; 11
---
half = "am" if @hour < 12 else "pm"
shown = @hour % 12
if shown == 0:
    shown = 12
return f"{shown} {half}"
---
number = @hour % 12 or 12
return str(number) + (" am" if @hour < 12 else " pm")

## tank_range|fuel_needed|distance_possible
(litres:pos, usage:pos) -> float
. A car uses so many litres for 100 kilometres. <Return|Compute> how far it gets with the fuel, rounded to one decimal.
---
return round(@litres / @usage * 100, 1)

## travel_time|hours_needed|time_for_distance
(distance:big, speed:pos) -> int
with w~n in minutes ~ 60 | seconds ~ 3600
. <Return|Compute> how many full @w a trip takes; distance in kilometres, speed in kilometres per hour. Parts of a unit are cut off.
---
return @distance * @n // @speed
---
hours = @distance / @speed
return int(round(hours * @n, 6))
`;
