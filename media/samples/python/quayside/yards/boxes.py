"""Boxes: containers that are landed from ships, stacked in the yard and collected by trucks."""

from __future__ import annotations

from typing import Any, Dict

from quayside.core.deck import Deck
from quayside.core.manifest import manifest, mark, measure, text, whole, yes_no
from quayside.core.outcome import Outcome, landed, snag
from quayside.core.registry import dockhand
from quayside.core.watch import MINUTES_PER_DAY

HIGHEST_STACK = 5
FREE_DAYS = 3

LAND = (
    manifest("box.land")
    .must("label", text(11))
    .must("ship", mark("S"))
    .must("weight_t", measure(2, 35, "t"))
    .may("dangerous", yes_no(), otherwise=False)
    .sealed()
)


@dockhand("box.land", takes=LAND)
def land_box(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Enter a box that a crane has put on the quay."""
    ship = deck.stow.fetch("ships", cargo["ship"])
    if ship.snagged:
        return ship.passed_on("box.land")
    if ship.value["state"] != "moored":
        return snag(
            "BOX_FROM_NOWHERE",
            found=f"{cargo['ship']} is {ship.value['state']}",
            wanted="a moored ship",
            remedy="Land boxes only while the ship lies at its berth.",
        )
    box = {
        "mark": deck.stow.next_mark("X"),
        "state": "quay",
        "row": None,
        "cleared": False,
        "landed_at": deck.watch.now(),
        **cargo,
    }
    deck.stow.lay("boxes", box)
    deck.tally.note("box.land", box=box["mark"], ship=cargo["ship"])
    return landed(box).ringing("box.landed", box=box["mark"], dangerous=box["dangerous"])


STACK = manifest("box.stack").must("box", mark("X")).must("row", whole(1, 60)).sealed()


@dockhand("box.stack", takes=STACK)
def stack_box(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Put a box on top of a row. Dangerous boxes stand alone."""
    box = deck.stow.fetch("boxes", cargo["box"])
    if box.snagged:
        return box.passed_on("box.stack")
    below = deck.stow.sweep("boxes", row=cargo["row"], state="stacked")
    if len(below) >= HIGHEST_STACK:
        return snag(
            "BOX_ROW_FULL",
            found=f"{len(below)} boxes in row {cargo['row']}",
            wanted=f"fewer than {HIGHEST_STACK}",
            remedy="Choose another row.",
        )
    if below and (box.value["dangerous"] or below[0]["dangerous"]):
        return snag(
            "BOX_MUST_STAND_ALONE",
            found=f"a dangerous box and {len(below)} in row {cargo['row']}",
            wanted="an empty row for dangerous boxes",
            remedy="Choose an empty row.",
        )
    stacked = deck.stow.amend("boxes", cargo["box"], state="stacked", row=cargo["row"], height=len(below) + 1)
    deck.tally.note("box.stack", box=cargo["box"], row=cargo["row"])
    return stacked


COLLECT = manifest("box.collect").must("box", mark("X")).must("truck", text(12)).sealed()


@dockhand("box.collect", takes=COLLECT)
def collect_box(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Hand a cleared box over to a truck."""
    box = deck.stow.fetch("boxes", cargo["box"])
    if box.snagged:
        return box.passed_on("box.collect")
    if not box.value["cleared"]:
        return snag(
            "BOX_NOT_CLEARED",
            found=f"{cargo['box']} without customs clearance",
            wanted="a cleared box",
            remedy="Declare the box and wait for the customs office.",
        )
    days = (deck.watch.now() - box.value["landed_at"]) // MINUTES_PER_DAY
    deck.stow.amend("boxes", cargo["box"], state="collected", row=None)
    deck.tally.note("box.collect", box=cargo["box"], truck=cargo["truck"], days=days)
    outcome = landed(box.value).ringing("box.collected", box=cargo["box"], truck=cargo["truck"])
    if days > FREE_DAYS:
        outcome.ringing("box.overstayed", box=cargo["box"], ship=box.value["ship"], days=days - FREE_DAYS)
    return outcome
