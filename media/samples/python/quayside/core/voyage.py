"""Voyage: several orders in a row. Values land in a sea chest; later legs take their cargo from it."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, NamedTuple, Optional

from quayside.core.deck import Deck
from quayside.core.outcome import Outcome, landed

Chest = Dict[str, Any]


class Leg(NamedTuple):
    """One order of a voyage."""

    order: str
    load: Callable[[Chest], Dict[str, Any]]
    keep: Optional[str]
    undo: Optional[Callable[[Deck, Chest], Outcome]]


class Voyage:
    """A builder of legs. When a leg meets a snag, the legs before it are undone in reverse order."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._legs: List[Leg] = []

    def leg(
        self,
        order: str,
        load: Callable[[Chest], Dict[str, Any]],
        keep: Optional[str] = None,
        undo: Optional[Callable[[Deck, Chest], Outcome]] = None,
    ) -> Voyage:
        """Add an order. `load` makes its cargo from the chest, `keep` names its value in the chest."""
        self._legs.append(Leg(order, load, keep, undo))
        return self

    def sail(self, deck: Deck, **provisions: Any) -> Outcome:
        """Carry out all legs and return the chest, or the snag of the leg that failed."""
        chest: Chest = dict(provisions)
        done: List[Leg] = []
        for leg in self._legs:
            outcome = deck.hail(leg.order, **leg.load(chest))
            if outcome.snagged:
                deck.tally.heed("voyage." + self.name, failed=leg.order, undone=len(done))
                for earlier in reversed(done):
                    if earlier.undo:
                        earlier.undo(deck, chest)
                return outcome.passed_on("voyage." + self.name)
            if leg.keep:
                chest[leg.keep] = outcome.or_else(None)
            done.append(leg)
        deck.tally.note("voyage." + self.name, legs=len(done))
        return landed(chest)


def voyage(name: str) -> Voyage:
    """Begin a voyage."""
    return Voyage(name)
