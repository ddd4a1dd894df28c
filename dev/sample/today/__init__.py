"""The parts of `make_today.py`: what was published, the fleet, its inventories, the feeds of each morning."""
