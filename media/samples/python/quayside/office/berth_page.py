"""The page about berths: who lies where, and since when."""

from __future__ import annotations

from quayside.core.deck import Deck
from quayside.core.page import Page
from quayside.core.registry import logbook
from quayside.core.watch import clock_face


@logbook("berths")
def fill_berth_page(deck: Deck, page: Page) -> None:
    """List the berths of each quay, then the ships that wait in the roads."""
    berths = deck.stow.sweep("berths")
    for quay in sorted({berth["quay"] for berth in berths}):
        page.heading(f"Quay {quay}")
        for berth in deck.stow.sweep("berths", quay=quay):
            if berth["state"] == "occupied":
                page.line(berth["mark"], f"{berth['ship']} since {clock_face(berth['since'])}")
            elif berth["state"] == "reserved":
                page.line(berth["mark"], f"reserved for {berth['ship']}")
            else:
                page.line(berth["mark"], "free")
    page.heading("Roads")
    waiting = deck.stow.sweep("ships", state="roads")
    if not waiting:
        page.nothing("no ship waits")
    for ship in waiting:
        page.line(ship["name"], f"{deck.watch.hours_since(ship['arrived'])} h")
