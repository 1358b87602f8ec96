"""Repairs: cranes and tugs are looked after when they are worn."""

from __future__ import annotations

from typing import Any, Dict

from quayside.core.deck import Deck
from quayside.core.manifest import manifest, mark, one_of, text, whole
from quayside.core.outcome import Outcome, landed, snag
from quayside.core.registry import dockhand, lookout

TABLES = {"K": "cranes", "T": "tugs"}
MOVES_BEFORE_SERVICE = 500

ORDER = (
    manifest("repair.order")
    .must("machine", text(6))
    .must("fault", text(80))
    .may("urgency", one_of("soon", "now"), otherwise="soon")
    .sealed()
)


@dockhand("repair.order", takes=ORDER)
def order_repair(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Order the repair of a crane or a tug."""
    table = TABLES.get(cargo["machine"].split("-")[0])
    if table is None:
        return snag(
            "REPAIR_NO_MACHINE",
            found=cargo["machine"],
            wanted="the mark of a crane or a tug",
            remedy="Check the mark.",
        )
    machine = deck.stow.fetch(table, cargo["machine"])
    if machine.snagged:
        return machine.passed_on("repair.order")
    repair = {"mark": deck.stow.next_mark("R"), "state": "ordered", "minutes": 0, **cargo}
    deck.stow.lay("repairs", repair)
    deck.tally.note("repair.order", repair=repair["mark"], machine=cargo["machine"])
    return landed(repair).ringing("repair.ordered", repair=repair["mark"], urgency=cargo["urgency"])


WORK = manifest("repair.work").must("repair", mark("R")).must("minutes", whole(5, 600)).sealed()


@dockhand("repair.work", takes=WORK)
def work_on_repair(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Work on a repair for some minutes, which pass."""
    repair = deck.stow.fetch("repairs", cargo["repair"])
    if repair.snagged:
        return repair.passed_on("repair.work")
    if repair.value["state"] == "finished":
        return snag(
            "REPAIR_FINISHED",
            found=f"{cargo['repair']} is finished",
            wanted="a repair that is not finished",
            remedy="Order a new repair.",
        )
    deck.watch.pass_minutes(cargo["minutes"])
    minutes = repair.value["minutes"] + cargo["minutes"]
    deck.tally.note("repair.work", repair=cargo["repair"], minutes=minutes)
    return deck.stow.amend("repairs", cargo["repair"], state="in work", minutes=minutes)


FINISH = manifest("repair.finish").must("repair", mark("R")).sealed()


@dockhand("repair.finish", takes=FINISH)
def finish_repair(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Finish a repair. A crane starts to count its moves again."""
    repair = deck.stow.fetch("repairs", cargo["repair"])
    if repair.snagged:
        return repair.passed_on("repair.finish")
    if repair.value["state"] != "in work":
        return snag(
            "REPAIR_NOT_IN_WORK",
            found=f"{cargo['repair']} is {repair.value['state']}",
            wanted="a repair that is in work",
            remedy="Work on it before finishing it.",
        )
    if repair.value["machine"].startswith("K-"):
        deck.stow.amend("cranes", repair.value["machine"], moves=0)
    deck.tally.note("repair.finish", repair=cargo["repair"], minutes=repair.value["minutes"])
    return deck.stow.amend("repairs", cargo["repair"], state="finished")


@lookout("crane.lifted")
def order_service(deck: Deck, facts: Dict[str, Any]) -> None:
    """Order a service when a crane has made many moves."""
    crane = deck.stow.fetch("cranes", facts["crane"]).or_else({"moves": 0})
    if crane["moves"] == MOVES_BEFORE_SERVICE:
        deck.hail("repair.order", machine=facts["crane"], fault="service due")
