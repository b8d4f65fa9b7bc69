"""A derivation as it is written: signs, formulas, header lines, and the lines of a file."""
