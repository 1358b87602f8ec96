"""Small harbours for tests."""

from __future__ import annotations

from typing import Any, Dict

from quayside import open_harbour
from quayside.core.deck import Deck


def small_harbour() -> Deck:
    """Return a harbour with one berth, one pilot, two tugs, one crane and an announced freighter."""
    deck = open_harbour()
    deck.hail("berth.open", quay="north", length_m=200, depth_m=12)
    deck.hail("pilot.enlist", name="Ines", longest_ship_m=250)
    deck.hail("tug.commission", name="Ox", pull_t=30)
    deck.hail("tug.commission", name="Mule", pull_t=25)
    deck.hail("crane.erect", quay="north", lifts_t=40, reach_m=35)
    deck.hail("ship.announce", **freighter())
    return deck


def freighter(**changes: Any) -> Dict[str, Any]:
    """Return the cargo of ship.announce for a freighter."""
    return {"name": "Alma", "kind": "freighter", "length_m": 160, "draught_m": 9, **changes}


def moored_harbour() -> Deck:
    """Return the small harbour with its freighter at the berth."""
    deck = small_harbour()
    deck.hail("ship.arrive", ship="S-0001")
    deck.hail("berth.reserve", berth="B-0001", ship="S-0001")
    deck.hail("berth.occupy", berth="B-0001")
    return deck
