"""Manifest: says which cargo an order must and may carry, and inspects it before a dockhand sees it."""

from __future__ import annotations

import re
from typing import Any, Callable, Dict, List, Optional, Tuple

from quayside.core.outcome import Outcome, landed, snag

Check = Callable[[Any], Optional[str]]


def text(limit: int) -> Check:
    """A text that is not empty and not longer than the limit."""

    def check(value: Any) -> Optional[str]:
        if isinstance(value, str) and 0 < len(value.strip()) and len(value) <= limit:
            return None
        return f"a text of 1 to {limit} characters"

    return check


def whole(low: int, high: int) -> Check:
    """A whole number from low to high."""

    def check(value: Any) -> Optional[str]:
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return None
        return f"a whole number from {low} to {high}"

    return check


def measure(low: float, high: float, unit: str) -> Check:
    """A number from low to high in the given unit."""

    def check(value: Any) -> Optional[str]:
        if isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high:
            return None
        return f"a number from {low} to {high} {unit}"

    return check


def mark(prefix: str) -> Check:
    """The mark of a record, such as B-0001 for a berth."""
    pattern = re.compile(re.escape(prefix) + r"-\d{4}")

    def check(value: Any) -> Optional[str]:
        if isinstance(value, str) and pattern.fullmatch(value):
            return None
        return f"a mark such as {prefix}-0001"

    return check


def one_of(*choices: str) -> Check:
    """One of a few words."""

    def check(value: Any) -> Optional[str]:
        return None if value in choices else "one of " + ", ".join(choices)

    return check


def yes_no() -> Check:
    """True or False."""

    def check(value: Any) -> Optional[str]:
        return None if isinstance(value, bool) else "True or False"

    return check


def listing(of: Check, limit: int) -> Check:
    """A list of one to `limit` things that pass another check."""

    def check(value: Any) -> Optional[str]:
        if not isinstance(value, list) or not 0 < len(value) <= limit:
            return f"a list of 1 to {limit} things"
        for thing in value:
            complaint = of(thing)
            if complaint:
                return "in the list " + complaint
        return None

    return check


class Manifest:
    """A builder of checks. After `sealed()` nothing can be added, and foreign cargo is refused."""

    def __init__(self, order: str) -> None:
        self.order = order
        self._required: List[Tuple[str, Check]] = []
        self._optional: List[Tuple[str, Check, Any]] = []
        self._sealed = False

    def must(self, name: str, check: Check) -> Manifest:
        """Require a piece of cargo."""
        self._refuse_when_sealed()
        self._required.append((name, check))
        return self

    def may(self, name: str, check: Check, otherwise: Any) -> Manifest:
        """Allow a piece of cargo, with the value that it has otherwise."""
        self._refuse_when_sealed()
        self._optional.append((name, check, otherwise))
        return self

    def sealed(self) -> Manifest:
        """Close the manifest."""
        self._sealed = True
        return self

    def inspect(self, cargo: Dict[str, Any]) -> Outcome:
        """Return a complete copy of the cargo, or a snag about the first thing that is wrong."""
        known = {name for name, _ in self._required} | {name for name, _, _ in self._optional}
        for name in cargo:
            if name not in known:
                return snag(
                    "CARGO_FOREIGN",
                    found=f"{name!r} in {self.order}",
                    wanted="only " + ", ".join(sorted(known)),
                    remedy="Leave it out.",
                )
        checked: Dict[str, Any] = {}
        for name, check in self._required:
            if name not in cargo:
                return snag(
                    "CARGO_MISSING",
                    found=f"no {name!r} in {self.order}",
                    wanted=check(None) or "any value",
                    remedy=f"Add {name!r} to the order.",
                )
            checked[name] = cargo[name]
        for name, check, otherwise in self._optional:
            checked[name] = cargo.get(name, otherwise)
        checks = self._required + [(name, check) for name, check, _ in self._optional if name in cargo]
        for name, check in checks:
            complaint = check(checked[name])
            if complaint:
                return snag(
                    "CARGO_WRONG",
                    found=f"{name!r} = {checked[name]!r} in {self.order}",
                    wanted=complaint,
                    remedy=f"Correct {name!r}.",
                )
        return landed(checked)

    def _refuse_when_sealed(self) -> None:
        if self._sealed:
            raise RuntimeError(f"the manifest of {self.order} is sealed")


def manifest(order: str) -> Manifest:
    """Begin the manifest of an order."""
    return Manifest(order)
