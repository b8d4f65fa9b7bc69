"""The ledger: where torch's own function is not used, because it gives another number.

Each row can measure itself, so a test sees a change upstream. Sizes were measured with torch
2.13.0 on an x86-64 CPU, in float64.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from gradoracle.deviation import Deviation


def _derivative(function: Callable[[Tensor], Tensor], at: float) -> float:
    z = torch.tensor(at, dtype=torch.float64, requires_grad=True)
    return float(torch.autograd.grad(function(z), z)[0])


def _softplus_error() -> float:
    z = torch.tensor(20.0, dtype=torch.float64).nextafter(torch.tensor(math.inf))
    return float(z) + math.log1p(math.exp(-float(z))) - float(nn.functional.softplus(z))


def _logits_error() -> float:
    z, y = torch.tensor([-40.0, 0.0], dtype=torch.float64)
    value = float(nn.functional.binary_cross_entropy_with_logits(z, y))
    return abs(value / math.log1p(math.exp(-40.0)) - 1)


def _bounded_gradient() -> float:
    one = torch.tensor(1.0, dtype=torch.float64)
    return -_derivative(lambda a: nn.functional.binary_cross_entropy(a, one), at=1e-15)


LEDGER: tuple[Deviation, ...] = (
    Deviation(
        name="torch.nn.functional.softplus",
        does="is z itself above its threshold of 20: absolute error just above it, e^-20",
        size=2.06e-9,
        instead="the same function with threshold 40, where e^-z is below the rounding of z",
        measure=_softplus_error,
    ),
    Deviation(
        name="torch.nn.functional.binary_cross_entropy_with_logits",
        does="is (1 - y) z - log sigma(z), which cancels for z < 0 and small y: relative error of "
        "the value at z = -40, y = 0 (its gradient is good)",
        size=1.0,
        instead="y softplus(-z) + (1 - y) softplus(z)",
        measure=_logits_error,
    ),
    Deviation(
        name="torch.nn.functional.binary_cross_entropy",
        does="divides by max(a (1 - a), 1e-12): -dJ/da at a = 1e-15, y = 1, where 1/a is 1e15",
        size=1e12,
        instead="-y log a - (1 - y) log(1 - a)",
        measure=_bounded_gradient,
    ),
    Deviation(
        name="torch.maximum",
        does="shares the derivative of max(z, 0) at z = 0, where relu'(0) is 0 by contract",
        size=0.5,
        instead="torch.relu",
        measure=lambda: _derivative(lambda z: torch.maximum(z, torch.zeros_like(z)), at=0.0),
    ),
    Deviation(
        name="torch.clamp",
        does="takes the right-hand derivative of max(z, 0) at z = 0",
        size=1.0,
        instead="torch.relu",
        measure=lambda: _derivative(lambda z: torch.clamp(z, min=0), at=0.0),
    ),
)
