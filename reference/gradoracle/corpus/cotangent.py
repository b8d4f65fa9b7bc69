"""Whether dA^[L] of a cross-entropy can be written down at all, told from the logits.

It is that of the probability form, (1 - y)/(1 - a) - y/a or -y/a over N. Where a has saturated it
exceeds the largest float64, and a truth goes without it; nowhere else may it be missing.
"""

from __future__ import annotations

import math

import numpy as np

from gradoracle.activations import softplus
from gradoracle.arrays import Array
from gradoracle.case import Case

LARGEST = math.log(np.finfo(np.float64).max)
SLACK = 1e-9  # many times what these logarithms are off by; within it, present and missing are fine


def must_be_present(case: Case, Z: Array) -> bool:
    """Tell whether every entry of dA^[L] is certainly a float64; Z is the true Z^[L]."""
    return _logarithm(case, Z) < LARGEST - SLACK


def must_be_missing(case: Case, Z: Array) -> bool:
    """Tell whether an entry of dA^[L] certainly exceeds the largest float64."""
    return _logarithm(case, Z) > LARGEST + SLACK


def _logarithm(case: Case, Z: Array) -> float:
    """Return ln of the largest entry by magnitude, of which only one term can be large.

    1/a is 1 + e^-z and 1/(1 - a) is 1 + e^z for a sigmoid, 1/a is sum_k e^(z_k - z) for softmax.
    """
    Y = case.Y
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        if case.network.loss == "binary_cross_entropy":
            terms = np.maximum(np.log(Y) + softplus(-Z), np.log(1 - Y) + softplus(Z))
        else:
            below = Z - Z.max(axis=0)
            terms = np.log(Y) + np.log(np.exp(below).sum(axis=0)) - below
            terms[Y == 0] = -np.inf  # however small a is
    return float(terms.max()) - math.log(case.N)
