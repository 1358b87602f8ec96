"""The engine: outcomes, manifests, the stow and the deck."""

import unittest

from quayside import open_harbour
from quayside.core.coins import coins, purse
from quayside.core.manifest import listing, manifest, mark, one_of, text, whole
from quayside.core.outcome import all_landed, landed, snag
from quayside.core.stow import Stow
from quayside.core.watch import Watch, clock_face

TEAR = snag("TORN", found="a tear", wanted="a sail", remedy="Sew it.")


class OutcomeTest(unittest.TestCase):
    def test_a_snag_skips_the_steps_after_it(self):
        self.assertEqual(landed(2).then(lambda n: landed(n + 1)).or_else(0), 3)
        self.assertIs(TEAR.then(lambda n: landed(n + 1)), TEAR)
        self.assertEqual(TEAR.or_else(7), 7)

    def test_a_snag_is_shown_in_one_line(self):
        self.assertEqual(TEAR.shown(), "TORN: found a tear, wanted a sail. Sew it.")

    def test_all_landed_stops_at_the_first_snag(self):
        self.assertEqual(all_landed([landed(1), landed(2)]).or_else([]), [1, 2])
        self.assertIs(all_landed([landed(1), TEAR, landed(3)]), TEAR)


class ManifestTest(unittest.TestCase):
    def setUp(self):
        self.manifest = (
            manifest("rope.buy")
            .must("length_m", whole(1, 100))
            .may("colours", listing(one_of("red", "blue"), 2), otherwise=["red"])
            .sealed()
        )

    def test_optional_cargo_gets_its_other_value(self):
        self.assertEqual(self.manifest.inspect({"length_m": 5}).value, {"length_m": 5, "colours": ["red"]})

    def test_wrong_cargo_meets_a_snag(self):
        self.assertEqual(self.manifest.inspect({}).code, "CARGO_MISSING")
        self.assertEqual(self.manifest.inspect({"length_m": 0}).code, "CARGO_WRONG")
        self.assertEqual(self.manifest.inspect({"length_m": True}).code, "CARGO_WRONG")
        self.assertEqual(self.manifest.inspect({"length_m": 5, "colours": ["green"]}).code, "CARGO_WRONG")
        self.assertEqual(self.manifest.inspect({"length_m": 5, "weight": 3}).code, "CARGO_FOREIGN")

    def test_a_sealed_manifest_cannot_grow(self):
        with self.assertRaises(RuntimeError):
            self.manifest.must("maker", text(20))

    def test_marks_have_four_digits(self):
        self.assertIsNone(mark("B")("B-0012"))
        self.assertEqual(mark("B")("B-12"), "a mark such as B-0001")


class StowTest(unittest.TestCase):
    def test_records_are_copies(self):
        stow = Stow()
        stow.lay("ropes", {"mark": "Y-0001", "length_m": 5})
        stow.fetch("ropes", "Y-0001").value["length_m"] = 9
        self.assertEqual(stow.fetch("ropes", "Y-0001").value["length_m"], 5)

    def test_sweep_finds_by_several_keys(self):
        stow = Stow()
        for number, colour in ((1, "red"), (2, "blue"), (3, "red")):
            stow.lay("ropes", {"mark": f"Y-{number:04d}", "colour": colour, "old": number == 3})
        self.assertEqual([rope["mark"] for rope in stow.sweep("ropes", colour="red", old=False)], ["Y-0001"])

    def test_a_lifted_record_is_gone(self):
        stow = Stow()
        stow.lay("ropes", {"mark": "Y-0001"})
        self.assertFalse(stow.lift("ropes", "Y-0001").snagged)
        self.assertEqual(stow.lift("ropes", "Y-0001").code, "STOW_UNKNOWN")


class DeckTest(unittest.TestCase):
    def test_an_unknown_order_and_an_unknown_page_are_snags(self):
        deck = open_harbour()
        self.assertEqual(deck.hail("ship.fly").code, "ORDER_UNKNOWN")
        self.assertEqual(deck.open_page("dreams").code, "PAGE_UNKNOWN")

    def test_a_snag_is_heeded_in_the_tally(self):
        deck = open_harbour()
        deck.hail("ship.arrive", ship="S-0001")
        self.assertEqual(deck.tally.about("ship.arrive"), ["0000 heed ship.arrive snag=STOW_UNKNOWN"])


class SmallThingsTest(unittest.TestCase):
    def test_coins_are_exact(self):
        self.assertEqual(purse([coins(0, 10), coins(0, 20)]), coins(0, 30))
        self.assertEqual(coins(2).less(coins(3, 5)).shown(), "-1.05 cr")

    def test_begun_hours_count(self):
        watch = Watch(100)
        watch.pass_minutes(61)
        self.assertEqual(watch.hours_since(100), 2)
        self.assertEqual(clock_face(1445), "2d 00:05")


if __name__ == "__main__":
    unittest.main()
