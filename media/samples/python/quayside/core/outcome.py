"""Outcome: what every dockhand returns. An order either lands or meets a snag; nobody raises for what may happen."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Tuple


class Outcome:
    """The result of an order. `snagged` tells the two kinds apart."""

    snagged = False

    def then(self, step: Callable[[Any], Outcome]) -> Outcome:
        """Go on with the value when the order has landed; pass a snag on unchanged."""
        raise NotImplementedError

    def or_else(self, fallback: Any) -> Any:
        """Return the value, or the fallback after a snag."""
        raise NotImplementedError


class Landed(Outcome):
    """A good outcome: the value, and the bells to ring once the order is done."""

    def __init__(self, value: Any = None) -> None:
        self.value = value
        self.bells: List[Tuple[str, Dict[str, Any]]] = []

    def ringing(self, bell: str, **facts: Any) -> Landed:
        """Add a bell that the deck rings after this order."""
        self.bells.append((bell, facts))
        return self

    def then(self, step: Callable[[Any], Outcome]) -> Outcome:
        return step(self.value)

    def or_else(self, fallback: Any) -> Any:
        return self.value

    def __repr__(self) -> str:
        return f"Landed({self.value!r})"


class Snag(Outcome):
    """A bad outcome: a code for programs, what was found and wanted, and a remedy for people."""

    snagged = True

    def __init__(self, code: str, found: str, wanted: str, remedy: str) -> None:
        self.code = code
        self.found = found
        self.wanted = wanted
        self.remedy = remedy
        self.trail: List[str] = []

    def passed_on(self, order: str) -> Snag:
        """Remember that the snag went through this order, for the tally."""
        self.trail.append(order)
        return self

    def then(self, step: Callable[[Any], Outcome]) -> Outcome:
        return self

    def or_else(self, fallback: Any) -> Any:
        return fallback

    def shown(self) -> str:
        """Return one line for people."""
        return f"{self.code}: found {self.found}, wanted {self.wanted}. {self.remedy}"

    def __repr__(self) -> str:
        return f"Snag({self.code!r})"


def landed(value: Any = None) -> Landed:
    """Make a good outcome."""
    return Landed(value)


def snag(code: str, *, found: str, wanted: str, remedy: str) -> Snag:
    """Make a bad outcome. All three texts are required, so that no snag leaves people alone."""
    return Snag(code, found, wanted, remedy)


def all_landed(outcomes: List[Outcome]) -> Outcome:
    """Turn a list of outcomes into one: the list of the values, or the first snag."""
    values = []
    for outcome in outcomes:
        if outcome.snagged:
            return outcome
        values.append(outcome.or_else(None))
    return landed(values)
