"""The engine: it knows no ship and no berth."""
