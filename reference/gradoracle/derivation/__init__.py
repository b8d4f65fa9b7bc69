"""A derivation as it stands on paper, checked line by line in ball arithmetic."""
