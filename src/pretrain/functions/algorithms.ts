/** @file Families of small algorithms: recursion, searching, sorting, simulations, number rules, games, grids, tiny parsers. */

export const ALGORITHM_TEMPLATES = String.raw`
## count_down_by|descend_by|steps_down
(start:n, step:k) -> list[int]
ex 10, 3 ;; 5, 1 ;; 0, 2 ;; 7, 7 ;; 9, 4 ;; 20, 5
. <List|Return> the numbers from @start down to 0 or the last one above it, going down by @step each time.
. Count down: begin with @start and <subtract|take away> @step as long as the result is not negative. List every number on the way.
= the numbers @start, @start - @step, @start - 2 * @step and so on, without negative ones
---
return list(range(@start, -1, -@step))
---
$result = []
while @start >= 0:
    $result.append(@start)
    @start -= @step
return $result

## count_up_and_down|mountain_numbers|up_and_down
(n:small) -> list[int]
. <Count up|Walk> from 1 to @n and back down to 1 again. The <top|peak> appears once, and 0 gives an empty list.
= the list 1, 2, ..., @n, ..., 2, 1
. For 3 the answer is [1, 2, 3, 2, 1]: up to the number and down again.
---
return list(range(1, @n + 1)) + list(range(@n - 1, 0, -1))
---
$result = []
for $i in range(1, @n + 1):
    $result.append($i)
for $i in range(@n - 1, 0, -1):
    $result.append($i)
return $result
---
up = list(range(1, @n))
return up + [@n] * (@n > 0) + up[::-1]

## distance_on_circle|circular_distance|shortest_way_round
(a:n, b:n, size:pos) -> int
ex 1, 5, 12 ;; 11, 1, 12 ;; 0, 6, 12 ;; 3, 3, 10 ;; 0, 9, 10 ;; 2, 8, 9
. On a <circle|round track|ring> with @size places, numbered from 0, how many steps is it from @a to @b <if you walk the shorter way|by the shorter way round>?
= the smaller of the two distances between the positions @a and @b on a ring of @size positions
. Places 0 to @size - 1 lie on a circle. Return the least number of steps between @a and @b, in either direction.
---
$d = abs(@a - @b)
return min($d, @size - $d)
---
forward = (@b - @a) % @size
backward = (@a - @b) % @size
return min(forward, backward)

## clock_steps_forward|steps_forward|forward_distance
(start:n, goal:n, size:pos) -> int
ex 3, 5, 12 ;; 11, 2, 12 ;; 0, 0, 7 ;; 5, 1, 7 ;; 9, 3, 10
. A dial has the positions 0 to @size - 1 and only turns forward. Count the clicks needed to get from @start to @goal.
= the number of forward steps from @start to @goal on a dial with @size positions
. How many times must we add 1 to @start, with everything counted modulo @size, until we reach @goal? It is 0 if we are there already.
---
return (@goal - @start) % @size
---
$count = 0
position = @start
while position != @goal:
    position = (position + 1) % @size
    $count += 1
return $count
---
if @goal >= @start:
    return @goal - @start
return @size - @start + @goal

## distance_to_interval|gap_to_range|distance_outside
(x:int, low:n, high:n) -> int
ex 5, 1, 10 ;; -3, 0, 4 ;; 12, 2, 7 ;; 2, 2, 2 ;; 9, 3, 8 ;; 1, 4, 6
. How far is @x from the range between @low and @high, both included? A number inside the range has distance 0.
= the distance from @x to the closest number between @low and @high, which is 0 if @x lies between them
---
if @x < @low:
    return @low - @x
if @x > @high:
    return @x - @high
return 0
---
return max(@low - @x, 0, @x - @high)

## differ_by_at_most|almost_equal|near_enough
(first:int, second:int, gap:k) -> bool
ex 5, 7, 2 ;; 5, 8, 2 ;; -1, 1, 3 ;; 4, 4, 0 ;; 10, 1, 8
? @first and @second are at most @gap apart
. Two numbers are <close|near|neighbours> if they differ by no more than @gap. Say whether the two numbers are close.
---
return abs(@first - @second) <= @gap
---
if @first > @second:
    return @first - @second <= @gap
return @second - @first <= @gap

## exactly_two_equal|just_two_same|two_of_three_match
(a:int, b:int, c:int) -> bool
ex 1, 1, 2 ;; 1, 1, 1 ;; 1, 2, 3 ;; 4, 5, 4 ;; 0, 7, 7 ;; -1, 1, -1
? exactly two of the three numbers are equal
. Tell whether two of the numbers are the same and the third is different.
. Of three numbers, all may be equal, none may be equal, or just two. Return True only in the last case.
---
return len({@a, @b, @c}) == 2
---
if @a == @b:
    return @c != @a
return @c == @a or @c == @b

## count_equal_of_three|how_many_alike|equal_among_three
(a:int, b:int, c:int) -> int
ex 1, 1, 2 ;; 3, 3, 3 ;; 1, 2, 3 ;; 5, 6, 5 ;; 0, 2, 2
. Return 3 if all three numbers are the same, 2 if only two of them are, and 0 if they are all different.
= how many of the three numbers @a, @b and @c are equal to each other: 3, 2 or 0
---
if @a == @b == @c:
    return 3
if @a == @b or @b == @c or @a == @c:
    return 2
return 0
---
distinct = len({@a, @b, @c})
return {1: 3, 2: 2, 3: 0}[distinct]

## min_and_max_of_three|range_of_three|spread_of_three
(a:int, b:int, c:int) -> tuple[int, int]
= a tuple with the smallest and the largest of the three numbers
. Find both the minimum and the maximum of @a, @b and @c, without <a loop|sorting anything by hand>.
---
return min(@a, @b, @c), max(@a, @b, @c)
---
$left, _, $right = sorted([@a, @b, @c])
return $left, $right
---
$left = $right = @a
if @b < $left:
    $left = @b
if @b > $right:
    $right = @b
if @c < $left:
    $left = @c
if @c > $right:
    $right = @c
return $left, $right

## sum_without_@what|add_all_but_@what
(a:int, b:int, c:int) -> int
with what~word~fn in largest ~ largest ~ max | smallest ~ smallest ~ min
. Add the three numbers, but leave out the @word one. If several are the @word, leave out only one of them.
= the sum of @a, @b and @c without the @word of them
---
return @a + @b + @c - @fn(@a, @b, @c)
---
numbers = [@a, @b, @c]
numbers.remove(@fn(numbers))
return sum(numbers)

## same_parity|both_even_or_both_odd|parities_agree
(a:int, b:int) -> bool
? the two numbers are both even or both odd
. Tell whether @a and @b have the same parity.
. Two numbers fit together when their difference is even. Do they?
---
return @a % 2 == @b % 2
---
return (@a - @b) % 2 == 0
---
if @a % 2 == 0:
    return @b % 2 == 0
return @b % 2 != 0

## sum_of_@what_up_to|@what_sum_up_to
(n:small) -> int
with what~word~term in squares ~ squares ~ $i * $i | cubes ~ cubes ~ $i ** 3 | doubles ~ doubles ~ 2 * $i
= the sum of the @word of the numbers from 1 to @n
. Add up the @word of 1, 2, 3 and so on up to @n. For 0 there is nothing to add.
---
return sum(@term for $i in range(1, @n + 1))
---
$total = 0
for $i in range(1, @n + 1):
    $total += @term
return $total
---
if @n == 0:
    return 0
$i = @n
return @term + @self(@n - 1)

## alternating_series|plus_minus_series|zigzag_sum
(n:n) -> int
. Compute 1 - 2 + 3 - 4 + ... up to @n, <where odd numbers are added and even ones subtracted|adding odd numbers and taking away even ones>.
= the sum of the numbers from 1 to @n in which every even number counts negative
---
return sum($i if $i % 2 else -$i for $i in range(1, @n + 1))
---
$total = 0
for $i in range(1, @n + 1):
    if $i % 2 == 0:
        $total -= $i
    else:
        $total += $i
return $total
---
return (@n + 1) // 2 if @n % 2 else -(@n // 2)

## powers_up_to|powers_within|list_powers_below
(base:k, limit:pos) -> list[int]
ex 2, 20 ;; 3, 81 ;; 10, 999 ;; 5, 1 ;; 4, 3 ;; 2, 64
. List the powers of @base, starting with 1, that are not greater than @limit. The base is at least 2.
= all powers of @base (1, @base, @base squared, ...) up to and including @limit
---
$result = []
power = 1
while power <= @limit:
    $result.append(power)
    power *= @base
return $result
---
$result = [1]
while $result[-1] * @base <= @limit:
    $result.append($result[-1] * @base)
return $result

## largest_power_below|greatest_power_within|biggest_power_up_to
(base:k, limit:pos) -> int
ex 2, 20 ;; 3, 81 ;; 10, 999 ;; 5, 1 ;; 4, 3 ;; 2, 64
= the largest power of @base that does not exceed @limit
. Start with 1 and multiply by @base as long as the result stays within @limit. Give the last number. The base is greater than 1.
---
power = 1
while power * @base <= @limit:
    power *= @base
return power
---
if @base > @limit:
    return 1
return @base * @self(@base, @limit // @base)

## doublings_needed|times_to_double|count_doublings
(start:pos, goal:pos) -> int
ex 1, 8 ;; 3, 20 ;; 5, 5 ;; 10, 4 ;; 1, 1000 ;; 7, 15
. How often must @start be doubled until it is at least @goal? If it is large enough already, the answer is 0.
. A colony of @start bacteria doubles every hour. Return the number of hours after which there are @goal or more of them.
= the least number of doublings that bring @start to @goal or more
---
$count = 0
while @start < @goal:
    @start *= 2
    $count += 1
return $count
---
if @start >= @goal:
    return 0
return 1 + @self(2 * @start, @goal)

## days_until_empty|days_of_supply|how_long_it_lasts
(stock:n, used:pos, added:n) -> int | None
ex 100, 10, 0 ;; 100, 10, 5 ;; 5, 10, 2 ;; 50, 5, 5 ;; 0, 3, 1 ;; 7, 3, 1
. A barrel holds @stock litres. Each day @used litres are taken out and then @added are filled in. Return after how many days less than or exactly nothing is left, or None if that never happens.
. Every day the stock shrinks by @used and grows by @added. Count the days until the stock is at most 0. Return None if it never runs out.
---
if @stock <= 0:
    return 0
loss = @used - @added
if loss <= 0:
    return None
return -(-@stock // loss)
---
if @stock > 0 and @added >= @used:
    return None
days = 0
while @stock > 0:
    @stock += @added - @used
    days += 1
return days

## snail_days|days_to_climb_wall|snail_out_of_well
(height:pos, up:k, down:k) -> int
ex 10, 3, 2 ;; 5, 5, 1 ;; 7, 4, 1 ;; 1, 2, 1 ;; 20, 6, 3 ;; 12, 4, 3
. A snail climbs a wall of @height metres. By day it climbs @up metres, by night it slides down @down metres. On which day does it reach the top? It climbs more than it slides.
= the day on which a snail that climbs @up each day and slips @down each night first reaches @height
---
day = 1
position = @up
while position < @height:
    position += @up - @down
    day += 1
return day
---
if @up >= @height:
    return 1
missing = @height - @up
gain = @up - @down
return 1 + (missing + gain - 1) // gain

## nested_max|deep_max|largest_in_nested
(nested:nested) -> int | None
ex [1, [5, 2], [[3]]] ;; [] ;; [[], [4]] ;; [7] ;; [[[9, 1]], 10] ;; [[[]]]
= the largest number anywhere in a nested list, or None if there is none
. Lists may contain numbers and other lists, to any depth. Find the greatest number of all. Return None when there are no numbers.
---
$best = None
for item in @nested:
    candidate = @self(item) if isinstance(item, list) else item
    if candidate is not None and ($best is None or candidate > $best):
        $best = candidate
return $best
---
$best = None
$stack = [@nested]
while $stack:
    item = $stack.pop()
    if isinstance(item, list):
        $stack.extend(item)
    elif $best is None or item > $best:
        $best = item
return $best

## nested_contains|deep_contains|occurs_in_nested
(nested:nested, target:target) -> bool
ex [1, [5, 2], [[3]]], 3 ;; [], 1 ;; [[], [4]], 5 ;; [7], 7 ;; [[[9, 1]], 10], 9
? the number occurs somewhere in the nested list, at any depth
. Look for @target in a list that may hold further lists. It counts no matter how deep it lies.
---
for item in @nested:
    if isinstance(item, list):
        if @self(item, @target):
            return True
    elif item == @target:
        return True
return False
---
return any(
    @self(item, @target) if isinstance(item, list) else item == @target
    for item in @nested
)

## depth_of_value|nesting_level_of|find_depth
(nested:nested, target:target) -> int
ex [1, [5, 2], [[3]]], 3 ;; [], 1 ;; [[], [4]], 4 ;; [7], 7 ;; [[[9, 1]], 10], 2 ;; [[2], 2], 2
. At which depth does @target stand in the nested list? Numbers directly in the list have depth 1. The first occurrence from the left counts. Return -1 if it is missing.
= the nesting level (1 for the outermost) at which @target is first met reading from left to right, or -1
---
for item in @nested:
    if isinstance(item, list):
        depth = @self(item, @target)
        if depth > 0:
            return depth + 1
    elif item == @target:
        return 1
return -1

## sum_weighted_by_depth|depth_sum|level_weighted_sum
(nested:nested) -> int
ex [1, [5, 2], [[3]]] ;; [] ;; [[], [4]] ;; [7] ;; [[[9, 1]], 10]
. Add up all numbers of a nested list, each multiplied by its depth. The outermost numbers have depth 1.
. Numbers count once in the outer list, twice in a list inside it, three times one level deeper and so on. Return the sum.
---
def add(items, depth):
    $total = 0
    for item in items:
        if isinstance(item, list):
            $total += add(item, depth + 1)
        else:
            $total += depth * item
    return $total

return add(@nested, 1)
---
$total = 0
depth = 1
level = @nested
while level:
    deeper = []
    for item in level:
        if isinstance(item, list):
            deeper.extend(item)
        else:
            $total += depth * item
    level = deeper
    depth += 1
return $total

## remove_from_nested|deep_remove|drop_everywhere
(nested:nested, target:target) -> list
ex [1, [5, 1], [[1]]], 1 ;; [], 1 ;; [[], [4]], 4 ;; [7], 8 ;; [[[9, 1]], 9], 9
. Return a copy of the nested list in which every @target is left out, at every level. Lists that become empty stay.
= the nested list without any @target, keeping its shape otherwise
---
$result = []
for item in @nested:
    if isinstance(item, list):
        $result.append(@self(item, @target))
    elif item != @target:
        $result.append(item)
return $result
---
return [
    @self(item, @target) if isinstance(item, list) else item
    for item in @nested
    if item != @target
]

## reverse_nested|deep_reverse|reverse_all_levels
(nested:nested) -> list
ex [1, [2, 3]] ;; [] ;; [[1, 2], [3, [4, 5]]] ;; [7] ;; [1, [], 2]
. Reverse a list and also every list inside it, and the lists inside those.
= the nested list read from right to left at every level
---
return [@self(item) if isinstance(item, list) else item for item in @nested[::-1]]
---
$result = []
for item in @nested:
    if isinstance(item, list):
        item = @self(item)
    $result.insert(0, item)
return $result

## flatten_levels|flatten_to_depth|partly_flatten
(nested:nested, depth:k) -> list
ex [1, [2, [3, [4]]]], 1 ;; [1, [2, [3, [4]]]], 2 ;; [], 1 ;; [[1], [[2]]], 0 ;; [5, [6]], 3
. Remove @depth levels of nesting from the list. With 0 the list stays as it is.
= the list with its inner lists unpacked, but only @depth levels deep
---
if @depth == 0:
    return list(@nested)
$result = []
for item in @nested:
    if isinstance(item, list):
        $result.extend(@self(item, @depth - 1))
    else:
        $result.append(item)
return $result

## nested_lengths|shape_of_nested|count_per_level
(nested:nested) -> list[int]
ex [1, [5, 2], [[3]]] ;; [] ;; [[], [4]] ;; [7] ;; [[[9, 1]], 10]
. Count the numbers on each level of a nested list. The first entry is for the outermost level.
= how many numbers stand on level 1, level 2 and so on of the nested list
---
$counts = []
level = @nested
while level:
    numbers = [item for item in level if not isinstance(item, list)]
    $counts.append(len(numbers))
    level = [inner for item in level if isinstance(item, list) for inner in item]
return $counts

## print_nested|nested_to_text|bracket_text
(nested:nested) -> str
ex [1, [5, 2], [[3]]] ;; [] ;; [[], [4]] ;; [7] ;; [[[9, 1]], 10]
. Write a nested list as text, with round brackets and single spaces between the entries, such as "(1 (2 3))".
= the nested list written with parentheses, where the parts are separated by one space
---
$parts = []
for item in @nested:
    $parts.append(@self(item) if isinstance(item, list) else str(item))
return "(" + " ".join($parts) + ")"
---
if not isinstance(@nested, list):
    return str(@nested)
return "(" + " ".join(@self(item) for item in @nested) + ")"

## read_nested|parse_nested|text_to_nested
(text:brackets) -> list
ex '(1 (2 3))' ;; '()' ;; '(4)' ;; '((1) (2))' ;; '(10 (20 (30)) 40)' ;; '(() 1)'
. Read text such as "(1 (2 3))" and return the list it describes, here [1, [2, 3]]. Entries are separated by spaces.
. Convert a bracket expression with numbers into a nested list. The text always starts with "(" and its brackets match.
---
$stack = [[]]
for token in @text.replace("(", " ( ").replace(")", " ) ").split():
    if token == "(":
        $stack.append([])
    elif token == ")":
        finished = $stack.pop()
        $stack[-1].append(finished)
    else:
        $stack[-1].append(int(token))
return $stack[0][0]

## fast_power|power_by_squaring|quick_power
(base:int, exponent:small) -> int
ex 2, 10 ;; 3, 0 ;; 5, 3 ;; -2, 5 ;; 7, 1 ;; 0, 4
. Raise @base to the power @exponent by repeated squaring: an even exponent is halved, an odd one is made even by one multiplication.
= @base to the power of @exponent, computed with few multiplications
. Compute a power <quickly|with squaring>. The exponent is not negative.
---
$result = 1
while @exponent > 0:
    if @exponent % 2 == 1:
        $result *= @base
    @base *= @base
    @exponent //= 2
return $result
---
if @exponent == 0:
    return 1
half = @self(@base, @exponent // 2)
if @exponent % 2 == 0:
    return half * half
return half * half * @base

## multiply_by_adding|peasant_multiply|product_by_halving
(first:n, second:n) -> int
ex 6, 7 ;; 0, 5 ;; 13, 12 ;; 1, 9 ;; 25, 4
. Multiply two numbers the old peasant way: halve the first, double the second, and add up the second whenever the first is odd.
= the product of @first and @second, found only with halving, doubling and adding
---
$total = 0
while @first > 0:
    if @first % 2 == 1:
        $total += @second
    @first //= 2
    @second *= 2
return $total
---
if @first == 0:
    return 0
$rest = @self(@first // 2, 2 * @second)
return $rest + @second if @first % 2 else $rest

## divide_by_subtracting|quotient_by_subtraction|slow_division
(total:n, size:pos) -> tuple[int, int]
ex 17, 5 ;; 3, 4 ;; 20, 10 ;; 0, 3 ;; 100, 7
. Divide without the division operator: take @size away from @total as often as possible. Return how often it worked and what is left.
= the quotient and the remainder of @total and @size, found by repeated subtraction
---
quotient = 0
$rest = @total
while $rest >= @size:
    $rest -= @size
    quotient += 1
return quotient, $rest
---
if @total < @size:
    return 0, @total
quotient, $rest = @self(@total - @size, @size)
return quotient + 1, $rest

## ways_with_steps|count_step_sequences|ways_to_reach
(n:small, steps:pints) -> int
ex 3, [1, 2] ;; 4, [1, 3] ;; 0, [1, 2] ;; 5, [2] ;; 6, [2, 3] ;; 7, [1, 2, 3]
. In how many ways can you climb @n stairs if each jump must be one of the given step lengths? The order of the jumps matters.
= the number of ordered sequences of the given steps that add up to exactly @n
. A frog can jump the distances in the list. Count the ways it can get from 0 to exactly @n. There is one way to stay at 0.
---
ways = [1] + [0] * @n
for $i in range(1, @n + 1):
    for step in @steps:
        if step <= $i:
            ways[$i] += ways[$i - step]
return ways[@n]
---
if @n == 0:
    return 1
if @n < 0:
    return 0
return sum(@self(@n - step, @steps) for step in @steps)

## ways_avoiding_stairs|climb_with_broken_stairs|ways_around_holes
(n:small, broken:pints) -> int
ex 5, [3] ;; 4, [] ;; 5, [1, 2] ;; 6, [2] ;; 1, [] ;; 3, [3]
. You climb @n stairs with steps of 1 or 2. Some stairs are broken and must not be stepped on. Count the ways to reach the top; the numbers of the broken stairs are given.
= the number of ways to climb @n stairs, one or two at a time, without touching a stair in the list
---
ways = [0] * (@n + 1)
ways[0] = 1
for $i in range(1, @n + 1):
    if $i in @broken:
        continue
    ways[$i] = ways[$i - 1]
    if $i >= 2:
        ways[$i] += ways[$i - 2]
return ways[@n]
---
before, now = 0, 1
for stair in range(1, @n + 1):
    if stair in @broken:
        before, now = now, 0
    else:
        before, now = now, before + now
return now

## list_partitions|partitions_of|ways_to_write_as_sum
(n:small) -> list[list[int]]
ex 1 ;; 2 ;; 3 ;; 4 ;; 5
. List all ways to write @n as a sum of positive numbers. Each way is a list in descending order, and ways with a larger first number come first.
= all partitions of @n, each as a list of numbers from large to small
---
def split(rest, largest):
    if rest == 0:
        return [[]]
    ways = []
    for first in range(min(rest, largest), 0, -1):
        for tail in split(rest - first, first):
            ways.append([first] + tail)
    return ways

return split(@n, @n)

## count_partitions|number_of_partitions|partition_count
(n:small) -> int
. In how many ways can @n be written as a sum of positive whole numbers, if the order does not matter? There is one way for 0.
= the number of partitions of @n, so 5 for 4 because of 4, 3+1, 2+2, 2+1+1 and 1+1+1+1
---
ways = [1] + [0] * @n
for part in range(1, @n + 1):
    for total in range(part, @n + 1):
        ways[total] += ways[total - part]
return ways[@n]
---
def count(rest, largest):
    if rest == 0:
        return 1
    return sum(count(rest - part, part) for part in range(1, min(rest, largest) + 1))

return count(@n, @n)

## compositions_of|ordered_sums|all_compositions
(n:small) -> list[list[int]]
ex 1 ;; 2 ;; 3 ;; 4 ;; 0
. List all ordered ways to write @n as a sum of positive numbers. Ways with a smaller first number come first, and 0 has only the empty way.
= all lists of positive integers whose sum is @n, in lexicographic order
---
if @n == 0:
    return [[]]
$result = []
for first in range(1, @n + 1):
    for $rest in @self(@n - first):
        $result.append([first] + $rest)
return $result
---
if @n == 0:
    return [[]]
return [[first] + $rest for first in range(1, @n + 1) for $rest in @self(@n - first)]

## subsets_with_sum|choose_with_total|selections_with_sum
(numbers:pints, target:target) -> list[list[int]]
ex [1, 2, 3], 3 ;; [2, 4], 5 ;; [], 0 ;; [5, 5], 5 ;; [1, 2, 3, 4], 5
. Which selections of the numbers add up to @target? Every number may be used at most once. Selections that take an earlier number come first.
= all sublists (not necessarily contiguous, order kept) of the numbers whose sum is @target
---
if not @numbers:
    return [[]] if @target == 0 else []
first, $rest = @numbers[0], @numbers[1:]
taken = [[first] + choice for choice in @self($rest, @target - first)]
return taken + @self($rest, @target)

## count_subsets_with_sum|ways_to_pick_sum|number_of_selections
(numbers:pints, target:target) -> int
ex [1, 2, 3], 3 ;; [2, 4], 5 ;; [], 0 ;; [5, 5], 5 ;; [1, 2, 3, 4], 5 ;; [3, 3, 3], 6
= in how many ways some of the numbers can be chosen so that their sum is @target
. Count the choices of numbers, each used at most once, that give @target together. Choosing nothing gives 0. Equal numbers at different places are different choices.
---
if not @numbers:
    return 1 if @target == 0 else 0
first, $rest = @numbers[0], @numbers[1:]
return @self($rest, @target) + @self($rest, @target - first)
---
ways = {0: 1}
for number in @numbers:
    updated = dict(ways)
    for total, count in ways.items():
        updated[total + number] = updated.get(total + number, 0) + count
    ways = updated
return ways.get(@target, 0)

## possible_sums|reachable_totals|all_subset_sums
(numbers:pints) -> list[int]
ex [1, 2] ;; [5] ;; [] ;; [2, 2, 3] ;; [1, 4, 10]
. Which totals can be made with some of the numbers, each used at most once? Sort them. Using none gives 0.
= the sorted list of all different sums of subsets of the numbers
. A scale has the given weights. List everything you can put together with them, from 0 up, without repetitions.
---
sums = {0}
for number in @numbers:
    sums |= {total + number for total in sums}
return sorted(sums)
---
if not @numbers:
    return [0]
$rest = @self(@numbers[1:])
return sorted(set($rest) | {@numbers[0] + total for total in $rest})

## all_words_over|words_of_length|strings_over_alphabet
(letters:word, n:k) -> list[str]
ex 'ab', 2 ;; 'xyz', 1 ;; 'a', 3 ;; 'ab', 0 ;; '01', 3
. List all strings of @n characters that can be formed from the given letters. They are in alphabetical order, where the alphabet is the given order.
= every string of length @n over the given letters, in the order of the letters
---
if @n == 0:
    return [""]
return [$c + $rest for $c in @letters for $rest in @self(@letters, @n - 1)]
---
import itertools

return ["".join(chars) for chars in itertools.product(@letters, repeat=@n)]
---
$result = [""]
for _ in range(@n):
    $result = [word + $c for word in $result for $c in @letters]
return $result

## codes_without_repeats|arrangements|pick_in_order
(letters:word, n:k) -> list[str]
ex 'abc', 2 ;; 'xyz', 1 ;; 'ab', 2 ;; 'ab', 0 ;; 'abcd', 2
. List all codes of @n different letters taken from the given ones. No letter is used twice in a code.
= all arrangements of @n of the given letters as strings, in the order of the letters
---
if @n == 0:
    return [""]
$result = []
for $i, $c in enumerate(@letters):
    others = @letters[:$i] + @letters[$i + 1:]
    for tail in @self(others, @n - 1):
        $result.append($c + tail)
return $result
---
import itertools

return ["".join(chosen) for chosen in itertools.permutations(@letters, @n)]

## next_permutation|following_arrangement|next_in_order
(numbers:ints) -> list[int] | None
ex [1, 2, 3] ;; [1, 3, 2] ;; [3, 2, 1] ;; [2, 3, 1] ;; [1] ;; [1, 1, 5]
. Return the arrangement of the numbers that comes next in dictionary order, or None if there is no later one.
. Rearrange the numbers into the smallest arrangement that is greater than the given one. The last arrangement, which is descending, has no follower: return None.
---
$result = list(@numbers)
$i = len($result) - 2
while $i >= 0 and $result[$i] >= $result[$i + 1]:
    $i -= 1
if $i < 0:
    return None
$j = len($result) - 1
while $result[$j] <= $result[$i]:
    $j -= 1
$result[$i], $result[$j] = $result[$j], $result[$i]
$result[$i + 1:] = reversed($result[$i + 1:])
return $result

## is_permutation|uses_each_once|is_arrangement
(numbers:pints) -> bool
ex [1, 2, 3] ;; [3, 1, 2] ;; [1, 1, 3] ;; [] ;; [0, 1] ;; [2, 3, 4]
? the list contains every number from 1 to its length exactly once
. A list of n numbers is an arrangement if each of 1, 2, ..., n occurs once. Check this.
---
return sorted(@numbers) == list(range(1, len(@numbers) + 1))
---
$seen = set()
for $x in @numbers:
    if $x < 1 or $x > len(@numbers) or $x in $seen:
        return False
    $seen.add($x)
return True

## apply_permutation|reorder|arrange_by_index
(words:words, order:pints) -> list[str]
ex ['a', 'b', 'c'], [2, 0, 1] ;; ['x'], [0] ;; [], [] ;; ['red', 'green'], [1, 0] ;; ['p', 'q', 'r'], [0, 2, 1]
. Rearrange the words: the new list has at each place the word whose old index is given in @order.
= the list whose element i is the word at the index that stands at place i of @order
---
return [@words[$i] for $i in @order]
---
$result = []
for $i in @order:
    $result.append(@words[$i])
return $result
---
return list(map(@words.__getitem__, @order))

## cycle_of|follow_cycle|permutation_cycle
(order:pints, start:n) -> list[int]
ex [1, 2, 0], 0 ;; [0, 1], 1 ;; [2, 3, 0, 1], 1 ;; [1, 0, 3, 4, 2], 4 ;; [0], 0
. From place i we go on to the place written at index i. Start at @start and list the places visited until we are back.
= the places that are visited when one begins at @start and always jumps to the index stored at the current place, until the start is reached again
---
$result = [@start]
place = @order[@start]
while place != @start:
    $result.append(place)
    place = @order[place]
return $result

## count_cycles|number_of_cycles|loops_in_permutation
(order:pints) -> int
ex [1, 2, 0] ;; [0, 1] ;; [2, 3, 0, 1] ;; [1, 0, 3, 4, 2] ;; []
. Each child passes the ball to the child whose number is written at its index. Every child receives from exactly one child. Count the separate circles.
= the number of cycles of the permutation given as a list of indices
---
$seen = set()
$count = 0
for start in range(len(@order)):
    if start in $seen:
        continue
    $count += 1
    place = start
    while place not in $seen:
        $seen.add(place)
        place = @order[place]
return $count

## jump_game_end|follow_jumps|steps_until_outside
(jumps:ints) -> int
ex [1, 1, 1] ;; [2, 0, 1] ;; [0] ;; [] ;; [3] ;; [1, -1] ;; [2, 5, -1, 9]
. Begin at index 0 and always jump by the number found there. Count the jumps until the position is outside the list. Return -1 if the jumps never leave it.
= how many jumps it takes to leave the list, where the number at the current place says how far to go (negative means left), or -1 for an endless walk
---
position = 0
$count = 0
$seen = set()
while 0 <= position < len(@jumps):
    if position in $seen:
        return -1
    $seen.add(position)
    position += @jumps[position]
    $count += 1
return $count
---
position = 0
for $count in range(len(@jumps) + 1):
    if not 0 <= position < len(@jumps):
        return $count
    position += @jumps[position]
return -1

## first_at_least|lower_bound|leftmost_not_smaller
(numbers:sortedInts, target:target) -> int
ex [1, 3, 5], 3 ;; [1, 3, 5], 4 ;; [], 2 ;; [2, 2, 2], 2 ;; [1, 3], 9 ;; [5, 6], 0
. Find the index of the first number that is not smaller than @target. The list is sorted. If all numbers are smaller, return its length.
= the smallest index whose number is at least @target in the sorted list, or the length of the list if there is none
---
$left, $right = 0, len(@numbers)
while $left < $right:
    $mid = ($left + $right) // 2
    if @numbers[$mid] < @target:
        $left = $mid + 1
    else:
        $right = $mid
return $left
---
import bisect

return bisect.bisect_left(@numbers, @target)
---
for $i, $x in enumerate(@numbers):
    if $x >= @target:
        return $i
return len(@numbers)

## count_@what_in_sorted|how_many_@what
(numbers:sortedInts, target:target) -> int
with what~words~left~right in smaller ~ smaller than ~ 0 ~ bisect.bisect_left(@numbers, @target) | greater ~ greater than ~ bisect.bisect_right(@numbers, @target) ~ len(@numbers) | equal ~ equal to ~ bisect.bisect_left(@numbers, @target) ~ bisect.bisect_right(@numbers, @target)
import bisect
ex [1, 3, 5], 3 ;; [1, 3, 5], 4 ;; [], 2 ;; [2, 2, 2], 2 ;; [1, 3], 9 ;; [5, 6, 6, 8], 6
. How many numbers of the sorted list are @words @target? Use binary search <instead of looking at every number|>.
= the number of elements @words @target, found by bisection in a sorted list
---
return @right - @left
---
begin = @left
end = @right
return end - begin

## last_at_most|floor_in_sorted|largest_not_above
(numbers:sortedInts, target:target) -> int | None
ex [1, 3, 5], 3 ;; [1, 3, 5], 4 ;; [], 2 ;; [2, 2, 2], 2 ;; [1, 3], 9 ;; [5, 6], 0
. In an ascending list, find the largest number that is not greater than @target. Return None if every number is greater.
= the greatest element of the sorted list that is at most @target, or None
---
$best = None
for $x in @numbers:
    if $x > @target:
        break
    $best = $x
return $best
---
import bisect

$i = bisect.bisect_right(@numbers, @target)
return @numbers[$i - 1] if $i > 0 else None
---
$left, $right = 0, len(@numbers) - 1
$best = None
while $left <= $right:
    $mid = ($left + $right) // 2
    if @numbers[$mid] <= @target:
        $best = @numbers[$mid]
        $left = $mid + 1
    else:
        $right = $mid - 1
return $best

## first_true|first_bad_version|index_of_first_true
(flags:bools) -> int
ex [False, False, True] ;; [True] ;; [] ;; [False, False] ;; [False, True, True, True]
. The list holds first only False values, then only True values. Return the index of the first True, or the length if there is none. Use binary search.
. Versions of a program were good for a while and then all bad (True). Find the first bad one by halving the range. If none is bad, return how many there are.
---
$left, $right = 0, len(@flags)
while $left < $right:
    $mid = ($left + $right) // 2
    if @flags[$mid]:
        $right = $mid
    else:
        $left = $mid + 1
return $left
---
return @flags.index(True) if True in @flags else len(@flags)

## search_in_rotated|find_in_rotated|rotated_search
(numbers:ints, target:target) -> int
ex [4, 5, 6, 1, 2], 1 ;; [4, 5, 6, 1, 2], 5 ;; [3, 1], 2 ;; [], 1 ;; [1, 2, 3], 3 ;; [9, 1, 4, 6], 9
. A sorted list of different numbers was cut once and its two parts were swapped. Find the index of @target in it, or -1.
= the index of @target in a rotated ascending list without repeated values, or -1 if it is missing
---
$left, $right = 0, len(@numbers) - 1
while $left <= $right:
    $mid = ($left + $right) // 2
    if @numbers[$mid] == @target:
        return $mid
    if @numbers[$left] <= @numbers[$mid]:
        if @numbers[$left] <= @target < @numbers[$mid]:
            $right = $mid - 1
        else:
            $left = $mid + 1
    elif @numbers[$mid] < @target <= @numbers[$right]:
        $left = $mid + 1
    else:
        $right = $mid - 1
return -1
---
for $i, $x in enumerate(@numbers):
    if $x == @target:
        return $i
return -1

## rotation_count|times_rotated|index_of_smallest_in_rotated
(numbers:ints) -> int
ex [4, 5, 6, 1, 2] ;; [1, 2, 3] ;; [2, 1] ;; [7] ;; [9, 1, 4, 6]
. A sorted list of different numbers was rotated to the right. By how many places? Look for the place where the order breaks.
= how far an ascending list has been rotated to the right, which is the index of its smallest number
---
return @numbers.index(min(@numbers))
---
for $i in range(1, len(@numbers)):
    if @numbers[$i] < @numbers[$i - 1]:
        return $i
return 0
---
$left, $right = 0, len(@numbers) - 1
while $left < $right:
    $mid = ($left + $right) // 2
    if @numbers[$mid] > @numbers[$right]:
        $left = $mid + 1
    else:
        $right = $mid
return $left

## find_peak|top_of_mountain|peak_index
(heights:pints) -> int
ex [1, 3, 2] ;; [1, 2, 5, 4, 0] ;; [7] ;; [9, 4, 1] ;; [1, 2, 3]
. The heights rise up to one summit and fall after it. Return the index of the summit. It can be at either end.
= the index of the highest place of a list that first increases and then decreases
---
$left, $right = 0, len(@heights) - 1
while $left < $right:
    $mid = ($left + $right) // 2
    if @heights[$mid] < @heights[$mid + 1]:
        $left = $mid + 1
    else:
        $right = $mid
return $left
---
$i = 0
while $i + 1 < len(@heights) and @heights[$i + 1] > @heights[$i]:
    $i += 1
return $i
---
return @heights.index(max(@heights))

## guesses_needed|count_guesses|guessing_steps
(secret:n, high:pos) -> int
ex 5, 10 ;; 1, 1 ;; 50, 100 ;; 100, 100 ;; 7, 16 ;; 3, 4
. Someone guesses a number from 1 to @high, always naming the middle (rounded down) of what is still possible. How many guesses until @secret is named?
= the number of guesses that halving the range 1 to @high takes to hit @secret
---
low = 1
top = @high
$count = 0
while True:
    guess = (low + top) // 2
    $count += 1
    if guess == @secret:
        return $count
    if guess < @secret:
        low = guess + 1
    else:
        top = guess - 1

## @name_root_floor|floor_of_@name_root|whole_@name_root
(n:n) -> int
with name~power~text in cube ~ 3 ~ cube | fourth ~ 4 ~ fourth power | fifth ~ 5 ~ fifth power
ex 0 ;; 1 ;; 8 ;; 26 ;; 100 ;; 1000 ;; 250
. Find the largest whole number whose @text is not greater than @n, <using only integers|without floating point numbers>.
= the @name root of @n, rounded down
---
root = 0
while (root + 1) ** @power <= @n:
    root += 1
return root
---
low, high = 0, @n + 1
while high - low > 1:
    middle = (low + high) // 2
    if middle ** @power <= @n:
        low = middle
    else:
        high = middle
return low

## smallest_capacity|min_truck_size|least_daily_load
(loads:pints, days:k) -> int
ex [1, 2, 3, 4], 2 ;; [5], 1 ;; [3, 3, 3], 3 ;; [10, 1, 1, 1], 2 ;; [4, 2, 7, 1], 1
. Parcels must be taken in the given order over @days days. How large must the truck be at least, when it drives once a day?
= the smallest capacity with which the loads can be carried in order within @days trips
. Divide the list into at most @days consecutive groups so that the largest group sum is as small as possible. Return that sum.
---
def trips(capacity):
    count, space = 1, capacity
    for load in @loads:
        if load > space:
            count += 1
            space = capacity
        space -= load
    return count

low, high = max(@loads), sum(@loads)
while low < high:
    middle = (low + high) // 2
    if trips(middle) <= @days:
        high = middle
    else:
        low = middle + 1
return low

## @name_sort_steps|passes_of_@name_sort
(numbers:ints) -> list[list[int]]
with name in insertion
ex [3, 1, 2] ;; [1, 2] ;; [2, 1] ;; [5] ;; [4, 3, 2, 1]
. Show how insertion sort works: return the state of the list after each insertion, beginning with the second number.
= a list of copies of the numbers, one after each step of insertion sort
---
$result = []
items = list(@numbers)
for $i in range(1, len(items)):
    $j = $i
    while $j > 0 and items[$j - 1] > items[$j]:
        items[$j - 1], items[$j] = items[$j], items[$j - 1]
        $j -= 1
    $result.append(items[:])
return $result
---
import bisect

$result = []
ordered = []
for $i, $x in enumerate(@numbers):
    bisect.insort(ordered, $x)
    if $i > 0:
        $result.append(ordered + @numbers[$i + 1:])
return $result

## count_swaps|bubble_swaps|swaps_to_sort
(numbers:ints) -> int
ex [3, 1, 2] ;; [1, 2] ;; [2, 1] ;; [] ;; [4, 3, 2, 1] ;; [1, 1, 0]
. Sort by exchanging neighbours that stand in the wrong order. Return how many exchanges are made.
= the number of swaps that bubble sort makes on the list
---
items = list(@numbers)
$count = 0
changed = True
while changed:
    changed = False
    for $i in range(len(items) - 1):
        if items[$i] > items[$i + 1]:
            items[$i], items[$i + 1] = items[$i + 1], items[$i]
            $count += 1
            changed = True
return $count
---
$count = 0
for $i in range(len(@numbers)):
    for $j in range($i + 1, len(@numbers)):
        if @numbers[$i] > @numbers[$j]:
            $count += 1
return $count

## bubble_pass|one_bubble_pass|single_pass
(numbers:ints) -> list[int]
. Make one pass of bubble sort: go from left to right and exchange two neighbours whenever the left one is greater. Return the new list.
= the list after one pass of bubble sort, with the largest number at the end
---
$result = list(@numbers)
for $i in range(len($result) - 1):
    if $result[$i] > $result[$i + 1]:
        $result[$i], $result[$i + 1] = $result[$i + 1], $result[$i]
return $result
---
if not @numbers:
    return []
$result = []
carried = @numbers[0]
for $x in @numbers[1:]:
    $result.append(min(carried, $x))
    carried = max(carried, $x)
return $result + [carried]

## gnome_sort|sort_step_by_step|garden_gnome_sort
(numbers:ints) -> list[int]
. Sort like a gnome sorts flower pots: if the pot here and the one before are in order, step forward; otherwise swap them and step back.
= the sorted list, found by stepping back after every swap and forward otherwise
---
items = list(@numbers)
$i = 0
while $i < len(items):
    if $i == 0 or items[$i - 1] <= items[$i]:
        $i += 1
    else:
        items[$i - 1], items[$i] = items[$i], items[$i - 1]
        $i -= 1
return items

## cocktail_sort|shaker_sort|two_way_bubble_sort
(numbers:ints) -> list[int]
. Sort the numbers with bubble sort that runs alternately forwards and backwards.
= the numbers in ascending order, sorted by passes that change direction
---
items = list(@numbers)
begin, end = 0, len(items) - 1
while begin < end:
    for $i in range(begin, end):
        if items[$i] > items[$i + 1]:
            items[$i], items[$i + 1] = items[$i + 1], items[$i]
    end -= 1
    for $i in range(end, begin, -1):
        if items[$i - 1] > items[$i]:
            items[$i - 1], items[$i] = items[$i], items[$i - 1]
    begin += 1
return items

## comb_sort|shrinking_gap_sort|sort_with_gaps
(numbers:ints) -> list[int]
. Sort the list by comparing elements that are a gap apart. The gap starts at the length and is divided by 1.3 (rounded down, at least 1) until nothing changes.
= a sorted copy of the list, made with comb sort
---
items = list(@numbers)
gap = len(items)
swapped = True
while gap > 1 or swapped:
    gap = max(1, int(gap / 1.3))
    swapped = False
    for $i in range(len(items) - gap):
        if items[$i] > items[$i + gap]:
            items[$i], items[$i + gap] = items[$i + gap], items[$i]
            swapped = True
return items

## heap_sort|sort_with_heap|sort_by_heap
(numbers:ints) -> list[int]
import heapq
. Sort the numbers with a heap: put them all in, then take out the smallest one again and again.
= the numbers in ascending order, taken one by one from a heap
---
heap = list(@numbers)
heapq.heapify(heap)
return [heapq.heappop(heap) for _ in range(len(heap))]
---
heap = []
for $x in @numbers:
    heapq.heappush(heap, $x)
$result = []
while heap:
    $result.append(heapq.heappop(heap))
return $result

## radix_sort|sort_by_digits|sort_digit_by_digit
(numbers:pints) -> list[int]
ex [170, 45, 75, 90] ;; [] ;; [3, 1, 2] ;; [100, 20, 3] ;; [7, 7, 10]
. Sort non-negative numbers digit by digit: distribute them to ten buckets by the last digit, collect them, then by the digit before, and so on.
= the non-negative integers in ascending order, sorted with ten buckets per digit
---
items = list(@numbers)
place = 1
while items and max(items) >= place:
    buckets = [[] for _ in range(10)]
    for $x in items:
        buckets[$x // place % 10].append($x)
    items = [$x for bucket in buckets for $x in bucket]
    place *= 10
return items

## pancake_flip_positions|pancake_sort|sort_by_flips
(numbers:ints) -> list[int]
ex [3, 1, 2] ;; [1, 2] ;; [2, 1] ;; [] ;; [4, 3, 2, 1] ;; [2, 5, 3]
. A pile of pancakes is sorted by turning over the top part only. Bring the largest one to the front, then flip it to its place. Return the sorted list.
= the list in ascending order, where the only allowed change is reversing a part at the front
---
items = list(@numbers)
for size in range(len(items), 1, -1):
    at = items.index(max(items[:size]))
    items[: at + 1] = items[: at + 1][::-1]
    items[:size] = items[:size][::-1]
return items

## stable_partition|matching_first|bring_to_front
(numbers:ints, target:target) -> list[int]
. Move every number equal to @target to the front. The others follow in their old order.
= the list with all occurrences of @target at the beginning
---
return [$x for $x in @numbers if $x == @target] + [$x for $x in @numbers if $x != @target]
---
return sorted(@numbers, key=lambda $x: $x != @target)
---
front, back = [], []
for $x in @numbers:
    if $x == @target:
        front.append($x)
    else:
        back.append($x)
return front + back

## sort_by_distance|nearest_first|order_by_closeness
(numbers:ints, center:target) -> list[int]
. Sort the numbers by their distance to @center, nearest first. Of two numbers with the same distance the smaller comes first.
= the numbers ordered by how far they are from @center, with smaller numbers first in a tie
---
return sorted(@numbers, key=lambda $x: (abs($x - @center), $x))
---
decorated = [(abs($x - @center), $x) for $x in @numbers]
decorated.sort()
return [$x for _, $x in decorated]

## sort_by_last_digit|order_by_last_digit|group_last_digits
(numbers:pints) -> list[int]
with op~text~plural in $x % 10 ~ last digit ~ last digits | len(str($x)) ~ number of digits ~ digit counts | $x % 3 ~ remainder when divided by 3 ~ remainders
ex [12, 31, 22, 5] ;; [] ;; [100, 9, 33] ;; [7, 17, 27] ;; [40, 3, 251]
. Sort the numbers by their @text. Numbers with the same @text keep their order.
= the list sorted by the @text of each number, in a stable way
---
return sorted(@numbers, key=lambda $x: @op)
---
$result = list(@numbers)
$result.sort(key=lambda $x: @op)
return $result

## sort_odds_only|sort_@which_in_place|order_@which_numbers
(numbers:ints) -> list[int]
with which~test in odd ~ != 0 | even ~ == 0
. Sort only the @which numbers. All other numbers stay where they are.
= the list in which the @which numbers are in ascending order on the places of @which numbers
---
chosen = iter(sorted($x for $x in @numbers if $x % 2 @test))
return [next(chosen) if $x % 2 @test else $x for $x in @numbers]
---
places = [$i for $i, $x in enumerate(@numbers) if $x % 2 @test]
ordered = sorted(@numbers[$i] for $i in places)
$result = list(@numbers)
for $i, $x in zip(places, ordered):
    $result[$i] = $x
return $result

## merge_descending|merge_two_descending|zip_descending
(first:sortedInts, second:sortedInts) -> list[int]
ex [5, 3, 1], [4, 2] ;; [], [3, 2] ;; [9], [9, 1] ;; [7, 6], [] ;; [8, 2], [5, 5, 1]
. Both lists are sorted from large to small. Merge them into one list with the same order.
= one descending list made from two descending lists, with two pointers
---
$result = []
i = j = 0
while i < len(@first) and j < len(@second):
    if @first[i] >= @second[j]:
        $result.append(@first[i])
        i += 1
    else:
        $result.append(@second[j])
        j += 1
return $result + @first[i:] + @second[j:]
---
return sorted(@first + @second, reverse=True)
---
if not @first or not @second:
    return @first + @second
if @first[0] >= @second[0]:
    return [@first[0]] + @self(@first[1:], @second)
return [@second[0]] + @self(@first, @second[1:])

## common_in_sorted|intersect_sorted|shared_sorted
(first:sortedInts, second:sortedInts) -> list[int]
ex [1, 2, 2, 3], [2, 2, 4] ;; [], [1] ;; [1, 5], [5] ;; [1, 1], [1] ;; [3, 4], [1, 2]
. Walk through two sorted lists at the same time and collect the numbers that both have. A number that is twice in both appears twice.
= the numbers found in both sorted lists, as often as they occur in both
---
$result = []
i = j = 0
while i < len(@first) and j < len(@second):
    if @first[i] < @second[j]:
        i += 1
    elif @first[i] > @second[j]:
        j += 1
    else:
        $result.append(@first[i])
        i += 1
        j += 1
return $result
---
from collections import Counter

both = Counter(@first) & Counter(@second)
return sorted(both.elements())

## closest_pair_sum|pair_nearest_to|best_pair_for
(numbers:sortedInts, target:target) -> tuple[int, int] | None
ex [1, 4, 6, 9], 11 ;; [1, 2], 10 ;; [5], 5 ;; [], 1 ;; [-3, 0, 4, 8], 2 ;; [1, 3, 5], 6
. Find two numbers at different places of the sorted list whose sum comes closest to @target. Return None for fewer than two numbers. Search with one pointer at each end.
= the pair of numbers from the ascending list whose sum is nearest to @target, or None if there is no pair
---
$best = None
i, j = 0, len(@numbers) - 1
while i < j:
    total = @numbers[i] + @numbers[j]
    if $best is None or abs(total - @target) < abs(sum($best) - @target):
        $best = (@numbers[i], @numbers[j])
    if total < @target:
        i += 1
    else:
        j -= 1
return $best

## pair_with_difference|has_gap_pair|two_differ_by
(numbers:sortedInts, gap:k) -> bool
ex [1, 4, 6, 9], 2 ;; [1, 2], 5 ;; [5], 1 ;; [], 1 ;; [1, 3, 8], 5 ;; [2, 2], 0
? two numbers at different places of the sorted list differ by exactly @gap
. Look for two entries whose difference is @gap. The list is ascending and @gap is not negative.
---
i, j = 0, 1
while j < len(@numbers):
    difference = @numbers[j] - @numbers[i]
    if difference == @gap and i != j:
        return True
    if difference < @gap or i == j:
        j += 1
    else:
        i += 1
return False
---
for i in range(len(@numbers)):
    for j in range(i + 1, len(@numbers)):
        if @numbers[j] - @numbers[i] == @gap:
            return True
return False

## boats_needed|count_boats|fewest_boats
(weights:pints, limit:n) -> int
ex [1, 2], 3 ;; [3, 2, 2, 1], 3 ;; [5, 5, 5], 5 ;; [], 10 ;; [4, 1, 3, 2], 5 ;; [7], 9
. A boat carries at most two people and at most @limit kilograms. How many boats are needed for everybody? No one is heavier than the limit.
= the least number of boats when each takes one or two persons with a total weight of at most @limit
---
ordered = sorted(@weights)
light, heavy = 0, len(ordered) - 1
boats = 0
while light <= heavy:
    if ordered[light] + ordered[heavy] <= @limit:
        light += 1
    heavy -= 1
    boats += 1
return boats

## pair_strong_with_weak|balanced_pairs|pair_extremes
(numbers:ints) -> list[tuple[int, int]]
ex [1, 2, 3, 4] ;; [5, 1] ;; [] ;; [9, 3, 7, 1] ;; [2, 2]
. Form pairs for a game: the weakest player with the strongest, the second weakest with the second strongest and so on. The number of players is even.
= pairs of the smallest with the largest number, then the next smallest with the next largest, and so on
---
ordered = sorted(@numbers)
half = len(ordered) // 2
return [(ordered[$i], ordered[-1 - $i]) for $i in range(half)]
---
ordered = sorted(@numbers)
pairs = []
while ordered:
    pairs.append((ordered.pop(0), ordered.pop()))
return pairs

## is_palindrome_with_skip|almost_palindrome|palindrome_after_one_removal
(word:word) -> bool
ex 'level' ;; 'levels' ;; 'abca' ;; 'abc' ;; '' ;; 'raceacar'
? the word is a palindrome or becomes one when a single letter is deleted
. May we delete at most one letter so that the rest reads the same in both directions? Use two pointers that move inwards.
---
i, j = 0, len(@word) - 1
while i < j:
    if @word[i] != @word[j]:
        left_out = @word[i + 1 : j + 1]
        right_out = @word[i:j]
        return left_out == left_out[::-1] or right_out == right_out[::-1]
    i += 1
    j -= 1
return True
---
if @word == @word[::-1]:
    return True
for i in range(len(@word)):
    shorter = @word[:i] + @word[i + 1 :]
    if shorter == shorter[::-1]:
        return True
return False

## squares_in_order|sorted_square_values|ordered_squares
(numbers:sortedInts) -> list[int]
ex [-4, -1, 0, 3] ;; [] ;; [1, 2] ;; [-3, -2] ;; [-5, 5, 6]
. The list is ascending but may begin with negative numbers. Return the squares of all numbers in ascending order, without calling a sort function.
= the squares of the numbers of a sorted list, again sorted, with a pointer at each end
---
$result = []
i, j = 0, len(@numbers) - 1
while i <= j:
    if abs(@numbers[i]) > abs(@numbers[j]):
        $result.append(@numbers[i] ** 2)
        i += 1
    else:
        $result.append(@numbers[j] ** 2)
        j -= 1
return $result[::-1]

## longest_window_within|longest_affordable_run|max_items_in_a_row
(prices:pints, budget:n) -> int
ex [1, 2, 3], 3 ;; [4, 1, 1, 1], 3 ;; [5], 4 ;; [], 10 ;; [2, 2, 2, 2], 5 ;; [1, 0, 0, 6], 1
. You buy neighbouring items from a shelf and may spend @budget in total. How many items can you get at most?
= the length of the longest contiguous part whose sum is at most @budget; the numbers are not negative
. Use a sliding window over prices that are not negative. The window grows to the right and loses items on the left when it costs more than @budget.
---
$best = 0
start = 0
cost = 0
for end, price in enumerate(@prices):
    cost += price
    while cost > @budget:
        cost -= @prices[start]
        start += 1
    $best = max($best, end - start + 1)
return $best
---
$best = 0
for i in range(len(@prices)):
    for j in range(i + 1, len(@prices) + 1):
        if sum(@prices[i:j]) <= @budget:
            $best = max($best, j - i)
return $best

## shortest_window_reaching|fewest_neighbours|shortest_run_with_sum
(numbers:pints, goal:pos) -> int | None
ex [1, 2, 3], 5 ;; [4, 1, 1, 1], 3 ;; [5], 6 ;; [], 1 ;; [2, 2, 2, 2], 5 ;; [1, 9, 0, 6], 15
. Find the length of the shortest run of neighbouring numbers whose sum is at least @goal. Return None if even the whole list is too small. No number is negative.
= the smallest number of consecutive elements that add up to @goal or more, or None
---
$best = None
start = total = 0
for end, number in enumerate(@numbers):
    total += number
    while total >= @goal:
        length = end - start + 1
        if $best is None or length < $best:
            $best = length
        total -= @numbers[start]
        start += 1
return $best
---
for length in range(1, len(@numbers) + 1):
    for start in range(len(@numbers) - length + 1):
        if sum(@numbers[start : start + length]) >= @goal:
            return length
return None

## longest_with_flips|longest_ones_after_flips|ones_with_k_changes
(bits:bits, k:k) -> int
ex [1, 0, 1, 1], 1 ;; [0, 0, 0], 2 ;; [1, 1], 0 ;; [], 1 ;; [1, 0, 0, 1, 0, 1], 2 ;; [0, 1, 0, 1], 1
. You may change at most @k zeros into ones. How long can a run of ones become?
= the length of the longest contiguous part with at most @k zeros
---
$best = start = zeros = 0
for end, bit in enumerate(@bits):
    if bit == 0:
        zeros += 1
    while zeros > @k:
        if @bits[start] == 0:
            zeros -= 1
        start += 1
    $best = max($best, end - start + 1)
return $best
---
$best = 0
for i in range(len(@bits)):
    for j in range(i, len(@bits)):
        if @bits[i : j + 1].count(0) <= @k:
            $best = max($best, j - i + 1)
return $best

## longest_with_kinds|longest_two_kinds|max_run_of_kinds
(word:word, kinds:k) -> int
ex 'aabbc', 2 ;; 'abc', 1 ;; '', 2 ;; 'aaaa', 1 ;; 'abcabc', 3 ;; 'abaccc', 2
. How long is the longest part of the word that has at most @kinds different letters?
= the length of the longest substring with no more than @kinds distinct characters
. Trees stand in a row, each with one kind of fruit, and you have @kinds baskets for one kind each. How many neighbouring trees can you pick?
---
$counts = {}
start = 0
$best = 0
for end, $c in enumerate(@word):
    $counts[$c] = $counts.get($c, 0) + 1
    while len($counts) > @kinds:
        leaving = @word[start]
        $counts[leaving] -= 1
        if $counts[leaving] == 0:
            del $counts[leaving]
        start += 1
    $best = max($best, end - start + 1)
return $best
---
$best = 0
for i in range(len(@word)):
    for j in range(i + 1, len(@word) + 1):
        if len(set(@word[i:j])) <= @kinds:
            $best = max($best, j - i)
return $best

## window_maxima|largest_in_windows|max_of_each_window
(numbers:ints, size:k) -> list[int]
ex [1, 3, 2, 5], 2 ;; [4, 1, 1, 1], 3 ;; [5], 1 ;; [], 2 ;; [9, 8, 7], 2 ;; [1, 2], 5
. Slide a window of @size numbers over the list and list the largest number in every position. A list shorter than the window gives an empty list.
= the maximum of each group of @size neighbouring numbers
---
return [max(@numbers[i : i + @size]) for i in range(len(@numbers) - @size + 1)]
---
from collections import deque

$result = []
window = deque()
for i, number in enumerate(@numbers):
    while window and @numbers[window[-1]] <= number:
        window.pop()
    window.append(i)
    if window[0] <= i - @size:
        window.popleft()
    if i >= @size - 1:
        $result.append(@numbers[window[0]])
return $result

## count_anagram_windows|count_shuffled_copies|anagram_occurrences
(text:word, word:word) -> int
ex 'cbaebabacd', 'abc' ;; 'aaa', 'a' ;; 'abc', 'xyz' ;; 'ab', 'abc' ;; 'abab', 'ab'
. Count the places in @text where the letters of @word stand next to each other in any order. The word is not empty.
= the number of substrings of @text that are anagrams of @word
---
size = len(@word)
goal = sorted(@word)
$count = 0
for i in range(len(@text) - size + 1):
    if sorted(@text[i : i + size]) == goal:
        $count += 1
return $count
---
from collections import Counter

goal = Counter(@word)
size = len(@word)
return sum(Counter(@text[i : i + size]) == goal for i in range(len(@text) - size + 1))

## has_nearby_duplicate|repeats_within|same_value_close_by
(numbers:ints, distance:k) -> bool
ex [1, 2, 1], 2 ;; [1, 2, 3, 1], 2 ;; [5, 5], 1 ;; [], 3 ;; [4, 2, 7, 2], 2
? some number occurs again at most @distance places later
. Tell whether two equal numbers lie no more than @distance places apart.
---
last = {}
for i, number in enumerate(@numbers):
    if number in last and i - last[number] <= @distance:
        return True
    last[number] = i
return False
---
for i, number in enumerate(@numbers):
    if number in @numbers[i + 1 : i + 1 + @distance]:
        return True
return False

## smallest_gap_between_equal|closest_repetition|shortest_repeat_distance
(words:words) -> int | None
ex ['a', 'b', 'a'] ;; ['x', 'x'] ;; ['p', 'q'] ;; [] ;; ['a', 'b', 'b', 'a'] ;; ['m', 'n', 'o', 'm']
. How many places apart are the two closest equal words? Neighbours are 1 apart. Return None if all words are different.
= the smallest distance between two equal words, or None if no word is repeated
---
last = {}
$best = None
for i, word in enumerate(@words):
    if word in last:
        gap = i - last[word]
        if $best is None or gap < $best:
            $best = gap
    last[word] = i
return $best
---
gaps = [
    j - i
    for i in range(len(@words))
    for j in range(i + 1, len(@words))
    if @words[i] == @words[j]
]
return min(gaps, default=None)

## first_unmatched|position_of_error|first_bracket_error
(text:brackets) -> int
ex '()' ;; '(]' ;; '(()' ;; '' ;; 'a)b' ;; '{[}]' ;; '((x)'
. Return the index of the first closing bracket that does not fit, or of the last bracket that is never closed, or -1 if all is well. There are round, square and curly brackets.
= the index of the first wrong closing bracket; if there is none, that of the innermost bracket left open; otherwise -1
---
partner = {")": "(", "]": "[", "}": "{"}
$stack = []
for i, $c in enumerate(@text):
    if $c in "([{":
        $stack.append(i)
    elif $c in partner:
        if not $stack or @text[$stack.pop()] != partner[$c]:
            return i
return $stack[-1] if $stack else -1

## close_brackets|complete_brackets|append_missing
(text:brackets) -> str
ex '(' ;; '([' ;; '(a + [b' ;; '' ;; '()' ;; '{x}(['
. Append the closing brackets that are missing at the end of the text, in the right order. All closing brackets that are there fit.
= the text followed by the brackets that are still needed to close everything that is open
---
closing = {"(": ")", "[": "]", "{": "}"}
$stack = []
for $c in @text:
    if $c in closing:
        $stack.append(closing[$c])
    elif $c in ")]}":
        $stack.pop()
return @text + "".join(reversed($stack))

## bracket_pairs|matching_indices|find_bracket_pairs
(text:parens) -> list[tuple[int, int]]
ex '()' ;; '(())' ;; '()()' ;; '' ;; '(()(()))' ;; 'a(b)c'
. List the positions (open, close) of all matching parentheses, in the order in which they are closed. The text is balanced.
= the index pairs of the parentheses that belong together, inner ones first
---
$stack = []
pairs = []
for i, $c in enumerate(@text):
    if $c == "(":
        $stack.append(i)
    elif $c == ")":
        pairs.append(($stack.pop(), i))
return pairs

## remove_outer_parens|strip_outer|without_outer_parentheses
(text:parens) -> str
ex '(())' ;; '()()' ;; '(()(()))' ;; '' ;; '(()())(())' ;; '((()))'
. Split a balanced text into its outermost groups and remove the outermost parentheses of each.
= the text without the parentheses that stand on the outermost level
---
$result = ""
depth = 0
for $c in @text:
    if $c == ")":
        depth -= 1
    if depth > 0:
        $result += $c
    if $c == "(":
        depth += 1
return $result

## html_tags_match|tags_balanced|valid_tags
(tags:words) -> bool
ex ['<b>', '</b>'] ;; ['<a>', '<b>', '</a>', '</b>'] ;; [] ;; ['<p>'] ;; ['</p>'] ;; ['<ul>', '<li>', '</li>', '</ul>']
? every opening tag such as "<b>" is closed by its partner "</b>" in the right order
. Check a list of HTML tags for proper nesting: the tag opened last must be closed first, and none may stay open.
---
$stack = []
for tag in @tags:
    if tag.startswith("</"):
        if not $stack or $stack.pop() != tag[2:-1]:
            return False
    else:
        $stack.append(tag[1:-1])
return not $stack

## apply_undo|with_undo|typed_with_undo
(commands:words) -> list[str]
ex ['a', 'b', 'undo', 'c'] ;; ['undo'] ;; [] ;; ['x', 'undo', 'undo', 'y'] ;; ['p', 'q', 'r', 'undo', 'undo']
. A list of actions may contain "undo", which takes back the last action that is still in effect. Return the actions that remain. An "undo" without anything to take back is ignored.
= the actions left over after every "undo" has removed the one before it
---
done = []
for command in @commands:
    if command != "undo":
        done.append(command)
    elif done:
        done.pop()
return done

## undo_redo|edit_history|replay_edits
(commands:words) -> list[str]
ex ['a', 'b', 'undo', 'redo'] ;; ['undo', 'redo'] ;; [] ;; ['x', 'undo', 'y', 'redo'] ;; ['p', 'q', 'undo', 'undo', 'redo']
. Actions can be taken back with "undo" and brought back with "redo". A new action makes all redo steps vanish. Return the actions in effect at the end. Commands that have nothing to work on do nothing.
= what remains of the actions after all "undo" and "redo" commands
---
done = []
undone = []
for command in @commands:
    if command == "undo":
        if done:
            undone.append(done.pop())
    elif command == "redo":
        if undone:
            done.append(undone.pop())
    else:
        done.append(command)
        undone = []
return done

## browser_page|current_page|visit_pages
(visits:words) -> str
ex ['a.com', 'b.com', 'back'] ;; ['back'] ;; [] ;; ['x.org', 'back', 'back', 'y.org'] ;; ['p', 'q', 'r', 'back', 'back']
. A browser starts on the page "home". Every entry is a page to visit or the word "back". Which page is shown at the end? On the first page "back" has no effect.
= the page that a browser shows after the visits, where "back" returns to the previous page and everything starts at "home"
---
history = ["home"]
for visit in @visits:
    if visit != "back":
        history.append(visit)
    elif len(history) > 1:
        history.pop()
return history[-1]

## type_with_keys|apply_backspaces|typed_text
(keys:word) -> str
with key~name in # ~ hash sign | - ~ hyphen | * ~ star
ex 'ab@key' ;; '@key@key' ;; '' ;; 'abc@key@key' ;; 'abcd@key@key ok' ;; 'hello' ;; 'to@key@key@key go'
. In the input every @name deletes the character before it. Return the text that is left. Deleting from an empty text does nothing.
= the text typed with the given keys, where "@key" stands for the backspace key
---
$result = []
for $c in @keys:
    if $c != "@key":
        $result.append($c)
    elif $result:
        $result.pop()
return "".join($result)
---
$result = ""
for $c in @keys:
    $result = $result[:-1] if $c == "@key" else $result + $c
return $result

## remove_adjacent_pairs|collapse_pairs|cancel_neighbours
(word:word) -> str
ex 'abba' ;; 'aab' ;; 'abc' ;; '' ;; 'aaa' ;; 'cddcx'
. Whenever two equal letters stand next to each other, both disappear, and their neighbours move together. Repeat until nothing changes.
= what remains of the word when equal neighbours cancel each other again and again
---
$stack = []
for $c in @word:
    if $stack and $stack[-1] == $c:
        $stack.pop()
    else:
        $stack.append($c)
return "".join($stack)
---
for i in range(len(@word) - 1):
    if @word[i] == @word[i + 1]:
        return @self(@word[:i] + @word[i + 2 :])
return @word

## candy_crush|explode_triples|remove_runs_of_three
(word:word) -> str
ex 'aaab' ;; 'abbbaa' ;; 'aabb' ;; '' ;; 'aaaa' ;; 'xyz'
. Three equal letters in a row explode as soon as the third one arrives. Letters arrive from left to right. Return what is left.
= the word read letter by letter, where three equal letters at the end of what was read so far are removed
---
$result = ""
for $c in @word:
    $result += $c
    if $result.endswith($c * 3):
        $result = $result[:-3]
return $result

## days_until_warmer|wait_for_warmer|days_to_next_higher
(temperatures:ints) -> list[int]
ex [20, 22, 19, 23] ;; [5] ;; [] ;; [30, 20, 10] ;; [1, 2, 3] ;; [5, 5, 6]
. For each day, how many days does one wait for a warmer one? Write 0 if no warmer day comes.
= for every number the distance to the next greater number on its right, or 0 if there is none
---
$result = [0] * len(@temperatures)
waiting = []
for day, temperature in enumerate(@temperatures):
    while waiting and @temperatures[waiting[-1]] < temperature:
        earlier = waiting.pop()
        $result[earlier] = day - earlier
    waiting.append(day)
return $result
---
$result = []
for i, now in enumerate(@temperatures):
    wait = 0
    for j in range(i + 1, len(@temperatures)):
        if @temperatures[j] > now:
            wait = j - i
            break
    $result.append(wait)
return $result

## previous_@what|nearest_@what_on_left
(numbers:ints) -> list[int | None]
with what~word~op~out in smaller ~ smaller ~ < ~ >= | greater ~ greater ~ > ~ <=
ex [3, 1, 2] ;; [5] ;; [] ;; [1, 2, 3] ;; [4, 4, 2, 5]
. For each number give the nearest @word number to its left, or None if there is none.
= a list with the closest earlier number that is @word, for every number
---
$result = []
$stack = []
for number in @numbers:
    while $stack and $stack[-1] @out number:
        $stack.pop()
    $result.append($stack[-1] if $stack else None)
    $stack.append(number)
return $result
---
$result = []
for i, number in enumerate(@numbers):
    earlier = [one for one in @numbers[:i] if one @op number]
    $result.append(earlier[-1] if earlier else None)
return $result

## visible_buildings|count_visible|buildings_with_view
(heights:pints) -> int
ex [3, 1, 2] ;; [5] ;; [] ;; [1, 2, 3] ;; [4, 4, 2, 5] ;; [2, 7, 7]
. Someone looks along a row of houses from the left. A house is seen if it is higher than all houses before it. Count the houses that are seen.
= how many numbers are greater than every number to their left
---
highest = 0
$count = 0
for height in @heights:
    if height > highest:
        $count += 1
        highest = height
return $count
---
return sum(all(height > other for other in @heights[:i]) and height > 0 for i, height in enumerate(@heights))

## is_valid_stack_order|possible_pop_order|can_pop_in_order
(pushed:ints, popped:ints) -> bool
ex [1, 2, 3], [3, 2, 1] ;; [1, 2, 3], [3, 1, 2] ;; [], [] ;; [1, 2], [1, 2] ;; [1, 2, 3, 4], [2, 4, 3, 1]
? the numbers of @pushed, put on a stack one after the other, can leave it in the order @popped
. Numbers are put on a pile in one order and may be taken off the top at any time. Is the second order possible for taking them off? All numbers are different.
---
$stack = []
at = 0
for number in @pushed:
    $stack.append(number)
    while $stack and at < len(@popped) and $stack[-1] == @popped[at]:
        $stack.pop()
        at += 1
return not $stack
`;
