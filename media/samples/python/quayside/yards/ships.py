"""Ships: they are announced, arrive at the roads, and depart when nothing holds them."""

from __future__ import annotations

from typing import Any, Dict

from quayside.core.deck import Deck
from quayside.core.manifest import manifest, mark, measure, one_of, text
from quayside.core.outcome import Outcome, landed, snag
from quayside.core.registry import dockhand

KINDS = ("freighter", "tanker", "ferry", "trawler")

ANNOUNCE = (
    manifest("ship.announce")
    .must("name", text(40))
    .must("kind", one_of(*KINDS))
    .must("length_m", measure(5, 420, "m"))
    .must("draught_m", measure(0.5, 24, "m"))
    .may("flag", text(30), otherwise="unknown")
    .sealed()
)


@dockhand("ship.announce", takes=ANNOUNCE)
def announce_ship(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Enter a ship that is on its way."""
    twins = deck.stow.sweep("ships", name=cargo["name"], state="announced")
    if twins:
        return snag(
            "SHIP_ALREADY_ANNOUNCED",
            found=f"{cargo['name']} as {twins[0]['mark']}",
            wanted="a ship that is not announced yet",
            remedy="Use the mark of the announced ship.",
        )
    ship = {"mark": deck.stow.next_mark("S"), "state": "announced", "holds": [], **cargo}
    deck.stow.lay("ships", ship)
    deck.tally.note("ship.announce", ship=ship["mark"], kind=ship["kind"])
    return landed(ship).ringing("ship.announced", ship=ship["mark"])


ARRIVE = manifest("ship.arrive").must("ship", mark("S")).sealed()


@dockhand("ship.arrive", takes=ARRIVE)
def arrive_ship(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Note that a ship lies in the roads."""
    ship = deck.stow.fetch("ships", cargo["ship"])
    if ship.snagged:
        return ship.passed_on("ship.arrive")
    if ship.value["state"] != "announced":
        return snag(
            "SHIP_NOT_EXPECTED",
            found=f"{cargo['ship']} is {ship.value['state']}",
            wanted="a ship that is announced",
            remedy="Announce the ship again for its next call.",
        )
    arrived = deck.stow.amend("ships", cargo["ship"], state="roads", arrived=deck.watch.now())
    deck.tally.note("ship.arrive", ship=cargo["ship"])
    return arrived.then(lambda record: landed(record).ringing("ship.arrived", ship=record["mark"]))


HOLD = manifest("ship.hold").must("ship", mark("S")).must("reason", text(60)).sealed()


@dockhand("ship.hold", takes=HOLD)
def hold_ship(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Forbid a ship to depart for a reason. Several reasons add up."""
    ship = deck.stow.fetch("ships", cargo["ship"])
    if ship.snagged:
        return ship.passed_on("ship.hold")
    holds = ship.value["holds"] + [cargo["reason"]]
    deck.tally.heed("ship.hold", ship=cargo["ship"], reason=cargo["reason"])
    return deck.stow.amend("ships", cargo["ship"], holds=holds)


FREE = manifest("ship.free").must("ship", mark("S")).must("reason", text(60)).sealed()


@dockhand("ship.free", takes=FREE)
def free_ship(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Take back a reason to hold a ship."""
    ship = deck.stow.fetch("ships", cargo["ship"])
    if ship.snagged:
        return ship.passed_on("ship.free")
    holds = [reason for reason in ship.value["holds"] if reason != cargo["reason"]]
    deck.tally.note("ship.free", ship=cargo["ship"], left=len(holds))
    return deck.stow.amend("ships", cargo["ship"], holds=holds)


DEPART = manifest("ship.depart").must("ship", mark("S")).sealed()


@dockhand("ship.depart", takes=DEPART)
def depart_ship(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Let a ship go to sea."""
    ship = deck.stow.fetch("ships", cargo["ship"])
    if ship.snagged:
        return ship.passed_on("ship.depart")
    if ship.value["holds"]:
        return snag(
            "SHIP_HELD",
            found=f"{cargo['ship']} is held: {', '.join(ship.value['holds'])}",
            wanted="a ship without holds",
            remedy="Settle the reasons, then free the ship.",
        )
    deck.stow.amend("ships", cargo["ship"], state="gone")
    deck.tally.note("ship.depart", ship=cargo["ship"])
    return landed(ship.value).ringing("ship.departed", ship=cargo["ship"])
