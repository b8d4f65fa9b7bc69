"""What explains a wrong trace: a known mistake, two of them, or the facts that are certain.

`diagnose.diagnose` is the way in. Nothing is imported here: a derivation needs one room alone.
"""
