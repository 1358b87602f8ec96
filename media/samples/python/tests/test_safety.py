"""Weather, incidents, permits, repairs, crews and supplies."""

import unittest

from tests.harbours import moored_harbour, small_harbour


class WeatherTest(unittest.TestCase):
    def test_a_storm_closes_the_harbour_until_it_is_calm(self):
        deck = moored_harbour()
        deck.hail("crane.post", crane="K-0001", berth="B-0001")
        deck.hail("weather.observe", wind_kn=50, waves_m=3)
        self.assertEqual(deck.hail("ship.depart", ship="S-0001").code, "SHIP_HELD")
        self.assertEqual(deck.stow.fetch("cranes", "K-0001").value["state"], "parked")
        deck.hail("weather.observe", wind_kn=40, waves_m=2)
        self.assertEqual(deck.hail("ship.depart", ship="S-0001").code, "SHIP_HELD")
        deck.hail("weather.observe", wind_kn=12, waves_m=1)
        self.assertFalse(deck.hail("ship.depart", ship="S-0001").snagged)

    def test_waves_revoke_the_permits_of_divers(self):
        deck = small_harbour()
        deck.hail("permit.apply", work="diving", place="lock", hours=4)
        deck.hail("permit.grant", permit="M-0001", officer="Ruth")
        self.assertEqual(deck.hail("permit.check", permit="M-0001").value, 240)
        deck.hail("weather.observe", wind_kn=5, waves_m=1.5)
        self.assertEqual(deck.hail("permit.check", permit="M-0001").code, "PERMIT_NOT_VALID")


class IncidentTest(unittest.TestCase):
    def test_a_grave_incident_holds_the_ship_until_it_is_closed(self):
        deck = moored_harbour()
        deck.hail("incident.report", place="hatch 2", story="fire", gravity=4, ship="S-0001")
        self.assertEqual(deck.hail("incident.close", incident="I-0001", lesson="look").code, "INCIDENT_WITHOUT_OWNER")
        deck.hail("crew.hire", name="Olaf", skills=["signals"])
        deck.hail("incident.own", incident="I-0001", worker="W-0001")
        deck.hail("incident.close", incident="I-0001", lesson="no smoking near the hatch")
        self.assertFalse(deck.hail("ship.depart", ship="S-0001").snagged)

    def test_too_long_a_shift_is_an_incident(self):
        deck = small_harbour()
        deck.hail("crew.hire", name="Olaf", skills=["driving"])
        self.assertEqual(deck.hail("crew.start", worker="W-0001", skill="welding").code, "CREW_NOT_SKILLED")
        deck.hail("crew.start", worker="W-0001", skill="driving")
        deck.watch.pass_minutes(601)
        self.assertEqual(deck.hail("crew.finish", worker="W-0001").value, 11)
        self.assertEqual(deck.stow.sweep("incidents")[0]["story"], "W-0001 worked for 11 hours")


class RepairTest(unittest.TestCase):
    def test_a_crane_is_serviced_after_many_moves(self):
        deck = moored_harbour()
        deck.hail("crane.post", crane="K-0001", berth="B-0001")
        deck.stow.amend("cranes", "K-0001", moves=499)
        deck.hail("crane.lift", crane="K-0001", weight_t=12)
        self.assertEqual(deck.hail("repair.finish", repair="R-0001").code, "REPAIR_NOT_IN_WORK")
        deck.hail("repair.work", repair="R-0001", minutes=45)
        deck.hail("repair.finish", repair="R-0001")
        self.assertEqual(deck.stow.fetch("cranes", "K-0001").value["moves"], 0)
        self.assertEqual(deck.hail("repair.order", machine="B-0001", fault="rust").code, "REPAIR_NO_MACHINE")


class SupplyTest(unittest.TestCase):
    def test_a_low_tank_is_reported_and_the_ship_pays(self):
        deck = moored_harbour()
        deck.hail("tank.build", liquid="water", holds_l=1000)
        deck.hail("tank.fill", tank="L-0001", litres=900)
        self.assertEqual(deck.hail("tank.fill", tank="L-0001", litres=101).code, "TANK_OVERFLOW")
        deck.hail("tank.supply", tank="L-0001", ship="S-0001", litres=750)
        self.assertEqual(deck.stow.sweep("incidents")[0]["place"], "tank farm")
        self.assertEqual(deck.hail("invoice.settle", invoice="N-0001", pence=1).wanted, "22.50 cr")
        self.assertFalse(deck.hail("invoice.settle", invoice="N-0001", pence=2250).snagged)


class PageTest(unittest.TestCase):
    def test_the_pages_show_the_harbour(self):
        deck = moored_harbour()
        self.assertIn("B-0001 ................... S-0001 since 1d 00:00", deck.open_page("berths").value)
        self.assertIn("(no open incident)", deck.open_page("safety").value)
        self.assertIn("open (0) ............................... 0.00 cr", deck.open_page("money").value)
        self.assertIn("full rows", deck.open_page("yard").value)


if __name__ == "__main__":
    unittest.main()
