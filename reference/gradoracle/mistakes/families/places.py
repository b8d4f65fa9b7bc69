"""Where a mistake can be made at all: the conditions that families share."""

from __future__ import annotations

from collections.abc import Callable

from gradoracle.case import Case
from gradoracle.losses import LOSSES

Applies = Callable[[Case, int], bool]

SMOOTH = ("sigmoid", "tanh", "softplus", "elu", "gelu", "silu")
CURVED = ("relu", "leaky_relu", *SMOOTH)  # elementwise, and with a derivative other than 1


def width(case: Case, layer: int) -> int:
    """n_l, the number of units of a layer; of the input for layer 0."""
    return case.network.sizes[layer]


def averaged(case: Case, layer: int) -> bool:
    """The loss is divided by something other than 1."""
    return case.N > 1


def many(case: Case, layer: int) -> bool:
    """There is more than one example."""
    return case.n > 1


def fused(case: Case, layer: int) -> bool:
    """The loss is a cross-entropy, whose dZ^[L] is (A^[L] - Y) / N."""
    return LOSSES[case.network.loss].output is not None


def square(case: Case, layer: int) -> bool:
    """W^[l] is square and more than a number, so that its transpose fits as well."""
    return width(case, layer) == width(case, layer - 1) > 1


def all_alike(case: Case, layer: int) -> bool:
    """n, n_l and n_{l-1} are the same: every product of two matrices fits, the wrong ones too."""
    return square(case, layer) and case.n == width(case, layer)


def like_above(case: Case, layer: int) -> bool:
    """There is a layer l + 1, of the same width."""
    return layer < case.L and width(case, layer) == width(case, layer + 1)


def loss_is(*names: str) -> Applies:
    """The loss is one of these."""
    return lambda case, layer: case.network.loss in names


def forward(*names: str) -> Applies:
    """g_l is one of these."""
    return lambda case, layer: case.activation(layer) in names


def backward(*names: str) -> Applies:
    """g_l is one of these, and its derivative is taken: not where it is fused with the loss."""
    return lambda case, layer: (
        case.activation(layer) in names and not (layer == case.L and fused(case, layer))
    )


def both(*conditions: Applies) -> Applies:
    """All of these hold."""
    return lambda case, layer: all(holds(case, layer) for holds in conditions)
