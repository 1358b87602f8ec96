"""Weather: observations come in, warnings go out, and the harbour closes in a storm."""

from __future__ import annotations

from typing import Any, Dict

from quayside.core.deck import Deck
from quayside.core.manifest import manifest, measure, text, whole
from quayside.core.outcome import Outcome, landed, snag
from quayside.core.registry import dockhand, lookout

STORM_KN = 48
CALM_KN = 30

OBSERVE = (
    manifest("weather.observe")
    .must("wind_kn", whole(0, 150))
    .must("waves_m", measure(0, 20, "m"))
    .may("sight_m", whole(0, 50_000), otherwise=10_000)
    .sealed()
)


@dockhand("weather.observe", takes=OBSERVE)
def observe_weather(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Enter an observation."""
    observation = {"mark": deck.stow.next_mark("O"), "minute": deck.watch.now(), **cargo}
    deck.stow.lay("observations", observation)
    deck.tally.note("weather.observe", wind=cargo["wind_kn"], waves=cargo["waves_m"])
    return landed(observation).ringing("weather.observed", **cargo)


CLOSE = manifest("weather.close").must("reason", text(60)).sealed()


@dockhand("weather.close", takes=CLOSE)
def close_harbour(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Close the harbour: every ship in it is held."""
    if harbour_closed(deck):
        return snag(
            "HARBOUR_ALREADY_CLOSED",
            found="a closed harbour",
            wanted="an open harbour",
            remedy="Nothing has to be done.",
        )
    closure = {"mark": deck.stow.next_mark("C"), "state": "closed", **cargo}
    deck.stow.lay("closures", closure)
    for ship in deck.stow.sweep("ships", state="moored"):
        deck.hail("ship.hold", ship=ship["mark"], reason="harbour closed")
    deck.tally.alarm("weather.close", reason=cargo["reason"])
    return landed(closure).ringing("harbour.closed", reason=cargo["reason"])


REOPEN = manifest("weather.reopen").sealed()


@dockhand("weather.reopen", takes=REOPEN)
def reopen_harbour(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Open the harbour again and free the ships."""
    closures = deck.stow.sweep("closures", state="closed")
    if not closures:
        return snag(
            "HARBOUR_NOT_CLOSED",
            found="an open harbour",
            wanted="a closed harbour",
            remedy="Nothing has to be done.",
        )
    for ship in deck.stow.sweep("ships", state="moored"):
        deck.hail("ship.free", ship=ship["mark"], reason="harbour closed")
    deck.tally.note("weather.reopen", closure=closures[0]["mark"])
    return deck.stow.amend("closures", closures[0]["mark"], state="over")


@lookout("weather.observed")
def follow_the_wind(deck: Deck, facts: Dict[str, Any]) -> None:
    """Close in a storm, open again when it is calm; in between nothing changes."""
    closed = harbour_closed(deck)
    if facts["wind_kn"] >= STORM_KN and not closed:
        deck.hail("weather.close", reason=f"wind of {facts['wind_kn']} knots")
    elif facts["wind_kn"] <= CALM_KN and closed:
        deck.hail("weather.reopen")


def harbour_closed(deck: Deck) -> bool:
    """Tell whether the harbour is closed now."""
    return len(deck.stow.sweep("closures", state="closed")) > 0
