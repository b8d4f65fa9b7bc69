"""Derivations from published texts: what they print, and the page about it."""
