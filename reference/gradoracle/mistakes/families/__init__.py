"""The catalogue by family, one file each: how derivations go wrong."""
