/** @file Families of functions over lists, tuples, sets and dictionaries, matrices and intervals. */

export const LIST_TEMPLATES = `
## second_largest|second_@which|runner_up
(xs:ints) -> int
with which~rev~op in largest ~ True ~ > | smallest ~ False ~ <
= the second @which distinct value in @xs<|, or None if there is none>
edge! len(set(@xs)) < 2 => None
---
return sorted(set(@xs), reverse=@rev)[1]
---
$best = None
$cur = None
for $x in @xs:
    if $best is None or $x @op $best:
        $cur = $best
        $best = $x
    elif $x != $best and ($cur is None or $x @op $cur):
        $cur = $x
return $cur

## kth_largest|kth_@which|nth_@which
(xs:ints, k:k) -> int
with which~rev in largest ~ True | smallest ~ False
= the @k-th @which element of @xs<, counting from 1|>
. Find the @k-th @which value in @xs, where @k = 1 means the @which.
---
return sorted(@xs, reverse=@rev)[@k - 1]
---
@xs = sorted(@xs, reverse=@rev)
return @xs[@k - 1]

## top_k|largest_k|@which_k|take_@which
(xs:ints, k:k) -> list[int]
with which~rev in largest ~ True | smallest ~ False
= the @k @which <elements|numbers|values> of @xs, @which first
---
return sorted(@xs, reverse=@rev)[:@k]
---
$result = sorted(@xs, reverse=@rev)
return $result[:@k]

## remove_duplicates_sorted|sorted_unique|unique_sorted|distinct_sorted
(xs:ints) -> list[int]
with how~expr in ascending ~ sorted(set(@xs)) | descending ~ sorted(set(@xs), reverse=True)
= the distinct <elements|values> of @xs in @how order
. Remove duplicates from @xs and sort the result in @how order.
---
return @expr

## dedupe_keep_order|unique_in_order|drop_duplicates|distinct
(xs:ints) -> list[int]
= the elements of @xs without <duplicates|repetitions>, <in the order of their first occurrence|keeping the first occurrence of each>
. Remove <duplicate|repeated> values from @xs, keeping the first occurrence.
---
$result = []
for $x in @xs:
    if $x not in $result:
        $result.append($x)
return $result
---
$seen = set()
$result = []
for $x in @xs:
    if $x not in $seen:
        $seen.add($x)
        $result.append($x)
return $result
---
return list(dict.fromkeys(@xs))

## find_duplicates|duplicates|repeated_values|values_seen_twice
(xs:ints) -> list[int]
= a sorted list of the values that occur more than once in @xs
---
return sorted({$x for $x in @xs if @xs.count($x) > 1})
---
$seen = set()
dups = set()
for $x in @xs:
    if $x in $seen:
        dups.add($x)
    $seen.add($x)
return sorted(dups)
---
$counts = {}
for $x in @xs:
    $counts[$x] = $counts.get($x, 0) + 1
return sorted($x for $x, n in $counts.items() if n > 1)

## has_duplicates|contains_duplicates|any_repeated
(xs:ints) -> bool
? @xs contains <a value more than once|duplicates|any duplicate>
---
return len(set(@xs)) < len(@xs)
---
$seen = set()
for $x in @xs:
    if $x in $seen:
        return True
    $seen.add($x)
return False
---
for $i in range(len(@xs)):
    for $j in range($i + 1, len(@xs)):
        if @xs[$i] == @xs[$j]:
            return True
return False

## elements_once|appear_once|singletons
(xs:ints) -> list[int]
= the elements of @xs that occur exactly <once|one time>, in their original order
---
return [$x for $x in @xs if @xs.count($x) == 1]
---
$counts = {}
for $x in @xs:
    $counts[$x] = $counts.get($x, 0) + 1
return [$x for $x in @xs if $counts[$x] == 1]
---
$result = []
for $x in @xs:
    if @xs.count($x) == 1:
        $result.append($x)
return $result

## most_common|most_frequent|mode|majority_value
(xs:ints) -> int
= the most <common|frequent> element of @xs<; if there are several, the one that comes first|. On a tie return the one that occurs first>
edge! not @xs => None
---
return max(@xs, key=@xs.count)
---
$counts = {}
for $x in @xs:
    $counts[$x] = $counts.get($x, 0) + 1
return max($counts, key=$counts.get)
---
$best = @xs[0]
for $x in @xs:
    if @xs.count($x) > @xs.count($best):
        $best = $x
return $best

## count_values|frequencies|value_counts|tally
(xs:ints) -> dict[int, int]
= a dictionary that maps each <value|element> of @xs to <the number of its occurrences|how often it occurs|its count>
. Count how often each value occurs in @xs.
---
$counts = {}
for $x in @xs:
    $counts[$x] = $counts.get($x, 0) + 1
return $counts
---
return {$x: @xs.count($x) for $x in @xs}
---
$counts = {}
for $x in @xs:
    if $x not in $counts:
        $counts[$x] = 0
    $counts[$x] += 1
return $counts

## rotate_list|rotate_@dir|shift_@dir|rotate
(xs:ints, k:k) -> list[int]
with dir~first~second in left ~ @xs[@k:] ~ @xs[:@k] | right ~ @xs[-@k:] ~ @xs[:-@k]
. Rotate @xs to the @dir by @k <positions|places>.
= @xs rotated @dir by @k <positions|steps|places>
edge! not @xs => []
---
@k = @k % len(@xs)
return @first + @second
---
@k %= len(@xs)
if @k == 0:
    return @xs
return @first + @second

## chunk|chunks|split_into_chunks|batches|group_by_size
(xs:ints, k:k) -> list[list[int]]
. Split @xs into <chunks|sublists|groups> of @k elements. The last <one|chunk> may be shorter.
= a list of the consecutive <chunks|pieces> of @xs with @k elements each<; the last one may be shorter|>
---
return [@xs[$i:$i + @k] for $i in range(0, len(@xs), @k)]
---
$result = []
for $i in range(0, len(@xs), @k):
    $result.append(@xs[$i:$i + @k])
return $result
---
$result = []
chunk = []
for $x in @xs:
    chunk.append($x)
    if len(chunk) == @k:
        $result.append(chunk)
        chunk = []
if chunk:
    $result.append(chunk)
return $result

## windows|sliding_windows|sublists_of_length|consecutive_groups
(xs:ints, k:k) -> list[list[int]]
= all <contiguous|consecutive> sublists of @xs of length @k<, from left to right|>
= a list of the sliding windows of size @k over @xs
---
return [@xs[$i:$i + @k] for $i in range(len(@xs) - @k + 1)]
---
$result = []
for $i in range(len(@xs) - @k + 1):
    $result.append(@xs[$i:$i + @k])
return $result

## window_sums|moving_sums|sliding_sums|rolling_sum
(xs:ints, k:k) -> list[int]
= a list of the sums of every @k consecutive <elements|numbers> of @xs
---
return [sum(@xs[$i:$i + @k]) for $i in range(len(@xs) - @k + 1)]
---
$result = []
for $i in range(len(@xs) - @k + 1):
    $result.append(sum(@xs[$i:$i + @k]))
return $result

## moving_average|rolling_average|window_averages|sliding_mean
(xs:ints, k:k) -> list[float]
= the moving averages of @xs over windows of @k elements<, rounded to two decimals|, each rounded to two decimals>
---
return [round(sum(@xs[$i:$i + @k]) / @k, 2) for $i in range(len(@xs) - @k + 1)]
---
$result = []
for $i in range(len(@xs) - @k + 1):
    window = @xs[$i:$i + @k]
    $result.append(round(sum(window) / @k, 2))
return $result

## max_window_sum|best_window|largest_window_sum|max_consecutive_sum
(xs:ints, k:k) -> int
= the largest sum of @k consecutive elements of @xs, or None if @xs has fewer than @k elements
---
if len(@xs) < @k:
    return None
return max(sum(@xs[$i:$i + @k]) for $i in range(len(@xs) - @k + 1))
---
if len(@xs) < @k:
    return None
$cur = sum(@xs[:@k])
$best = $cur
for $i in range(@k, len(@xs)):
    $cur += @xs[$i] - @xs[$i - @k]
    $best = max($best, $cur)
return $best

## running_total|cumulative_sum|prefix_sums|running_sums|accumulate
(xs:ints) -> list[int]
= the running totals of @xs
= a list in which each element is the sum of all elements of @xs up to that position
= the cumulative sums of @xs
---
$result = []
$total = 0
for $x in @xs:
    $total += $x
    $result.append($total)
return $result
---
return [sum(@xs[:$i + 1]) for $i in range(len(@xs))]
---
$result = []
for $x in @xs:
    if $result:
        $result.append($result[-1] + $x)
    else:
        $result.append($x)
return $result

## running_@which|@which_so_far|prefix_@which
(xs:ints) -> list[int]
with which~noun~fn in product ~ product ~ $total * $x | minimum ~ minimum ~ min($total, $x)
= a list with the @noun of the elements of @xs up to each position
edge! not @xs => []
---
$total = @xs[0]
$result = [$total]
for $x in @xs[1:]:
    $total = @fn
    $result.append($total)
return $result

## differences|consecutive_differences|deltas|gaps
(xs:ints) -> list[int]
= the differences between <neighbouring|consecutive|adjacent> elements of @xs
= a list of the differences of each element of @xs and the one before it
---
return [@xs[$i + 1] - @xs[$i] for $i in range(len(@xs) - 1)]
---
return [$b - $a for $a, $b in zip(@xs, @xs[1:])]
---
$result = []
for $i in range(1, len(@xs)):
    $result.append(@xs[$i] - @xs[$i - 1])
return $result

## max_gap|largest_gap|biggest_jump|largest_difference
(xs:ints) -> int
= the largest absolute difference between neighbouring elements of @xs<, or 0 if there are fewer than two|. For fewer than two elements return 0>
---
if len(@xs) < 2:
    return 0
return max(abs($b - $a) for $a, $b in zip(@xs, @xs[1:]))
---
$best = 0
for $i in range(1, len(@xs)):
    $best = max($best, abs(@xs[$i] - @xs[$i - 1]))
return $best

## is_sorted|is_@name|sorted_@name
(xs:ints) -> bool
with name~noun~op in ascending ~ ascending ~ <= | descending ~ descending ~ >= | strictly_increasing ~ strictly increasing ~ < | strictly_decreasing ~ strictly decreasing ~ >
? @xs is sorted in @noun order
? the elements of @xs are in @noun order
---
return all(@xs[$i] @op @xs[$i + 1] for $i in range(len(@xs) - 1))
---
for $i in range(len(@xs) - 1):
    if not @xs[$i] @op @xs[$i + 1]:
        return False
return True
---
return all($a @op $b for $a, $b in zip(@xs, @xs[1:]))

## longest_increasing_run|longest_rising_streak|increasing_run_length
(xs:ints) -> int
with name~op in strictly increasing ~ > | strictly decreasing ~ < | non-decreasing ~ >=
= the length of the longest <contiguous|consecutive> @name run in @xs
---
if not @xs:
    return 0
$best = 1
$cur = 1
for $i in range(1, len(@xs)):
    if @xs[$i] @op @xs[$i - 1]:
        $cur += 1
    else:
        $cur = 1
    $best = max($best, $cur)
return $best

## longest_streak_of|max_run_of|consecutive_@what
(xs:bits) -> int
with what~v in ones ~ 1 | zeros ~ 0
= the length of the longest run of consecutive @what in @xs
---
$best = 0
$cur = 0
for $x in @xs:
    if $x == @v:
        $cur += 1
        $best = max($best, $cur)
    else:
        $cur = 0
return $best

## longest_increasing_subsequence|lis_length
(xs:ints) -> int
= the length of the longest strictly increasing subsequence of @xs
---
$best = [1] * len(@xs)
for $i in range(len(@xs)):
    for $j in range($i):
        if @xs[$j] < @xs[$i]:
            $best[$i] = max($best[$i], $best[$j] + 1)
return max($best) if $best else 0

## max_subarray|maximum_subarray_sum|best_sum|largest_sublist_sum
(xs:ints) -> int
= the largest sum of a non-empty contiguous sublist of @xs
edge! not @xs => 0|None
---
$best = $cur = @xs[0]
for $x in @xs[1:]:
    $cur = max($x, $cur + $x)
    $best = max($best, $cur)
return $best
---
$best = @xs[0]
for $i in range(len(@xs)):
    $total = 0
    for $x in @xs[$i:]:
        $total += $x
        $best = max($best, $total)
return $best

## max_profit|best_profit|buy_and_sell
(prices:pints) -> int
= the largest profit from buying once and selling later, given the @prices of each day, or 0 if no profit is possible
---
$best = 0
lowest = None
for $x in @prices:
    if lowest is None or $x < lowest:
        lowest = $x
    $best = max($best, $x - lowest)
return $best
---
$best = 0
for $i in range(len(@prices)):
    for $j in range($i + 1, len(@prices)):
        $best = max($best, @prices[$j] - @prices[$i])
return $best

## index_of_max|argmax|position_of_@which|index_of_@which
(xs:ints) -> int
with which~fn~op in largest ~ max ~ > | smallest ~ min ~ <
= the index of the @which element of @xs<|, the first one if there are several>
edge! not @xs => -1|None
---
return @xs.index(@fn(@xs))
---
$best = 0
for $i in range(1, len(@xs)):
    if @xs[$i] @op @xs[$best]:
        $best = $i
return $best

## find_index|index_of|linear_search|position_of|first_position
(xs:ints, target:target) -> int
= the index of the first occurrence of @target in @xs, or -1 if it is not <there|found|in the list>
. Find the position of @target in @xs. Return -1 if it does not occur.
---
for $i in range(len(@xs)):
    if @xs[$i] == @target:
        return $i
return -1
---
for $i, $x in enumerate(@xs):
    if $x == @target:
        return $i
return -1
---
if @target in @xs:
    return @xs.index(@target)
return -1

## last_index_of|last_position|find_last
(xs:ints, target:target) -> int
= the index of the last occurrence of @target in @xs, or -1 if it does not occur
---
for $i in range(len(@xs) - 1, -1, -1):
    if @xs[$i] == @target:
        return $i
return -1
---
$result = -1
for $i, $x in enumerate(@xs):
    if $x == @target:
        $result = $i
return $result

## binary_search|bisect_search|search_sorted
(xs:sortedInts, target:target) -> int
= the index of @target in the sorted list @xs, or -1 if it is not in it<. Use binary search|>
ex [1, 3, 5, 7], 5 ;; [1, 3, 5, 7], 4 ;; [], 1 ;; [2], 2 ;; [1, 2, 3, 4, 5, 6], 6 ;; [10, 20, 30], 10
---
$left = 0
$right = len(@xs) - 1
while $left <= $right:
    $mid = ($left + $right) // 2
    if @xs[$mid] == @target:
        return $mid
    if @xs[$mid] < @target:
        $left = $mid + 1
    else:
        $right = $mid - 1
return -1

## insert_position|lower_bound|where_to_insert|bisect_left
(xs:sortedInts, target:target) -> int
= the index at which @target must be inserted into the sorted list @xs to keep it sorted<, before any equal elements|>
---
$left, $right = 0, len(@xs)
while $left < $right:
    $mid = ($left + $right) // 2
    if @xs[$mid] < @target:
        $left = $mid + 1
    else:
        $right = $mid
return $left
---
for $i, $x in enumerate(@xs):
    if $x >= @target:
        return $i
return len(@xs)

## insert_sorted|insert_in_order|insert_into_sorted
(xs:sortedInts, target:target) -> list[int]
. Insert @target into the sorted list @xs so that it stays sorted<, and return the new list|>.
---
for $i, $x in enumerate(@xs):
    if $x >= @target:
        return @xs[:$i] + [@target] + @xs[$i:]
return @xs + [@target]
---
return sorted(@xs + [@target])

## merge_sorted|merge_sorted_lists|merge_two_sorted
(a:sortedInts, b:sortedInts) -> list[int]
. Merge the sorted lists @a and @b into one sorted list.
= one sorted list with all elements of the sorted lists @a and @b
---
$result = []
i = j = 0
while i < len(@a) and j < len(@b):
    if @a[i] <= @b[j]:
        $result.append(@a[i])
        i += 1
    else:
        $result.append(@b[j])
        j += 1
return $result + @a[i:] + @b[j:]
---
return sorted(@a + @b)

## bubble_sort|sort_numbers_ascending|my_sort|simple_sort
(xs:ints) -> list[int]
. Sort @xs in ascending order <without using the built-in sort|with bubble sort> and return the result.
---
$result = list(@xs)
for $i in range(len($result)):
    for $j in range(len($result) - $i - 1):
        if $result[$j] > $result[$j + 1]:
            $result[$j], $result[$j + 1] = $result[$j + 1], $result[$j]
return $result

## insertion_sort|sort_by_insertion
(xs:ints) -> list[int]
. Sort @xs in ascending order with insertion sort.
---
$result = list(@xs)
for $i in range(1, len($result)):
    $x = $result[$i]
    $j = $i - 1
    while $j >= 0 and $result[$j] > $x:
        $result[$j + 1] = $result[$j]
        $j -= 1
    $result[$j + 1] = $x
return $result

## selection_sort|sort_by_selection
(xs:ints) -> list[int]
. Sort @xs in ascending order with selection sort.
---
$result = list(@xs)
for $i in range(len($result)):
    smallest = $i
    for $j in range($i + 1, len($result)):
        if $result[$j] < $result[smallest]:
            smallest = $j
    $result[$i], $result[smallest] = $result[smallest], $result[$i]
return $result

## quick_sort|quicksort
(xs:ints) -> list[int]
. Sort @xs in ascending order with quicksort.
---
if len(@xs) <= 1:
    return @xs
pivot = @xs[0]
smaller = [$x for $x in @xs[1:] if $x < pivot]
larger = [$x for $x in @xs[1:] if $x >= pivot]
return @self(smaller) + [pivot] + @self(larger)

## partition|split_by_parity|separate|partition_by_@what
(xs:ints) -> tuple[list[int], list[int]]
with what~first~second~test in parity ~ even ~ odd ~ $x % 2 == 0 | sign ~ negative ~ non-negative ~ $x < 0
. Split @xs into two lists: the @first numbers and the @second numbers.
= a tuple of two lists: the @first and the @second numbers of @xs<, in their original order|>
---
$a = [$x for $x in @xs if @test]
$b = [$x for $x in @xs if not (@test)]
return $a, $b
---
$a = []
$b = []
for $x in @xs:
    if @test:
        $a.append($x)
    else:
        $b.append($x)
return $a, $b

## split_at|split_list|split_at_index|cut
(xs:ints, k:k) -> tuple[list[int], list[int]]
. Split @xs into the first @k elements and the rest.
= a tuple with the first @k elements of @xs and the remaining ones
---
return @xs[:@k], @xs[@k:]
---
$left = @xs[:@k]
$right = @xs[@k:]
return $left, $right

## split_by_threshold|below_and_above|partition_around
(xs:ints, limit:limit) -> tuple[list[int], list[int]]
= a tuple with the elements of @xs that are less than @limit and those that are not
---
$a = [$x for $x in @xs if $x < @limit]
$b = [$x for $x in @xs if $x >= @limit]
return $a, $b
---
$a, $b = [], []
for $x in @xs:
    if $x < @limit:
        $a.append($x)
    else:
        $b.append($x)
return $a, $b

## evens_first|move_evens_to_front|evens_before_odds
(xs:ints) -> list[int]
with first~second~test in even ~ odd ~ $x % 2 == 0 | odd ~ even ~ $x % 2 == 1 | negative ~ other ~ $x < 0
. Move the @first numbers of @xs to the front, keeping the order <within both groups|of the numbers otherwise>.
= a list with the @first numbers of @xs followed by the @second ones, each group in its original order
---
return [$x for $x in @xs if @test] + [$x for $x in @xs if not (@test)]
---
front = []
back = []
for $x in @xs:
    if @test:
        front.append($x)
    else:
        back.append($x)
return front + back

## move_zeros|zeros_to_end|push_zeros
(xs:pints) -> list[int]
. Move all zeros in @xs to the end, keeping the order of the other elements.
ex [0, 1, 0, 3, 12] ;; [0] ;; [1, 2] ;; [] ;; [0, 0, 1] ;; [5, 0, 6]
---
$result = [$x for $x in @xs if $x != 0]
return $result + [0] * (len(@xs) - len($result))
---
$result = []
$count = 0
for $x in @xs:
    if $x == 0:
        $count += 1
    else:
        $result.append($x)
return $result + [0] * $count
---
return sorted(@xs, key=lambda $x: $x == 0)

## interleave|alternate|merge_alternating|zip_lists
(a:ints, b:ints) -> list[int]
. Combine @a and @b by taking elements alternately<, starting with @a|>. When one list ends, the rest of the other is appended.
---
$result = []
for $i in range(max(len(@a), len(@b))):
    if $i < len(@a):
        $result.append(@a[$i])
    if $i < len(@b):
        $result.append(@b[$i])
return $result

## add_lists|pairwise_@what|elementwise_@what|combine_lists
(a:ints, b:ints) -> list[int]
with what~noun~expr in sum ~ sums ~ $x + $y | product ~ products ~ $x * $y | max ~ maxima ~ max($x, $y) | difference ~ differences ~ $x - $y
= a list of the @noun of the elements of @a and @b at the same positions<. The longer list is cut|>
---
return [@expr for $x, $y in zip(@a, @b)]
---
$result = []
for $x, $y in zip(@a, @b):
    $result.append(@expr)
return $result
---
$result = []
for $i in range(min(len(@a), len(@b))):
    $x = @a[$i]
    $y = @b[$i]
    $result.append(@expr)
return $result

## dot_product|inner_product|scalar_product
(a:ints, b:ints) -> int
= the dot product of @a and @b
= the sum of the products of the elements of @a and @b at the same positions
---
return sum($x * $y for $x, $y in zip(@a, @b))
---
$total = 0
for $x, $y in zip(@a, @b):
    $total += $x * $y
return $total

## common_elements|intersection|shared_values|in_both_lists
(a:ints, b:ints) -> list[int]
= a sorted list of the values that occur in both @a and @b<, without duplicates|>
---
return sorted(set(@a) & set(@b))
---
$result = []
for $x in @a:
    if $x in @b and $x not in $result:
        $result.append($x)
return sorted($result)

## union|merge_unique|all_values|in_either_list
(a:ints, b:ints) -> list[int]
= a sorted list of the values that occur in @a or @b<, each once|>
---
return sorted(set(@a) | set(@b))
---
return sorted(set(@a + @b))
---
$result = []
for $x in @a + @b:
    if $x not in $result:
        $result.append($x)
$result.sort()
return $result

## list_difference|only_in_first|subtract_lists|missing_from_second
(a:ints, b:ints) -> list[int]
= the elements of @a that are not in @b<, in their original order|>
---
return [$x for $x in @a if $x not in @b]
---
$result = []
for $x in @a:
    if $x not in @b:
        $result.append($x)
return $result
---
exclude = set(@b)
return [$x for $x in @a if $x not in exclude]

## symmetric_difference|in_exactly_one|not_shared
(a:ints, b:ints) -> list[int]
= a sorted list of the values that occur in exactly one of @a and @b
---
return sorted(set(@a) ^ set(@b))
---
$result = set()
for $x in @a:
    if $x not in @b:
        $result.add($x)
for $x in @b:
    if $x not in @a:
        $result.add($x)
return sorted($result)

## is_subset|contains_all|all_in|is_sublist_set
(a:ints, b:ints) -> bool
? every element of @a also occurs in @b
? all elements of @a are in @b
ex [1, 2], [2, 1, 3] ;; [1, 4], [1, 2] ;; [], [1] ;; [3], [] ;; [2, 2], [2] ;; [5, 6], [6, 5]
---
return all($x in @b for $x in @a)
---
return set(@a) <= set(@b)
---
for $x in @a:
    if $x not in @b:
        return False
return True

## are_disjoint|no_common_elements|nothing_shared
(a:ints, b:ints) -> bool
? @a and @b have no element in common
---
return not set(@a) & set(@b)
---
for $x in @a:
    if $x in @b:
        return False
return True
---
return all($x not in @b for $x in @a)

## same_elements|is_permutation|equal_as_multisets
(a:ints, b:ints) -> bool
? @a and @b contain the same elements, <possibly in a different order|in any order>
ex [1, 2, 3], [3, 1, 2] ;; [1, 1], [1] ;; [], [] ;; [1, 2], [2, 3] ;; [4, 4, 5], [5, 4, 4]
---
return sorted(@a) == sorted(@b)
---
@b = list(@b)
for $x in @a:
    if $x not in @b:
        return False
    @b.remove($x)
return @b == []

## is_contiguous_sublist|contains_sublist|has_sublist
(xs:ints, sub:ints) -> bool
? @sub occurs in @xs as a contiguous sublist
ex [1, 2, 3, 4], [2, 3] ;; [1, 2, 3], [1, 3] ;; [1], [] ;; [], [1] ;; [5, 5, 6], [5, 6]
---
for $i in range(len(@xs) - len(@sub) + 1):
    if @xs[$i:$i + len(@sub)] == @sub:
        return True
return False
---
n = len(@sub)
return any(@xs[$i:$i + n] == @sub for $i in range(len(@xs) - n + 1))

## flatten|flatten_once|concat_lists|join_lists|merge_lists
(xs:lists) -> list[int]
. Flatten @xs by one level.
= one list with the elements of all lists in @xs
= the concatenation of the lists in @xs
---
return [$x for row in @xs for $x in row]
---
$result = []
for row in @xs:
    $result.extend(row)
return $result
---
$result = []
for row in @xs:
    for $x in row:
        $result.append($x)
return $result
---
return sum(@xs, [])

## sum_of_lists|row_sums|sum_each|totals
(xs:lists) -> list[int]
with noun~expr in sum ~ sum(row) | length ~ len(row)
= a list with the @noun of each list in @xs
= the @noun of every inner list of @xs
---
return [@expr for row in @xs]
---
$result = []
for row in @xs:
    $result.append(@expr)
return $result

## longest_list|longest_sublist|biggest_group
(xs:lists) -> list[int]
with which~fn~key in longest ~ max ~ len | shortest ~ min ~ len
= the @which list in @xs<, the first one if there are several|>
edge! not @xs => []|None
---
return @fn(@xs, key=@key)
---
$best = @xs[0]
for row in @xs:
    if @fn(len(row), len($best)) != len($best):
        $best = row
return $best

## list_with_largest_sum|largest_sum_list|richest_row
(xs:lists) -> list[int]
= the list in @xs with the largest sum<, the first one on ties|>
edge! not @xs => []|None
---
return max(@xs, key=sum)
---
$best = @xs[0]
for row in @xs:
    if sum(row) > sum($best):
        $best = row
return $best

## all_pairs|list_pairs|unordered_pairs|pair_up
(xs:ints) -> list[tuple[int, int]]
= all pairs of elements of @xs at different positions, as tuples in the order of their positions
---
$result = []
for $i in range(len(@xs)):
    for $j in range($i + 1, len(@xs)):
        $result.append((@xs[$i], @xs[$j]))
return $result
---
return [(@xs[$i], @xs[$j]) for $i in range(len(@xs)) for $j in range($i + 1, len(@xs))]

## adjacent_pairs|neighbours|consecutive_pairs
(xs:ints) -> list[tuple[int, int]]
= a list of all pairs of <neighbouring|consecutive|adjacent> elements of @xs
---
return list(zip(@xs, @xs[1:]))
---
return [(@xs[$i], @xs[$i + 1]) for $i in range(len(@xs) - 1)]
---
$result = []
for $i in range(len(@xs) - 1):
    $result.append((@xs[$i], @xs[$i + 1]))
return $result

## cartesian_product|all_combinations|pairs_from
(a:ints, b:ints) -> list[tuple[int, int]]
= all pairs of one element of @a and one element of @b
---
return [($x, $y) for $x in @a for $y in @b]
---
$result = []
for $x in @a:
    for $y in @b:
        $result.append(($x, $y))
return $result

## count_pairs_with_@what|pairs_with_@what|number_of_pairs
(xs:ints, target:target) -> int
with what~noun~expr in sum ~ sum is @target ~ @xs[$i] + @xs[$j] == @target | difference ~ absolute difference is @target ~ abs(@xs[$i] - @xs[$j]) == @target | product ~ product is @target ~ @xs[$i] * @xs[$j] == @target
= the number of pairs of positions in @xs whose @noun
= how many pairs of elements of @xs there are whose @noun
---
$count = 0
for $i in range(len(@xs)):
    for $j in range($i + 1, len(@xs)):
        if @expr:
            $count += 1
return $count
---
return sum(1 for $i in range(len(@xs)) for $j in range($i + 1, len(@xs)) if @expr)

## two_sum|find_pair|pair_with_sum|indices_of_sum
(xs:ints, target:target) -> tuple[int, int]
= the indices of two elements of @xs that add up to @target, smaller index first, or None if there are none
ex [2, 7, 11, 15], 9 ;; [1, 2, 3], 10 ;; [3, 3], 6 ;; [1, 5, 9, 4], 13 ;; [], 5 ;; [8, 1, 6], 7
---
$seen = {}
for $i, $x in enumerate(@xs):
    if @target - $x in $seen:
        return $seen[@target - $x], $i
    $seen[$x] = $i
return None
---
for $j in range(len(@xs)):
    for $i in range($j):
        if @xs[$i] + @xs[$j] == @target:
            return $i, $j
return None

## can_make_sum|has_subset_sum|subset_sum
(xs:pints, target:target) -> bool
? some of the <numbers|elements> in @xs add up to exactly @target
ex [3, 4, 5], 9 ;; [3, 4, 5], 6 ;; [], 0 ;; [1, 2, 3], 6 ;; [5], 5 ;; [2, 4, 6], 7
---
sums = {0}
for $x in @xs:
    sums |= {$x + s for s in sums}
return @target in sums

## product_except_self|products_of_others
(xs:ints) -> list[int]
= a list in which each element is the product of all other elements of @xs
---
$result = []
for $i in range(len(@xs)):
    product = 1
    for $j in range(len(@xs)):
        if $j != $i:
            product *= @xs[$j]
    $result.append(product)
return $result

## local_maxima|peaks|find_@what|@what_values
(xs:ints) -> list[int]
with what~noun~op in peaks ~ greater ~ > | valleys ~ smaller ~ <
= the elements of @xs that are @noun than both of their neighbours<. The first and last elements do not count|>
---
$result = []
for $i in range(1, len(@xs) - 1):
    if @xs[$i] @op @xs[$i - 1] and @xs[$i] @op @xs[$i + 1]:
        $result.append(@xs[$i])
return $result
---
return [b for a, b, c in zip(@xs, @xs[1:], @xs[2:]) if b @op a and b @op c]

## count_inversions|inversions|out_of_order_pairs
(xs:ints) -> int
= the number of pairs of positions in @xs where the earlier element is greater than the later one
---
$count = 0
for $i in range(len(@xs)):
    for $j in range($i + 1, len(@xs)):
        if @xs[$i] > @xs[$j]:
            $count += 1
return $count
---
return sum(@xs[$i] > @xs[$j] for $j in range(len(@xs)) for $i in range($j))

## leaders|elements_greater_than_rest|dominating_elements
(xs:ints) -> list[int]
= the elements of @xs that are greater than all elements <after them|to their right>
---
$result = []
for $i in range(len(@xs)):
    if all(@xs[$i] > $x for $x in @xs[$i + 1:]):
        $result.append(@xs[$i])
return $result
---
$result = []
$best = None
for $x in reversed(@xs):
    if $best is None or $x > $best:
        $result.append($x)
        $best = $x
return $result[::-1]

## next_greater|next_larger_element|next_greater_elements
(xs:ints) -> list[int]
= a list with, for each element of @xs, the next element to its right that is greater, or -1 if there is none
---
$result = []
for $i in range(len(@xs)):
    found = -1
    for $x in @xs[$i + 1:]:
        if $x > @xs[$i]:
            found = $x
            break
    $result.append(found)
return $result
---
$result = [-1] * len(@xs)
$stack = []
for $i, $x in enumerate(@xs):
    while $stack and @xs[$stack[-1]] < $x:
        $result[$stack.pop()] = $x
    $stack.append($i)
return $result

## equilibrium_index|balance_point|pivot_index
(xs:ints) -> int
= the first index of @xs at which the sum of the elements before it equals the sum of the elements after it, or -1
ex [1, 7, 3, 6, 5, 6] ;; [1, 2, 3] ;; [2, 1, -1] ;; [] ;; [0] ;; [3, 1, 3]
---
for $i in range(len(@xs)):
    if sum(@xs[:$i]) == sum(@xs[$i + 1:]):
        return $i
return -1
---
$total = sum(@xs)
$left = 0
for $i, $x in enumerate(@xs):
    if $left == $total - $left - $x:
        return $i
    $left += $x
return -1

## missing_number|find_missing|missing_value
(xs:pints) -> int
= the number from 0 to n that is missing in @xs, which holds n different numbers from that range
ex [3, 0, 1] ;; [0, 1] ;; [1] ;; [0] ;; [4, 2, 1, 0] ;; [2, 0]
---
n = len(@xs)
return n * (n + 1) // 2 - sum(@xs)
---
for $i in range(len(@xs) + 1):
    if $i not in @xs:
        return $i

## missing_numbers|gaps_in_range|absent_numbers
(xs:pints) -> list[int]
= a sorted list of the integers between the smallest and the largest element of @xs that are not in it
edge! not @xs => []
---
return [$i for $i in range(min(@xs), max(@xs) + 1) if $i not in @xs]
---
$result = []
for $i in range(min(@xs), max(@xs)):
    if $i not in @xs:
        $result.append($i)
return $result

## smallest_missing_positive|first_missing_positive|lowest_free_number
(xs:ints) -> int
= the smallest positive integer that does not occur in @xs
---
$i = 1
while $i in @xs:
    $i += 1
return $i
---
$seen = set(@xs)
$count = 1
while $count in $seen:
    $count += 1
return $count

## odd_one_out|single_number|occurs_odd_times
(xs:ints) -> int
= the element of @xs that occurs an odd number of times; there is exactly one
ex [1, 2, 1] ;; [7] ;; [4, 4, 4] ;; [5, 3, 5, 3, 9] ;; [0, 1, 0]
---
for $x in @xs:
    if @xs.count($x) % 2 == 1:
        return $x
---
$result = 0
for $x in @xs:
    $result ^= $x
return $result

## majority_element|has_majority|majority
(xs:ints) -> int
= the element that occurs in more than half of the positions of @xs, or None if there is no such element
ex [1, 1, 2] ;; [1, 2] ;; [3] ;; [] ;; [2, 2, 1, 2] ;; [5, 6, 5, 6]
---
for $x in set(@xs):
    if @xs.count($x) > len(@xs) / 2:
        return $x
return None
---
$counts = {}
for $x in @xs:
    $counts[$x] = $counts.get($x, 0) + 1
    if $counts[$x] > len(@xs) // 2:
        return $x
return None

## mean|average|arithmetic_mean
(xs:floats) -> float
= the average of @xs<, rounded to two decimals|. Round the result to two decimals>
edge! not @xs => 0.0|None
---
return round(sum(@xs) / len(@xs), 2)
---
$total = 0
for $x in @xs:
    $total += $x
return round($total / len(@xs), 2)

## variance|population_variance|spread
(xs:floats) -> float
with noun~expr in variance ~ sum(($x - average) ** 2 for $x in @xs) / len(@xs) | standard deviation ~ (sum(($x - average) ** 2 for $x in @xs) / len(@xs)) ** 0.5
= the population @noun of @xs, rounded to two decimals
edge! not @xs => 0.0
---
average = sum(@xs) / len(@xs)
return round(@expr, 2)

## weighted_average|weighted_mean
(values:pints, weights:pints) -> float
= the average of @values weighted by @weights, rounded to two decimals
ex [1, 2, 3], [1, 1, 1] ;; [10, 20], [3, 1] ;; [5], [2] ;; [80, 90, 70], [2, 3, 5]
---
$total = sum($x * w for $x, w in zip(@values, @weights))
return round($total / sum(@weights), 2)

## normalize|to_fractions|scale_to_sum_one|shares
(xs:pints) -> list[float]
= the elements of @xs divided by their sum, rounded to two decimals
edge! sum(@xs) == 0 => []
---
$total = sum(@xs)
return [round($x / $total, 2) for $x in @xs]

## rank|ranks|rank_values|positions_in_order
(xs:ints) -> list[int]
= the rank of each element of @xs, where the largest has rank 1 and equal values share the same rank
---
order = sorted(set(@xs), reverse=True)
return [order.index($x) + 1 for $x in @xs]
---
return [1 + len({$y for $y in @xs if $y > $x}) for $x in @xs]

## sort_by_@name|order_by_@name
(xs:ints) -> list[int]
with name~noun~key in absolute_value ~ absolute value ~ abs($x) | last_digit ~ last digit ~ abs($x) % 10 | digit_count ~ number of digits ~ len(str(abs($x))) | digit_sum ~ sum of digits ~ sum(int(d) for d in str(abs($x))) | distance_from_ten ~ distance from 10 ~ abs($x - 10) | frequency ~ frequency in the list ~ @xs.count($x)
= the elements of @xs sorted by <their|> @noun<; elements with the same @noun keep their order|, keeping the order of ties>
. Sort @xs by the @noun of its elements.
---
return sorted(@xs, key=lambda $x: @key)

## sort_by_two_keys|sort_words_by_length|order_by_length|length_then_alphabet
(words:words) -> list[str]
= the strings in @words sorted by length, and alphabetically if the length is the same
. Sort @words by length<. Words of the same length are sorted alphabetically|, then alphabetically>.
---
return sorted(@words, key=lambda $w: (len($w), $w))
---
$result = list(@words)
$result.sort()
$result.sort(key=len)
return $result

## sort_words_by_@name|order_words_by_@name
(words:words) -> list[str]
with name~noun~key in last_letter ~ their last letter ~ $w[-1:] | length ~ their length ~ len($w) | vowels ~ the number of vowels in them ~ sum(c in "aeiou" for c in $w) | lowercase ~ alphabet, ignoring case ~ $w.lower()
= the strings in @words sorted by @noun<; ties keep their order|>
. Sort @words by @noun.
---
return sorted(@words, key=lambda $w: @key)
---
$result = @words[:]
$result.sort(key=lambda $w: @key)
return $result

## group_by_@name|group_words_by_@name|words_by_@name
(words:words) -> dict
with name~noun~key in length ~ length ~ len($w) | first_letter ~ first letter ~ $w[:1] | last_letter ~ last letter ~ $w[-1:]
= a dictionary that maps each @noun to the list of the words in @words with that @noun
. Group the strings in @words by their @noun.
---
$groups = {}
for $w in @words:
    $groups.setdefault(@key, []).append($w)
return $groups
---
$groups = {}
for $w in @words:
    $key = @key
    if $key not in $groups:
        $groups[$key] = []
    $groups[$key].append($w)
return $groups

## group_numbers_by_@name|bucket_by_@name
(xs:ints) -> dict
with name~noun~key in last_digit ~ last digit ~ abs($x) % 10 | remainder ~ remainder when divided by 3 ~ $x % 3 | tens ~ tens digit ~ abs($x) // 10 % 10
= a dictionary that maps each @noun to the list of numbers in @xs with it
. Group the numbers in @xs by their @noun.
---
$groups = {}
for $x in @xs:
    $groups.setdefault(@key, []).append($x)
return $groups
---
$groups = {}
for $x in @xs:
    $key = @key
    if $key in $groups:
        $groups[$key].append($x)
    else:
        $groups[$key] = [$x]
return $groups

## group_anagrams|anagram_groups|collect_anagrams
(words:words) -> list[list[str]]
. Group the words in @words that are anagrams of each other. Groups and words keep the order of <first appearance|their first occurrence>.
ex ['eat', 'tea', 'tan', 'ate', 'nat', 'bat'] ;; [] ;; ['a'] ;; ['ab', 'ba', 'abc'] ;; ['x', 'y', 'x']
---
$groups = {}
for $w in @words:
    $key = "".join(sorted($w))
    $groups.setdefault($key, []).append($w)
return list($groups.values())

## group_runs|group_consecutive|split_into_runs
(xs:ints) -> list[list[int]]
. Group consecutive equal elements of @xs into sublists.
= a list of the runs of equal neighbouring elements in @xs
ex [1, 1, 2, 3, 3, 3] ;; [] ;; [5] ;; [1, 2, 1] ;; [4, 4, 4]
---
$result = []
for $x in @xs:
    if $result and $result[-1][0] == $x:
        $result[-1].append($x)
    else:
        $result.append([$x])
return $result

## consecutive_ranges|group_into_ranges|summarize_ranges|to_ranges
(xs:sortedInts) -> list[str]
. Summarize the sorted list @xs of distinct integers as ranges: "a-b" for runs of consecutive numbers and "a" for single ones.
ex [1, 2, 3, 5, 7, 8] ;; [] ;; [4] ;; [1, 3, 5] ;; [10, 11, 12] ;; [0, 1, 4]
---
$result = []
$i = 0
while $i < len(@xs):
    $j = $i
    while $j + 1 < len(@xs) and @xs[$j + 1] == @xs[$j] + 1:
        $j += 1
    if $i == $j:
        $result.append(str(@xs[$i]))
    else:
        $result.append(f"{@xs[$i]}-{@xs[$j]}")
    $i = $j + 1
return $result

## remove_consecutive_duplicates|collapse_equal|drop_adjacent_repeats
(xs:ints) -> list[int]
. Remove consecutive duplicates from @xs.
= @xs with every run of equal neighbouring elements reduced to one element
ex [1, 1, 2, 2, 1] ;; [] ;; [3, 3, 3] ;; [1, 2, 3] ;; [0, 0, 1, 0]
---
$result = []
for $x in @xs:
    if not $result or $result[-1] != $x:
        $result.append($x)
return $result
---
return [$x for $i, $x in enumerate(@xs) if $i == 0 or $x != @xs[$i - 1]]

## remove_value|without_value|drop_value|remove_all
(xs:ints, target:target) -> list[int]
= @xs without <the elements equal to @target|any occurrence of @target>
. Remove all occurrences of @target from @xs.
ex [1, 2, 1, 3], 1 ;; [4], 5 ;; [2, 2], 2 ;; [], 0 ;; [7, 8, 9], 8
---
return [$x for $x in @xs if $x != @target]
---
$result = []
for $x in @xs:
    if $x != @target:
        $result.append($x)
return $result

## remove_at|delete_index|without_index
(xs:ints, k:k) -> list[int]
= a copy of @xs without the element at index @k
---
return @xs[:@k] + @xs[@k + 1:]
---
return [$x for $i, $x in enumerate(@xs) if $i != @k]

## replace_value|substitute_value|replace_all
(xs:ints, old:target, new:int) -> list[int]
= @xs with every @old replaced by @new
. Replace all occurrences of @old in @xs with @new.
ex [1, 2, 1], 1, 9 ;; [4, 5], 6, 0 ;; [], 1, 2 ;; [3, 3], 3, 0
---
return [@new if $x == @old else $x for $x in @xs]
---
$result = []
for $x in @xs:
    if $x == @old:
        $result.append(@new)
    else:
        $result.append($x)
return $result

## replace_@what|clip_@what|fix_@what
(xs:ints) -> list[int]
with what~noun~test~new in negatives ~ negative number ~ $x < 0 ~ 0 | odds ~ odd number ~ $x % 2 == 1 ~ 0 | evens ~ even number ~ $x % 2 == 0 ~ -1
= a copy of @xs in which every @noun is replaced by @new
. Replace every @noun in @xs with @new.
---
return [@new if @test else $x for $x in @xs]
---
$result = []
for $x in @xs:
    if @test:
        $result.append(@new)
    else:
        $result.append($x)
return $result

## swap_ends|swap_first_and_last|exchange_ends
(xs:ints) -> list[int]
= a copy of @xs with the first and the last element swapped
---
if len(@xs) < 2:
    return @xs
return [@xs[-1]] + @xs[1:-1] + [@xs[0]]
---
$result = list(@xs)
if len($result) > 1:
    $result[0], $result[-1] = $result[-1], $result[0]
return $result

## swap_pairs|swap_neighbours|swap_adjacent
(xs:ints) -> list[int]
. Swap each pair of neighbouring elements of @xs: the first with the second, the third with the fourth and so on. A last single element stays where it is.
---
$result = list(@xs)
for $i in range(0, len($result) - 1, 2):
    $result[$i], $result[$i + 1] = $result[$i + 1], $result[$i]
return $result

## reverse_list|reversed_copy|backwards_list
(xs:ints) -> list[int]
= @xs in reverse order
= a new list with the elements of @xs in reverse order
---
return @xs[::-1]
---
return list(reversed(@xs))
---
$result = []
for $x in @xs:
    $result.insert(0, $x)
return $result

## reverse_first|reverse_prefix|flip_first
(xs:ints, k:k) -> list[int]
= @xs with its first @k elements reversed
. Reverse the first @k elements of @xs and leave the rest unchanged.
---
return @xs[:@k][::-1] + @xs[@k:]

## every_nth|take_every|step_through
(xs:ints, k:k) -> list[int]
= every @k-th element of @xs, starting with the first
---
return @xs[::@k]
---
return [@xs[$i] for $i in range(0, len(@xs), @k)]
---
$result = []
for $i, $x in enumerate(@xs):
    if $i % @k == 0:
        $result.append($x)
return $result

## is_palindrome_list|is_symmetric|reads_same_both_ways
(xs:ints) -> bool
? @xs reads the same forwards and backwards
? @xs is symmetric
ex [1, 2, 1] ;; [1, 2] ;; [] ;; [5] ;; [1, 2, 2, 1] ;; [3, 4, 3, 4]
---
return @xs == @xs[::-1]
---
for $i in range(len(@xs) // 2):
    if @xs[$i] != @xs[-$i - 1]:
        return False
return True

## all_equal|all_same|is_constant
(xs:ints) -> bool
? all elements of @xs are <equal|the same>
ex [1, 1, 1] ;; [1, 2] ;; [] ;; [4] ;; [0, 0, 1]
---
return len(set(@xs)) <= 1
---
return all($x == @xs[0] for $x in @xs)
---
for $x in @xs:
    if $x != @xs[0]:
        return False
return True

## count_changes|number_of_changes|switches
(xs:ints) -> int
with noun~test in how often the value changes from one element of @xs to the next ~ @xs[$i] != @xs[$i - 1] | how often an element of @xs is greater than the one before it ~ @xs[$i] > @xs[$i - 1] | how often the sign changes between neighbouring elements of @xs ~ @xs[$i] * @xs[$i - 1] < 0
= @noun
---
$count = 0
for $i in range(1, len(@xs)):
    if @test:
        $count += 1
return $count
---
return sum(1 for $i in range(1, len(@xs)) if @test)

## transpose|transpose_matrix|swap_rows_and_columns
(m:matrix) -> list[list[int]]
= the transpose of @m
. Transpose @m: rows become columns.
---
return [list(row) for row in zip(*@m)]
---
$result = []
for $j in range(len(@m[0])):
    $result.append([row[$j] for row in @m])
return $result
---
return [[@m[$i][$j] for $i in range(len(@m))] for $j in range(len(@m[0]))]

## matrix_sum|sum_matrix|total_of_grid|sum_all
(m:matrix) -> int
= the sum of all elements of @m
---
return sum(sum(row) for row in @m)
---
$total = 0
for row in @m:
    for $x in row:
        $total += $x
return $total
---
return sum($x for row in @m for $x in row)

## matrix_@fn|@fn_of_matrix|grid_@fn
(m:matrix) -> int
with fn~noun in max ~ largest | min ~ smallest
= the @noun element of @m
---
return @fn(@fn(row) for row in @m)
---
return @fn($x for row in @m for $x in row)
---
$best = @m[0][0]
for row in @m:
    for $x in row:
        $best = @fn($best, $x)
return $best

## @what_sums|sum_of_each_@what|@what_totals
(m:matrix) -> list[int]
with what~expr in row ~ [sum(row) for row in @m] | column ~ [sum(column) for column in zip(*@m)]
= a list with the sum of each @what of @m
---
return @expr

## @what_maxima|max_of_each_@what|largest_in_each_@what
(m:matrix) -> list[int]
with what~expr in row ~ [max(row) for row in @m] | column ~ [max(column) for column in zip(*@m)]
= a list with the largest element of each @what of @m
---
return @expr

## main_diagonal|diagonal|get_diagonal
(m:square) -> list[int]
with noun~idx in main ~ $i | anti ~ -$i - 1
= the elements on the @noun diagonal of @m<, from top to bottom|>
---
return [@m[$i][@idx] for $i in range(len(@m))]
---
$result = []
for $i in range(len(@m)):
    $result.append(@m[$i][@idx])
return $result

## trace|diagonal_sum|sum_of_diagonal
(m:square) -> int
with noun~expr in main diagonal ~ @m[$i][$i] | secondary diagonal ~ @m[$i][len(@m) - 1 - $i]
= the sum of the elements on the @noun of @m
---
return sum(@expr for $i in range(len(@m)))
---
$total = 0
for $i in range(len(@m)):
    $total += @expr
return $total

## rotate_matrix|rotate_clockwise|rotate_90
(m:matrix) -> list[list[int]]
with how~expr in clockwise ~ [list(row) for row in zip(*@m[::-1])] | counterclockwise ~ [list(row) for row in zip(*@m)][::-1]
= @m rotated by 90 degrees @how
. Rotate @m by 90 degrees @how.
---
return @expr

## flip_matrix|mirror|flip_horizontally
(m:matrix) -> list[list[int]]
with how~expr in horizontally, so that each row is reversed ~ [row[::-1] for row in @m] | vertically, so that the order of the rows is reversed ~ @m[::-1]
. Flip @m @how.
---
return @expr

## identity_matrix|make_identity|unit_matrix
(n:small) -> list[list[int]]
= the identity matrix of size @n as a list of rows
---
return [[1 if $i == $j else 0 for $j in range(@n)] for $i in range(@n)]
---
$result = []
for $i in range(@n):
    row = [0] * @n
    row[$i] = 1
    $result.append(row)
return $result

## make_grid|multiplication_table|table_of_products
(n:small) -> list[list[int]]
with noun~expr in multiplication table ~ $i * $j | addition table ~ $i + $j
= the @noun for the numbers from 1 to @n as a list of rows
---
return [[@expr for $j in range(1, @n + 1)] for $i in range(1, @n + 1)]
---
$result = []
for $i in range(1, @n + 1):
    row = []
    for $j in range(1, @n + 1):
        row.append(@expr)
    $result.append(row)
return $result

## matrix_multiply|multiply_matrices|matmul
(a:square, b:square) -> list[list[int]]
= the product of the matrices @a and @b
ex [[1, 2], [3, 4]], [[5, 6], [7, 8]] ;; [[2]], [[3]] ;; [[1, 0], [0, 1]], [[4, 5], [6, 7]] ;; [[1, 2]], [[3], [4]]
---
$result = []
for row in @a:
    new_row = []
    for column in zip(*@b):
        new_row.append(sum($x * $y for $x, $y in zip(row, column)))
    $result.append(new_row)
return $result
---
return [[sum($x * $y for $x, $y in zip(row, column)) for column in zip(*@b)] for row in @a]

## add_matrices|matrix_add|elementwise_matrix_sum
(a:square, b:square) -> list[list[int]]
= the elementwise sum of the matrices @a and @b
ex [[1, 2], [3, 4]], [[5, 6], [7, 8]] ;; [[2]], [[3]] ;; [[1, 0]], [[4, 5]]
---
return [[$x + $y for $x, $y in zip(r, s)] for r, s in zip(@a, @b)]
---
$result = []
for $i in range(len(@a)):
    row = []
    for $j in range(len(@a[$i])):
        row.append(@a[$i][$j] + @b[$i][$j])
    $result.append(row)
return $result

## scale_matrix|multiply_matrix_by|scalar_multiply
(m:matrix, k:k) -> list[list[int]]
= @m with every element multiplied by @k
---
return [[$x * @k for $x in row] for row in @m]

## is_symmetric_matrix|is_symmetric|equals_transpose
(m:square) -> bool
? @m is symmetric<, that is equal to its transpose|>
ex [[1, 2], [2, 1]] ;; [[1, 2], [3, 1]] ;; [[5]] ;; [[1, 2, 3], [2, 4, 5], [3, 5, 6]]
---
return all(@m[$i][$j] == @m[$j][$i] for $i in range(len(@m)) for $j in range($i))
---
for $i in range(len(@m)):
    for $j in range(len(@m)):
        if @m[$i][$j] != @m[$j][$i]:
            return False
return True

## spiral_order|spiral|read_in_spiral
(m:matrix) -> list[int]
= the elements of @m in spiral order, clockwise from the top left corner
---
$result = []
rows = [list(row) for row in @m]
while rows:
    $result.extend(rows.pop(0))
    rows = [list(row) for row in zip(*rows)][::-1]
return $result

## count_neighbors|live_neighbours|neighbor_sum
(m:matrix, r:small, c:small) -> int
= the sum of the elements of @m that are next to row @r and column @c, horizontally or vertically
ex [[1, 2], [3, 4]], 0, 0 ;; [[1, 2, 3], [4, 5, 6], [7, 8, 9]], 1, 1 ;; [[5]], 0, 0 ;; [[1, 2, 3]], 0, 1
---
$total = 0
for dr, dc in [(0, 1), (1, 0), (0, -1), (-1, 0)]:
    $i = @r + dr
    $j = @c + dc
    if 0 <= $i < len(@m) and 0 <= $j < len(@m[0]):
        $total += @m[$i][$j]
return $total

## find_in_matrix|locate|find_position
(m:matrix, target:target) -> tuple[int, int]
= the (row, column) position of @target in @m, or None if it is not there
ex [[1, 2], [3, 4]], 3 ;; [[1]], 2 ;; [[5, 6, 7]], 7 ;; [[0, 0], [0, 9]], 9
---
for $i, row in enumerate(@m):
    for $j, $x in enumerate(row):
        if $x == @target:
            return $i, $j
return None

## merge_intervals|combine_intervals|union_of_intervals
(xs:intervals) -> list[tuple[int, int]]
. Merge all overlapping intervals in @xs and return them sorted by start.
= the intervals of @xs with overlapping ones merged, sorted by start
---
$result = []
for start, end in sorted(@xs):
    if $result and start <= $result[-1][1]:
        $result[-1] = ($result[-1][0], max($result[-1][1], end))
    else:
        $result.append((start, end))
return $result

## intervals_overlap|overlap|do_overlap
(a:interval, b:interval) -> bool
? the intervals @a and @b overlap<. Intervals that only touch do not overlap|>
---
return @a[0] < @b[1] and @b[0] < @a[1]
---
start = max(@a[0], @b[0])
end = min(@a[1], @b[1])
return start < end

## interval_intersection|intersect_intervals|common_part
(a:interval, b:interval) -> tuple[int, int]
= the intersection of the intervals @a and @b, or None if they do not overlap
---
start = max(@a[0], @b[0])
end = min(@a[1], @b[1])
if start >= end:
    return None
return start, end

## total_length|covered_length|sum_of_lengths
(xs:intervals) -> int
= the sum of the lengths of the intervals in @xs
---
return sum(end - start for start, end in @xs)
---
$total = 0
for start, end in @xs:
    $total += end - start
return $total

## max_overlap|rooms_needed|max_concurrent|most_overlapping
(xs:intervals) -> int
= the largest number of intervals in @xs that overlap at the same time<. The end of an interval does not count|>
---
events = []
for start, end in @xs:
    events.append((start, 1))
    events.append((end, -1))
$best = $cur = 0
for _, change in sorted(events):
    $cur += change
    $best = max($best, $cur)
return $best

## contains_point|intervals_containing|covering_intervals
(xs:intervals, target:target) -> list[tuple[int, int]]
= the intervals of @xs that contain the point @target<, ends included|>
---
return [(start, end) for start, end in @xs if start <= @target <= end]
---
$result = []
for start, end in @xs:
    if start <= @target and @target <= end:
        $result.append((start, end))
return $result

## invert_dict|swap_keys_values|reverse_mapping|flip_dict
(d:ssdict) -> dict[str, str]
= a dictionary with the keys and values of @d swapped
. Swap the keys and values of @d.
---
return {$val: $key for $key, $val in @d.items()}
---
$result = {}
for $key in @d:
    $result[@d[$key]] = $key
return $result
---
$result = {}
for $key, $val in @d.items():
    $result[$val] = $key
return $result

## invert_to_lists|group_keys_by_value|keys_by_value
(d:sdict) -> dict[int, list[str]]
= a dictionary that maps each value of @d to the list of keys that have it
---
$result = {}
for $key, $val in @d.items():
    $result.setdefault($val, []).append($key)
return $result
---
$result = {}
for $key, $val in @d.items():
    if $val not in $result:
        $result[$val] = []
    $result[$val].append($key)
return $result

## merge_dicts|combine_dicts|update_dict|join_dicts
(a:sdict, b:sdict) -> dict[str, int]
= a dictionary with the entries of @a and @b<; for keys in both, the value of @b is used|. Values of @b win>
. Merge @a and @b. If a key is in both, take the value from @b.
ex {'a': 1}, {'b': 2} ;; {'a': 1, 'b': 2}, {'b': 3} ;; {}, {} ;; {'x': 5}, {}
---
return {**@a, **@b}
---
$result = dict(@a)
$result.update(@b)
return $result
---
$result = @a.copy()
for $key, $val in @b.items():
    $result[$key] = $val
return $result

## add_dicts|sum_dicts|merge_counts|combine_counts
(a:sdict, b:sdict) -> dict[str, int]
. Merge @a and @b, adding the values of keys that occur in both.
= a dictionary with the keys of @a and @b, where the values of common keys are added
ex {'a': 1}, {'b': 2} ;; {'a': 1, 'b': 2}, {'b': 3} ;; {}, {} ;; {'x': 5}, {'x': 5, 'y': 1}
---
$result = dict(@a)
for $key, $val in @b.items():
    $result[$key] = $result.get($key, 0) + $val
return $result
---
$result = {}
for d in (@a, @b):
    for $key in d:
        $result[$key] = $result.get($key, 0) + d[$key]
return $result

## common_keys|shared_keys|keys_in_both
(a:sdict, b:sdict) -> list[str]
= a sorted list of the keys that @a and @b have in common
ex {'a': 1}, {'b': 2} ;; {'a': 1, 'b': 2}, {'b': 3} ;; {}, {} ;; {'x': 5, 'y': 1}, {'y': 2, 'x': 0}
---
return sorted(set(@a) & set(@b))
---
return sorted($key for $key in @a if $key in @b)

## dict_differences|changed_keys|diff_dicts
(a:sdict, b:sdict) -> list[str]
= a sorted list of the keys whose values differ between @a and @b or that are in only one of them
ex {'a': 1}, {'b': 2} ;; {'a': 1, 'b': 2}, {'b': 3, 'a': 1} ;; {}, {} ;; {'x': 5}, {'x': 5}
---
keys = set(@a) | set(@b)
return sorted($key for $key in keys if @a.get($key) != @b.get($key))

## key_of_max|best_key|key_with_@which_value|name_with_@which
(d:sdict) -> str
with which~fn~op in largest ~ max ~ > | smallest ~ min ~ <
= the key with the @which value in @d<, the first one on ties|>
edge! not @d => None|""
---
return @fn(@d, key=@d.get)
---
$best = None
for $key, $val in @d.items():
    if $best is None or $val @op @d[$best]:
        $best = $key
return $best
---
return @fn(@d, key=lambda $key: @d[$key])

## keys_with_value|find_keys|keys_for
(d:sdict, target:target) -> list[str]
= a <sorted list|list> of the keys of @d whose value is @target
ex {'a': 1, 'b': 2, 'c': 1}, 1 ;; {}, 3 ;; {'x': 5}, 4 ;; {'k': 0, 'z': 0}, 0
---
return sorted($key for $key, $val in @d.items() if $val == @target)
---
$result = []
for $key in @d:
    if @d[$key] == @target:
        $result.append($key)
return sorted($result)

## filter_dict|keep_@name|entries_@name|select_@name
(d:sdict, limit:limit) -> dict[str, int]
with name~noun~op in above ~ greater than ~ > | at_least ~ at least ~ >= | below ~ less than ~ < | at_most ~ at most ~ <=
= a dictionary with only the entries of @d whose value is @noun @limit
. Keep only the entries of @d with a value @noun @limit.
---
return {$key: $val for $key, $val in @d.items() if $val @op @limit}
---
$result = {}
for $key, $val in @d.items():
    if $val @op @limit:
        $result[$key] = $val
return $result

## sum_values|total_of_values|dict_total|add_up_values
(d:sdict) -> int
= the sum of <all|the> values in @d
. Add up the values of @d.
---
return sum(@d.values())
---
$total = 0
for $key in @d:
    $total += @d[$key]
return $total
---
$total = 0
for $val in @d.values():
    $total += $val
return $total

## sort_dict_by_@what|items_by_@what|sorted_items
(d:sdict) -> list[tuple[str, int]]
with what~noun~expr in value ~ value in ascending order ~ sorted(@d.items(), key=lambda $p: $p[1]) | value_desc ~ value in descending order ~ sorted(@d.items(), key=lambda $p: $p[1], reverse=True) | key ~ key ~ sorted(@d.items())
= the (key, value) pairs of @d sorted by @noun
. Sort the entries of @d by @noun and return them as a list of tuples.
---
return @expr

## keys_by_value_desc|ranking|leaderboard|names_by_score
(d:sdict) -> list[str]
= the keys of @d, sorted by value from highest to lowest<; keys with equal values are sorted alphabetically|, and alphabetically for equal values>
---
return sorted(@d, key=lambda $key: (-@d[$key], $key))
---
pairs = sorted(@d.items(), key=lambda $p: (-$p[1], $p[0]))
return [$key for $key, _ in pairs]

## map_values|@what_values|transform_values
(d:sdict) -> dict[str, int]
with what~noun~expr in double ~ doubled ~ $val * 2 | increment ~ increased by one ~ $val + 1 | square ~ squared ~ $val ** 2 | negate ~ negated ~ -$val
= a copy of @d with all values @noun
---
return {$key: @expr for $key, $val in @d.items()}
---
$result = {}
for $key, $val in @d.items():
    $result[$key] = @expr
return $result

## lists_to_dict|make_dict|zip_to_dict|pair_keys_with_values
(keys:words, values:pints) -> dict[str, int]
= a dictionary that maps each string in @keys to the value at the same position in @values
ex ['a', 'b'], [1, 2] ;; [], [] ;; ['x'], [5] ;; ['k', 'm', 'n'], [3, 2, 1]
---
return dict(zip(@keys, @values))
---
$result = {}
for $key, $val in zip(@keys, @values):
    $result[$key] = $val
return $result
---
return {@keys[$i]: @values[$i] for $i in range(len(@keys))}

## pairs_to_dict|group_pairs|collect_pairs
(pairs:pairs) -> dict[str, list[int]]
= a dictionary that maps each name in @pairs to the list of its values
. Collect the values in @pairs by name.
---
$result = {}
for $key, $val in @pairs:
    $result.setdefault($key, []).append($val)
return $result
---
$result = {}
for $key, $val in @pairs:
    if $key not in $result:
        $result[$key] = []
    $result[$key].append($val)
return $result

## sum_by_key|total_per_name|totals_by_name|sum_pairs
(pairs:pairs) -> dict[str, int]
= a dictionary with the <sum of the values|total> for each name in @pairs
. Add up the values of each name in @pairs.
---
$result = {}
for $key, $val in @pairs:
    $result[$key] = $result.get($key, 0) + $val
return $result
---
$result = {}
for $p in @pairs:
    if $p[0] in $result:
        $result[$p[0]] += $p[1]
    else:
        $result[$p[0]] = $p[1]
return $result

## best_per_key|highest_per_name|@fn_by_name
(pairs:pairs) -> dict[str, int]
with fn~noun in max ~ highest | min ~ lowest
= a dictionary with the @noun value of each name in @pairs
---
$result = {}
for $key, $val in @pairs:
    if $key in $result:
        $result[$key] = @fn($result[$key], $val)
    else:
        $result[$key] = $val
return $result

## sort_pairs|sort_by_second|order_pairs|sort_by_score
(pairs:pairs) -> list[tuple[str, int]]
with noun~key in value in ascending order ~ key=lambda $p: $p[1] | value in descending order ~ key=lambda $p: $p[1], reverse=True | value, largest first, and by name for equal values ~ key=lambda $p: (-$p[1], $p[0]) | name ~ key=lambda $p: $p[0] | value, and by name if the values are equal ~ key=lambda $p: ($p[1], $p[0])
= the pairs in @pairs sorted by @noun
. Sort @pairs by @noun.
---
return sorted(@pairs, @key)

## names_above|names_with_@name|select_names
(pairs:pairs, limit:limit) -> list[str]
with name~noun~op in above ~ greater than ~ > | at_least ~ at least ~ >= | below ~ less than ~ <
= the names in @pairs whose value is @noun @limit<, sorted alphabetically|, in alphabetical order>
---
return sorted($key for $key, $val in @pairs if $val @op @limit)
---
$result = []
for $key, $val in @pairs:
    if $val @op @limit:
        $result.append($key)
return sorted($result)

## average_by_key|average_grades|mean_per_name
(d:ldict) -> dict[str, float]
= a dictionary with the average of each list in @d, rounded to one decimal
. Compute the average for every name in @d. Round to one decimal.
---
return {$key: round(sum($val) / len($val), 1) for $key, $val in @d.items()}
---
$result = {}
for $key, $val in @d.items():
    $result[$key] = round(sum($val) / len($val), 1)
return $result

## best_average|top_student|highest_average
(d:ldict) -> str
= the name with the highest average in @d
edge! not @d => None
---
return max(@d, key=lambda $key: sum(@d[$key]) / len(@d[$key]))
---
$best = None
best_average = None
for $key, $val in @d.items():
    average = sum($val) / len($val)
    if best_average is None or average > best_average:
        $best = $key
        best_average = average
return $best

## total_by_key|sum_lists_in_dict|dict_of_sums
(d:ldict) -> dict[str, int]
with noun~fn in sum ~ sum | largest value ~ max | number of values ~ len
= a dictionary with the @noun <of|in> each list in @d
---
return {$key: @fn($val) for $key, $val in @d.items()}
---
$result = {}
for $key in @d:
    $result[$key] = @fn(@d[$key])
return $result

## names_by_age|names_sorted_by_age|sorted_names
(people:records) -> list[str]
= the names of all <records|people> in @people, sorted by age
. Sort @people by "age" and return their names.
---
return [p["name"] for p in sorted(@people, key=lambda p: p["age"])]
---
ordered = sorted(@people, key=lambda person: person["age"])
$result = []
for person in ordered:
    $result.append(person["name"])
return $result

## filter_records|older_than|adults|people_at_least
(people:records, limit:limit) -> list[str]
= the names of the records in @people whose "age" is at least @limit
---
return [p["name"] for p in @people if p["age"] >= @limit]
---
$result = []
for person in @people:
    if person["age"] >= @limit:
        $result.append(person["name"])
return $result

## average_age|mean_age
(people:records) -> float
= the average "age" of the records in @people, rounded to one decimal
edge! not @people => 0.0|None
---
return round(sum(p["age"] for p in @people) / len(@people), 1)
---
$total = 0
for person in @people:
    $total += person["age"]
return round($total / len(@people), 1)

## oldest|youngest|oldest_person|find_@which
(people:records) -> str
with which~fn in oldest ~ max | youngest ~ min
= the name of the @which person in @people
edge! not @people => None
---
return @fn(@people, key=lambda p: p["age"])["name"]
---
$best = @people[0]
for person in @people[1:]:
    if @fn(person["age"], $best["age"]) != $best["age"]:
        $best = person
return $best["name"]

## inventory_value|total_price|cart_total|order_total
(prices:sdict, cart:sdict) -> int
= the total price of the items in @cart, a dictionary of quantities, given the price of each item in @prices. Items without a price are ignored
ex {'apple': 2, 'pear': 3}, {'apple': 4} ;; {'a': 1}, {} ;; {'x': 10, 'y': 5}, {'x': 1, 'y': 2, 'z': 9} ;; {}, {'q': 1}
---
$total = 0
for $key, $val in @cart.items():
    if $key in @prices:
        $total += @prices[$key] * $val
return $total
---
return sum(@prices.get($key, 0) * $val for $key, $val in @cart.items())

## nested_get|get_nested|lookup_path
(d:sdict, path:word) -> int
. Look up the dotted path @path in the nested dictionary @d and return the value, or None if a key is missing.
ex {'a': {'b': 1}}, 'a.b' ;; {'a': 5}, 'a' ;; {'a': {}}, 'a.c' ;; {}, 'x' ;; {'x': {'y': {'z': 9}}}, 'x.y.z'
---
for $key in @path.split("."):
    if not isinstance(@d, dict) or $key not in @d:
        return None
    @d = @d[$key]
return @d

## invert_index|index_words|word_positions
(words:words) -> dict[str, list[int]]
= a dictionary that maps each word in @words to the list of its positions
---
$result = {}
for $i, $w in enumerate(@words):
    $result.setdefault($w, []).append($i)
return $result
---
$result = {}
for $i, $w in enumerate(@words):
    if $w in $result:
        $result[$w].append($i)
    else:
        $result[$w] = [$i]
return $result

## max_by_second|best_pair|winner|top_scorer
(pairs:pairs) -> str
with which~fn in highest ~ max | lowest ~ min
= the name with the @which value in @pairs
edge! not @pairs => None|""
---
return @fn(@pairs, key=lambda $p: $p[1])[0]
---
$best = @pairs[0]
for $p in @pairs[1:]:
    if @fn($p[1], $best[1]) != $best[1]:
        $best = $p
return $best[0]

## swap_pairs_order|flip_pairs|reverse_tuples
(xs:intpairs) -> list[tuple[int, int]]
= a list of the pairs in @xs with their elements swapped
---
return [($b, $a) for $a, $b in @xs]
---
$result = []
for $a, $b in @xs:
    $result.append(($b, $a))
return $result

## unzip_pairs|split_pairs|separate_pairs
(xs:intpairs) -> tuple[list[int], list[int]]
= a tuple of two lists: the first and the second elements of the pairs in @xs
---
return [$a for $a, _ in @xs], [$b for _, $b in @xs]
---
first = []
second = []
for $a, $b in @xs:
    first.append($a)
    second.append($b)
return first, second

## pairs_where|count_pairs_where|ordered_pairs
(xs:intpairs) -> int
with noun~test in the first element is greater than the second ~ $a > $b | both elements are equal ~ $a == $b | the sum of the elements is even ~ ($a + $b) % 2 == 0 | both elements are positive ~ $a > 0 and $b > 0
= the number of pairs in @xs where @noun
. Count the pairs in @xs where @noun.
---
return sum(1 for $a, $b in @xs if @test)
---
$count = 0
for $a, $b in @xs:
    if @test:
        $count += 1
return $count

## sum_of_pairs|multiply_pairs|pair_@what
(xs:intpairs) -> list[int]
with what~noun~expr in sums ~ sum ~ $a + $b | products ~ product ~ $a * $b | differences ~ absolute difference ~ abs($a - $b) | maxima ~ larger element ~ max($a, $b)
= a list with the @noun of each pair in @xs
---
return [@expr for $a, $b in @xs]
---
$result = []
for $a, $b in @xs:
    $result.append(@expr)
return $result

## closest_to_origin|nearest_point|farthest_point
(xs:intpairs) -> tuple[int, int]
with which~fn in closest to ~ min | farthest from ~ max
= the point in @xs that is @which the origin
edge! not @xs => None
---
return @fn(@xs, key=lambda $p: $p[0] ** 2 + $p[1] ** 2)

## bounding_box|bounds|extent
(xs:intpairs) -> tuple[int, int, int, int]
= the bounding box (smallest x, smallest y, largest x, largest y) of the points in @xs
edge! not @xs => None
---
first = [$a for $a, _ in @xs]
second = [$b for _, $b in @xs]
return min(first), min(second), max(first), max(second)

## closest_value|nearest|closest_number|find_nearest
(xs:ints, target:target) -> int
= the element of @xs that is closest to @target<; the first one if there is a tie|. On ties return the first>
edge! not @xs => None
---
return min(@xs, key=lambda $x: abs($x - @target))
---
$best = @xs[0]
for $x in @xs:
    if abs($x - @target) < abs($best - @target):
        $best = $x
return $best

## fits_in|max_items|how_many_fit|items_within_budget
(xs:pints, limit:limit) -> int
= the largest number of elements of @xs whose sum is at most @limit
---
$count = 0
$total = 0
for $x in sorted(@xs):
    if $total + $x > @limit:
        break
    $total += $x
    $count += 1
return $count

## first_exceeding|steps_until|when_total_reaches
(xs:pints, limit:limit) -> int
= the index at which the running total of @xs first reaches at least @limit, or -1 if it never does
---
$total = 0
for $i, $x in enumerate(@xs):
    $total += $x
    if $total >= @limit:
        return $i
return -1

## take_while|leading_elements|prefix_while
(xs:ints, limit:limit) -> list[int]
= the elements at the start of @xs that are less than @limit, up to the first one that is not
---
$result = []
for $x in @xs:
    if $x >= @limit:
        break
    $result.append($x)
return $result

## drop_while|skip_leading|after_leading
(xs:ints, limit:limit) -> list[int]
= @xs without the leading elements that are less than @limit
---
$i = 0
while $i < len(@xs) and @xs[$i] < @limit:
    $i += 1
return @xs[$i:]

## trim_zeros|strip_zeros|drop_leading_zeros
(xs:pints) -> list[int]
= @xs without the zeros at <its start|the beginning>
ex [0, 0, 1, 0] ;; [1, 2] ;; [0] ;; [] ;; [0, 5, 6]
---
$i = 0
while $i < len(@xs) and @xs[$i] == 0:
    $i += 1
return @xs[$i:]
---
@xs = list(@xs)
while @xs and @xs[0] == 0:
    @xs.pop(0)
return @xs

## pad_list|extend_to|fill_to_length
(xs:ints, n:limit) -> list[int]
= @xs extended with zeros to a length of at least @n
---
return @xs + [0] * (@n - len(@xs))
---
$result = list(@xs)
while len($result) < @n:
    $result.append(0)
return $result

## repeat_elements|duplicate_each|repeat_each
(xs:ints, k:k) -> list[int]
= a list in which each element of @xs is repeated @k times
---
return [$x for $x in @xs for _ in range(@k)]
---
$result = []
for $x in @xs:
    $result.extend([$x] * @k)
return $result

## count_@what|number_of_@what|how_many_@what
(xs:bools) -> int
with what~noun~expr in true ~ true ~ $x | false ~ false ~ not $x
= the number of elements of @xs that are @noun
---
return sum(1 for $x in @xs if @expr)
---
$count = 0
for $x in @xs:
    if @expr:
        $count += 1
return $count

## apply_operations|run_commands|process_commands
(ops:words) -> int
. Start with 0 and process the commands in @ops: "inc" adds one, "dec" subtracts one and "double" doubles the value. Return the final value.
ex ['inc', 'inc', 'double'] ;; [] ;; ['dec'] ;; ['inc', 'double', 'double', 'dec'] ;; ['inc', 'dec']
---
$total = 0
for op in @ops:
    if op == "inc":
        $total += 1
    elif op == "dec":
        $total -= 1
    elif op == "double":
        $total *= 2
return $total

## final_position|follow_moves|walk|move_robot
(moves:word) -> tuple[int, int]
. Start at (0, 0) and follow @moves: "U" is up (y + 1), "D" is down, "L" is left and "R" is right (x + 1). Return the final position.
ex 'UURR' ;; '' ;; 'LD' ;; 'UDLR' ;; 'RRRU' ;; 'DDL'
---
x = y = 0
for $c in @moves:
    if $c == "U":
        y += 1
    elif $c == "D":
        y -= 1
    elif $c == "L":
        x -= 1
    elif $c == "R":
        x += 1
return x, y
---
steps = {"U": (0, 1), "D": (0, -1), "L": (-1, 0), "R": (1, 0)}
x, y = 0, 0
for $c in @moves:
    dx, dy = steps[$c]
    x += dx
    y += dy
return x, y

## simulate_queue|process_queue|queue_operations
(ops:words) -> list[int]
. Process the strings in @ops on an empty @what: "push x" adds the number x, "pop" removes <one|an element>. Return the content at the end. "pop" on an empty @what does nothing.
with what~expr in stack ~ $result.pop() | queue ~ $result.pop(0)
ex ['push 1', 'push 2', 'pop'] ;; [] ;; ['pop'] ;; ['push 5', 'push 6', 'push 7', 'pop'] ;; ['push 3']
---
$result = []
for op in @ops:
    if op == "pop":
        if $result:
            @expr
    else:
        $result.append(int(op.split()[1]))
return $result

## evaluate_rpn|eval_postfix|rpn
(tokens:words) -> int
= the value of the expression @tokens in reverse Polish notation with the operators +, - and *
ex ['1', '2', '+'] ;; ['3', '4', '*', '5', '-'] ;; ['7'] ;; ['2', '3', '4', '+', '*'] ;; ['9', '1', '-']
---
$stack = []
for $w in @tokens:
    if $w in ("+", "-", "*"):
        $b = $stack.pop()
        $a = $stack.pop()
        if $w == "+":
            $stack.append($a + $b)
        elif $w == "-":
            $stack.append($a - $b)
        else:
            $stack.append($a * $b)
    else:
        $stack.append(int($w))
return $stack.pop()

## josephus|last_standing|survivor
(n:pos, k:k) -> int
= the survivor among @n people in a circle, numbered from 1, when every @k-th person is removed
ex 5, 2 ;; 1, 3 ;; 7, 3 ;; 6, 1 ;; 4, 4
---
people = list(range(1, @n + 1))
$i = 0
while len(people) > 1:
    $i = ($i + @k - 1) % len(people)
    people.pop($i)
return people[0]

## powerset|all_subsets|subsets
(xs:ints) -> list[list[int]]
= all subsets of @xs as lists, starting with the empty one; each new element is added to all earlier subsets
ex [1, 2] ;; [] ;; [3] ;; [1, 2, 3] ;; [4, 5]
---
$result = [[]]
for $x in @xs:
    $result += [subset + [$x] for subset in $result]
return $result

## permutations|all_orders|list_permutations
(xs:ints) -> list[list[int]]
= all permutations of @xs in lexicographic order of positions
ex [1, 2] ;; [3] ;; [1, 2, 3] ;; []
---
if not @xs:
    return [[]]
$result = [[]]
for $i in range(len(@xs)):
    $result = [p + [$j] for p in $result for $j in range(len(@xs)) if $j not in p]
return [[@xs[$j] for $j in p] for p in $result]
---
from itertools import permutations

return [list(p) for p in permutations(@xs)]
`;
