"""Harbour: puts the engine, the yards and the office together."""

from __future__ import annotations

from importlib import import_module

from quayside.core.deck import Deck

YARDS = (
    "ships", "berths", "pilots", "tugs", "cranes", "boxes", "sheds", "gates",
    "customs", "supplies", "crews", "permits", "incidents", "repairs", "weather", "invoices",
)
PAGES = ("berth_page", "money_page", "safety_page", "yard_page")


def open_harbour() -> Deck:
    """Return an empty deck for which all dockhands, lookouts and pages have signed on."""
    for yard in YARDS:
        import_module(f"quayside.yards.{yard}")
    for page in PAGES:
        import_module(f"quayside.office.{page}")
    return Deck()
