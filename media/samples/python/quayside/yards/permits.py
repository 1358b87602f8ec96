"""Permits: dangerous work at the quay needs one, for a limited time."""

from __future__ import annotations

from typing import Any, Dict

from quayside.core.deck import Deck
from quayside.core.manifest import manifest, mark, one_of, text, whole
from quayside.core.outcome import Outcome, landed, snag
from quayside.core.registry import dockhand, lookout
from quayside.core.watch import MINUTES_PER_HOUR, clock_face

WORKS = ("hot work", "diving", "blasting")

APPLY = (
    manifest("permit.apply")
    .must("work", one_of(*WORKS))
    .must("place", text(30))
    .must("hours", whole(1, 12))
    .sealed()
)


@dockhand("permit.apply", takes=APPLY)
def apply_for_permit(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Ask for a permit. It is valid only when it has been granted."""
    permit = {"mark": deck.stow.next_mark("M"), "state": "asked", "ends": None, **cargo}
    deck.tally.note("permit.apply", permit=permit["mark"], work=cargo["work"])
    return deck.stow.lay("permits", permit)


GRANT = manifest("permit.grant").must("permit", mark("M")).must("officer", text(40)).sealed()


@dockhand("permit.grant", takes=GRANT)
def grant_permit(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Grant a permit from now on. Two dangerous works never share a place."""
    permit = deck.stow.fetch("permits", cargo["permit"])
    if permit.snagged:
        return permit.passed_on("permit.grant")
    if permit.value["state"] != "asked":
        return snag(
            "PERMIT_NOT_ASKED",
            found=f"{cargo['permit']} is {permit.value['state']}",
            wanted="a permit that was asked for",
            remedy="Apply for a new permit.",
        )
    rivals = deck.stow.sweep("permits", place=permit.value["place"], state="granted")
    if rivals:
        return snag(
            "PERMIT_PLACE_TAKEN",
            found=f"{rivals[0]['work']} at {permit.value['place']}",
            wanted="a place without dangerous work",
            remedy="Wait until the other permit has ended.",
        )
    ends = deck.watch.now() + permit.value["hours"] * MINUTES_PER_HOUR
    granted = deck.stow.amend("permits", cargo["permit"], state="granted", officer=cargo["officer"], ends=ends)
    deck.tally.note("permit.grant", permit=cargo["permit"], until=clock_face(ends))
    return granted


REVOKE = manifest("permit.revoke").must("permit", mark("M")).must("reason", text(60)).sealed()


@dockhand("permit.revoke", takes=REVOKE)
def revoke_permit(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Take a permit back at once."""
    permit = deck.stow.fetch("permits", cargo["permit"])
    if permit.snagged:
        return permit.passed_on("permit.revoke")
    deck.tally.heed("permit.revoke", permit=cargo["permit"], reason=cargo["reason"])
    deck.stow.amend("permits", cargo["permit"], state="revoked")
    return landed(permit.value).ringing("permit.revoked", permit=cargo["permit"])


CHECK = manifest("permit.check").must("permit", mark("M")).sealed()


@dockhand("permit.check", takes=CHECK)
def check_permit(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Return the minutes for which a permit is still valid."""
    permit = deck.stow.fetch("permits", cargo["permit"])
    if permit.snagged:
        return permit.passed_on("permit.check")
    if permit.value["state"] != "granted" or permit.value["ends"] <= deck.watch.now():
        return snag(
            "PERMIT_NOT_VALID",
            found=f"{cargo['permit']} is {permit.value['state']}, now {clock_face(deck.watch.now())}",
            wanted="a granted permit that has not ended",
            remedy="Stop the work and apply for a new permit.",
        )
    return landed(permit.value["ends"] - deck.watch.now())


@lookout("weather.observed")
def revoke_diving_in_waves(deck: Deck, facts: Dict[str, Any]) -> None:
    """Nobody dives in waves above one metre."""
    if facts["waves_m"] > 1:
        for permit in deck.stow.sweep("permits", work="diving", state="granted"):
            deck.hail("permit.revoke", permit=permit["mark"], reason="waves")
