"""How formulas are spelt on paper, sign by sign, and what that is in the plain spelling."""
