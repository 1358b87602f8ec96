"""Pilots: they guide ships between the roads and the berth, and need rest after a few hours."""

from __future__ import annotations

from typing import Any, Dict

from quayside.core.deck import Deck
from quayside.core.manifest import manifest, mark, measure, text
from quayside.core.outcome import Outcome, landed, snag
from quayside.core.registry import dockhand
from quayside.core.watch import clock_face

REST_MINUTES = 8 * 60

ENLIST = (
    manifest("pilot.enlist")
    .must("name", text(40))
    .must("longest_ship_m", measure(20, 420, "m"))
    .sealed()
)


@dockhand("pilot.enlist", takes=ENLIST)
def enlist_pilot(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Add a pilot to the roster."""
    pilot = {"mark": deck.stow.next_mark("P"), "state": "ashore", "rested_at": 0, "ship": None, **cargo}
    deck.tally.note("pilot.enlist", pilot=pilot["mark"])
    return deck.stow.lay("pilots", pilot)


BOARD = manifest("pilot.board").must("pilot", mark("P")).must("ship", mark("S")).sealed()


@dockhand("pilot.board", takes=BOARD)
def board_pilot(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Bring a rested pilot on board of a ship that is not too long for the licence."""
    pilot = deck.stow.fetch("pilots", cargo["pilot"])
    if pilot.snagged:
        return pilot.passed_on("pilot.board")
    ship = deck.stow.fetch("ships", cargo["ship"])
    if ship.snagged:
        return ship.passed_on("pilot.board")
    if pilot.value["state"] != "ashore":
        return snag(
            "PILOT_BUSY",
            found=f"{cargo['pilot']} is on board of {pilot.value['ship']}",
            wanted="a pilot who is ashore",
            remedy="Wait until the pilot has left that ship.",
        )
    if pilot.value["rested_at"] > deck.watch.now():
        return snag(
            "PILOT_TIRED",
            found=f"{cargo['pilot']} rests until {clock_face(pilot.value['rested_at'])}",
            wanted="a rested pilot",
            remedy="Call another pilot.",
        )
    if ship.value["length_m"] > pilot.value["longest_ship_m"]:
        return snag(
            "PILOT_LICENCE_TOO_SMALL",
            found=f"a ship of {ship.value['length_m']} m",
            wanted=f"at most {pilot.value['longest_ship_m']} m",
            remedy="Call a pilot with a larger licence.",
        )
    boarded = deck.stow.amend("pilots", cargo["pilot"], state="aboard", ship=cargo["ship"], since=deck.watch.now())
    deck.tally.note("pilot.board", pilot=cargo["pilot"], ship=cargo["ship"])
    return boarded


LEAVE = manifest("pilot.leave").must("pilot", mark("P")).sealed()


@dockhand("pilot.leave", takes=LEAVE)
def leave_ship(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Bring a pilot ashore. The rest begins now."""
    pilot = deck.stow.fetch("pilots", cargo["pilot"])
    if pilot.snagged:
        return pilot.passed_on("pilot.leave")
    if pilot.value["state"] != "aboard":
        return snag(
            "PILOT_ASHORE",
            found=f"{cargo['pilot']} is ashore",
            wanted="a pilot who is on board",
            remedy="Check the mark of the pilot.",
        )
    hours = deck.watch.hours_since(pilot.value["since"])
    rested_at = deck.watch.now() + REST_MINUTES
    deck.stow.amend("pilots", cargo["pilot"], state="ashore", ship=None, rested_at=rested_at)
    deck.tally.note("pilot.leave", pilot=cargo["pilot"], hours=hours)
    return landed(hours).ringing("pilot.left", pilot=cargo["pilot"], ship=pilot.value["ship"], hours=hours)
