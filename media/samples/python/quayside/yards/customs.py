"""Customs: boxes are declared, then cleared or held back for an inspection."""

from __future__ import annotations

from typing import Any, Dict

from quayside.core.coins import Coins
from quayside.core.deck import Deck
from quayside.core.manifest import manifest, mark, one_of, text, whole
from quayside.core.outcome import Outcome, landed, snag
from quayside.core.registry import dockhand, lookout

DUTY_PERCENT = {"food": 5, "machines": 2, "clothes": 12, "other": 8}

DECLARE = (
    manifest("customs.declare")
    .must("box", mark("X"))
    .must("goods", one_of(*DUTY_PERCENT))
    .must("worth", whole(1, 10_000_000))
    .may("origin", text(30), otherwise="unknown")
    .sealed()
)


@dockhand("customs.declare", takes=DECLARE)
def declare_box(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Hand in the papers of a box. Goods of unknown origin are inspected."""
    box = deck.stow.fetch("boxes", cargo["box"])
    if box.snagged:
        return box.passed_on("customs.declare")
    earlier = deck.stow.sweep("papers", box=cargo["box"])
    if earlier:
        return snag(
            "CUSTOMS_DECLARED_TWICE",
            found=f"{earlier[0]['mark']} for {cargo['box']}",
            wanted="one declaration for each box",
            remedy="Use the papers that exist.",
        )
    state = "inspection" if cargo["origin"] == "unknown" else "handed in"
    papers = {"mark": deck.stow.next_mark("D"), "state": state, **cargo}
    deck.stow.lay("papers", papers)
    deck.tally.note("customs.declare", papers=papers["mark"], state=state)
    return landed(papers)


CLEAR = manifest("customs.clear").must("papers", mark("D")).sealed()


@dockhand("customs.clear", takes=CLEAR)
def clear_papers(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Compute the duty and clear the box."""
    papers = deck.stow.fetch("papers", cargo["papers"])
    if papers.snagged:
        return papers.passed_on("customs.clear")
    if papers.value["state"] != "handed in":
        return snag(
            "CUSTOMS_NOT_READY",
            found=f"{cargo['papers']} is in state {papers.value['state']}",
            wanted="papers that are handed in",
            remedy="Finish the inspection first.",
        )
    duty = Coins(papers.value["worth"] * 100).share(DUTY_PERCENT[papers.value["goods"]])
    deck.stow.amend("papers", cargo["papers"], state="cleared", duty=duty)
    deck.stow.amend("boxes", papers.value["box"], cleared=True)
    deck.tally.note("customs.clear", papers=cargo["papers"], duty=duty.shown())
    return landed(duty).ringing("customs.cleared", box=papers.value["box"], duty=duty)


INSPECT = (
    manifest("customs.inspect")
    .must("papers", mark("D"))
    .must("finding", one_of("as declared", "forbidden"))
    .sealed()
)


@dockhand("customs.inspect", takes=INSPECT)
def inspect_box(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Note the finding of an inspection. A box with forbidden goods is seized."""
    papers = deck.stow.fetch("papers", cargo["papers"])
    if papers.snagged:
        return papers.passed_on("customs.inspect")
    if cargo["finding"] == "forbidden":
        deck.tally.alarm("customs.inspect", papers=cargo["papers"], box=papers.value["box"])
        deck.stow.amend("boxes", papers.value["box"], state="seized")
        return deck.stow.amend("papers", cargo["papers"], state="refused")
    deck.tally.note("customs.inspect", papers=cargo["papers"])
    return deck.stow.amend("papers", cargo["papers"], state="handed in")


@lookout("box.landed")
def warn_about_dangerous_box(deck: Deck, facts: Dict[str, Any]) -> None:
    """The customs office wants to know of dangerous boxes early."""
    if facts["dangerous"]:
        deck.tally.heed("customs.dangerous", box=facts["box"])
