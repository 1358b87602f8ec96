"""Cranes: they lift boxes between ship and quay. Wind stops them."""

from __future__ import annotations

from typing import Any, Dict

from quayside.core.deck import Deck
from quayside.core.manifest import manifest, mark, measure, text
from quayside.core.outcome import Outcome, landed, snag
from quayside.core.registry import dockhand, lookout

STRONGEST_WIND_KN = 38

ERECT = (
    manifest("crane.erect")
    .must("quay", text(20))
    .must("lifts_t", measure(1, 120, "t"))
    .must("reach_m", measure(5, 75, "m"))
    .sealed()
)


@dockhand("crane.erect", takes=ERECT)
def erect_crane(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Put up a crane at a quay."""
    crane = {"mark": deck.stow.next_mark("K"), "state": "parked", "berth": None, "moves": 0, **cargo}
    deck.tally.note("crane.erect", crane=crane["mark"], quay=crane["quay"])
    return deck.stow.lay("cranes", crane)


POST = manifest("crane.post").must("crane", mark("K")).must("berth", mark("B")).sealed()


@dockhand("crane.post", takes=POST)
def post_crane(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Post a crane at an occupied berth of its own quay."""
    crane = deck.stow.fetch("cranes", cargo["crane"])
    if crane.snagged:
        return crane.passed_on("crane.post")
    berth = deck.stow.fetch("berths", cargo["berth"])
    if berth.snagged:
        return berth.passed_on("crane.post")
    if crane.value["quay"] != berth.value["quay"]:
        return snag(
            "CRANE_ELSEWHERE",
            found=f"{cargo['crane']} stands at {crane.value['quay']}",
            wanted=f"a crane at {berth.value['quay']}",
            remedy="Choose a crane of the same quay.",
        )
    if berth.value["state"] != "occupied":
        return snag(
            "CRANE_WITHOUT_SHIP",
            found=f"{cargo['berth']} is {berth.value['state']}",
            wanted="an occupied berth",
            remedy="Post the crane when the ship is moored.",
        )
    deck.tally.note("crane.post", crane=cargo["crane"], berth=cargo["berth"])
    return deck.stow.amend("cranes", cargo["crane"], state="posted", berth=cargo["berth"])


LIFT = manifest("crane.lift").must("crane", mark("K")).must("weight_t", measure(0.1, 120, "t")).sealed()


@dockhand("crane.lift", takes=LIFT)
def lift_load(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Lift one load and count the move."""
    crane = deck.stow.fetch("cranes", cargo["crane"])
    if crane.snagged:
        return crane.passed_on("crane.lift")
    if crane.value["state"] != "posted":
        return snag(
            "CRANE_NOT_POSTED",
            found=f"{cargo['crane']} is {crane.value['state']}",
            wanted="a crane that is posted at a berth",
            remedy="Post the crane first.",
        )
    if cargo["weight_t"] > crane.value["lifts_t"]:
        return snag(
            "CRANE_TOO_WEAK",
            found=f"a load of {cargo['weight_t']} t",
            wanted=f"at most {crane.value['lifts_t']} t",
            remedy="Use a stronger crane, or divide the load.",
        )
    moved = deck.stow.amend("cranes", cargo["crane"], moves=crane.value["moves"] + 1)
    deck.watch.pass_minutes(3)
    deck.tally.note("crane.lift", crane=cargo["crane"], weight=cargo["weight_t"])
    return moved.then(lambda record: landed(record).ringing("crane.lifted", crane=record["mark"]))


PARK = manifest("crane.park").must("crane", mark("K")).sealed()


@dockhand("crane.park", takes=PARK)
def park_crane(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Bring a crane to its safe position."""
    deck.tally.note("crane.park", crane=cargo["crane"])
    return deck.stow.amend("cranes", cargo["crane"], state="parked", berth=None)


@lookout("weather.observed")
def park_in_strong_wind(deck: Deck, facts: Dict[str, Any]) -> None:
    """Park all posted cranes when the wind is too strong for them."""
    if facts["wind_kn"] <= STRONGEST_WIND_KN:
        return
    for crane in deck.stow.sweep("cranes", state="posted"):
        deck.tally.heed("crane.wind", crane=crane["mark"], wind=facts["wind_kn"])
        deck.hail("crane.park", crane=crane["mark"])
