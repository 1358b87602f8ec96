"""Berths: places at the quay. A berth is free, reserved or occupied."""

from __future__ import annotations

from typing import Any, Dict

from quayside.core.deck import Deck
from quayside.core.manifest import manifest, mark, measure, text, whole
from quayside.core.outcome import Outcome, landed, snag
from quayside.core.registry import dockhand, lookout

OPEN = (
    manifest("berth.open")
    .must("quay", text(20))
    .must("length_m", measure(10, 450, "m"))
    .must("depth_m", measure(2, 26, "m"))
    .may("bollards", whole(2, 40), otherwise=6)
    .sealed()
)


@dockhand("berth.open", takes=OPEN)
def open_berth(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Add a berth to a quay."""
    berth = {"mark": deck.stow.next_mark("B"), "state": "free", "ship": None, **cargo}
    deck.tally.note("berth.open", berth=berth["mark"], quay=berth["quay"])
    return deck.stow.lay("berths", berth)


RESERVE = manifest("berth.reserve").must("berth", mark("B")).must("ship", mark("S")).sealed()


@dockhand("berth.reserve", takes=RESERVE)
def reserve_berth(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Keep a free berth for a ship that fits into it."""
    berth = deck.stow.fetch("berths", cargo["berth"])
    if berth.snagged:
        return berth.passed_on("berth.reserve")
    ship = deck.stow.fetch("ships", cargo["ship"])
    if ship.snagged:
        return ship.passed_on("berth.reserve")
    if berth.value["state"] != "free":
        return snag(
            "BERTH_NOT_FREE",
            found=f"{cargo['berth']} is {berth.value['state']}",
            wanted="a free berth",
            remedy="Choose another berth, or wait until it is released.",
        )
    if ship.value["draught_m"] + 0.5 > berth.value["depth_m"]:
        return snag(
            "BERTH_TOO_SHALLOW",
            found=f"{berth.value['depth_m']} m of water for a draught of {ship.value['draught_m']} m",
            wanted="half a metre under the keel",
            remedy="Choose a deeper berth.",
        )
    if ship.value["length_m"] > berth.value["length_m"]:
        return snag(
            "BERTH_TOO_SHORT",
            found=f"{berth.value['length_m']} m for a ship of {ship.value['length_m']} m",
            wanted="a berth as long as the ship",
            remedy="Choose a longer berth.",
        )
    reserved = deck.stow.amend("berths", cargo["berth"], state="reserved", ship=cargo["ship"])
    deck.tally.note("berth.reserve", berth=cargo["berth"], ship=cargo["ship"])
    return reserved


OCCUPY = manifest("berth.occupy").must("berth", mark("B")).sealed()


@dockhand("berth.occupy", takes=OCCUPY)
def occupy_berth(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Moor the ship for which the berth is reserved."""
    berth = deck.stow.fetch("berths", cargo["berth"])
    if berth.snagged:
        return berth.passed_on("berth.occupy")
    if berth.value["state"] != "reserved":
        return snag(
            "BERTH_NOT_RESERVED",
            found=f"{cargo['berth']} is {berth.value['state']}",
            wanted="a reserved berth",
            remedy="Reserve the berth for the ship first.",
        )
    occupied = deck.stow.amend("berths", cargo["berth"], state="occupied", since=deck.watch.now())
    deck.stow.amend("ships", berth.value["ship"], state="moored")
    deck.tally.note("berth.occupy", berth=cargo["berth"], ship=berth.value["ship"])
    return occupied.then(lambda record: landed(record).ringing("berth.occupied", **bell_facts(record)))


RELEASE = manifest("berth.release").must("berth", mark("B")).sealed()


@dockhand("berth.release", takes=RELEASE)
def release_berth(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Make a berth free again, whether it was reserved or occupied."""
    berth = deck.stow.fetch("berths", cargo["berth"])
    if berth.snagged:
        return berth.passed_on("berth.release")
    if berth.value["state"] == "free":
        return landed(berth.value)
    hours = deck.watch.hours_since(berth.value["since"]) if berth.value["state"] == "occupied" else 0
    released = deck.stow.amend("berths", cargo["berth"], state="free", ship=None, since=None)
    deck.tally.note("berth.release", berth=cargo["berth"], hours=hours)
    return released.then(
        lambda record: landed(record).ringing("berth.released", **bell_facts(berth.value), hours=hours)
    )


@lookout("ship.departed")
def release_when_departed(deck: Deck, facts: Dict[str, Any]) -> None:
    """A ship that goes to sea leaves its berth."""
    for berth in deck.stow.sweep("berths", ship=facts["ship"]):
        deck.hail("berth.release", berth=berth["mark"])


def bell_facts(berth: Dict[str, Any]) -> Dict[str, Any]:
    """Return what lookouts want to know about a berth."""
    return {"berth": berth["mark"], "ship": berth["ship"], "length_m": berth["length_m"]}
