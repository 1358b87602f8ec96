"""Incidents: what went wrong, how bad it is and who looks after it."""

from __future__ import annotations

from typing import Any, Dict

from quayside.core.deck import Deck
from quayside.core.manifest import manifest, mark, text, whole
from quayside.core.outcome import Outcome, landed, snag
from quayside.core.registry import dockhand, lookout

WORST = 5

REPORT = (
    manifest("incident.report")
    .must("place", text(30))
    .must("story", text(200))
    .must("gravity", whole(1, WORST))
    .may("ship", mark("S"), otherwise=None)
    .sealed()
)


@dockhand("incident.report", takes=REPORT)
def report_incident(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Enter an incident. From gravity 4 on it raises the alarm and holds the ship."""
    incident = {"mark": deck.stow.next_mark("I"), "state": "open", "owner": None, **cargo}
    deck.stow.lay("incidents", incident)
    if incident["gravity"] >= 4:
        deck.tally.alarm("incident.report", incident=incident["mark"], place=cargo["place"])
        if cargo["ship"]:
            deck.hail("ship.hold", ship=cargo["ship"], reason="incident " + incident["mark"])
    else:
        deck.tally.heed("incident.report", incident=incident["mark"], place=cargo["place"])
    return landed(incident).ringing("incident.reported", incident=incident["mark"], gravity=incident["gravity"])


OWN = manifest("incident.own").must("incident", mark("I")).must("worker", mark("W")).sealed()


@dockhand("incident.own", takes=OWN)
def own_incident(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Say which worker looks after an incident."""
    worker = deck.stow.fetch("workers", cargo["worker"])
    if worker.snagged:
        return worker.passed_on("incident.own")
    deck.tally.note("incident.own", incident=cargo["incident"], worker=cargo["worker"])
    return deck.stow.amend("incidents", cargo["incident"], owner=cargo["worker"])


CLOSE = manifest("incident.close").must("incident", mark("I")).must("lesson", text(200)).sealed()


@dockhand("incident.close", takes=CLOSE)
def close_incident(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Close an incident with the lesson that was learned from it, and free its ship."""
    incident = deck.stow.fetch("incidents", cargo["incident"])
    if incident.snagged:
        return incident.passed_on("incident.close")
    if incident.value["owner"] is None:
        return snag(
            "INCIDENT_WITHOUT_OWNER",
            found=f"nobody looks after {cargo['incident']}",
            wanted="an incident with an owner",
            remedy="Name a worker with incident.own.",
        )
    if incident.value["ship"] and incident.value["gravity"] >= 4:
        deck.hail("ship.free", ship=incident.value["ship"], reason="incident " + cargo["incident"])
    deck.tally.note("incident.close", incident=cargo["incident"])
    return deck.stow.amend("incidents", cargo["incident"], state="closed", lesson=cargo["lesson"])


@lookout("crew.overworked")
def report_overwork(deck: Deck, facts: Dict[str, Any]) -> None:
    """Too long a shift is an incident."""
    story = f"{facts['worker']} worked for {facts['hours']} hours"
    deck.hail("incident.report", place="quay", story=story, gravity=2)


@lookout("tank.low")
def report_low_tank(deck: Deck, facts: Dict[str, Any]) -> None:
    """A low tank is a small incident until somebody has filled it."""
    deck.hail("incident.report", place="tank farm", story=f"{facts['tank']} is low", gravity=1)
