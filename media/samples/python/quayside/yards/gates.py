"""Gates: trucks book a slot, are admitted in their slot and dismissed when they leave."""

from __future__ import annotations

from typing import Any, Dict

from quayside.core.deck import Deck
from quayside.core.manifest import manifest, mark, text, whole
from quayside.core.outcome import Outcome, landed, snag
from quayside.core.registry import dockhand, lookout
from quayside.core.watch import clock_face

SLOT_MINUTES = 60
TRUCKS_PER_SLOT = 12

BOOK = manifest("gate.book").must("plate", text(12)).must("hour", whole(0, 24 * 30)).sealed()


@dockhand("gate.book", takes=BOOK)
def book_slot(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Book a truck into an hour, counted from the opening of the harbour."""
    if cargo["hour"] * SLOT_MINUTES + SLOT_MINUTES <= deck.watch.now():
        return snag(
            "GATE_SLOT_PAST",
            found=f"hour {cargo['hour']}, now {clock_face(deck.watch.now())}",
            wanted="an hour that is not over",
            remedy="Book a later hour.",
        )
    booked = deck.stow.sweep("visits", hour=cargo["hour"])
    if len(booked) >= TRUCKS_PER_SLOT:
        return snag(
            "GATE_SLOT_FULL",
            found=f"{len(booked)} trucks in hour {cargo['hour']}",
            wanted=f"fewer than {TRUCKS_PER_SLOT}",
            remedy="Book another hour.",
        )
    visit = {"mark": deck.stow.next_mark("V"), "state": "booked", **cargo}
    deck.tally.note("gate.book", visit=visit["mark"], hour=cargo["hour"])
    return deck.stow.lay("visits", visit)


ADMIT = manifest("gate.admit").must("visit", mark("V")).sealed()


@dockhand("gate.admit", takes=ADMIT)
def admit_truck(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Open the gate for a truck that comes in its hour."""
    visit = deck.stow.fetch("visits", cargo["visit"])
    if visit.snagged:
        return visit.passed_on("gate.admit")
    begins = visit.value["hour"] * SLOT_MINUTES
    if not begins <= deck.watch.now() < begins + SLOT_MINUTES:
        return snag(
            "GATE_WRONG_HOUR",
            found=f"{clock_face(deck.watch.now())}",
            wanted=f"{clock_face(begins)} or up to an hour later",
            remedy="Come in the booked hour, or book a new one.",
        )
    admitted = deck.stow.amend("visits", cargo["visit"], state="inside", entered=deck.watch.now())
    deck.tally.note("gate.admit", visit=cargo["visit"], plate=visit.value["plate"])
    return admitted.then(lambda record: landed(record).ringing("gate.admitted", plate=record["plate"]))


DISMISS = manifest("gate.dismiss").must("visit", mark("V")).sealed()


@dockhand("gate.dismiss", takes=DISMISS)
def dismiss_truck(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Let a truck out and return the minutes that it was inside."""
    visit = deck.stow.fetch("visits", cargo["visit"])
    if visit.snagged:
        return visit.passed_on("gate.dismiss")
    if visit.value["state"] != "inside":
        return snag(
            "GATE_NOT_INSIDE",
            found=f"{cargo['visit']} is {visit.value['state']}",
            wanted="a truck that is inside",
            remedy="Check the mark of the visit.",
        )
    minutes = deck.watch.now() - visit.value["entered"]
    deck.stow.amend("visits", cargo["visit"], state="over")
    deck.tally.note("gate.dismiss", visit=cargo["visit"], minutes=minutes)
    return landed(minutes)


@lookout("box.collected")
def dismiss_after_collecting(deck: Deck, facts: Dict[str, Any]) -> None:
    """A truck that has its box leaves at once."""
    for visit in deck.stow.sweep("visits", plate=facts["truck"], state="inside"):
        deck.hail("gate.dismiss", visit=visit["mark"])
