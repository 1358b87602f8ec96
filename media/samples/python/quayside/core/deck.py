"""Deck: where orders are carried out. It holds the stow, the tally and the watch, and rings the bells."""

from __future__ import annotations

from typing import Any, Dict, List, Tuple

from quayside.core.outcome import Outcome, landed, snag
from quayside.core.page import Page
from quayside.core.registry import HANDS, LOOKOUTS, PAGES
from quayside.core.stow import Stow
from quayside.core.tally import Tally
from quayside.core.watch import Watch

DEEPEST_CALL = 8


class Deck:
    """All that a dockhand may touch."""

    def __init__(self) -> None:
        self.watch = Watch()
        self.stow = Stow()
        self.tally = Tally(self.watch)
        self.rung: List[Tuple[str, Dict[str, Any]]] = []
        self._depth = 0

    def hail(self, order: str, **cargo: Any) -> Outcome:
        """Carry out an order: inspect the cargo, let the dockhand work, ring the bells of a good outcome."""
        hand = HANDS.get(order)
        if hand is None:
            return snag(
                "ORDER_UNKNOWN",
                found=f"order {order!r}",
                wanted="an order for which a dockhand has signed on",
                remedy="Import the yard that defines it.",
            )
        if self._depth >= DEEPEST_CALL:
            return snag(
                "ORDER_TOO_DEEP",
                found=f"{self._depth} orders inside each other",
                wanted=f"at most {DEEPEST_CALL}",
                remedy="Look for lookouts that hail each other in a circle.",
            )
        self._depth += 1
        try:
            outcome = hand.manifest.inspect(cargo).then(lambda checked: hand.work(self, checked))
        finally:
            self._depth -= 1
        if outcome.snagged:
            self.tally.heed(order, snag=outcome.code)
            return outcome.passed_on(order)
        for bell, facts in outcome.bells:
            self.ring(bell, **facts)
        return outcome

    def ring(self, bell: str, **facts: Any) -> None:
        """Tell every lookout of this bell."""
        self.rung.append((bell, facts))
        for listen in LOOKOUTS.get(bell, []):
            listen(self, facts)

    def open_page(self, title: str) -> Outcome:
        """Write a page of the logbook and return its text."""
        fill = PAGES.get(title)
        if fill is None:
            return snag(
                "PAGE_UNKNOWN",
                found=f"page {title!r}",
                wanted="one of " + ", ".join(sorted(PAGES)),
                remedy="Import the office module that defines it.",
            )
        page = Page(title)
        fill(self, page)
        return landed(page.render())
