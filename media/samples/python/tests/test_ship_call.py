"""Ships come in, lie at their berth and go out."""

import unittest

from quayside.office.ship_call import come_in, go_out
from tests.harbours import freighter, moored_harbour, small_harbour


class ShipCallTest(unittest.TestCase):
    def test_a_ship_comes_in_and_goes_out_with_an_invoice(self):
        deck = small_harbour()
        chest = come_in(deck, "S-0001", "B-0001", "P-0001", ["T-0001", "T-0002"]).value
        self.assertEqual(chest["pull_t"], 55)
        self.assertEqual(deck.stow.fetch("ships", "S-0001").value["state"], "moored")
        deck.watch.pass_minutes(90)
        self.assertFalse(go_out(deck, "S-0001").snagged)
        self.assertEqual(deck.stow.fetch("berths", "B-0001").value["state"], "free")
        lines = [what for what, _ in deck.stow.fetch("invoices", "N-0001").value["lines"]]
        self.assertEqual(lines, ["tugs", "pilot", "berth"])

    def test_a_failed_voyage_gives_the_berth_back(self):
        deck = small_harbour()
        outcome = come_in(deck, "S-0001", "B-0001", "P-0001", ["T-0001"])
        self.assertEqual(outcome.code, "TUG_TOO_WEAK")
        self.assertEqual(outcome.trail, ["tug.hitch", "voyage.come-in"])
        self.assertEqual(deck.stow.fetch("berths", "B-0001").value["state"], "free")
        self.assertEqual(deck.stow.fetch("pilots", "P-0001").value["state"], "ashore")

    def test_a_berth_must_be_deep_and_long_enough(self):
        deck = small_harbour()
        deck.hail("ship.announce", **freighter(name="Berta", draught_m=11.6))
        deck.hail("ship.announce", **freighter(name="Carla", length_m=201))
        self.assertEqual(deck.hail("berth.reserve", berth="B-0001", ship="S-0002").code, "BERTH_TOO_SHALLOW")
        self.assertEqual(deck.hail("berth.reserve", berth="B-0001", ship="S-0003").code, "BERTH_TOO_SHORT")

    def test_a_pilot_rests_after_a_ship(self):
        deck = small_harbour()
        deck.hail("pilot.board", pilot="P-0001", ship="S-0001")
        deck.watch.pass_minutes(30)
        self.assertEqual(deck.hail("pilot.leave", pilot="P-0001").value, 1)
        self.assertEqual(deck.hail("pilot.board", pilot="P-0001", ship="S-0001").code, "PILOT_TIRED")
        deck.watch.pass_minutes(480)
        self.assertFalse(deck.hail("pilot.board", pilot="P-0001", ship="S-0001").snagged)

    def test_a_tanker_needs_more_tugs(self):
        deck = small_harbour()
        deck.hail("ship.announce", **freighter(name="Dora", kind="tanker"))
        outcome = deck.hail("tug.hitch", tugs=["T-0001", "T-0002"], ship="S-0002")
        self.assertEqual(outcome.wanted, "60.0 t for 160 m")

    def test_a_held_ship_does_not_depart(self):
        deck = moored_harbour()
        deck.hail("ship.hold", ship="S-0001", reason="papers")
        self.assertEqual(deck.hail("ship.depart", ship="S-0001").code, "SHIP_HELD")
        deck.hail("ship.free", ship="S-0001", reason="papers")
        self.assertFalse(deck.hail("ship.depart", ship="S-0001").snagged)


if __name__ == "__main__":
    unittest.main()
