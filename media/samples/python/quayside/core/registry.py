"""Registry: who carries out which order, who listens to which bell, who writes which page."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, NamedTuple

from quayside.core.manifest import Manifest
from quayside.core.outcome import Outcome


class Hand(NamedTuple):
    """A dockhand with the manifest of the cargo that it takes."""

    manifest: Manifest
    work: Callable[..., Outcome]


HANDS: Dict[str, Hand] = {}
LOOKOUTS: Dict[str, List[Callable[..., None]]] = {}
PAGES: Dict[str, Callable[..., None]] = {}


def dockhand(order: str, takes: Manifest) -> Callable:
    """Sign on a function `(deck, cargo) -> Outcome` for an order such as "berth.reserve"."""

    def sign_on(work: Callable[..., Outcome]) -> Callable[..., Outcome]:
        if order in HANDS:
            raise RuntimeError(f"two dockhands for {order}")
        if takes.order != order:
            raise RuntimeError(f"{order} has the manifest of {takes.order}")
        HANDS[order] = Hand(takes, work)
        return work

    return sign_on


def lookout(bell: str) -> Callable:
    """Sign on a function `(deck, facts) -> None` that is called when the bell rings."""

    def sign_on(listen: Callable[..., None]) -> Callable[..., None]:
        LOOKOUTS.setdefault(bell, []).append(listen)
        return listen

    return sign_on


def logbook(title: str) -> Callable:
    """Sign on a function `(deck, page) -> None` that fills a page of the logbook."""

    def sign_on(fill: Callable[..., None]) -> Callable[..., None]:
        PAGES[title] = fill
        return fill

    return sign_on


def known_orders() -> List[str]:
    """Return the names of all orders, sorted."""
    return sorted(HANDS)


def facts_of(bell: Any) -> str:
    """Show the facts of a bell in one line, for the tally."""
    return ", ".join(f"{name}={value}" for name, value in sorted(bell.items()))
