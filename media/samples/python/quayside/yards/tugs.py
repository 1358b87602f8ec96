"""Tugs: they pull ships that cannot turn on their own. Long ships need more bollard pull."""

from __future__ import annotations

from typing import Any, Dict, List

from quayside.core.deck import Deck
from quayside.core.manifest import listing, manifest, mark, measure, text
from quayside.core.outcome import Outcome, all_landed, landed, snag
from quayside.core.registry import dockhand, lookout

METRES_PER_TONNE = 4

COMMISSION = (
    manifest("tug.commission")
    .must("name", text(30))
    .must("pull_t", measure(5, 120, "t"))
    .sealed()
)


@dockhand("tug.commission", takes=COMMISSION)
def commission_tug(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Add a tug to the fleet."""
    tug = {"mark": deck.stow.next_mark("T"), "ship": None, **cargo}
    deck.tally.note("tug.commission", tug=tug["mark"], pull=tug["pull_t"])
    return deck.stow.lay("tugs", tug)


HITCH = manifest("tug.hitch").must("tugs", listing(mark("T"), 6)).must("ship", mark("S")).sealed()


@dockhand("tug.hitch", takes=HITCH)
def hitch_tugs(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Tie tugs to a ship. Together they must be strong enough."""
    ship = deck.stow.fetch("ships", cargo["ship"])
    if ship.snagged:
        return ship.passed_on("tug.hitch")
    tugs = all_landed([deck.stow.fetch("tugs", tug) for tug in cargo["tugs"]])
    if tugs.snagged:
        return tugs.passed_on("tug.hitch")
    busy = [tug["mark"] for tug in tugs.value if tug["ship"] is not None]
    if busy:
        return snag(
            "TUG_BUSY",
            found=f"{', '.join(busy)} at another ship",
            wanted="tugs without a ship",
            remedy="Unhitch them, or choose other tugs.",
        )
    pull = sum(tug["pull_t"] for tug in tugs.value)
    needed = pull_needed(ship.value)
    if pull < needed:
        return snag(
            "TUG_TOO_WEAK",
            found=f"{pull} t of bollard pull",
            wanted=f"{needed} t for {ship.value['length_m']} m",
            remedy="Add another tug.",
        )
    for tug in cargo["tugs"]:
        deck.stow.amend("tugs", tug, ship=cargo["ship"])
    deck.tally.note("tug.hitch", ship=cargo["ship"], tugs=len(cargo["tugs"]), pull=pull)
    return landed(pull).ringing("tug.hitched", ship=cargo["ship"], tugs=len(cargo["tugs"]))


UNHITCH = manifest("tug.unhitch").must("ship", mark("S")).sealed()


@dockhand("tug.unhitch", takes=UNHITCH)
def unhitch_tugs(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Free all tugs of a ship and return their marks."""
    freed: List[str] = []
    for tug in deck.stow.sweep("tugs", ship=cargo["ship"]):
        deck.stow.amend("tugs", tug["mark"], ship=None)
        freed.append(tug["mark"])
    deck.tally.note("tug.unhitch", ship=cargo["ship"], tugs=len(freed))
    return landed(freed)


@lookout("ship.departed")
def unhitch_when_departed(deck: Deck, facts: Dict[str, Any]) -> None:
    """No tug goes to sea with its ship."""
    deck.hail("tug.unhitch", ship=facts["ship"])


def pull_needed(ship: Dict[str, Any]) -> float:
    """Return the bollard pull in tonnes that a ship needs; tankers need half as much again."""
    pull = ship["length_m"] / METRES_PER_TONNE
    return pull * 1.5 if ship["kind"] == "tanker" else pull
