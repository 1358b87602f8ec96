"""What the office does: pages for the logbook, and voyages of several orders."""
