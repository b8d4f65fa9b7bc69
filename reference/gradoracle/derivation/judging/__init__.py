"""Every line held against the truth, and the verdicts brought together."""
