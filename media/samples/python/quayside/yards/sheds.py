"""Sheds: roofed stores for loose goods. A shed holds one sort of goods at a time."""

from __future__ import annotations

from typing import Any, Dict

from quayside.core.deck import Deck
from quayside.core.manifest import manifest, mark, measure, one_of, text
from quayside.core.outcome import Outcome, landed, snag
from quayside.core.registry import dockhand

SORTS = ("grain", "timber", "paper", "coffee")

OPEN = (
    manifest("shed.open")
    .must("name", text(20))
    .must("holds_t", measure(10, 20000, "t"))
    .sealed()
)


@dockhand("shed.open", takes=OPEN)
def open_shed(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Open a shed."""
    shed = {"mark": deck.stow.next_mark("H"), "sort": None, "stored_t": 0, **cargo}
    deck.tally.note("shed.open", shed=shed["mark"])
    return deck.stow.lay("sheds", shed)


STORE = (
    manifest("shed.store")
    .must("shed", mark("H"))
    .must("sort", one_of(*SORTS))
    .must("weight_t", measure(0.1, 20000, "t"))
    .sealed()
)


@dockhand("shed.store", takes=STORE)
def store_goods(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Bring goods into a shed."""
    shed = deck.stow.fetch("sheds", cargo["shed"])
    if shed.snagged:
        return shed.passed_on("shed.store")
    if shed.value["sort"] not in (None, cargo["sort"]):
        return snag(
            "SHED_OTHER_SORT",
            found=f"{shed.value['sort']} in {cargo['shed']}",
            wanted=f"an empty shed, or one with {cargo['sort']}",
            remedy="Choose another shed.",
        )
    stored = shed.value["stored_t"] + cargo["weight_t"]
    if stored > shed.value["holds_t"]:
        return snag(
            "SHED_FULL",
            found=f"{stored} t for {cargo['shed']}",
            wanted=f"at most {shed.value['holds_t']} t",
            remedy="Divide the goods between two sheds.",
        )
    filled = deck.stow.amend("sheds", cargo["shed"], sort=cargo["sort"], stored_t=stored)
    deck.tally.note("shed.store", shed=cargo["shed"], sort=cargo["sort"], weight=cargo["weight_t"])
    return filled.then(lambda record: landed(record).ringing("shed.stored", shed=record["mark"]))


DRAW = manifest("shed.draw").must("shed", mark("H")).must("weight_t", measure(0.1, 20000, "t")).sealed()


@dockhand("shed.draw", takes=DRAW)
def draw_goods(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Take goods out of a shed. An empty shed may take another sort."""
    shed = deck.stow.fetch("sheds", cargo["shed"])
    if shed.snagged:
        return shed.passed_on("shed.draw")
    left = shed.value["stored_t"] - cargo["weight_t"]
    if left < 0:
        return snag(
            "SHED_TOO_LITTLE",
            found=f"{shed.value['stored_t']} t in {cargo['shed']}",
            wanted=f"{cargo['weight_t']} t",
            remedy="Draw less, or from several sheds.",
        )
    sort = shed.value["sort"] if left > 0 else None
    drawn = deck.stow.amend("sheds", cargo["shed"], sort=sort, stored_t=left)
    deck.tally.note("shed.draw", shed=cargo["shed"], weight=cargo["weight_t"], left=left)
    return drawn.then(lambda record: landed(record).ringing("shed.drawn", shed=record["mark"]))
