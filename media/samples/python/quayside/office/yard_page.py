"""The page about the yard: boxes by state, full rows, sheds and tanks."""

from __future__ import annotations

from collections import Counter

from quayside.core.deck import Deck
from quayside.core.page import Page
from quayside.core.registry import logbook
from quayside.yards.boxes import HIGHEST_STACK


@logbook("yard")
def fill_yard_page(deck: Deck, page: Page) -> None:
    """Show how full the yard is."""
    boxes = deck.stow.sweep("boxes")
    page.heading("Boxes")
    for state, count in sorted(Counter(box["state"] for box in boxes).items()):
        page.line(state, count)
    rows = Counter(box["row"] for box in boxes if box["row"] is not None)
    full = [row for row, count in sorted(rows.items()) if count >= HIGHEST_STACK]
    page.line("full rows", ", ".join(str(row) for row in full) or "none")
    page.heading("Sheds")
    for shed in deck.stow.sweep("sheds"):
        percent = shed["stored_t"] * 100 / shed["holds_t"]
        page.line(f"{shed['name']} ({shed['sort'] or 'empty'})", f"{percent:.0f} %")
    page.heading("Tanks")
    for tank in deck.stow.sweep("tanks"):
        page.line(f"{tank['mark']} {tank['liquid']}", f"{tank['level_l']} of {tank['holds_l']} l")
