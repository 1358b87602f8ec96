"""The page about money: what is open, what is settled, and what the customs office took."""

from __future__ import annotations

from quayside.core.coins import Coins, purse
from quayside.core.deck import Deck
from quayside.core.page import Page
from quayside.core.registry import logbook
from quayside.yards.invoices import invoice_total


@logbook("money")
def fill_money_page(deck: Deck, page: Page) -> None:
    """Show the sums of all invoices by their state, and the duty."""
    page.heading("Invoices")
    for state in ("open", "settled"):
        invoices = deck.stow.sweep("invoices", state=state)
        page.line(f"{state} ({len(invoices)})", purse(invoice_total(one) for one in invoices).shown())
    page.heading("Largest open lines")
    lines = [
        (amount.pence, what, invoice["ship"])
        for invoice in deck.stow.sweep("invoices", state="open")
        for what, amount in invoice["lines"]
    ]
    if not lines:
        page.nothing("nothing is open")
    for pence, what, ship in sorted(lines, reverse=True)[:5]:
        page.line(f"{what} of {ship}", Coins(pence).shown())
    page.heading("Customs")
    cleared = deck.stow.sweep("papers", state="cleared")
    page.line(f"duty ({len(cleared)})", purse(papers["duty"] for papers in cleared).shown())
