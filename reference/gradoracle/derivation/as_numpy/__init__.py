"""A right derivation printed as a NumPy function."""
