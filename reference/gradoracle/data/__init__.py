"""Handwritten digits as batches: the embedded set, MNIST's files, and how to fetch them."""

from __future__ import annotations

from gradoracle.data.batches import binary
from gradoracle.data.digits import Digits, embedded, load, open_digits
from gradoracle.data.download import fetch

__all__ = ["Digits", "binary", "embedded", "fetch", "load", "open_digits"]
