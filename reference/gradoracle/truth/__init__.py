"""Proven truth: every array of a trace in ball arithmetic, and the routes that check it."""
