"""Invoices: every call of a ship has one. Lookouts write its lines, the shipping company settles it."""

from __future__ import annotations

from typing import Any, Dict

from quayside.core.coins import Coins, coins, purse
from quayside.core.deck import Deck
from quayside.core.manifest import manifest, mark, text, whole
from quayside.core.outcome import Outcome, landed, snag
from quayside.core.registry import dockhand, lookout

BERTH_HOUR_PER_METRE = Coins(15)
PILOT_HOUR = coins(180)
TUG_HIRE = coins(420)
OVERSTAY_DAY = coins(35)
LITRE = {"fuel": Coins(92), "water": Coins(3)}

OPEN = manifest("invoice.open").must("ship", mark("S")).sealed()


@dockhand("invoice.open", takes=OPEN)
def open_invoice(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Open the invoice of a ship, or return the one that is open."""
    unsettled = deck.stow.sweep("invoices", ship=cargo["ship"], state="open")
    if unsettled:
        return landed(unsettled[0])
    invoice = {"mark": deck.stow.next_mark("N"), "state": "open", "lines": [], **cargo}
    deck.tally.note("invoice.open", invoice=invoice["mark"], ship=cargo["ship"])
    return deck.stow.lay("invoices", invoice)


CHARGE = (
    manifest("invoice.charge")
    .must("ship", mark("S"))
    .must("what", text(40))
    .must("pence", whole(0, 1_000_000_000))
    .sealed()
)


@dockhand("invoice.charge", takes=CHARGE)
def charge_ship(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Add a line to the open invoice of a ship."""
    invoice = deck.hail("invoice.open", ship=cargo["ship"])
    if invoice.snagged:
        return invoice.passed_on("invoice.charge")
    lines = invoice.value["lines"] + [(cargo["what"], Coins(cargo["pence"]))]
    deck.tally.note("invoice.charge", ship=cargo["ship"], what=cargo["what"].replace(" ", "_"))
    return deck.stow.amend("invoices", invoice.value["mark"], lines=lines)


SETTLE = manifest("invoice.settle").must("invoice", mark("N")).must("pence", whole(0, 1_000_000_000)).sealed()


@dockhand("invoice.settle", takes=SETTLE)
def settle_invoice(deck: Deck, cargo: Dict[str, Any]) -> Outcome:
    """Take the exact amount for an invoice."""
    invoice = deck.stow.fetch("invoices", cargo["invoice"])
    if invoice.snagged:
        return invoice.passed_on("invoice.settle")
    due = invoice_total(invoice.value)
    if Coins(cargo["pence"]) != due:
        return snag(
            "INVOICE_WRONG_AMOUNT",
            found=Coins(cargo["pence"]).shown(),
            wanted=due.shown(),
            remedy="Pay the exact amount.",
        )
    deck.tally.note("invoice.settle", invoice=cargo["invoice"], amount=due.pence)
    settled = deck.stow.amend("invoices", cargo["invoice"], state="settled")
    return settled.then(lambda record: landed(record).ringing("invoice.settled", invoice=record["mark"]))


@lookout("berth.released")
def charge_berth(deck: Deck, facts: Dict[str, Any]) -> None:
    """Charge the begun hours at the berth by the metre."""
    if facts["hours"] > 0:
        fee = BERTH_HOUR_PER_METRE.times(facts["hours"]).times(int(facts["length_m"]))
        deck.hail("invoice.charge", ship=facts["ship"], what="berth", pence=fee.pence)


@lookout("pilot.left")
def charge_pilot(deck: Deck, facts: Dict[str, Any]) -> None:
    """Charge the begun hours of the pilot."""
    fee = PILOT_HOUR.times(facts["hours"])
    deck.hail("invoice.charge", ship=facts["ship"], what="pilot", pence=fee.pence)


@lookout("tug.hitched")
def charge_tugs(deck: Deck, facts: Dict[str, Any]) -> None:
    """Charge each tug once."""
    fee = TUG_HIRE.times(facts["tugs"])
    deck.hail("invoice.charge", ship=facts["ship"], what="tugs", pence=fee.pence)


@lookout("tank.supplied")
def charge_supply(deck: Deck, facts: Dict[str, Any]) -> None:
    """Charge fuel and water by the litre."""
    fee = LITRE[facts["liquid"]].times(facts["litres"])
    deck.hail("invoice.charge", ship=facts["ship"], what=facts["liquid"], pence=fee.pence)


@lookout("box.overstayed")
def charge_overstay(deck: Deck, facts: Dict[str, Any]) -> None:
    """Charge the days for which a box stood in the yard too long."""
    fee = OVERSTAY_DAY.times(facts["days"])
    deck.hail("invoice.charge", ship=facts["ship"], what="overstay", pence=fee.pence)


def invoice_total(invoice: Dict[str, Any]) -> Coins:
    """Return the sum of all lines."""
    return purse(amount for _, amount in invoice["lines"])
