"""The page about safety: open incidents, valid permits, and the bells that rang most."""

from __future__ import annotations

from collections import Counter

from quayside.core.deck import Deck
from quayside.core.page import Page
from quayside.core.registry import facts_of, logbook
from quayside.core.watch import clock_face

BUSIEST = 3


@logbook("safety")
def fill_safety_page(deck: Deck, page: Page) -> None:
    """List what the harbour master must know in the morning."""
    page.heading("Open incidents")
    incidents = deck.stow.sweep("incidents", state="open")
    if not incidents:
        page.nothing("no open incident")
    for incident in sorted(incidents, key=lambda one: -one["gravity"]):
        page.line(f"{incident['mark']} {incident['place']}", "!" * incident["gravity"])
    page.heading("Permits")
    granted = deck.stow.sweep("permits", state="granted")
    valid = [permit for permit in granted if permit["ends"] > deck.watch.now()]
    if not valid:
        page.nothing("no valid permit")
    for permit in valid:
        page.line(f"{permit['work']} at {permit['place']}", "until " + clock_face(permit["ends"]))
    page.heading("Busiest bells")
    for bell, count in Counter(name for name, _ in deck.rung).most_common(BUSIEST):
        page.line(bell, count)
    if deck.rung:
        bell, facts = deck.rung[-1]
        page.line(f"last: {bell}", facts_of(facts))
