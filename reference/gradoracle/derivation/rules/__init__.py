"""The rules that a backward line is an instance of."""
