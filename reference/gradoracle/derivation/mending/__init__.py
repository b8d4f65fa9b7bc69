"""The fewest edits that make a wrong line right."""
