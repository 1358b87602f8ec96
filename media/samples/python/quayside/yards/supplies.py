"""Supplies: tanks with fuel and fresh water for the ships at the quay."""

from __future__ import annotations

from typing import Any, Dict

from quayside.core.deck import Deck
from quayside.core.manifest import manifest, mark, one_of, whole
from quayside.core.outcome import Outcome, landed, snag
from quayside.core.registry import dockhand

LIQUIDS = ("fuel", "water")
LOW_PERCENT = 20

BUILD = (
    manifest("tank.build")
    .must("liquid", one_of(*LIQUIDS))
    .must("holds_l", whole(100, 5_000_000))
    .sealed()
)


@dockhand("tank.build", takes=BUILD)
def build_tank(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Add an empty tank."""
    tank = {"mark": deck.stow.next_mark("L"), "level_l": 0, **cargo}
    deck.tally.note("tank.build", tank=tank["mark"], liquid=tank["liquid"])
    return deck.stow.lay("tanks", tank)


FILL = manifest("tank.fill").must("tank", mark("L")).must("litres", whole(1, 5_000_000)).sealed()


@dockhand("tank.fill", takes=FILL)
def fill_tank(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Fill a tank up, but never over its edge."""
    tank = deck.stow.fetch("tanks", cargo["tank"])
    if tank.snagged:
        return tank.passed_on("tank.fill")
    level = tank.value["level_l"] + cargo["litres"]
    if level > tank.value["holds_l"]:
        return snag(
            "TANK_OVERFLOW",
            found=f"{level} l for {cargo['tank']}",
            wanted=f"at most {tank.value['holds_l']} l",
            remedy="Fill in less, or use a second tank.",
        )
    deck.tally.note("tank.fill", tank=cargo["tank"], level=level)
    return deck.stow.amend("tanks", cargo["tank"], level_l=level)


SUPPLY = (
    manifest("tank.supply")
    .must("tank", mark("L"))
    .must("ship", mark("S"))
    .must("litres", whole(1, 1_000_000))
    .sealed()
)


@dockhand("tank.supply", takes=SUPPLY)
def supply_ship(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Pump from a tank into a moored ship."""
    tank = deck.stow.fetch("tanks", cargo["tank"])
    if tank.snagged:
        return tank.passed_on("tank.supply")
    ship = deck.stow.fetch("ships", cargo["ship"])
    if ship.snagged:
        return ship.passed_on("tank.supply")
    if ship.value["state"] != "moored":
        return snag(
            "TANK_SHIP_AWAY",
            found=f"{cargo['ship']} is {ship.value['state']}",
            wanted="a moored ship",
            remedy="Wait until the ship lies at its berth.",
        )
    level = tank.value["level_l"] - cargo["litres"]
    if level < 0:
        return snag(
            "TANK_TOO_LITTLE",
            found=f"{tank.value['level_l']} l in {cargo['tank']}",
            wanted=f"{cargo['litres']} l",
            remedy="Fill the tank first.",
        )
    deck.stow.amend("tanks", cargo["tank"], level_l=level)
    deck.tally.note("tank.supply", tank=cargo["tank"], ship=cargo["ship"], litres=cargo["litres"])
    outcome = landed(cargo["litres"]).ringing(
        "tank.supplied", ship=cargo["ship"], liquid=tank.value["liquid"], litres=cargo["litres"]
    )
    if level * 100 < tank.value["holds_l"] * LOW_PERCENT:
        deck.tally.heed("tank.low", tank=cargo["tank"], level=level)
        outcome.ringing("tank.low", tank=cargo["tank"])
    return outcome
