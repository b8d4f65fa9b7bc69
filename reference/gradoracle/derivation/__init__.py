"""Derivations on paper, checked line by line: `gradoracle derive`.

Data flows one way: reading (signs, formulas, header) → truth (J and its derivatives in balls) →
judging (every line held against it) → verdicts, to which naming (the known mistake), mending (the
fewest edits) and rules are added; as_numpy prints what is right, published holds known texts.
"""
