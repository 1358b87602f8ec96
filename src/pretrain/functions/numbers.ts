/** @file Families of functions over numbers: digits, divisors, primes, bases, geometry, money, rounding, sequences. */

export const NUMBER_TEMPLATES = `
## digit_sum|sum_of_digits|sum_digits|add_digits
(n:big) -> int
= the sum of the <decimal |>digits of @n
. Add up the digits of @n.
---
return sum(int($d) for $d in str(@n))
---
$total = 0
while @n > 0:
    $total += @n % 10
    @n //= 10
return $total
---
$total = 0
for $d in str(abs(@n)):
    $total += int($d)
return $total
---
return sum(map(int, str(@n)))

## digit_product|product_of_digits|multiply_digits
(n:big) -> int
= the product of the digits of @n
---
$result = 1
for $d in str(@n):
    $result *= int($d)
return $result
---
$result = 1
if @n == 0:
    return 0
while @n > 0:
    $result *= @n % 10
    @n //= 10
return $result

## count_digits|number_of_digits|num_digits|digit_count
(n:big) -> int
= the number of <decimal |>digits of @n
= how many digits @n has
---
return len(str(@n))
---
if @n == 0:
    return 1
$count = 0
while @n > 0:
    @n //= 10
    $count += 1
return $count

## count_@what_digits|@what_digit_count
(n:big) -> int
with what~test in even ~ int($d) % 2 == 0 | odd ~ int($d) % 2 == 1 | zero ~ int($d) == 0 | nonzero ~ int($d) != 0
= the number of @what digits in @n
. Count the @what digits of @n.
---
return sum(1 for $d in str(@n) if @test)
---
$count = 0
for $d in str(@n):
    if @test:
        $count += 1
return $count

## digits_of|to_digits|list_digits|split_digits|get_digits
(n:big) -> list[int]
= a list of the digits of @n<, from left to right|, most significant first|>
. Split @n into its digits.
---
return [int($d) for $d in str(@n)]
---
return list(map(int, str(@n)))
---
if @n == 0:
    return [0]
$result = []
while @n > 0:
    $result.insert(0, @n % 10)
    @n //= 10
return $result

## digits_to_number|from_digits|combine_digits|join_digits
(digits:bits) -> int
= the number whose decimal digits are given in @digits
. Combine the digits in the list @digits into <one number|a single integer>.
ex [1, 2, 3] ;; [0] ;; [9, 0, 5] ;; [7] ;; [] ;; [4, 2] ;; [0, 1, 2]
---
$result = 0
for $d in @digits:
    $result = $result * 10 + $d
return $result
---
return int("".join(str($d) for $d in @digits) or "0")

## reverse_number|reverse_digits|flip_number
(n:big) -> int
= @n with its digits in reverse order
. Reverse the digits of @n.
---
return int(str(@n)[::-1])
---
$result = 0
while @n > 0:
    $result = $result * 10 + @n % 10
    @n //= 10
return $result

## reverse_signed|reverse_integer
(n:int) -> int
= @n with its digits reversed and its sign kept
ex 123 ;; -45 ;; 0 ;; 120 ;; -7 ;; 1000
---
sign = -1 if @n < 0 else 1
return sign * int(str(abs(@n))[::-1])
---
if @n < 0:
    return -int(str(-@n)[::-1])
return int(str(@n)[::-1])

## is_palindrome_number|is_numeric_palindrome|reads_same_reversed
(n:big) -> bool
? @n reads the same forwards and backwards
? the <decimal |>digits of @n form a palindrome
ex 121 ;; 123 ;; 7 ;; 1221 ;; 10 ;; 0 ;; 45654
---
return str(@n) == str(@n)[::-1]
---
reverse = 0
$rest = @n
while $rest > 0:
    reverse = reverse * 10 + $rest % 10
    $rest //= 10
return reverse == @n

## digital_root|repeated_digit_sum|reduce_digits
(n:big) -> int
= the digital root of @n: <sum the digits repeatedly until one digit is left|the digits are summed again and again until a single digit remains>
---
while @n >= 10:
    @n = sum(int($d) for $d in str(@n))
return @n
---
while @n > 9:
    $total = 0
    while @n > 0:
        $total += @n % 10
        @n //= 10
    @n = $total
return @n

## largest_digit|max_digit|biggest_digit
(n:big) -> int
with which~fn~op in largest ~ max ~ > | smallest ~ min ~ <
= the @which digit of @n
---
return @fn(int($d) for $d in str(@n))
---
return int(@fn(str(@n)))
---
$best = @n % 10
while @n > 0:
    if @n % 10 @op $best:
        $best = @n % 10
    @n //= 10
return $best

## is_armstrong|is_narcissistic|equals_digit_powers
(n:big) -> bool
? @n is an Armstrong number: it equals the sum of its digits, each raised to the power of the number of digits
ex 153 ;; 370 ;; 123 ;; 9 ;; 9474 ;; 10 ;; 1634
---
digits = str(@n)
return sum(int($d) ** len(digits) for $d in digits) == @n
---
power = len(str(@n))
$total = 0
$rest = @n
while $rest > 0:
    $total += ($rest % 10) ** power
    $rest //= 10
return $total == @n

## is_harshad|divisible_by_digit_sum
(n:pos) -> bool
? @n is divisible by the sum of its digits
---
return @n % sum(int($d) for $d in str(@n)) == 0
---
$total = 0
for $d in str(@n):
    $total += int($d)
return @n % $total == 0

## divisors|get_divisors|list_divisors|all_divisors
(n:pos) -> list[int]
= all <positive |>divisors of @n in ascending order
= a sorted list of the <numbers that divide|divisors of> @n
---
return [$i for $i in range(1, @n + 1) if @n % $i == 0]
---
$result = []
for $i in range(1, @n + 1):
    if @n % $i == 0:
        $result.append($i)
return $result
---
small = []
large = []
$i = 1
while $i * $i <= @n:
    if @n % $i == 0:
        small.append($i)
        if $i != @n // $i:
            large.append(@n // $i)
    $i += 1
return small + large[::-1]

## count_divisors|number_of_divisors|num_divisors
(n:pos) -> int
= the number of <positive |>divisors of @n
= how many positive integers divide @n
---
return sum(1 for $i in range(1, @n + 1) if @n % $i == 0)
---
$count = 0
for $i in range(1, @n + 1):
    if @n % $i == 0:
        $count += 1
return $count

## sum_of_divisors|divisor_sum|sum_proper_divisors|aliquot_sum
(n:pos) -> int
= the sum of the proper divisors of @n<, that is all divisors except @n itself|>
---
return sum($i for $i in range(1, @n) if @n % $i == 0)
---
$total = 0
for $i in range(1, @n // 2 + 1):
    if @n % $i == 0:
        $total += $i
return $total

## classify_number|perfect_abundant_deficient|number_kind
(n:pos) -> str
. Return "perfect", "abundant" or "deficient", depending on whether the sum of the proper divisors of @n is equal to, greater than or less than @n.
ex 6 ;; 12 ;; 8 ;; 28 ;; 1 ;; 20
---
$total = sum($i for $i in range(1, @n) if @n % $i == 0)
if $total == @n:
    return "perfect"
if $total > @n:
    return "abundant"
return "deficient"

## is_perfect|is_perfect_number
(n:pos) -> bool
? @n is a perfect number, <that is the sum of its proper divisors equals @n|equal to the sum of its proper divisors>
ex 6 ;; 28 ;; 12 ;; 1 ;; 496 ;; 27
---
return @n > 1 and sum($i for $i in range(1, @n) if @n % $i == 0) == @n
---
$total = 0
for $i in range(1, @n):
    if @n % $i == 0:
        $total += $i
return $total == @n and @n > 0

## gcd|common_divisor|highest_common_factor|hcf
(a:pos, b:pos) -> int
= the largest number that divides both @a and @b
---
while @b:
    @a, @b = @b, @a % @b
return @a
---
while @b != 0:
    $rest = @a % @b
    @a = @b
    @b = $rest
return @a
---
import math

return math.gcd(@a, @b)

## lcm|least_common_multiple|smallest_common_multiple
(a:pos, b:pos) -> int
= the least common multiple of @a and @b
= the smallest positive number that is divisible by both @a and @b
---
$x, $y = @a, @b
while $y:
    $x, $y = $y, $x % $y
return @a * @b // $x
---
$result = max(@a, @b)
while $result % @a != 0 or $result % @b != 0:
    $result += 1
return $result
---
import math

return @a * @b // math.gcd(@a, @b)

## are_coprime|is_coprime|relatively_prime
(a:pos, b:pos) -> bool
? @a and @b have no common divisor other than 1
? @a and @b are coprime
---
while @b:
    @a, @b = @b, @a % @b
return @a == 1
---
for $i in range(2, min(@a, @b) + 1):
    if @a % $i == 0 and @b % $i == 0:
        return False
return True

## primes_up_to|list_primes|sieve|primes_below_or_equal
(n:n) -> list[int]
= a list of all primes <up to and including|not greater than> @n
---
$result = []
for $x in range(2, @n + 1):
    for d in range(2, int($x ** 0.5) + 1):
        if $x % d == 0:
            break
    else:
        $result.append($x)
return $result
---
sieve = [True] * (@n + 1)
$result = []
for $x in range(2, @n + 1):
    if sieve[$x]:
        $result.append($x)
        for multiple in range($x * $x, @n + 1, $x):
            sieve[multiple] = False
return $result
---
return [$x for $x in range(2, @n + 1) if all($x % d for d in range(2, int($x ** 0.5) + 1))]

## next_prime|prime_after|smallest_prime_above
(n:n) -> int
= the smallest prime <greater than|larger than> @n
---
candidate = @n + 1
while True:
    if candidate > 1 and all(candidate % $i for $i in range(2, int(candidate ** 0.5) + 1)):
        return candidate
    candidate += 1
---
def is_prime(m):
    if m < 2:
        return False
    for $i in range(2, int(m ** 0.5) + 1):
        if m % $i == 0:
            return False
    return True

@n += 1
while not is_prime(@n):
    @n += 1
return @n

## count_primes|number_of_primes|primes_between
(a:n, b:n) -> int
= the number of primes between @a and @b<, both included| (inclusive)>
---
$count = 0
for $x in range(max(2, @a), @b + 1):
    if all($x % d != 0 for d in range(2, int($x ** 0.5) + 1)):
        $count += 1
return $count

## prime_factor_counts|prime_exponents|factor_powers
(n:pos) -> dict[int, int]
= a dictionary that maps each prime factor of @n to its exponent
---
$result = {}
$d = 2
while @n > 1:
    while @n % $d == 0:
        $result[$d] = $result.get($d, 0) + 1
        @n //= $d
    $d += 1
return $result

## distinct_prime_factors|unique_prime_factors|prime_divisors
(n:pos) -> list[int]
= the <distinct|different> prime factors of @n in ascending order
---
$result = []
$d = 2
while @n > 1:
    if @n % $d == 0:
        $result.append($d)
        while @n % $d == 0:
            @n //= $d
    $d += 1
return $result

## smallest_prime_factor|least_prime_factor|first_prime_divisor
(n:pos) -> int
= the smallest prime factor of @n, or @n itself if it is 1
---
for $d in range(2, @n + 1):
    if @n % $d == 0:
        return $d
return @n
---
$d = 2
while $d * $d <= @n:
    if @n % $d == 0:
        return $d
    $d += 1
return @n

## factorial|fact|compute_factorial
(n:small) -> int
= the factorial of @n
= @n factorial<, the product of the numbers from 1 to @n|>
---
$result = 1
for $i in range(2, @n + 1):
    $result *= $i
return $result
---
$result = 1
while @n > 1:
    $result *= @n
    @n -= 1
return $result
---
import math

return math.factorial(@n)

## double_factorial|semi_factorial
(n:small) -> int
= the double factorial of @n: the product of all numbers from @n down to 1 with the same parity as @n
---
$result = 1
while @n > 1:
    $result *= @n
    @n -= 2
return $result
---
$result = 1
for $i in range(@n, 0, -2):
    $result *= $i
return $result

## binomial|choose|combinations_count|n_choose_k
(n:small, k:k) -> int
= the number of ways to choose @k elements out of @n
= the binomial coefficient of @n over @k
---
if @k > @n:
    return 0
$result = 1
for $i in range(@k):
    $result = $result * (@n - $i) // ($i + 1)
return $result
---
import math

return math.comb(@n, @k)

## fibonacci_list|first_fibonacci|fibonacci_numbers|fib_sequence
(n:small) -> list[int]
= a list of the first @n Fibonacci numbers<, starting with 0 and 1|, beginning with 0, 1>
---
$result = []
a, b = 0, 1
for $i in range(@n):
    $result.append(a)
    a, b = b, a + b
return $result
---
$result = [0, 1]
while len($result) < @n:
    $result.append($result[-1] + $result[-2])
return $result[:@n]

## nth_fibonacci|fibonacci_number|fib_at
(n:small) -> int
= the @n-th Fibonacci number, where the sequence starts with 0 and 1 (index 0 and 1)
---
a, b = 0, 1
for $i in range(@n):
    a, b = b, a + b
return a
---
if @n < 2:
    return @n
prev, cur = 0, 1
for $i in range(2, @n + 1):
    prev, cur = cur, prev + cur
return cur

## is_fibonacci|is_fibonacci_number|in_fibonacci
(n:n) -> bool
? @n is a Fibonacci number
---
a, b = 0, 1
while a < @n:
    a, b = b, a + b
return a == @n

## triangular_number|triangle_number|nth_triangular
(n:small) -> int
= the @n-th triangular number, <1 + 2 + ... + @n|the sum of the numbers from 1 to @n>
---
return @n * (@n + 1) // 2
---
$total = 0
for $i in range(1, @n + 1):
    $total += $i
return $total

## is_triangular|is_triangle_number
(n:n) -> bool
? @n is a triangular number<| (1, 3, 6, 10, ...)>
ex 1 ;; 3 ;; 4 ;; 10 ;; 21 ;; 22 ;; 6
---
$total = 0
$i = 1
while $total < @n:
    $total += $i
    $i += 1
return $total == @n

## collatz_steps|collatz_length|steps_to_one
(n:pos) -> int
= the number of steps until @n reaches 1 when even numbers are halved and odd numbers are replaced by 3 times the number plus 1
. Count the Collatz steps of @n: halve it if it is even, otherwise multiply by 3 and add 1, until it is 1.
---
$count = 0
while @n != 1:
    if @n % 2 == 0:
        @n //= 2
    else:
        @n = 3 * @n + 1
    $count += 1
return $count
---
$count = 0
while @n > 1:
    @n = @n // 2 if @n % 2 == 0 else 3 * @n + 1
    $count += 1
return $count

## halving_steps|count_halvings|times_divisible
(n:pos) -> int
with k~word in 2 ~ 2 | 3 ~ 3 | 5 ~ 5 | 10 ~ 10
= how many times @n can be divided by @word without remainder
. Count how often @n is divisible by @word.
---
$count = 0
while @n % @k == 0:
    @n //= @k
    $count += 1
return $count

## is_power_of|is_power_of_@k|power_of_@k
(n:pos) -> bool
with k in 2 | 3 | 4 | 5 | 10
? @n is a power of @k
---
while @n > 1 and @n % @k == 0:
    @n //= @k
return @n == 1
---
power = 1
while power < @n:
    power *= @k
return power == @n
---
if @n < 1:
    return False
while @n % @k == 0:
    @n //= @k
return @n == 1

## is_perfect_square|is_square|is_square_number
(n:n) -> bool
? @n is a perfect square
? @n is the square of an integer
ex 16 ;; 15 ;; 0 ;; 1 ;; 25 ;; 26 ;; 144 ;; 2
---
root = int(@n ** 0.5)
return root * root == @n
---
$i = 0
while $i * $i < @n:
    $i += 1
return $i * $i == @n
---
import math

return math.isqrt(@n) ** 2 == @n

## integer_sqrt|floor_sqrt|int_square_root
(n:big) -> int
= the integer square root of @n<, rounded down|, that is the largest integer whose square is not greater than @n>
---
$left, $right = 0, @n + 1
while $right - $left > 1:
    $mid = ($left + $right) // 2
    if $mid * $mid <= @n:
        $left = $mid
    else:
        $right = $mid
return $left
---
import math

return math.isqrt(@n)
---
return int(@n ** 0.5)

## power|raise_to|integer_power|exponentiate
(x:int, n:small) -> int
= @x raised to the power @n<, without using the ** operator|>
---
$result = 1
for $i in range(@n):
    $result *= @x
return $result
---
$result = 1
base = @x
while @n > 0:
    if @n % 2 == 1:
        $result *= base
    base *= base
    @n //= 2
return $result

## power_mod|modular_power|pow_mod
(x:pos, n:small, m:pos) -> int
= @x to the power @n modulo @m
---
$result = 1
for $i in range(@n):
    $result = $result * @x % @m
return $result % @m
---
return pow(@x, @n, @m)

## to_binary|int_to_binary|binary_string
(n:n) -> str
= the binary representation of @n as a string<, without a prefix|>
. Convert @n to binary.
---
if @n == 0:
    return "0"
$result = ""
while @n > 0:
    $result = str(@n % 2) + $result
    @n //= 2
return $result
---
return bin(@n)[2:]
---
return format(@n, "b")

## from_binary|binary_to_int|parse_binary
(s:binary) -> int
= the value of the binary number @s
. Convert the binary string @s to an integer.
---
return int(@s, 2)
---
$result = 0
for $c in @s:
    $result = $result * 2 + int($c)
return $result
---
$result = 0
for $i, $c in enumerate(reversed(@s)):
    if $c == "1":
        $result += 2 ** $i
return $result

## to_hex|int_to_hex|hexadecimal
(n:big) -> str
= @n in hexadecimal <with lowercase digits|, using lowercase letters>, without a prefix
---
return format(@n, "x")
---
return hex(@n)[2:]
---
if @n == 0:
    return "0"
digits = "0123456789abcdef"
$result = ""
while @n > 0:
    $result = digits[@n % 16] + $result
    @n //= 16
return $result

## to_base_string|int_to_base|number_in_base
(n:n, base:k) -> str
= @n written in base @base, where @base is between 2 and 10
ex 10, 2 ;; 255, 8 ;; 7, 3 ;; 0, 5 ;; 100, 9 ;; 31, 4
---
if @n == 0:
    return "0"
$result = ""
while @n > 0:
    @n, $rest = divmod(@n, @base)
    $result = str($rest) + $result
return $result
---
digits = []
while True:
    digits.append(str(@n % @base))
    @n //= @base
    if @n == 0:
        break
return "".join(reversed(digits))

## from_base|parse_in_base|base_to_int
(s:digits, base:k) -> int
= the integer that @s stands for in base @base
ex '1010', 2 ;; '17', 8 ;; '21', 3 ;; '0', 5 ;; '123', 4
---
$result = 0
for $c in @s:
    $result = $result * @base + int($c)
return $result
---
return int(@s, @base)

## count_ones|count_set_bits|popcount|hamming_weight
(n:n) -> int
= the number of ones in the binary representation of @n
= the number of bits of @n that are set
---
return bin(@n).count("1")
---
$count = 0
while @n:
    $count += @n & 1
    @n >>= 1
return $count
---
$count = 0
while @n > 0:
    if @n % 2 == 1:
        $count += 1
    @n //= 2
return $count

## bit_length|count_bits|bits_needed
(n:n) -> int
= the number of bits needed to write @n in binary
---
$count = 0
while @n > 0:
    @n //= 2
    $count += 1
return $count
---
return @n.bit_length()

## clamp|limit_value|restrict|bound
(x:int, low:n, high:limit) -> int
= @x limited to the range from @low to @high
. Clamp @x to the interval from @low to @high.
ex 5, 0, 10 ;; -3, 0, 10 ;; 15, 0, 10 ;; 7, 7, 7 ;; 2, 3, 8 ;; 100, 1, 50
---
if @x < @low:
    return @low
if @x > @high:
    return @high
return @x
---
return max(@low, min(@x, @high))

## wrap_angle|normalize_angle|normalize_degrees
(x:int) -> int
= the angle @x in degrees, normalized to the range from 0 to 359
ex 370 ;; -90 ;; 0 ;; 360 ;; 725 ;; 45
---
return @x % 360
---
while @x < 0:
    @x += 360
while @x >= 360:
    @x -= 360
return @x

## sign|signum|sign_of
(x:int) -> int
= -1 if @x is negative, 1 if it is positive and 0 if it is zero
---
if @x > 0:
    return 1
if @x < 0:
    return -1
return 0
---
return (@x > 0) - (@x < 0)

## describe_number|sign_name|classify_sign
(x:int) -> str
= "positive", "negative" or "zero"<, depending on|, according to> the sign of @x
---
if @x > 0:
    return "positive"
elif @x < 0:
    return "negative"
else:
    return "zero"
---
if @x == 0:
    return "zero"
return "positive" if @x > 0 else "negative"

## parity|even_or_odd|parity_name
(x:int) -> str
= "even" if @x is even and "odd" otherwise
---
return "even" if @x % 2 == 0 else "odd"
---
if @x % 2 == 0:
    return "even"
return "odd"

## max_of_three|largest_of_three|biggest_of_three
(a:int, b:int, c:int) -> int
with which~fn~op in largest ~ max ~ >= | smallest ~ min ~ <=
= the @which of the <three numbers|numbers> @a, @b and @c
---
return @fn(@a, @b, @c)
---
if @a @op @b and @a @op @c:
    return @a
if @b @op @c:
    return @b
return @c
---
$result = @a
if @b @op $result:
    $result = @b
if @c @op $result:
    $result = @c
return $result

## middle_of_three|median_of_three|middle_value
(a:int, b:int, c:int) -> int
= the middle value of @a, @b and @c
---
return sorted([@a, @b, @c])[1]
---
return @a + @b + @c - min(@a, @b, @c) - max(@a, @b, @c)

## round_to_multiple|round_to_nearest|nearest_multiple
(n:n, k:k) -> int
with how~expr in up ~ (@n + @k - 1) // @k * @k | down ~ @n // @k * @k
. Round @n @how to a multiple of @k.
= @n rounded @how to the next multiple of @k
---
return @expr

## ceil_div|divide_round_up|pages_needed
(n:n, k:k) -> int
= @n divided by @k, rounded up
= how many groups of size @k are needed for @n <items|elements>
---
return (@n + @k - 1) // @k
---
return -(-@n // @k)
---
$result = @n // @k
if @n % @k != 0:
    $result += 1
return $result

## is_between|in_range|within
(x:int, low:n, high:limit) -> bool
? @x lies between @low and @high<, both included| (inclusive)>
---
return @low <= @x <= @high
---
return @x >= @low and @x <= @high
---
if @x < @low or @x > @high:
    return False
return True

## sum_of_range|sum_between|range_sum
(a:int, b:int) -> int
= the sum of all integers from @a to @b<, both included| (inclusive)>. If @a is greater than @b the sum is 0
---
return sum(range(@a, @b + 1))
---
$total = 0
for $i in range(@a, @b + 1):
    $total += $i
return $total

## sum_of_@what|@what_sum|sum_@what
(n:small) -> int
with what~noun~expr in squares ~ squares ~ $i * $i | cubes ~ cubes ~ $i ** 3 | double ~ doubles ~ 2 * $i
= the sum of the @noun of the numbers from 1 to @n
---
return sum(@expr for $i in range(1, @n + 1))
---
$total = 0
for $i in range(1, @n + 1):
    $total += @expr
return $total

## count_multiples|multiples_below|number_of_multiples
(n:n, k:k) -> int
= the number of positive multiples of @k <below|smaller than> @n
---
return sum(1 for $i in range(1, @n) if $i % @k == 0)
---
return max(0, (@n - 1) // @k)
---
$count = 0
for $i in range(@k, @n, @k):
    $count += 1
return $count

## multiplication_table_row|multiples|first_multiples|times_table
(n:k, count:small) -> list[int]
= a list of the first @count multiples of @n
---
return [@n * $i for $i in range(1, @count + 1)]
---
$result = []
for $i in range(1, @count + 1):
    $result.append(@n * $i)
return $result

## countdown|count_down|descending_from
(n:small) -> list[int]
= a list that counts down from @n to @last
with last~stop in 1 ~ 0 | 0 ~ -1
---
return list(range(@n, @stop, -1))
---
$result = []
while @n > @stop:
    $result.append(@n)
    @n -= 1
return $result

## fizz_list|label_multiples|replace_multiples|number_words
(n:small) -> list[str]
with k~word in 2 ~ even | 3 ~ three | 4 ~ four | 3 ~ fizz | 5 ~ five | 2 ~ two
= a list of strings for the numbers from 1 to @n, where every multiple of @k is replaced by "@word"
---
return ["@word" if $i % @k == 0 else str($i) for $i in range(1, @n + 1)]
---
$result = []
for $i in range(1, @n + 1):
    if $i % @k == 0:
        $result.append("@word")
    else:
        $result.append(str($i))
return $result

## arithmetic_sequence|arithmetic_progression|linear_sequence
(start:int, step:k, n:small) -> list[int]
= a list of @n numbers that starts with @start and grows by @step
---
return [@start + $i * @step for $i in range(@n)]
---
$result = []
for $i in range(@n):
    $result.append(@start)
    @start += @step
return $result

## geometric_sequence|geometric_progression|powers
(start:k, ratio:k, n:small) -> list[int]
= the first @n terms of the geometric sequence that starts with @start and has the ratio @ratio
---
return [@start * @ratio ** $i for $i in range(@n)]
---
$result = []
for $i in range(@n):
    $result.append(@start)
    @start *= @ratio
return $result

## celsius_to_fahrenheit|c_to_f|to_fahrenheit
(celsius:float) -> float
= the temperature @celsius in degrees Fahrenheit, rounded to one decimal
. Convert @celsius degrees Celsius to Fahrenheit<, rounded to one decimal place|. Round to one decimal>.
---
return round(@celsius * 9 / 5 + 32, 1)

## fahrenheit_to_celsius|f_to_c|to_celsius
(fahrenheit:float) -> float
. Convert @fahrenheit from degrees Fahrenheit to degrees Celsius, rounded to one decimal.
---
return round((@fahrenheit - 32) * 5 / 9, 1)

## convert_length|@from_to_@to|convert_@from
(value:float) -> float
with from~to~factor in kilometers ~ meters ~ 1000 | meters ~ centimeters ~ 100 | hours ~ minutes ~ 60 | feet ~ inches ~ 12 | weeks ~ days ~ 7 | kilograms ~ grams ~ 1000 | days ~ hours ~ 24
. Convert @value from @from to @to.
= the number of @to in @value @from
---
return @value * @factor

## rectangle_area|area_of_rectangle|compute_area
(width:pos, height:pos) -> int
with what~expr in area ~ @width * @height | perimeter ~ 2 * (@width + @height)
= the @what of a rectangle with the sides @width and @height
---
return @expr

## circle_area|area_of_circle|circumference
(radius:float) -> float
import math
with what~expr in area ~ math.pi * @radius ** 2 | circumference ~ 2 * math.pi * @radius
= the @what of a circle with <radius @radius|the given radius>, rounded to two decimals
---
return round(@expr, 2)

## is_valid_triangle|is_triangle|can_form_triangle
(a:pos, b:pos, c:pos) -> bool
? <the side lengths|sides of length> @a, @b and @c can form a triangle
ex 3, 4, 5 ;; 1, 2, 3 ;; 2, 2, 2 ;; 1, 1, 5 ;; 5, 5, 9 ;; 10, 3, 4
---
return @a + @b > @c and @a + @c > @b and @b + @c > @a
---
sides = sorted([@a, @b, @c])
return sides[0] + sides[1] > sides[2]

## triangle_type|classify_triangle|kind_of_triangle
(a:pos, b:pos, c:pos) -> str
. Return "equilateral", "isosceles" or "scalene" for a triangle with the sides @a, @b and @c.
ex 3, 3, 3 ;; 3, 4, 3 ;; 3, 4, 5 ;; 2, 2, 3 ;; 7, 7, 7 ;; 5, 6, 7
---
if @a == @b == @c:
    return "equilateral"
if @a == @b or @b == @c or @a == @c:
    return "isosceles"
return "scalene"
---
distinct = len({@a, @b, @c})
if distinct == 1:
    return "equilateral"
if distinct == 2:
    return "isosceles"
return "scalene"

## hypotenuse|pythagoras|diagonal
(a:pos, b:pos) -> float
= the length of the hypotenuse of a right triangle with legs @a and @b, rounded to two decimals
---
return round((@a ** 2 + @b ** 2) ** 0.5, 2)
---
import math

return round(math.sqrt(@a * @a + @b * @b), 2)

## distance|euclidean_distance|point_distance
(p:point, q:point) -> float
= the <Euclidean |>distance between the points @p and @q, rounded to two decimals
---
dx = @p[0] - @q[0]
dy = @p[1] - @q[1]
return round((dx * dx + dy * dy) ** 0.5, 2)
---
x1, y1 = @p
x2, y2 = @q
return round(((x1 - x2) ** 2 + (y1 - y2) ** 2) ** 0.5, 2)

## manhattan_distance|taxicab_distance|grid_distance
(p:point, q:point) -> int
= the Manhattan distance between the points @p and @q
---
return abs(@p[0] - @q[0]) + abs(@p[1] - @q[1])
---
x1, y1 = @p
x2, y2 = @q
return abs(x1 - x2) + abs(y1 - y2)

## quadrant|which_quadrant|quadrant_of
(x:int, y:int) -> int
= the quadrant (1 to 4) of the point (@x, @y), or 0 if it lies on an axis
---
if @x == 0 or @y == 0:
    return 0
if @x > 0:
    return 1 if @y > 0 else 4
return 2 if @y > 0 else 3
---
if @x > 0 and @y > 0:
    return 1
if @x < 0 and @y > 0:
    return 2
if @x < 0 and @y < 0:
    return 3
if @x > 0 and @y < 0:
    return 4
return 0

## apply_discount|discounted_price|price_after_discount
(price:money, percent:percent) -> float
= @price reduced by @percent percent, rounded to two decimals
. Apply a discount of @percent percent to @price. Round the result to two decimals.
---
return round(@price * (1 - @percent / 100), 2)
---
factor = 1 - @percent / 100
return round(@price * factor, 2)

## add_tax|price_with_tax|gross_price
(price:money, rate:percent) -> float
= @price plus @rate percent tax, rounded to two decimals
---
return round(@price * (1 + @rate / 100), 2)
---
factor = 1 + @rate / 100
return round(@price * factor, 2)

## percentage|percent_of|what_percent
(part:pos, whole:pos) -> float
= what percentage of @whole @part is, rounded to one decimal
---
return round(@part / @whole * 100, 1)
---
return round(100 * @part / @whole, 1)

## percent_change|relative_change|growth_rate
(old:pos, new:pos) -> float
= the change from @old to @new in percent, rounded to one decimal
---
return round((@new - @old) / @old * 100, 1)

## compound_interest|final_balance|grow
(amount:money, rate:percent, years:small) -> float
= the balance after @years years when @amount earns @rate percent interest <a year|per year>, compounded yearly, rounded to two decimals
---
return round(@amount * (1 + @rate / 100) ** @years, 2)
---
factor = 1 + @rate / 100
balance = @amount * factor ** @years
return round(balance, 2)

## years_to_reach|years_until|years_to_double
(amount:pos, rate:percent, target:pos) -> int
= the number of full years until @amount has grown to at least @target at @rate percent interest per year
ex 100, 10, 200 ;; 1000, 5, 1100 ;; 50, 20, 40 ;; 100, 50, 300 ;; 10, 25, 100
---
$count = 0
while @amount < @target:
    @amount += @amount * @rate / 100
    $count += 1
return $count

## coin_change|make_change|change_coins|count_coins
(amount:n) -> dict[int, int]
with coins in [25, 10, 5, 1] | [50, 20, 10, 5, 2, 1] | [10, 5, 1]
= a dictionary with the number of coins of each value needed to pay @amount with as few coins as possible<, using the coins @coins|. The coins are @coins>. Coins that are not used are left out
---
$result = {}
for coin in @coins:
    $count = @amount // coin
    if $count > 0:
        $result[coin] = $count
    @amount %= coin
return $result
---
$result = {}
for coin in @coins:
    while @amount >= coin:
        $result[coin] = $result.get(coin, 0) + 1
        @amount -= coin
return $result

## min_coins|fewest_coins|coins_needed
(amount:n) -> int
with coins in [25, 10, 5, 1] | [50, 20, 10, 5, 2, 1] | [10, 5, 1]
= the smallest number of coins that add up to @amount, with the coins @coins
---
$count = 0
for coin in @coins:
    $count += @amount // coin
    @amount %= coin
return $count

## fewest_coins_dp|min_coins_for|minimum_coins
(coins:pints, amount:small) -> int
= the smallest number of coins from @coins that add up to @amount, or -1 if it is not possible. Every coin may be used any number of times
ex [1, 2, 5], 11 ;; [2], 3 ;; [1], 0 ;; [3, 4], 6 ;; [5, 10], 20 ;; [4, 7], 5
---
$best = [0] + [float("inf")] * @amount
for total in range(1, @amount + 1):
    for coin in @coins:
        if coin <= total:
            $best[total] = min($best[total], $best[total - coin] + 1)
return $best[@amount] if $best[@amount] != float("inf") else -1

## grade|letter_grade|score_to_grade|grade_for
(score:limit) -> str
. Return the grade for @score: "A" from 90, "B" from 80, "C" from 70, "D" from 60 and "F" below.
ex 95 ;; 80 ;; 79 ;; 65 ;; 12 ;; 90
---
if @score >= 90:
    return "A"
if @score >= 80:
    return "B"
if @score >= 70:
    return "C"
if @score >= 60:
    return "D"
return "F"
---
for limit, letter in [(90, "A"), (80, "B"), (70, "C"), (60, "D")]:
    if @score >= limit:
        return letter
return "F"

## ticket_price|fare|entry_fee
(age:limit) -> int
with child~adult~senior in 5 ~ 10 ~ 7 | 0 ~ 12 ~ 6 | 3 ~ 8 ~ 4
. Return the ticket price for a person of the given @age: @child for children under 12, @senior from 65, and @adult for everybody else.
ex 5 ;; 30 ;; 70 ;; 12 ;; 65 ;; 64 ;; 11
---
if @age < 12:
    return @child
if @age >= 65:
    return @senior
return @adult
---
if @age < 12:
    price = @child
elif @age >= 65:
    price = @senior
else:
    price = @adult
return price

## bmi|body_mass_index
(weight:money, height:float) -> float
= the body mass index: @weight divided by the square of @height, rounded to one decimal
ex 70, 1.75 ;; 50, 1.6 ;; 90, 1.8 ;; 62.5, 1.7
---
return round(@weight / @height ** 2, 1)

## ordinal|to_ordinal|ordinal_number|with_suffix
(n:pos) -> str
= @n as an ordinal <number|string> such as "1st", "2nd", "3rd" or "4th"
ex 1 ;; 2 ;; 3 ;; 4 ;; 11 ;; 12 ;; 13 ;; 21 ;; 112 ;; 101
---
if 10 <= @n % 100 <= 20:
    suffix = "th"
else:
    suffix = {1: "st", 2: "nd", 3: "rd"}.get(@n % 10, "th")
return str(@n) + suffix
---
if @n % 100 in (11, 12, 13):
    return f"{@n}th"
if @n % 10 == 1:
    return f"{@n}st"
if @n % 10 == 2:
    return f"{@n}nd"
if @n % 10 == 3:
    return f"{@n}rd"
return f"{@n}th"

## format_thousands|add_commas|with_commas|group_thousands
(n:big) -> str
= @n as a string with commas between groups of three digits
. Format @n with commas as thousands separators.
---
return f"{@n:,}"
---
s = str(@n)
$result = ""
while len(s) > 3:
    $result = "," + s[-3:] + $result
    s = s[:-3]
return s + $result
---
return format(@n, ",")

## format_money|format_price|as_currency|to_dollars
(amount:money) -> str
with sign~name in $ ~ dollars | € ~ euros | £ ~ pounds
= @amount as a string with the sign "@sign" in front and two decimals
---
return f"@sign{@amount:.2f}"
---
return "@sign" + format(@amount, ".2f")

## format_percent|as_percent|to_percent
(x:float) -> str
= the ratio @x as a percentage with one decimal, such as "12.5%"
ex 0.125 ;; 1 ;; 0 ;; 0.5 ;; 0.333 ;; 1.25
---
return f"{@x * 100:.1f}%"
---
return "{:.1f}%".format(@x * 100)

## format_bytes|human_size|readable_size
(n:big) -> str
= @n bytes as a readable string with one decimal and the unit B, KB, MB or GB, where each unit is 1024 times the previous one
ex 512 ;; 2048 ;; 1536 ;; 1048576 ;; 0 ;; 5000000
---
size = float(@n)
for unit in ("B", "KB", "MB"):
    if size < 1024:
        return f"{size:.1f} {unit}"
    size /= 1024
return f"{size:.1f} GB"
---
units = ["B", "KB", "MB", "GB"]
size = float(@n)
$i = 0
while size >= 1024 and $i < len(units) - 1:
    size /= 1024
    $i += 1
return f"{size:.1f} {units[$i]}"

## number_to_words|digit_names|spell_digits|digits_in_words
(n:big) -> str
= the names of the digits of @n in English, separated by spaces
. Spell out the digits of @n in words.
---
names = "zero one two three four five six seven eight nine".split()
return " ".join(names[int($d)] for $d in str(@n))
---
names = "zero one two three four five six seven eight nine".split()
$words = []
for $d in str(@n):
    $words.append(names[int($d)])
return " ".join($words)

## to_roman|int_to_roman|roman_numeral|number_to_roman
(n:pos) -> str
= @n as a roman numeral<| in upper case>
. Convert @n to a roman numeral.
---
values = [(1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")]
$result = ""
for value, symbol in values:
    while @n >= value:
        $result += symbol
        @n -= value
return $result

## roman_to_int|from_roman|parse_roman|roman_value
(s:roman) -> int
= the value of the roman numeral @s
. Convert the roman numeral @s to an integer.
---
values = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
$total = 0
for $i in range(len(@s)):
    value = values[@s[$i]]
    if $i + 1 < len(@s) and values[@s[$i + 1]] > value:
        $total -= value
    else:
        $total += value
return $total
---
values = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
$total = 0
$prev = 0
for $c in reversed(@s):
    value = values[$c]
    if value < $prev:
        $total -= value
    else:
        $total += value
        $prev = value
return $total

## safe_divide|divide|divide_or_default
(a:int, b:int) -> float
= @a divided by @b<, or None if @b is zero|. If @b is zero, return None>
---
if @b == 0:
    return None
return @a / @b
---
try:
    return @a / @b
except ZeroDivisionError:
    return None

## quotient_and_remainder|div_mod|divide_with_rest
(a:n, b:k) -> tuple[int, int]
= a tuple with the quotient and the remainder of @a divided by @b
---
return @a // @b, @a % @b
---
return divmod(@a, @b)

## is_leap_year|leap_year|is_leap
(year:year) -> bool
? @year is a leap year
---
return @year % 4 == 0 and (@year % 100 != 0 or @year % 400 == 0)
---
if @year % 400 == 0:
    return True
if @year % 100 == 0:
    return False
return @year % 4 == 0

## century|century_of|century_from_year
(year:year) -> int
= the century that @year belongs to
---
return (@year - 1) // 100 + 1
---
return (@year + 99) // 100

## luhn_valid|luhn_check|is_valid_card
(digits:digits) -> bool
? @digits passes the Luhn check: from the right, every second digit is doubled (minus 9 if the result exceeds 9), and the sum must be divisible by 10
ex '4539578763621486' ;; '79927398713' ;; '79927398710' ;; '0' ;; '18' ;; '1234'
---
$total = 0
for $i, $c in enumerate(reversed(@digits)):
    $d = int($c)
    if $i % 2 == 1:
        $d *= 2
        if $d > 9:
            $d -= 9
    $total += $d
return $total % 10 == 0

## check_digit|checksum|mod_checksum
(digits:digits) -> int
with m in 7 | 9 | 10 | 11
= the sum of the digits of @digits, each multiplied by its position starting at 1, modulo @m
---
return sum($i * int($d) for $i, $d in enumerate(@digits, 1)) % @m
---
$total = 0
for $i, $d in enumerate(@digits):
    $total += ($i + 1) * int($d)
return $total % @m

## rgb_to_hex|to_hex_color|color_code
(r:byte, g:byte, b:byte) -> str
= the hex color <string|code> for the given red, green and blue values, such as "#ff8000"
---
return f"#{@r:02x}{@g:02x}{@b:02x}"
---
return "#" + "".join(f"{part:02x}" for part in (@r, @g, @b))

## hex_to_rgb|parse_color|color_to_rgb
(color:hex) -> tuple[int, int, int]
= the red, green and blue values of @color as a tuple
---
return int(@color[1:3], 16), int(@color[3:5], 16), int(@color[5:7], 16)
---
return tuple(int(@color[$i:$i + 2], 16) for $i in (1, 3, 5))

## solve_linear|linear_root|root_of_line
(a:int, b:int) -> float
= the solution x of @a * x + @b = 0, or None if @a is zero
---
if @a == 0:
    return None
return -@b / @a

## count_real_roots|number_of_roots|real_solutions
(a:pos, b:int, c:int) -> int
= the number of real solutions of @a * x^2 + @b * x + @c = 0
---
discriminant = @b * @b - 4 * @a * @c
if discriminant > 0:
    return 2
if discriminant == 0:
    return 1
return 0

## digit_square_sum|sum_of_squared_digits
(n:big) -> int
= the sum of the squares of the digits of @n
---
return sum(int($d) ** 2 for $d in str(@n))
---
$total = 0
while @n > 0:
    $d = @n % 10
    $total += $d * $d
    @n //= 10
return $total

## digit_from_right|digit_at|nth_digit
(n:big, k:k) -> int
= the @k-th digit of @n counted from the right, where 0 is the last digit
---
return @n // 10 ** @k % 10
---
for $i in range(@k):
    @n //= 10
return @n % 10

## has_digit|contains_digit|includes_digit
(n:big, d:k) -> bool
? the digit @d occurs in @n
---
return str(@d) in str(@n)
---
while @n > 0:
    if @n % 10 == @d:
        return True
    @n //= 10
return False

## all_digits_@what|only_@what_digits
(n:big) -> bool
with what~test in even ~ int($d) % 2 == 0 | odd ~ int($d) % 2 == 1
? all digits of @n are @what
? @n consists of @what digits only
---
return all(@test for $d in str(@n))
---
for $d in str(@n):
    if not @test:
        return False
return True

## digits_ascending|increasing_digits|is_sorted_number
(n:big) -> bool
? the digits of @n are in <ascending|non-decreasing> order<| from left to right>
ex 123 ;; 321 ;; 112 ;; 5 ;; 1032 ;; 456789
---
s = str(@n)
return all(s[$i] <= s[$i + 1] for $i in range(len(s) - 1))
---
return list(str(@n)) == sorted(str(@n))

## sum_of_multiples|sum_multiples_of_two_numbers|add_multiples
(n:n) -> int
with a1~b1 in 3 ~ 5 | 2 ~ 7 | 4 ~ 6 | 5 ~ 7
= the sum of all numbers below @n that are multiples of @a1 or @b1
---
return sum($i for $i in range(@n) if $i % @a1 == 0 or $i % @b1 == 0)
---
$total = 0
for $i in range(1, @n):
    if $i % @a1 == 0 or $i % @b1 == 0:
        $total += $i
return $total

## stairs_ways|climb_ways|count_ways_to_climb
(n:small) -> int
= the number of ways to climb @n steps when you can take 1 or 2 steps at a time
---
a, b = 1, 1
for $i in range(@n):
    a, b = b, a + b
return a
---
ways = [1, 1]
for $i in range(2, @n + 1):
    ways.append(ways[-1] + ways[-2])
return ways[@n]

## pascal_row|pascals_triangle_row|binomial_row
(n:small) -> list[int]
= row @n of Pascal's triangle, where row 0 is [1]
---
row = [1]
for $i in range(@n):
    row = [1] + [row[$j] + row[$j + 1] for $j in range(len(row) - 1)] + [1]
return row

## pascal_triangle|pascals_triangle|build_pascal
(n:small) -> list[list[int]]
= the first @n rows of Pascal's triangle
---
rows = []
for $i in range(@n):
    row = [1] * ($i + 1)
    for $j in range(1, $i):
        row[$j] = rows[$i - 1][$j - 1] + rows[$i - 1][$j]
    rows.append(row)
return rows

## look_and_say|next_look_and_say|describe_digits
(s:digits) -> str
= the next term of the look-and-say sequence after @s: for each run of equal digits, its length followed by the digit
ex '1' ;; '11' ;; '21' ;; '1211' ;; '3' ;; '2233'
---
$result = ""
$i = 0
while $i < len(@s):
    $j = $i
    while $j < len(@s) and @s[$j] == @s[$i]:
        $j += 1
    $result += str($j - $i) + @s[$i]
    $i = $j
return $result
`;
