"""Somebody else's implementation under test: how it is found, run, and what it answers."""
