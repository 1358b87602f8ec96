/** @file Families in the words of daily life: rules, money, time, games, lists and records, told in whole sentences. */

export const DAILY_TEMPLATES = String.raw`
## price_after_discount|discounted_price|reduced_price
(price:money, percent:percent) -> float
. <Return|Compute> the price after a discount of the given percentage, rounded to two decimals.
. A shop takes the given percentage off every price. <Return|Give> what the customer pays, rounded to two decimals.
. Reduce the price by the percentage. The result is rounded to two decimals.
---
return round(@price * (100 - @percent) / 100, 2)
---
rest = 100 - @percent
return round(@price * rest / 100, 2)

## shipping_cost|delivery_fee|postage
(weight:n, total:n) -> int
with free in 50 | 80 | 100 | 30
with low~high in 4 ~ 7 | 5 ~ 9 | 3 ~ 8
with limit in 5 | 10 | 20
. Orders of at least @free are shipped for free. Otherwise the fee is @low up to a weight of @limit and @high above it.
. <Return|Compute> the shipping fee: nothing when the total is @free or more, else @low for at most @limit kilograms and @high for heavier parcels.
---
if @total >= @free:
    return 0
if @weight <= @limit:
    return @low
return @high
---
if @total >= @free:
    return 0
return @low if @weight <= @limit else @high

## parking_fee|garage_fee|parking_price
(hours:n) -> int
with first~more~cap in 3 ~ 2 ~ 20 | 2 ~ 1 ~ 12 | 5 ~ 3 ~ 25
. Parking costs @first for the first hour and @more for each hour after it, but never more than @cap. No time costs nothing.
. <Return|Give> the price of parking: @first for the first hour, @more for every further hour, at most @cap in all. Zero hours are free.
---
if @hours == 0:
    return 0
return min(@cap, @first + (@hours - 1) * @more)
---
if @hours <= 0:
    return 0
fee = @first
for _ in range(@hours - 1):
    fee += @more
return min(fee, @cap)

## bill_per_person|split_bill|share_of_bill
(bill:money, tip:percent, guests:pos) -> float
. Add the tip, given in percent, to the bill and <split|divide> it evenly among the guests. Round to two decimals.
. Friends share a bill. <Return|Compute> how much each one pays including the tip (in percent), rounded to two decimals.
---
total = @bill * (1 + @tip / 100)
return round(total / @guests, 2)
---
return round(@bill * (1 + @tip / 100) / @guests, 2)

## weeks_to_save|weeks_until_goal|saving_weeks
(goal:big, weekly:pos) -> int
. <Return|Compute> how many full weeks it takes to save the goal when the same amount is put aside every week.
. Somebody saves a fixed amount each week. After how many weeks is the goal reached?
. How many weeks are needed to reach the goal? Every week the same amount is added, starting from nothing.
---
weeks = 0
saved = 0
while saved < @goal:
    saved += @weekly
    weeks += 1
return weeks
---
return -(-@goal // @weekly)
---
import math

return math.ceil(@goal / @weekly)

## change_in_coins|coins_for_amount|count_coins
(amount:n) -> int
with a~b in 10 ~ 5 | 20 ~ 5 | 50 ~ 10 | 25 ~ 5
. A machine pays the amount with coins of @a, @b and 1, always the largest that fits. <Return|Count> how many coins it gives.
. <Return|Count> the coins that make up the amount when there are coins of @a, @b and 1 and the largest are used first.
---
count = 0
for coin in (@a, @b, 1):
    count += @amount // coin
    @amount %= coin
return count
---
coins = @amount // @a
rest = @amount % @a
return coins + rest // @b + rest % @b

## tax_for_income|income_tax|tax_to_pay
(income:big) -> float
with limit in 20 | 50 | 100
with low~high in 10 ~ 30 | 5 ~ 20 | 0 ~ 25
. The tax is @low percent of the income up to @limit and @high percent of what is above it. <Return|Compute> the tax.
. Income up to @limit is taxed with @low percent, the rest with @high percent. <Return|Compute> the tax to pay.
---
if @income <= @limit:
    return @income * @low / 100
return @limit * @low / 100 + (@income - @limit) * @high / 100
---
lower = min(@income, @limit)
upper = max(@income - @limit, 0)
return lower * @low / 100 + upper * @high / 100

## grade_for_points|letter_grade|grade_of
(points:n) -> str
with a~b~c in 90 ~ 75 ~ 60 | 85 ~ 70 ~ 50 | 45 ~ 30 ~ 20
. <Return|Give> the grade for the points: "A" from @a, "B" from @b, "C" from @c, otherwise "F".
. At least @a points are an "A", at least @b a "B", at least @c a "C". Everything else is an "F".
---
if @points >= @a:
    return "A"
if @points >= @b:
    return "B"
if @points >= @c:
    return "C"
return "F"
---
for limit, grade in ((@a, "A"), (@b, "B"), (@c, "C")):
    if @points >= limit:
        return grade
return "F"

## weather_word|describe_temperature|feels_like
(degrees:int) -> str
with low~high in 0 ~ 20 | 5 ~ 25 | 10 ~ 30
with x~y~z in cold ~ mild ~ hot | freezing ~ fine ~ warm | low ~ normal ~ high
. <Return|Say> "@x" below @low degrees, "@z" above @high degrees and "@y" otherwise.
. Describe the temperature in a word: "@x" when it is less than @low, "@z" when it is more than @high, "@y" in between.
---
if @degrees < @low:
    return "@x"
if @degrees > @high:
    return "@z"
return "@y"
---
if @low <= @degrees <= @high:
    return "@y"
return "@x" if @degrees < @low else "@z"

## thermostat_action|heating_command|next_action
(current:int, wanted:int) -> str
. <Return|Say> "heat" when it is colder than wanted, "cool" when it is warmer and "off" when it is just right.
. A thermostat compares the current temperature with the wanted one. It answers "heat", "cool" or, if they are equal, "off".
ex 18, 21 ;; 25, 21 ;; 20, 20 ;; 0, -3 ;; 7, 8
---
if @current < @wanted:
    return "heat"
if @current > @wanted:
    return "cool"
return "off"
---
difference = @wanted - @current
if difference == 0:
    return "off"
return "heat" if difference > 0 else "cool"

## minutes_between|minutes_from_to|elapsed_minutes
(start:clock, end:clock) -> int
. Both times are written "HH:MM". <Return|Compute> the minutes from the first to the second, which may be on the next day.
. <Return|Count> the minutes that pass from start to end. When the end is earlier in the day than the start, it belongs to the next day.
---
hours, minutes = @start.split(":")
first = int(hours) * 60 + int(minutes)
hours, minutes = @end.split(":")
second = int(hours) * 60 + int(minutes)
return (second - first) % 1440
---
def to_minutes(time):
    hours, minutes = time.split(":")
    return int(hours) * 60 + int(minutes)

difference = to_minutes(@end) - to_minutes(@start)
return difference if difference >= 0 else difference + 24 * 60

## add_minutes|later_time|clock_after
(time:clock, minutes:n) -> str
. <Return|Give> the time of day that many minutes later, written "HH:MM". After 23:59 comes 00:00.
. Move a clock forward by the minutes. Times are written as "HH:MM" with two digits each.
---
hour, minute = @time.split(":")
total = (int(hour) * 60 + int(minute) + @minutes) % 1440
return f"{total // 60:02d}:{total % 60:02d}"
---
total = int(@time[:2]) * 60 + int(@time[3:]) + @minutes
hours = total // 60 % 24
return str(hours).zfill(2) + ":" + str(total % 60).zfill(2)

## is_open|shop_is_open|open_at
(hour:n) -> bool
with a~b in 8 ~ 18 | 9 ~ 20 | 10 ~ 16
. <Tell|Check> whether a shop that opens at @a and closes at @b is open at the given hour. At @b it is closed already.
. The shop is open from @a (included) to @b (not included). Is it open at this hour?
---
return @a <= @hour < @b
---
if @hour < @a:
    return False
return @hour < @b

## greeting_for_hour|greet|greeting_at
(hour:n, name:word) -> str
with a~b in 12 ~ 18 | 11 ~ 17
. Greet the person by name: "Good morning" before @a o'clock, "Good afternoon" before @b and "Good evening" later, then a comma and the name.
ex 8, 'Ann' ;; 15, 'Ben' ;; 20, 'Mia' ;; 12, 'Bob' ;; 18, 'Sam'
---
if @hour < @a:
    part = "morning"
elif @hour < @b:
    part = "afternoon"
else:
    part = "evening"
return f"Good {part}, {@name}"
---
part = "morning" if @hour < @a else "afternoon" if @hour < @b else "evening"
return "Good " + part + ", " + @name

## age_group|group_of_age|ticket_class
(age:n) -> str
with a~b in 6 ~ 18 | 4 ~ 16 | 12 ~ 65
with x~y~z in child ~ youth ~ adult | free ~ reduced ~ full | small ~ medium ~ large
. <Return|Give> "@x" for an age under @a, "@y" for an age under @b and "@z" for everyone else.
. Visitors younger than @a are "@x", those younger than @b are "@y", all others are "@z".
---
if @age < @a:
    return "@x"
if @age < @b:
    return "@y"
return "@z"
---
if @age >= @b:
    return "@z"
return "@x" if @age < @a else "@y"

## elevator_trips|rides_needed|boat_trips
(people:n, capacity:pos) -> int
with thing in elevator | boat | bus | cable car
. The @thing holds a limited number of people. <Return|Count> how many trips are needed to carry all of them.
. <Return|Compute> how often the @thing must go until everybody has been transported. No people need no trip.
---
return (@people + @capacity - 1) // @capacity
---
trips = 0
while @people > 0:
    @people -= @capacity
    trips += 1
return trips

## total_walked|steps_up|floors_travelled
(stops:ints) -> int
with thing in An elevator | A hiker | A robot arm
. @thing stops at these positions one after the other. <Return|Add up> the distance travelled in all.
. <Return|Compute> the sum of the distances between each stop and the next. Fewer than two stops give 0.
---
return sum(abs(b - a) for a, b in zip(@stops, @stops[1:]))
---
total = 0
for i in range(1, len(@stops)):
    total += abs(@stops[i] - @stops[i - 1])
return total

## final_position|walk|position_after
(moves:word, start:int) -> int
with r~l in R ~ L | + ~ - | > ~ < | F ~ B
. Start at the given position and go one step forward for each "@r" and one step back for each "@l". Other characters are ignored. <Return|Give> the final position.
ex '@r@r@l', 0 ;; '', 5 ;; '@l@l', 1 ;; '@rx@r', -2 ;; 'abc', 3
---
for move in @moves:
    if move == "@r":
        @start += 1
    elif move == "@l":
        @start -= 1
return @start
---
return @start + @moves.count("@r") - @moves.count("@l")

## robot_at|grid_walk|follow_moves
(commands:word) -> tuple[int, int]
with u~d~l~r in N ~ S ~ W ~ E | U ~ D ~ L ~ R | ^ ~ v ~ < ~ >
. A robot starts at (0, 0). "@u" moves it up, "@d" down, "@l" left and "@r" right by one. <Return|Give> its position as (x, y) after all commands.
ex '@u@u@r' ;; '' ;; '@l@l@d' ;; '@r@l' ;; '@u@r@d@l@u'
---
x = y = 0
for command in @commands:
    if command == "@u":
        y += 1
    elif command == "@d":
        y -= 1
    elif command == "@l":
        x -= 1
    elif command == "@r":
        x += 1
return x, y
---
steps = {"@u": (0, 1), "@d": (0, -1), "@l": (-1, 0), "@r": (1, 0)}
x, y = 0, 0
for command in @commands:
    dx, dy = steps[command]
    x += dx
    y += dy
return x, y

## dice_points|score_dice|points_for_roll
(dice:pints) -> int
with n~bonus in 6 ~ 10 | 1 ~ 50 | 5 ~ 20
. Add up the dice. Every @n counts @bonus points instead of its own value.
. <Return|Compute> the score of a roll: each @n is worth @bonus, every other die its number of points.
ex [1, 2, 3] ;; [6, 6] ;; [] ;; [5, 5, 1] ;; [2, 4, 6, 1]
---
return sum(@bonus if die == @n else die for die in @dice)
---
score = 0
for die in @dice:
    if die == @n:
        score += @bonus
    else:
        score += die
return score

## winner_of_game|who_won|game_result
(home:n, away:n) -> str
with a~b~c in home ~ away ~ draw | first ~ second ~ tie | 1 ~ 2 ~ X
. <Return|Say> "@a" if the first team scored more, "@b" if the second one did and "@c" if both scored the same.
. Who won? The answer is "@a", "@b" or, with equal scores, "@c".
---
if @home > @away:
    return "@a"
if @away > @home:
    return "@b"
return "@c"
---
if @home == @away:
    return "@c"
return "@a" if @home > @away else "@b"

## league_points|points_of_team|season_points
(results:word) -> int
with w~d in 3 ~ 1 | 2 ~ 1
. The letters W, D and L stand for games that were won, drawn and lost. A win gives @w points, a draw @d, a loss none. <Return|Add up> the points.
ex 'WWL' ;; '' ;; 'DDD' ;; 'LLWD' ;; 'W'
---
return @w * @results.count("W") + @d * @results.count("D")
---
points = 0
for result in @results:
    if result == "W":
        points += @w
    elif result == "D":
        points += @d
return points

## longest_streak|best_run|longest_series
(results:word) -> int
with c in W | x | 1 | +
. <Return|Give> the length of the longest unbroken run of "@c" in the text.
. How many "@c" stand next to each other at most?
ex '@c@c-@c' ;; '' ;; '---' ;; '@c@c@c' ;; '-@c--@c@c-'
---
best = current = 0
for letter in @results:
    if letter == "@c":
        current += 1
        best = max(best, current)
    else:
        current = 0
return best
---
best = 0
current = 0
for letter in @results:
    current = current + 1 if letter == "@c" else 0
    if current > best:
        best = current
return best

## days_above_average|count_above_mean|warmer_than_usual
(temperatures:floats) -> int
with word~op in above ~ > | below ~ <
. <Return|Count> how many values are @word the average of all of them. No values give 0.
. On how many days was the temperature @word the average of the list? The empty list gives 0.
---
if not @temperatures:
    return 0
average = sum(@temperatures) / len(@temperatures)
return len([x for x in @temperatures if x @op average])
---
if len(@temperatures) == 0:
    return 0
average = sum(@temperatures) / len(@temperatures)
count = 0
for value in @temperatures:
    if value @op average:
        count += 1
return count

## rising_days|count_rises|times_it_rose
(prices:ints) -> int
with word~op in higher ~ > | lower ~ < | not higher ~ <=
. <Return|Count> how often a value is @word than the one right before it.
. On how many days was the price @word than on the day before?
---
return sum(1 for a, b in zip(@prices, @prices[1:]) if b @op a)
---
count = 0
for i in range(1, len(@prices)):
    if @prices[i] @op @prices[i - 1]:
        count += 1
return count

## best_profit|largest_gain|best_trade
(prices:pints) -> int
. Buy once and sell once later. <Return|Find> the largest profit, or 0 if no trade makes one.
. <Return|Compute> the largest difference between a price and a later one; it is 0 when prices only fall.
---
best = 0
lowest = None
for price in @prices:
    if lowest is None or price < lowest:
        lowest = price
    best = max(best, price - lowest)
return best
---
best = 0
for i in range(len(@prices)):
    for j in range(i + 1, len(@prices)):
        best = max(best, @prices[j] - @prices[i])
return best

## cart_total|total_price|sum_of_cart
(cart:sdict, prices:sdict) -> int
. The cart says how many of each article are bought, the second dictionary what one costs. <Return|Compute> the sum. Articles without a price are left out.
ex {'pen': 2, 'book': 1}, {'pen': 3, 'book': 10} ;; {}, {'pen': 3} ;; {'cup': 4}, {} ;; {'a': 1, 'b': 2, 'c': 3}, {'a': 5, 'c': 1}
---
total = 0
for article, count in @cart.items():
    if article in @prices:
        total += count * @prices[article]
return total
---
return sum(count * @prices.get(article, 0) for article, count in @cart.items())

## remaining_stock|stock_after_sale|take_from_stock
(stock:sdict, sold:words) -> dict[str, int]
. Each name in the list is one sold piece. <Return|Give> the stock afterwards as a new dictionary. What is not in stock is ignored, and numbers never go below 0.
ex {'cup': 2, 'pen': 1}, ['cup', 'cup', 'cup'] ;; {'cup': 2}, [] ;; {}, ['pen'] ;; {'a': 3, 'b': 1}, ['b', 'a', 'x']
---
result = dict(@stock)
for name in @sold:
    if result.get(name, 0) > 0:
        result[name] -= 1
return result
---
result = @stock.copy()
for name in @sold:
    if name in result:
        result[name] = max(0, result[name] - 1)
return result

## low_stock|articles_to_order|running_low
(stock:sdict, minimum:n) -> list[str]
with word~op in less than ~ < | at most ~ <=
. <Return|List> the names whose number is @word the minimum, in alphabetical order.
. Which articles must be ordered? Those of which there are @word the minimum, sorted by name.
---
return sorted(name for name, count in @stock.items() if count @op @minimum)
---
names = []
for name in sorted(@stock):
    if @stock[name] @op @minimum:
        names.append(name)
return names

## winner_of_vote|most_votes|elected
(votes:words) -> str | None
. <Return|Find> the name with the most votes. When several have as many, the one that comes first in the alphabet wins. No votes give None.
ex ['Ann', 'Bob', 'Ann'] ;; [] ;; ['b', 'a'] ;; ['x'] ;; ['c', 'b', 'b', 'c', 'a']
---
counts = {}
for name in @votes:
    counts[name] = counts.get(name, 0) + 1
best = None
for name in sorted(counts):
    if best is None or counts[name] > counts[best]:
        best = name
return best
---
if not @votes:
    return None
return min(set(@votes), key=lambda name: (-@votes.count(name), name))

## has_majority|absolute_majority|more_than_half
(votes:words, name:word) -> bool
. <Tell|Check> whether more than half of the votes are for the given name.
. Does the name have an absolute majority of the votes? Exactly half is not enough.
ex ['a', 'b', 'a'], 'a' ;; ['a', 'b'], 'a' ;; [], 'a' ;; ['x', 'x', 'y', 'x'], 'x' ;; ['q'], 'z'
---
return @votes.count(@name) > len(@votes) / 2
---
count = 0
for vote in @votes:
    if vote == @name:
        count += 1
return 2 * count > len(@votes)

## ranking|places|rank_scores
(scores:ints) -> list[int]
. <Return|Give> the place of each score: the highest has place 1, and equal scores share a place. A place is one more than the number of higher scores.
ex [10, 30, 20] ;; [5, 5] ;; [] ;; [1, 2, 2, 3] ;; [7]
---
return [1 + sum(other > score for other in @scores) for score in @scores]
---
places = []
for score in @scores:
    place = 1
    for other in @scores:
        if other > score:
            place += 1
    places.append(place)
return places

## average_without_extremes|trimmed_average|judges_score
(marks:floats) -> float
. Leave out one highest and one lowest mark and <return|give> the average of the others, rounded to two decimals. Fewer than three marks give 0.0.
ex [1.0, 2.0, 3.0] ;; [5.0, 5.0] ;; [] ;; [9.5, 8.0, 7.5, 9.0] ;; [1.0, 1.0, 1.0, 10.0]
---
if len(@marks) < 3:
    return 0.0
rest = sorted(@marks)[1:-1]
return round(sum(rest) / len(rest), 2)
---
if len(@marks) < 3:
    return 0.0
total = sum(@marks) - max(@marks) - min(@marks)
return round(total / (len(@marks) - 2), 2)

## seat_name|seat_label|cinema_seat
(number:n, width:pos) -> str
. Seats are numbered from 0, row after row. <Return|Give> the seat's name: a letter for the row ("A" is the first), then the place in the row counted from 1.
ex 0, 5 ;; 4, 5 ;; 5, 5 ;; 13, 4 ;; 7, 3
---
row = @number // @width
place = @number % @width + 1
return chr(ord("A") + row) + str(place)
---
row, place = divmod(@number, @width)
return f"{chr(65 + row)}{place + 1}"

## free_seats|empty_places|first_free
(row:word) -> list[int]
with c in . | _ | o | -
. The character "@c" marks a free seat. <Return|List> the positions of the free seats, counted from 0.
. <Return|Find> the indexes of all "@c" in the text.
ex '@cx@c' ;; 'xxx' ;; '' ;; '@c@c' ;; 'x@cx'
---
return [i for i, seat in enumerate(@row) if seat == "@c"]
---
free = []
for i in range(len(@row)):
    if @row[i] == "@c":
        free.append(i)
return free

## can_sit_together|has_free_block|enough_space
(row:word, people:pos) -> bool
with c in . | _ | o
. <Tell|Check> whether so many free seats ("@c") lie next to each other.
. A group wants to sit side by side. Is there a stretch of at least that many "@c" in the row?
ex 'x@c@cx', 2 ;; '@cx@c', 2 ;; '', 1 ;; '@c@c@c', 3 ;; 'xx', 1
---
return "@c" * @people in @row
---
run = 0
for seat in @row:
    run = run + 1 if seat == "@c" else 0
    if run >= @people:
        return True
return False

## queue_order|serve|order_of_service
(people:words, served:n) -> list[str]
. So many times the first person is served and goes to the end of the line. <Return|Give> the line afterwards.
. Move the first element to the end as often as the number says. An empty line stays empty.
ex ['a', 'b', 'c'], 1 ;; ['a', 'b'], 2 ;; [], 3 ;; ['x', 'y', 'z'], 5
---
line = list(@people)
if not line:
    return line
for _ in range(@served):
    line.append(line.pop(0))
return line
---
if not @people:
    return []
turn = @served % len(@people)
return @people[turn:] + @people[:turn]

## last_one_standing|counting_out|survivor
(names:words, k:pos) -> str | None
. The names stand in a circle. Count to the given number again and again, starting with the first, and remove whoever it hits. <Return|Find> the last name. No names give None.
ex ['a', 'b', 'c'], 2 ;; ['a'], 5 ;; [], 1 ;; ['x', 'y', 'z', 'w'], 3
---
circle = list(@names)
position = 0
while len(circle) > 1:
    position = (position + @k - 1) % len(circle)
    circle.pop(position)
return circle[0] if circle else None
---
if not @names:
    return None
circle = list(@names)
while len(circle) > 1:
    for _ in range(@k - 1):
        circle.append(circle.pop(0))
    circle.pop(0)
return circle[0]

## recipe_for|scale_recipe|amounts_for
(amounts:sdict, persons:pos, guests:pos) -> dict[str, float]
. A recipe for some persons is cooked for a number of guests. <Return|Give> the new amounts, rounded to one decimal.
ex {'flour': 200, 'eggs': 2}, 4, 8 ;; {'milk': 3}, 2, 1 ;; {}, 1, 5 ;; {'salt': 1, 'rice': 50}, 3, 2
---
return {name: round(amount * @guests / @persons, 1) for name, amount in @amounts.items()}
---
result = {}
for name, amount in @amounts.items():
    result[name] = round(amount * @guests / @persons, 1)
return result

## can_cook|enough_ingredients|is_possible
(needed:sdict, kitchen:sdict) -> bool
. <Tell|Check> whether the kitchen has at least the needed amount of every ingredient.
. Is everything there? An ingredient that the second dictionary does not have counts as 0.
ex {'egg': 2}, {'egg': 3} ;; {'egg': 2, 'milk': 1}, {'egg': 2} ;; {}, {} ;; {'salt': 1}, {'salt': 1, 'oil': 2}
---
return all(@kitchen.get(name, 0) >= amount for name, amount in @needed.items())
---
for name, amount in @needed.items():
    if @kitchen.get(name, 0) < amount:
        return False
return True

## shopping_list|what_to_buy|missing_items
(needed:sdict, kitchen:sdict) -> dict[str, int]
. <Return|List> what must be bought and how much of it: the needed amount minus what is there. Things of which there is enough do not appear.
ex {'egg': 4, 'milk': 1}, {'egg': 1, 'milk': 2} ;; {}, {'egg': 2} ;; {'a': 3}, {} ;; {'x': 2, 'y': 5}, {'x': 2, 'y': 1}
---
result = {}
for name, amount in @needed.items():
    missing = amount - @kitchen.get(name, 0)
    if missing > 0:
        result[name] = missing
return result
---
return {
    name: amount - @kitchen.get(name, 0)
    for name, amount in @needed.items()
    if amount > @kitchen.get(name, 0)
}

## balance_after|account_balance|final_balance
(start:n, bookings:ints) -> int
. Apply the bookings to the start balance one after the other. A booking that would make the balance negative is skipped. <Return|Give> the final balance.
ex 10, [5, -20, -3] ;; 0, [] ;; 0, [-1, 4, -2] ;; 100, [-50, -60, 20]
---
for booking in @bookings:
    if @start + booking >= 0:
        @start += booking
return @start
---
balance = @start
for booking in @bookings:
    after = balance + booking
    if after < 0:
        continue
    balance = after
return balance

## lowest_balance|deepest_point|smallest_balance
(start:int, bookings:ints) -> int
with word~f in lowest ~ min | highest ~ max
. <Return|Find> the @word balance that the account ever has; the start counts too.
. Add the bookings one by one to the start value. What is the @word value on the way, the start included?
---
best = @start
balance = @start
for booking in @bookings:
    balance += booking
    best = @f(best, balance)
return best
---
balances = [@start]
for booking in @bookings:
    balances.append(balances[-1] + booking)
return @f(balances)

## first_overdraft|day_of_overdraft|when_negative
(start:n, bookings:ints) -> int
. <Return|Find> the index of the first booking after which the balance is negative, or -1 if it never is.
. Which booking first takes the account below zero? Count from 0; the answer is -1 when none does.
---
balance = @start
for i, booking in enumerate(@bookings):
    balance += booking
    if balance < 0:
        return i
return -1
---
for i in range(len(@bookings)):
    if @start + sum(@bookings[: i + 1]) < 0:
        return i
return -1

## years_until_double|doubling_time|years_to_double
(percent:pos) -> int
. Money grows by the given percentage every year. <Return|Count> the years until it has at least doubled.
. After how many full years is a sum at least twice as large when it grows by this percentage each year?
ex 10 ;; 100 ;; 50 ;; 7 ;; 25
---
years = 0
factor = 1.0
while factor < 2:
    factor *= 1 + @percent / 100
    years += 1
return years
---
money = 1.0
for year in range(1, 1000):
    money *= 1 + @percent / 100
    if money >= 2:
        return year
return 1000

## population_after|rabbits_after|bacteria
(start:pos, years:small) -> int
with f~loss in 2 ~ 1 | 3 ~ 2 | 2 ~ 3
. Every year the number of animals is multiplied by @f, and then @loss of them leave. It never falls below 0. <Return|Compute> the number after so many years.
---
count = @start
for _ in range(@years):
    count = max(0, count * @f - @loss)
return count
---
while @years > 0:
    @start = max(0, @start * @f - @loss)
    @years -= 1
return @start

## bounces|count_bounces|ball_bounces
(height:pos) -> int
with share~divisor in half ~ 2 | a third ~ 3 | a quarter ~ 4
. A ball falls from the height and each time rises to @share of it, rounded down. <Return|Count> how often it touches the ground before it stays there.
---
count = 0
while @height > 0:
    count += 1
    @height //= @divisor
return count
---
if @height == 0:
    return 0
bounces = 0
while True:
    bounces += 1
    @height = @height // @divisor
    if @height == 0:
        return bounces

## days_to_climb|snail_days|climbing_days
(height:pos, up:pos) -> int
with down in 1 | 2
. A snail climbs up by so much each day and slides back by @down each night. <Return|Count> the days until it reaches the height. If it cannot get higher in a day than it slides back, return -1 unless one day is enough.
ex 10, 4 ;; 3, 5 ;; 5, 1 ;; 7, 3 ;; 1, 1
---
if @up >= @height:
    return 1
if @up <= @down:
    return -1
days = 0
position = 0
while True:
    days += 1
    position += @up
    if position >= @height:
        return days
    position -= @down
---
if @up >= @height:
    return 1
gain = @up - @down
if gain <= 0:
    return -1
return 1 + -(-(@height - @up) // gain)

## distance_on_ring|shortest_way_around|circle_distance
(a:n, b:n, size:pos) -> int
. The places 0 to size - 1 lie on a circle. <Return|Compute> the length of the shorter way between the two.
. <Return|Find> how many steps it takes at least from one place to the other on a round track of the given size.
ex 0, 3, 10 ;; 9, 1, 10 ;; 2, 2, 5 ;; 0, 6, 12 ;; 1, 11, 12
---
distance = abs(@a - @b) % @size
return min(distance, @size - distance)
---
forward = (@b - @a) % @size
backward = (@a - @b) % @size
return min(forward, backward)

## rectangle_overlap|ranges_overlap|bookings_clash
(first:interval, second:interval) -> bool
. Each pair holds a start and an end. <Tell|Check> whether the two overlap; only touching does not count.
. Do the two bookings clash? They are (start, end) pairs, and one may begin when the other ends.
ex (1, 5), (4, 8) ;; (1, 3), (3, 6) ;; (0, 10), (2, 3) ;; (5, 6), (1, 2)
---
return @first[0] < @second[1] and @second[0] < @first[1]
---
start = max(@first[0], @second[0])
end = min(@first[1], @second[1])
return start < end

## shared_length|overlap_length|common_time
(first:interval, second:interval) -> int
. <Return|Compute> the length of the part that both (start, end) ranges have in common, 0 if there is none.
. How long do the two meetings run at the same time?
ex (1, 5), (4, 8) ;; (1, 3), (3, 6) ;; (0, 10), (2, 3) ;; (5, 6), (1, 2)
---
return max(0, min(@first[1], @second[1]) - max(@first[0], @second[0]))
---
start = max(@first[0], @second[0])
end = min(@first[1], @second[1])
if end <= start:
    return 0
return end - start

## busy_minutes|covered_length|time_covered
(meetings:intervals) -> int
. The meetings are (start, end) pairs that may overlap. <Return|Compute> for how many units of time there is at least one.
ex [(1, 3), (2, 5)] ;; [] ;; [(0, 2), (4, 6)] ;; [(1, 9), (2, 3)] ;; [(5, 6), (1, 2), (2, 3)]
---
total = 0
last = None
for start, end in sorted(@meetings):
    if last is None or start >= last:
        total += end - start
        last = end
    elif end > last:
        total += end - last
        last = end
return total
---
covered = set()
for start, end in @meetings:
    covered.update(range(start, end))
return len(covered)

## rooms_needed|most_at_once|busiest_moment
(visits:intervals) -> int
. <Return|Find> how many of the visits, given as (start, end), take place at the same time at most. One that ends when another begins does not count with it.
ex [(1, 4), (2, 3), (3, 6)] ;; [] ;; [(1, 2), (2, 3)] ;; [(0, 9), (1, 8), (2, 7)]
---
best = 0
for start, _ in @visits:
    present = sum(1 for a, b in @visits if a <= start < b)
    best = max(best, present)
return best
---
events = []
for start, end in @visits:
    events.append((start, 1))
    events.append((end, -1))
best = present = 0
for _, change in sorted(events):
    present += change
    best = max(best, present)
return best

## title_initials|monogram|short_form
(phrase:sentence) -> str
with sep in . | -
. <Return|Build> the first letters of all words in upper case, each followed by "@sep".
. Write a short form: every word becomes its capital first letter and a "@sep". No words give the empty string.
---
return "".join(word[0].upper() + "@sep" for word in @phrase.split())
---
result = ""
for word in @phrase.split():
    result += word[0].upper()
    result += "@sep"
return result

## count_words_longer|long_words|words_with_length
(text:sentence, length:small) -> int
with word~op in longer than ~ > | shorter than ~ < | exactly as long as ~ ==
. <Return|Count> how many words of the text are @word the given length.
. The words are separated by spaces. How many of them are @word the number says?
---
return sum(len(word) @op @length for word in @text.split())
---
count = 0
for word in @text.split():
    if len(word) @op @length:
        count += 1
return count

## mask_word|hide_middle|starred
(word:word) -> str
with c in * | # | x
. Keep the first and the last letter and <write|put> "@c" for every letter in between. Words of up to two letters stay as they are.
. <Return|Give> the word with its inner letters hidden behind "@c".
---
if len(@word) <= 2:
    return @word
return @word[0] + "@c" * (len(@word) - 2) + @word[-1]
---
result = ""
for i, letter in enumerate(@word):
    if i == 0 or i == len(@word) - 1:
        result += letter
    else:
        result += "@c"
return result

## box_text|framed|banner
(text:word) -> list[str]
with c in * | # | + | =
. <Return|Give> three lines that draw a frame of "@c" around the text. There is one space left and right of it.
. Put the text into a box: a line of "@c", the text between "@c" signs, and a line of "@c" again.
---
line = "@c" * (len(@text) + 4)
return [line, "@c " + @text + " @c", line]
---
width = len(@text) + 4
middle = f"@c {@text} @c"
return ["@c" * width, middle, "@c" * width]

## bar_chart|draw_bars|bars
(values:pints) -> list[str]
with c in # | * | =
. <Return|Draw> a line for each number: so many "@c", a space, and the number itself.
. Make a simple bar chart, one line for a value: a bar of "@c" characters, then a space and the value.
ex [3, 1] ;; [0] ;; [] ;; [2, 5, 4]
---
return ["@c" * value + " " + str(value) for value in @values]
---
lines = []
for value in @values:
    lines.append(f"{'@c' * value} {value}")
return lines

## stairs|triangle_lines|pyramid
(n:small) -> list[str]
with c in * | # | o
. <Return|Draw> a staircase with n lines: the first has one "@c", each further line one more.
. Line i (counted from 1) consists of i times "@c". <Return|Give> the lines.
---
return ["@c" * i for i in range(1, @n + 1)]
---
lines = []
line = ""
for _ in range(@n):
    line += "@c"
    lines.append(line)
return lines

## table_row|pad_columns|format_row
(cells:words, width:small) -> str
. Pad every cell with spaces on the right to the width and join them with " | ". Longer cells are not cut.
ex ['a', 'bb'], 3 ;; [], 4 ;; ['long word', 'x'], 4 ;; ['one'], 5
---
return " | ".join(cell.ljust(@width) for cell in @cells)
---
padded = []
for cell in @cells:
    padded.append(cell + " " * max(0, @width - len(cell)))
return " | ".join(padded)

## shorten|cut_text|ellipsis
(text:sentence, limit:k) -> str
. Texts longer than the limit are cut to it and get "..." at the end; others stay unchanged.
. <Return|Give> the text itself when it has at most so many characters, else its beginning of that length followed by three dots.
---
if len(@text) <= @limit:
    return @text
return @text[:@limit] + "..."
---
return @text if len(@text) <= @limit else @text[:@limit] + "..."

## without_word|drop_word|remove_each
(text:sentence, word:word) -> str
. Remove every occurrence of the word from the text, whole words only. The others are joined by single spaces.
. <Return|Give> the words of the text except those equal to the given one, separated by one space.
ex 'a cat and a dog', 'a' ;; '', 'x' ;; 'one one', 'one' ;; 'cats cat', 'cat'
---
return " ".join(w for w in @text.split() if w != @word)
---
kept = []
for w in @text.split():
    if w == @word:
        continue
    kept.append(w)
return " ".join(kept)

## swap_ends|exchange_first_last|swap_outer
(word:word) -> str
. Exchange the first and the last letter. Words with fewer than two letters stay the same.
. <Return|Give> the word with its first and its last character swapped.
---
if len(@word) < 2:
    return @word
return @word[-1] + @word[1:-1] + @word[0]
---
letters = list(@word)
if len(letters) > 1:
    letters[0], letters[-1] = letters[-1], letters[0]
return "".join(letters)

## stretch|repeat_letters|echo_letters
(word:word) -> str
with n~w in 2 ~ twice | 3 ~ three times
. Write every letter @w.
. <Return|Build> the text in which each character stands @w in a row.
---
return "".join(letter * @n for letter in @word)
---
result = ""
for letter in @word:
    result += letter * @n
return result

## letter_positions|where_is|positions_of_letter
(word:word, letter:char) -> list[int]
with base~w in 0 ~ 0 | 1 ~ 1
. <Return|List> all places where the letter stands in the word, counted from @w.
. At which positions does the letter occur? The first position has number @w.
---
return [i for i, c in enumerate(@word, @base) if c == @letter]
---
places = []
for i in range(len(@word)):
    if @word[i] == @letter:
        places.append(i + @base)
return places

## alternate_words|mix_words|interleave_letters
(first:word, second:word) -> str
. Take letters from both words in turn, beginning with the first word. When one is used up, append the rest of the other.
ex 'abc', 'xyz' ;; '', 'abc' ;; 'a', 'xyz' ;; 'hello', 'ab'
---
result = ""
for i in range(max(len(@first), len(@second))):
    result += @first[i : i + 1] + @second[i : i + 1]
return result
---
letters = []
for a, b in zip(@first, @second):
    letters.append(a + b)
short = min(len(@first), len(@second))
return "".join(letters) + @first[short:] + @second[short:]

## spelled_backwards_in|contains_reversed|reads_backwards
(word:word, text:sentence) -> bool
. <Tell|Check> whether the word, written backwards, occurs somewhere in the text.
ex 'cat', 'a tac on it' ;; 'ab', 'ab' ;; '', 'x' ;; 'on', 'no way'
---
return @word[::-1] in @text
---
backwards = "".join(reversed(@word))
return backwards in @text

## first_repeated|earliest_duplicate|seen_before
(items:ints) -> int | None
with noun in value | number | element
. <Return|Find> the first @noun that has occurred before in the list, or None when all are different.
. Go through the list and stop at the first @noun that was there already. If there is no such @noun, the answer is None.
---
seen = set()
for item in @items:
    if item in seen:
        return item
    seen.add(item)
return None
---
for i, item in enumerate(@items):
    if item in @items[:i]:
        return item
return None

## positions_of_maximum|where_largest|indexes_of_extreme
(values:ints) -> list[int]
with word~f in largest ~ max | smallest ~ min
. <Return|List> every index at which the @word value stands. The empty list gives an empty list.
. Where is the @word number? All its positions are returned, in ascending order.
---
if not @values:
    return []
best = @f(@values)
return [i for i, value in enumerate(@values) if value == best]
---
result = []
for i in range(len(@values)):
    if @values[i] == @f(@values):
        result.append(i)
return result

## drop_ends|without_first_and_last|trim_list
(values:ints, n:small) -> list[int]
. Leave out the first n and the last n elements. If nothing remains, the result is empty.
. <Return|Give> the list without n elements at each end.
---
return @values[@n : max(@n, len(@values) - @n)]
---
result = []
for i, value in enumerate(@values):
    if @n <= i < len(@values) - @n:
        result.append(value)
return result

## every_nth|take_every|thin_out
(values:ints, n:pos) -> list[int]
with w~start in first ~ 0 | n-th ~ @n - 1
. <Return|Keep> every n-th element, beginning with the @w one.
ex [1, 2, 3, 4, 5], 2 ;; [], 1 ;; [7, 8, 9], 3 ;; [4, 5], 5 ;; [1, 2, 3], 1
---
return @values[@start :: @n]
---
return [@values[i] for i in range(@start, len(@values), @n)]

## merge_alternating|zip_lists|take_turns
(a:ints, b:ints) -> list[int]
. Take one element from each list in turn, beginning with the first list, until one of them has no more. What is left over is not used.
. <Return|Build> a list that alternates between the two; the longer one is cut.
---
result = []
for x, y in zip(@a, @b):
    result.append(x)
    result.append(y)
return result
---
return [value for pair in zip(@a, @b) for value in pair]

## split_by_sign|separate_signs|group_by_sign
(values:ints) -> tuple[list[int], list[int]]
with word~op~rest in negative ~ < 0 ~ other | positive ~ > 0 ~ other | even ~ % 2 == 0 ~ odd
. <Return|Give> two lists: the @word numbers and the @rest ones, both in their order.
. Split the numbers into the @word ones and the rest.
---
return [x for x in @values if x @op], [x for x in @values if not x @op]
---
first, second = [], []
for x in @values:
    if x @op:
        first.append(x)
    else:
        second.append(x)
return first, second

## closest_pair_gap|smallest_gap|minimal_difference
(values:ints) -> int | None
. <Return|Find> the smallest difference between any two of the numbers. With fewer than two numbers the result is None.
. How close are the two numbers that are closest to each other?
---
if len(@values) < 2:
    return None
ordered = sorted(@values)
return min(b - a for a, b in zip(ordered, ordered[1:]))
---
best = None
for i in range(len(@values)):
    for j in range(i):
        gap = abs(@values[i] - @values[j])
        if best is None or gap < best:
            best = gap
return best

## count_pairs_with_sum|pairs_adding_up|number_of_pairs
(values:ints, target:target) -> int
with w~op in sum ~ + | difference ~ -
. <Return|Count> the pairs of positions i < j whose values have the given @w (the earlier value first).
ex [1, 2, 3], 3 ;; [], 0 ;; [2, 2, 2], 4 ;; [5, 1, 4], 1 ;; [1, -1], 0
---
count = 0
for i in range(len(@values)):
    for j in range(i + 1, len(@values)):
        if @values[i] @op @values[j] == @target:
            count += 1
return count
---
return sum(
    1
    for i, a in enumerate(@values)
    for b in @values[i + 1 :]
    if a @op b == @target
)

## local_peaks|count_peaks|high_points
(heights:ints) -> int
with word~op in peaks ~ > | valleys ~ <
. <Return|Count> the @word: inner elements that are strictly @op both neighbours. The first and the last element are none.
ex [1, 3, 2] ;; [] ;; [1, 2, 3] ;; [2, 1, 2, 1, 2] ;; [5, 5, 5]
---
count = 0
for i in range(1, len(@heights) - 1):
    if @heights[i] @op @heights[i - 1] and @heights[i] @op @heights[i + 1]:
        count += 1
return count
---
return sum(b @op a and b @op c for a, b, c in zip(@heights, @heights[1:], @heights[2:]))

## fill_gaps|replace_missing|carry_forward
(readings:mixed) -> list
. None stands for a missing reading. Replace it by the last reading before it; at the beginning it becomes 0.
ex [1, None, 3] ;; [None, 2, None, None] ;; [] ;; [None] ;; [4, 5]
---
result = []
last = 0
for reading in @readings:
    if reading is not None:
        last = reading
    result.append(last)
return result
---
result = []
for reading in @readings:
    if reading is None:
        result.append(result[-1] if result else 0)
    else:
        result.append(reading)
return result

## group_by_length|words_by_length|sort_into_lengths
(words:words) -> dict[int, list[str]]
with w~e in length ~ len(word) | first letter ~ word[:1]
. <Return|Build> a dictionary from each @w to the list of the words that have it, in their order.
. Sort the words into groups with the same @w.
ex ['a', 'bb', 'c'] ;; [] ;; ['hi', 'ho', 'you'] ;; ['same', 'size']
---
groups = {}
for word in @words:
    groups.setdefault(@e, []).append(word)
return groups
---
groups = {}
for word in @words:
    key = @e
    if key not in groups:
        groups[key] = []
    groups[key].append(word)
return groups

## best_student|top_name|name_of_best
(marks:sdict) -> str | None
with word~f in highest ~ max | lowest ~ min
. <Return|Find> the name with the @word number. When there are several, the first in the alphabet; None for an empty dictionary.
. Who has the @word value? Ties are decided by the alphabet, and without entries the answer is None.
---
if not @marks:
    return None
best = @f(@marks.values())
return min(name for name, mark in @marks.items() if mark == best)
---
if len(@marks) == 0:
    return None
target = @f(@marks.values())
for name in sorted(@marks):
    if @marks[name] == target:
        return name
return None

## average_per_key|mean_marks|average_of_each
(marks:ldict) -> dict[str, float]
. <Return|Compute> the average of every list, rounded to one decimal. Names with an empty list are left out.
ex {'Ann': [1, 2], 'Bob': [3]} ;; {} ;; {'x': []} ;; {'a': [2, 2, 3], 'b': []}
---
result = {}
for name, values in @marks.items():
    if values:
        result[name] = round(sum(values) / len(values), 1)
return result
---
return {name: round(sum(values) / len(values), 1) for name, values in @marks.items() if values}

## invert_lists|who_likes_what|reverse_index
(likes:ldict) -> dict[int, list[str]]
. The dictionary says which numbers each name has. <Return|Build> the opposite: for each number the sorted names that have it.
ex {'a': [1, 2], 'b': [2]} ;; {} ;; {'x': []} ;; {'q': [5], 'p': [5, 6]}
---
result = {}
for name in sorted(@likes):
    for value in @likes[name]:
        if name not in result.setdefault(value, []):
            result[value].append(name)
return result
---
result = {}
for name, values in @likes.items():
    for value in values:
        result.setdefault(value, set()).add(name)
return {value: sorted(names) for value, names in result.items()}

## changed_keys|what_changed|differing_keys
(old:sdict, new:sdict) -> list[str]
with word~test in changed ~ key in @old and key in @new and @old[key] != @new[key] | been added ~ key not in @old | disappeared ~ key not in @new
. <Return|List> the keys whose entry has @word from the old to the new dictionary, sorted.
ex {'a': 1, 'b': 2}, {'a': 1, 'b': 3, 'c': 4} ;; {}, {} ;; {'x': 1}, {} ;; {}, {'y': 2} ;; {'p': 1, 'q': 2}, {'q': 5}
---
return sorted(key for key in set(@old) | set(@new) if @test)
---
keys = []
for key in sorted(list(@old) + [k for k in @new if k not in @old]):
    if @test:
        keys.append(key)
return keys

## follow_chain|end_of_chain|last_in_chain
(following:ssdict, start:word) -> str
. The dictionary says who comes after whom. Go on from the start until somebody has no follower, or until a name comes a second time, and <return|give> where that ends.
ex {'a': 'b', 'b': 'c'}, 'a' ;; {}, 'x' ;; {'a': 'b'}, 'b' ;; {'p': 'q', 'q': 'r', 'r': 's'}, 'q'
---
seen = {@start}
while @start in @following and @following[@start] not in seen:
    @start = @following[@start]
    seen.add(@start)
return @start
---
visited = [@start]
while True:
    after = @following.get(visited[-1])
    if after is None or after in visited:
        return visited[-1]
    visited.append(after)

## reachable_places|places_in_reach|all_connected
(roads:ldict, start:word) -> list[str]
. The dictionary lists the places that can be reached directly from each place. <Return|Find> all places that can be reached from the start, the start included, in alphabetical order.
ex {'a': ['b'], 'b': ['c']}, 'a' ;; {}, 'x' ;; {'a': ['b'], 'c': ['a']}, 'a' ;; {'m': ['n', 'o'], 'n': ['m']}, 'm'
---
seen = {@start}
todo = [@start]
while todo:
    place = todo.pop()
    for other in @roads.get(place, []):
        if other not in seen:
            seen.add(other)
            todo.append(other)
return sorted(seen)
---
found = [@start]
for place in found:
    for other in @roads.get(place, []):
        if other not in found:
            found.append(other)
return sorted(found)

## run_program|execute|simple_machine
(program:words) -> int
with a~b~c in add ~ sub ~ double | inc ~ dec ~ twice | up ~ down ~ twice
. A machine begins with 0. "@a" adds 1, "@b" subtracts 1 and "@c" doubles the number; anything else does nothing. <Return|Give> the number at the end.
ex ['@a', '@c', '@c'] ;; [] ;; ['@b', 'noop', '@c'] ;; ['@a', '@a', '@b'] ;; ['@c']
---
value = 0
for command in @program:
    if command == "@a":
        value += 1
    elif command == "@b":
        value -= 1
    elif command == "@c":
        value *= 2
return value
---
actions = {"@a": lambda x: x + 1, "@b": lambda x: x - 1, "@c": lambda x: x * 2}
value = 0
for command in @program:
    action = actions.get(command)
    if action is not None:
        value = action(value)
return value

## stack_after|run_stack|stack_machine
(commands:words) -> list[int]
. "push N" puts the number N on the stack and "pop" removes the top one, if there is one. <Return|Give> the stack at the end, the bottom first.
ex ['push 1', 'push 2', 'pop'] ;; [] ;; ['pop', 'push 7'] ;; ['push 3', 'push -4'] ;; ['push 1', 'pop', 'pop']
---
stack = []
for command in @commands:
    if command == "pop":
        if stack:
            stack.pop()
    else:
        stack.append(int(command.split()[1]))
return stack
---
stack = []
for command in @commands:
    parts = command.split()
    if parts[0] == "push":
        stack.append(int(parts[1]))
    elif stack:
        del stack[-1]
return stack

## text_after_undo|typed_text|keyboard
(keys:word) -> str
with c~w~e in < ~ deletes the last letter ~ text[:-1] | # ~ deletes everything typed so far ~ "" | ^ ~ puts the whole text into upper case ~ text.upper()
. Every key writes its letter, but "@c" @w. <Return|Give> the text at the end.
ex 'ab@cc' ;; '' ;; '@c' ;; 'hello' ;; 'x@c@cy'
---
text = ""
for key in @keys:
    if key == "@c":
        text = @e
    else:
        text += key
return text
---
text = ""
for key in @keys:
    text = @e if key == "@c" else text + key
return text

## lights_on|toggle_lights|switches
(count:n, presses:ints) -> list[int]
. So many lamps, numbered from 0, are off. Each number in the list is a press on that lamp's switch; other numbers do nothing. <Return|List> the lamps that are on at the end, in ascending order.
ex 3, [0, 1, 0] ;; 0, [1] ;; 5, [] ;; 4, [3, 9, -1, 2] ;; 2, [1, 1, 1]
---
on = [False] * @count
for press in @presses:
    if 0 <= press < @count:
        on[press] = not on[press]
return [i for i, lit in enumerate(on) if lit]
---
lit = set()
for press in @presses:
    if press in range(@count):
        lit ^= {press}
return sorted(lit)

## water_levels|fill_tank|tank_level
(capacity:pos, flows:ints) -> int
. A tank is empty at first. Each number is water that flows in or, if negative, out. It never holds more than its capacity nor less than 0. <Return|Give> the final level.
ex 10, [5, 7, -3] ;; 4, [] ;; 5, [-2, 3] ;; 8, [20, -1, -1]
---
level = 0
for flow in @flows:
    level = min(@capacity, max(0, level + flow))
return level
---
level = 0
for flow in @flows:
    level += flow
    if level > @capacity:
        level = @capacity
    elif level < 0:
        level = 0
return level

## row_with_most|best_row|fullest_row
(grid:matrix) -> int
with word~f in sum ~ sum | maximum ~ max
. <Return|Find> the index of the row with the largest @word. When several rows have it, the first one counts.
ex [[1, 2], [3, 4]] ;; [[5], [5]] ;; [[0, 0, 9], [4, 4, 4]] ;; [[-1], [-2]]
---
best = 0
for i, row in enumerate(@grid):
    if @f(row) > @f(@grid[best]):
        best = i
return best
---
totals = [@f(row) for row in @grid]
return totals.index(max(totals))

## count_in_grid|cells_with|matching_cells
(grid:matrix, value:int) -> int
with w~op in equal to ~ == | greater than ~ > | at most ~ <=
. <Return|Count> the cells of the grid that are @w the value.
. How many numbers in the list of lists are @w the given one?
ex [[1, 2], [2, 2]], 2 ;; [], 1 ;; [[0]], 0 ;; [[3, 4, 5], [1, 9, 4]], 4
---
return sum(1 for row in @grid for cell in row if cell @op @value)
---
count = 0
for row in @grid:
    for cell in row:
        if cell @op @value:
            count += 1
return count

## neighbours_alive|count_neighbours|cells_around
(grid:matrix, row:n, col:n) -> int
. <Return|Count> how many of the up to eight cells around the given one are 1. Cells outside the grid count as 0.
ex [[1, 1], [0, 1]], 0, 0 ;; [[0]], 0, 0 ;; [[1, 0, 1], [0, 1, 0], [1, 0, 1]], 1, 1 ;; [[1, 1, 1]], 0, 1
---
count = 0
for i in range(@row - 1, @row + 2):
    for j in range(@col - 1, @col + 2):
        if (i, j) == (@row, @col):
            continue
        if 0 <= i < len(@grid) and 0 <= j < len(@grid[0]):
            count += @grid[i][j] == 1
return count
---
total = 0
for di in (-1, 0, 1):
    for dj in (-1, 0, 1):
        i, j = @row + di, @col + dj
        inside = 0 <= i < len(@grid) and 0 <= j < len(@grid[0])
        if (di or dj) and inside and @grid[i][j] == 1:
            total += 1
return total

## border_sum|sum_of_edge|frame_total
(grid:matrix) -> int
. <Return|Add up> the numbers on the outer border of the grid, each cell once.
ex [[1, 2], [3, 4]] ;; [[5]] ;; [[1, 1, 1], [1, 9, 1], [1, 1, 1]] ;; [[1, 2, 3]]
---
total = 0
for i, row in enumerate(@grid):
    for j, cell in enumerate(row):
        if i in (0, len(@grid) - 1) or j in (0, len(row) - 1):
            total += cell
return total
---
if len(@grid) == 1:
    return sum(@grid[0])
total = sum(@grid[0]) + sum(@grid[-1])
for row in @grid[1:-1]:
    total += row[0]
    if len(row) > 1:
        total += row[-1]
return total

## paths_in_grid|count_ways|ways_through
(rows:small, cols:small) -> int
. Going only right or down, in how many ways can one walk from the top left to the bottom right cell of a grid of this size? A grid without cells has 0 ways.
ex 2, 2 ;; 3, 3 ;; 1, 5 ;; 0, 3 ;; 4, 2
---
if @rows == 0 or @cols == 0:
    return 0
ways = [1] * @cols
for _ in range(@rows - 1):
    for j in range(1, @cols):
        ways[j] += ways[j - 1]
return ways[-1]
---
import math

if @rows == 0 or @cols == 0:
    return 0
return math.comb(@rows + @cols - 2, @rows - 1)

## ways_to_climb|stair_ways|count_climbs
(stairs:small) -> int
with w~a~b in 1 or 2 ~ 1 ~ 2 | 1 or 3 ~ 1 ~ 3 | 2 or 3 ~ 2 ~ 3
. One climbs the stairs with steps of @w. <Return|Count> the ways to get exactly to the top. Zero stairs have one way.
---
ways = [1] + [0] * @stairs
for i in range(1, @stairs + 1):
    for step in (@a, @b):
        if i >= step:
            ways[i] += ways[i - step]
return ways[@stairs]
---
def count(left):
    if left < 0:
        return 0
    if left == 0:
        return 1
    return count(left - @a) + count(left - @b)

return count(@stairs)

## digits_product_steps|persistence|steps_to_digit
(n:big) -> int
with word~start~op in product ~ 1 ~ * | sum ~ 0 ~ +
. Replace the number by the @word of its digits until it has a single digit. <Return|Count> how many times that takes.
---
steps = 0
while @n >= 10:
    value = @start
    for digit in str(@n):
        value = value @op int(digit)
    @n = value
    steps += 1
return steps
---
count = 0
while @n > 9:
    result = @start
    while @n:
        result = result @op (@n % 10)
        @n //= 10
    @n = result
    count += 1
return count

## check_digit|control_digit|weighted_checksum
(digits:digits) -> int
with a~b in 1 ~ 3 | 2 ~ 1 | 3 ~ 7
with m in 10 | 9 | 11
. Multiply the digits in turn by @a and @b, add everything up and <return|give> the remainder when dividing by @m.
ex '1234' ;; '' ;; '9' ;; '500500' ;; '81'
---
total = 0
for i, digit in enumerate(@digits):
    weight = @a if i % 2 == 0 else @b
    total += weight * int(digit)
return total % @m
---
return (sum(map(int, @digits[::2])) * @a + sum(map(int, @digits[1::2])) * @b) % @m

## is_valid_code|check_code|valid_id
(code:word) -> bool
with n~m in 2 ~ 4 | 3 ~ 3 | 1 ~ 5
. A valid code has @n upper case letters followed by @m digits and nothing else. <Tell|Check> whether this one is valid.
ex 'AB1234' ;; 'ABC123' ;; 'A12345' ;; '' ;; 'ab12' ;; 'ABCD12'
---
if len(@code) != @n + @m:
    return False
letters, digits = @code[:@n], @code[@n:]
return letters.isalpha() and letters.isupper() and digits.isdigit()
---
import re

return re.fullmatch(r"[A-Z]{@n}[0-9]{@m}", @code) is not None

## next_version|bump_version|raise_version
(version:word) -> str
with word~i in major ~ 0 | minor ~ 1 | patch ~ 2
. A version is written "major.minor.patch". Raise the @word part by one and set the parts after it to 0.
ex '1.2.3' ;; '0.0.9' ;; '10.4.0' ;; '2.9.9'
---
parts = [int(part) for part in @version.split(".")]
parts[@i] += 1
for i in range(@i + 1, 3):
    parts[i] = 0
return ".".join(str(part) for part in parts)
---
numbers = list(map(int, @version.split(".")))
raised = numbers[:@i] + [numbers[@i] + 1] + [0] * (2 - @i)
return ".".join(map(str, raised))

## expand_range|parse_pages|page_numbers
(text:word) -> list[int]
. The text lists pages such as "1-3,7": single numbers and ranges, separated by commas. <Return|List> all page numbers in order.
ex '1-3,7' ;; '5' ;; '2-2' ;; '1,4-6,9' ;; '10-12'
---
pages = []
for part in @text.split(","):
    if "-" in part:
        first, last = part.split("-")
        pages.extend(range(int(first), int(last) + 1))
    else:
        pages.append(int(part))
return pages
---
pages = []
for part in @text.split(","):
    ends = [int(x) for x in part.split("-")]
    pages += list(range(ends[0], ends[-1] + 1))
return pages

## log_level_counts|count_levels|messages_per_level
(lines:words) -> dict[str, int]
. Each line begins with a level, then a colon and a message. <Return|Count> the lines of every level. Lines without a colon are ignored.
ex ['INFO: ok', 'ERROR: bad', 'INFO: go'] ;; [] ;; ['no level'] ;; ['A: x', 'B: y: z']
---
counts = {}
for line in @lines:
    if ":" not in line:
        continue
    level = line.split(":")[0]
    counts[level] = counts.get(level, 0) + 1
return counts
---
counts = {}
for line in @lines:
    level, colon, _ = line.partition(":")
    if colon:
        counts[level] = counts.get(level, 0) + 1
return counts

## plural|pluralise|with_number
(count:n, noun:word) -> str
. <Return|Write> the number, a space and the noun, with an "s" at the end unless the number is 1.
ex 1, 'apple' ;; 2, 'cat' ;; 0, 'book' ;; 10, 'car'
---
if @count == 1:
    return f"1 {@noun}"
return f"{@count} {@noun}s"
---
ending = "" if @count == 1 else "s"
return str(@count) + " " + @noun + ending

## join_with_and|list_in_words|enumerate_names
(names:words) -> str
with word in and | or
. Join the names with ", ", but put " @word " before the last one. One name stands alone, and no names give the empty string.
ex ['a', 'b', 'c'] ;; ['a', 'b'] ;; ['a'] ;; [] ;; ['x', 'y', 'z', 'w']
---
if len(@names) < 2:
    return "".join(@names)
return ", ".join(@names[:-1]) + " @word " + @names[-1]
---
if not @names:
    return ""
if len(@names) == 1:
    return @names[0]
head = ", ".join(@names[:-1])
return f"{head} @word {@names[-1]}"

## duration_text|human_time|format_minutes
(minutes:n) -> str
. <Return|Write> the duration as hours and minutes, such as "2h 5m". Without full hours only the minutes are written, and without further minutes only the hours. Zero is "0m".
ex 125 ;; 60 ;; 59 ;; 0 ;; 121
---
hours, rest = divmod(@minutes, 60)
if hours == 0:
    return f"{rest}m"
if rest == 0:
    return f"{hours}h"
return f"{hours}h {rest}m"
---
parts = []
if @minutes >= 60:
    parts.append(f"{@minutes // 60}h")
if @minutes % 60 or @minutes == 0:
    parts.append(f"{@minutes % 60}m")
return " ".join(parts)

## speed_fine|fine_for_speed|ticket_price
(speed:n, limit:n) -> int
with a~x~y in 10 ~ 30 ~ 100 | 20 ~ 50 ~ 200 | 5 ~ 15 ~ 80
. There is no fine up to the limit. Up to @a above the limit it costs @x, and more than that costs @y.
. <Return|Give> the fine: 0 when the speed is within the limit, @x when it is at most @a too fast, otherwise @y.
---
over = @speed - @limit
if over <= 0:
    return 0
return @x if over <= @a else @y
---
if @speed <= @limit:
    return 0
if @speed <= @limit + @a:
    return @x
return @y

## turns_left|heading|final_direction
(turns:word) -> str
. A person looks north. "L" is a quarter turn to the left, "R" one to the right. <Return|Say> where the person looks at the end: "N", "E", "S" or "W".
ex 'R' ;; 'L' ;; '' ;; 'RRL' ;; 'LLLL' ;; 'RR'
---
directions = "NESW"
index = 0
for turn in @turns:
    index += 1 if turn == "R" else -1
return directions[index % 4]
---
right = @turns.count("R") - @turns.count("L")
return "NESW"[right % 4]

## rotate_grid|turn_grid|quarter_turn
(grid:square) -> list[list[int]]
with word~e~f in clockwise ~ @grid[n - 1 - j][i] ~ zip(*@grid[::-1]) | counterclockwise ~ @grid[j][n - 1 - i] ~ list(zip(*@grid))[::-1]
. <Return|Give> the square grid after a quarter turn @word.
ex [[1, 2], [3, 4]] ;; [[5]] ;; [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
---
n = len(@grid)
return [[@e for j in range(n)] for i in range(n)]
---
return [list(row) for row in @f]

## beats|wins_against|round_winner
(first:word, second:word) -> int
with a~b~c in stone ~ scissors ~ paper | fire ~ grass ~ water
. In a game @a beats @b, @b beats @c and @c beats @a. <Return|Give> 1 if the first one wins, 2 if the second one does and 0 if both are equal.
ex '@a', '@b' ;; '@c', '@b' ;; '@a', '@a' ;; '@b', '@a' ;; '@c', '@a'
---
beaten = {"@a": "@b", "@b": "@c", "@c": "@a"}
if @first == @second:
    return 0
return 1 if beaten[@first] == @second else 2
---
if @first == @second:
    return 0
if (@first, @second) in (("@a", "@b"), ("@b", "@c"), ("@c", "@a")):
    return 1
return 2

## three_in_row|has_line|row_winner
(row:word) -> bool
with n~w in 3 ~ three | 4 ~ four
. <Tell|Check> whether some character stands @w times in a row anywhere in the text. Dots do not count.
ex 'xxx.' ;; 'aabb' ;; '....' ;; '' ;; 'oxxxxo' ;; 'ab.bbb'
---
for i in range(len(@row) - @n + 1):
    part = @row[i : i + @n]
    if part[0] != "." and part == part[0] * @n:
        return True
return False
---
return any(c * @n in @row for c in set(@row) if c != ".")

## growing_word|is_increasing_text|letters_rise
(word:word) -> bool
with w~op in alphabetical ~ <= | reverse alphabetical ~ >=
. <Tell|Check> whether the letters of the word stand in @w order. Equal neighbours are allowed.
---
return all(a @op b for a, b in zip(@word, @word[1:]))
---
for i in range(len(@word) - 1):
    if not @word[i] @op @word[i + 1]:
        return False
return True

## nearest_multiple|round_to_step|snap
(n:int, step:pos) -> int
with w~e~d in not greater than ~ @n // @step * @step ~ -1 | not less than ~ -(-@n // @step) * @step ~ 1
. <Return|Find> the multiple of the step that is closest to n and @w it.
ex 7, 5 ;; 10, 5 ;; 0, 3 ;; -4, 3 ;; 1, 4
---
return @e
---
value = @n
while value % @step != 0:
    value += @d
return value

## count_until|numbers_before|stop_at
(values:ints, stop:int) -> int
with w~v in add up ~ total += value | count ~ total += 1
. @w the numbers before the first occurrence of the stop value. If it does not occur, all numbers are used.
ex [1, 2, 0, 5], 0 ;; [], 0 ;; [3, 3], 4 ;; [9, 1], 9 ;; [2, 4, 6, 4], 4
---
total = 0
for value in @values:
    if value == @stop:
        break
    @v
return total
---
end = @values.index(@stop) if @stop in @values else len(@values)
total = 0
for value in @values[:end]:
    @v
return total
`;
