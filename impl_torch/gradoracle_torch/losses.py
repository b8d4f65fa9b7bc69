"""The losses in torch: the sum over examples and outputs, shape (); J divides it by N.

z, a and y have shape (n, n_L). A cross-entropy is a function of the logits z, output activation
included; its probability form, a function of a, is there for dA^[L] alone. Only values stand
here; autograd differentiates them.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from gradoracle_torch.activations import softplus

Loss = Callable[[Tensor, Tensor], Tensor]


def squared_error(a: Tensor, y: Tensor) -> Tensor:
    """Sum of (a - y)^2; torch's default reduction would be the mean over n * n_L."""
    return nn.functional.mse_loss(a, y, reduction="sum")


def half_squared_error(a: Tensor, y: Tensor) -> Tensor:
    """Sum of (a - y)^2 / 2."""
    return squared_error(a, y) / 2


def linear(a: Tensor, c: Tensor) -> Tensor:
    """Sum of c a, with the cotangent c of the case in the place of the labels."""
    return (c * a).sum()


def binary_cross_entropy(z: Tensor, y: Tensor) -> Tensor:
    """Sum of -y log sigma(z) - (1 - y) log(1 - sigma(z)), as y softplus(-z) + (1 - y) softplus(z).

    torch's binary_cross_entropy_with_logits has as good a gradient, but its value is a difference
    of numbers of the size of z (see `gradoracle_torch.deviations`).
    """
    return (y * softplus(-z) + (1 - y) * softplus(z)).sum()


def cross_entropy(z: Tensor, y: Tensor) -> Tensor:
    """Sum of -y_i log softmax(z)_i; y holds probabilities, not class numbers."""
    return nn.functional.cross_entropy(z, y, reduction="sum")


def binary_cross_entropy_of_a(a: Tensor, y: Tensor) -> Tensor:
    """Sum of -y log a - (1 - y) log(1 - a); the gradient of torch's own is bounded by 1e12."""
    return -(y * torch.log(a) + (1 - y) * torch.log(1 - a)).sum()


def cross_entropy_of_a(a: Tensor, y: Tensor) -> Tensor:
    """Sum of -y_i log a_i, every a_i a variable of its own."""
    return -(y * torch.log(a)).sum()


LOSSES_OF_A: dict[str, Loss] = {
    "squared_error": squared_error,
    "half_squared_error": half_squared_error,
    "linear": linear,
}

LOSSES_OF_Z: dict[str, Loss] = {
    "binary_cross_entropy": binary_cross_entropy,
    "cross_entropy": cross_entropy,
}

PROBABILITY_FORMS: dict[str, Loss] = {
    "binary_cross_entropy": binary_cross_entropy_of_a,
    "cross_entropy": cross_entropy_of_a,
}
