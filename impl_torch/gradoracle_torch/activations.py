"""The activations in torch: functions of the pre-activation z, one example a row.

Only values stand here; autograd differentiates them. The comments say what autograd takes at the
kinks and where torch's default is not good enough (`gradoracle_torch.deviations` has the ledger).
Sources of the definitions: `gradoracle.activations`.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

LEAKY_SLOPE = 0.01  # the real number 1/100; torch rounds it to the dtype of z

# beyond 40, e^-z is below the rounding of z in both dtypes, and up to 40 e^z does not overflow
SOFTPLUS_IS_LINEAR_ABOVE = 40


def identity(z: Tensor) -> Tensor:
    """z, as a node of its own, so that Z and A are two variables of the graph."""
    return z.clone()


def sigmoid(z: Tensor) -> Tensor:
    """1 / (1 + e^-z)."""
    return torch.sigmoid(z)


def tanh(z: Tensor) -> Tensor:
    """(e^z - e^-z) / (e^z + e^-z)."""
    return torch.tanh(z)


def relu(z: Tensor) -> Tensor:
    """max(z, 0), with derivative 0 at z = 0 (torch.maximum takes 1/2 there, clamp 1)."""
    return torch.relu(z)


def leaky_relu(z: Tensor) -> Tensor:
    """Return z where z > 0, else z / 100, with derivative 1/100 at z = 0."""
    return nn.functional.leaky_relu(z, LEAKY_SLOPE)


def softplus(z: Tensor) -> Tensor:
    """log(1 + e^z); torch's own threshold of 20 drops e^-20."""
    return nn.functional.softplus(z, threshold=SOFTPLUS_IS_LINEAR_ABOVE)


def elu(z: Tensor) -> Tensor:
    """Return z where z > 0, else e^z - 1."""
    return nn.functional.elu(z)


def gelu(z: Tensor) -> Tensor:
    """Return z Phi(z), the exact erf form."""
    return nn.functional.gelu(z, approximate="none")


def silu(z: Tensor) -> Tensor:
    """Return z sigma(z)."""
    return nn.functional.silu(z)


def softmax(z: Tensor) -> Tensor:
    """e^{z_i} / sum_k e^{z_k} along each row, an example."""
    return torch.softmax(z, dim=1)


ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "identity": identity,
    "sigmoid": sigmoid,
    "tanh": tanh,
    "relu": relu,
    "leaky_relu": leaky_relu,
    "softplus": softplus,
    "elu": elu,
    "gelu": gelu,
    "silu": silu,
    "softmax": softmax,
}
