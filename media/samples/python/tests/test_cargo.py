"""Boxes, sheds, gates and the customs office."""

import unittest

from quayside.core.coins import coins
from quayside.core.watch import MINUTES_PER_DAY
from tests.harbours import moored_harbour, small_harbour


def land(deck, label, dangerous=False):
    return deck.hail("box.land", label=label, ship="S-0001", weight_t=20, dangerous=dangerous)


class BoxTest(unittest.TestCase):
    def test_boxes_come_only_from_moored_ships(self):
        self.assertEqual(land(small_harbour(), "ALM1").code, "BOX_FROM_NOWHERE")

    def test_dangerous_boxes_stand_alone(self):
        deck = moored_harbour()
        land(deck, "ALM1")
        land(deck, "ALM2", dangerous=True)
        deck.hail("box.stack", box="X-0001", row=1)
        self.assertEqual(deck.hail("box.stack", box="X-0002", row=1).code, "BOX_MUST_STAND_ALONE")
        self.assertEqual(deck.hail("box.stack", box="X-0002", row=2).value["height"], 1)
        self.assertEqual(len(deck.tally.about("customs.dangerous")), 1)

    def test_a_row_takes_five_boxes(self):
        deck = moored_harbour()
        codes = []
        for number in range(1, 7):
            land(deck, f"ALM{number}")
            codes.append(deck.hail("box.stack", box=f"X-{number:04d}", row=9).snagged)
        self.assertEqual(codes, [False] * 5 + [True])

    def test_a_box_that_overstays_is_charged_when_it_is_collected(self):
        deck = moored_harbour()
        land(deck, "ALM1")
        deck.hail("customs.declare", box="X-0001", goods="clothes", worth=1000, origin="Oran")
        self.assertEqual(deck.hail("customs.clear", papers="D-0001").value, coins(120))
        deck.watch.pass_minutes(5 * MINUTES_PER_DAY)
        self.assertFalse(deck.hail("box.collect", box="X-0001", truck="QS 12").snagged)
        self.assertEqual(deck.stow.fetch("invoices", "N-0001").value["lines"], [("overstay", coins(70))])


class CustomsTest(unittest.TestCase):
    def test_unknown_origin_is_inspected_before_it_is_cleared(self):
        deck = moored_harbour()
        land(deck, "ALM1")
        deck.hail("customs.declare", box="X-0001", goods="food", worth=10)
        self.assertEqual(deck.hail("customs.clear", papers="D-0001").code, "CUSTOMS_NOT_READY")
        deck.hail("customs.inspect", papers="D-0001", finding="as declared")
        self.assertFalse(deck.hail("customs.clear", papers="D-0001").snagged)

    def test_a_box_is_declared_once(self):
        deck = moored_harbour()
        land(deck, "ALM1")
        deck.hail("customs.declare", box="X-0001", goods="food", worth=10)
        again = deck.hail("customs.declare", box="X-0001", goods="food", worth=10)
        self.assertEqual(again.code, "CUSTOMS_DECLARED_TWICE")


class ShedAndGateTest(unittest.TestCase):
    def test_a_shed_holds_one_sort_until_it_is_empty(self):
        deck = small_harbour()
        deck.hail("shed.open", name="East", holds_t=100)
        deck.hail("shed.store", shed="H-0001", sort="grain", weight_t=60)
        self.assertEqual(deck.hail("shed.store", shed="H-0001", sort="paper", weight_t=1).code, "SHED_OTHER_SORT")
        self.assertEqual(deck.hail("shed.store", shed="H-0001", sort="grain", weight_t=50).code, "SHED_FULL")
        deck.hail("shed.draw", shed="H-0001", weight_t=60)
        self.assertFalse(deck.hail("shed.store", shed="H-0001", sort="paper", weight_t=1).snagged)

    def test_trucks_come_in_their_hour(self):
        deck = small_harbour()
        deck.hail("gate.book", plate="QS 12", hour=2)
        self.assertEqual(deck.hail("gate.admit", visit="V-0001").code, "GATE_WRONG_HOUR")
        deck.watch.pass_minutes(125)
        self.assertFalse(deck.hail("gate.admit", visit="V-0001").snagged)
        deck.watch.pass_minutes(20)
        self.assertEqual(deck.hail("gate.dismiss", visit="V-0001").value, 20)
        self.assertEqual(deck.hail("gate.book", plate="QS 13", hour=1).code, "GATE_SLOT_PAST")


if __name__ == "__main__":
    unittest.main()
