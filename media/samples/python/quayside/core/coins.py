"""Coins: money in whole pence, so that sums are exact."""

from __future__ import annotations

from typing import Iterable


class Coins:
    """An amount of money. Amounts are compared and added; they are never multiplied with each other."""

    def __init__(self, pence: int) -> None:
        self.pence = pence

    def plus(self, other: Coins) -> Coins:
        """Return the sum of both amounts."""
        return Coins(self.pence + other.pence)

    def less(self, other: Coins) -> Coins:
        """Return this amount without the other one."""
        return Coins(self.pence - other.pence)

    def times(self, count: int) -> Coins:
        """Return the amount for several pieces or hours."""
        return Coins(self.pence * count)

    def share(self, percent: int) -> Coins:
        """Return a percentage of the amount, rounded down to whole pence."""
        return Coins(self.pence * percent // 100)

    def shown(self) -> str:
        """Show the amount as `12.50 cr`."""
        sign = "-" if self.pence < 0 else ""
        return f"{sign}{abs(self.pence) // 100}.{abs(self.pence) % 100:02d} cr"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Coins) and self.pence == other.pence

    def __hash__(self) -> int:
        return hash(self.pence)

    def __repr__(self) -> str:
        return f"Coins({self.pence})"


def coins(crowns: int, pence: int = 0) -> Coins:
    """Make an amount of crowns and pence."""
    return Coins(crowns * 100 + pence)


def purse(amounts: Iterable[Coins]) -> Coins:
    """Add up amounts."""
    return Coins(sum(amount.pence for amount in amounts))
