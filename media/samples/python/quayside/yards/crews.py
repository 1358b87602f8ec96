"""Crews: the people who work at the quay, in shifts of limited length."""

from __future__ import annotations

from typing import Any, Dict

from quayside.core.deck import Deck
from quayside.core.manifest import listing, manifest, mark, one_of, text
from quayside.core.outcome import Outcome, landed, snag
from quayside.core.registry import dockhand

SKILLS = ("lashing", "driving", "signals", "welding")
LONGEST_SHIFT_HOURS = 10

HIRE = (
    manifest("crew.hire")
    .must("name", text(40))
    .must("skills", listing(one_of(*SKILLS), 4))
    .sealed()
)


@dockhand("crew.hire", takes=HIRE)
def hire_worker(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Add a worker to the crew."""
    worker = {"mark": deck.stow.next_mark("W"), "shift": None, "hours": 0, **cargo}
    deck.tally.note("crew.hire", worker=worker["mark"])
    return deck.stow.lay("workers", worker)


START = (
    manifest("crew.start")
    .must("worker", mark("W"))
    .must("skill", one_of(*SKILLS))
    .sealed()
)


@dockhand("crew.start", takes=START)
def start_shift(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Begin a shift with work that the worker has learned."""
    worker = deck.stow.fetch("workers", cargo["worker"])
    if worker.snagged:
        return worker.passed_on("crew.start")
    if worker.value["shift"] is not None:
        return snag(
            "CREW_ALREADY_WORKING",
            found=f"{cargo['worker']} works as {worker.value['shift']['skill']}",
            wanted="a worker without a shift",
            remedy="End the shift first.",
        )
    if cargo["skill"] not in worker.value["skills"]:
        return snag(
            "CREW_NOT_SKILLED",
            found=f"{cargo['worker']} knows {', '.join(worker.value['skills'])}",
            wanted=cargo["skill"],
            remedy="Choose another worker, or train this one.",
        )
    shift = {"skill": cargo["skill"], "since": deck.watch.now()}
    deck.tally.note("crew.start", worker=cargo["worker"], skill=cargo["skill"])
    return deck.stow.amend("workers", cargo["worker"], shift=shift)


FINISH = manifest("crew.finish").must("worker", mark("W")).sealed()


@dockhand("crew.finish", takes=FINISH)
def finish_shift(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """End a shift and add its begun hours. A shift that was too long is reported."""
    worker = deck.stow.fetch("workers", cargo["worker"])
    if worker.snagged:
        return worker.passed_on("crew.finish")
    if worker.value["shift"] is None:
        return snag(
            "CREW_NOT_WORKING",
            found=f"{cargo['worker']} has no shift",
            wanted="a worker in a shift",
            remedy="Check the mark of the worker.",
        )
    hours = deck.watch.hours_since(worker.value["shift"]["since"])
    total = worker.value["hours"] + hours
    deck.stow.amend("workers", cargo["worker"], shift=None, hours=total)
    deck.tally.note("crew.finish", worker=cargo["worker"], hours=hours)
    outcome = landed(hours).ringing("crew.finished", worker=cargo["worker"], hours=hours)
    if hours > LONGEST_SHIFT_HOURS:
        deck.tally.heed("crew.overtime", worker=cargo["worker"], hours=hours)
        outcome.ringing("crew.overworked", worker=cargo["worker"], hours=hours)
    return outcome


TRAIN = manifest("crew.train").must("worker", mark("W")).must("skill", one_of(*SKILLS)).sealed()


@dockhand("crew.train", takes=TRAIN)
def train_worker(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Teach a worker a skill. Training twice does no harm."""
    worker = deck.stow.fetch("workers", cargo["worker"])
    if worker.snagged:
        return worker.passed_on("crew.train")
    skills = sorted({*worker.value["skills"], cargo["skill"]})
    deck.tally.note("crew.train", worker=cargo["worker"], skill=cargo["skill"])
    return deck.stow.amend("workers", cargo["worker"], skills=skills)
