"""The voyage of a ship from the roads to its berth, and back to sea."""

from __future__ import annotations

from quayside.core.deck import Deck
from quayside.core.outcome import Outcome
from quayside.core.voyage import Chest, voyage


def give_berth_back(deck: Deck, chest: Chest) -> Outcome:
    """Undo a reservation."""
    return deck.hail("berth.release", berth=chest["berth"])


def bring_pilot_back(deck: Deck, chest: Chest) -> Outcome:
    """Undo the boarding of a pilot."""
    return deck.hail("pilot.leave", pilot=chest["pilot"])


COME_IN = (
    voyage("come-in")
    .leg("ship.arrive", lambda chest: {"ship": chest["ship"]})
    .leg(
        "berth.reserve",
        lambda chest: {"berth": chest["berth"], "ship": chest["ship"]},
        undo=give_berth_back,
    )
    .leg(
        "pilot.board",
        lambda chest: {"pilot": chest["pilot"], "ship": chest["ship"]},
        undo=bring_pilot_back,
    )
    .leg("tug.hitch", lambda chest: {"tugs": chest["tugs"], "ship": chest["ship"]}, keep="pull_t")
    .leg("berth.occupy", lambda chest: {"berth": chest["berth"]}, keep="moored")
    .leg("tug.unhitch", lambda chest: {"ship": chest["ship"]})
    .leg("pilot.leave", lambda chest: {"pilot": chest["pilot"]}, keep="pilot_hours")
)

GO_OUT = (
    voyage("go-out")
    .leg("invoice.open", lambda chest: {"ship": chest["ship"]}, keep="invoice")
    .leg("ship.depart", lambda chest: {"ship": chest["ship"]}, keep="ship_record")
)


def come_in(deck: Deck, ship: str, berth: str, pilot: str, tugs: list) -> Outcome:
    """Bring an announced ship to a berth."""
    return COME_IN.sail(deck, ship=ship, berth=berth, pilot=pilot, tugs=tugs)


def go_out(deck: Deck, ship: str) -> Outcome:
    """Send a ship to sea; its berth is released and charged by the lookouts."""
    return GO_OUT.sail(deck, ship=ship)
