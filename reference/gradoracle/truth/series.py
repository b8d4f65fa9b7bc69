"""The definition in power series c_0 + c_1 epsilon + O(epsilon^2) whose coefficients are balls.

Only the forward formulas stand here, as the textbook prints them, and python-flint's arithmetic of
truncated power series does the rest: no derivative of an activation or a loss is written down, so
none can be wrong in the way the reverse pass may be.

Source: truncated power series as in Griewank and Walther (2008), Evaluating Derivatives, 2nd
edition, chapter 13.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from flint import arb, arb_series, ctx

from gradoracle.truth.balls import UndecidedError

Series = arb_series
Elementwise = Callable[[Series], Series]


@contextmanager
def first_order(bits: int) -> Iterator[None]:
    """Work with series up to epsilon^1 at a precision, and put both settings back."""
    cap = ctx.cap
    try:
        ctx.cap = 2
        with ctx.workprec(bits):
            yield
    finally:
        ctx.cap = cap


def series(constant: arb, slope: arb) -> Series:
    """Return constant + slope epsilon + O(epsilon^2)."""
    return arb_series([constant, slope])


def _on_side_of_zero(above: Elementwise, below: Elementwise) -> Elementwise:
    """Choose a piece by the constant term; an exact 0 belongs to the lower one, by contract."""

    def piecewise(z: Series) -> Series:
        if z[0] > 0:
            return above(z)
        if z[0] < 0 or z[0].is_zero():
            return below(z)
        raise UndecidedError(f"pre-activation {z[0].str(5)} may lie on either side of 0")

    return piecewise


def _sigmoid(z: Series) -> Series:
    return 1 / (1 + (-z).exp())


def _tanh(z: Series) -> Series:
    return (z.exp() - (-z).exp()) / (z.exp() + (-z).exp())


def _softplus(z: Series) -> Series:
    return (1 + z.exp()).log()


def _gelu(z: Series) -> Series:
    return z * (-z / arb(2).sqrt()).erfc() / 2


ELEMENTWISE: dict[str, Elementwise] = {
    "identity": lambda z: z,
    "sigmoid": _sigmoid,
    "tanh": _tanh,
    "relu": _on_side_of_zero(lambda z: z, lambda z: 0 * z),
    "leaky_relu": _on_side_of_zero(lambda z: z, lambda z: z / 100),
    "softplus": _softplus,
    "elu": _on_side_of_zero(lambda z: z, lambda z: z.exp() - 1),
    "gelu": _gelu,
    "silu": lambda z: z * _sigmoid(z),
}


def activate(name: str, z: Sequence[Series]) -> list[Series]:
    """Return g(z) of the units of one layer for one example."""
    if name != "softmax":
        return [ELEMENTWISE[name](v) for v in z]
    e = [v.exp() for v in z]
    total = sum(e, arb_series([]))
    return [v / total for v in e]


def loss_from_activation(loss: str, a: Sequence[Series], y: Sequence[arb]) -> Series:
    """The loss of one example from A^[L]; the cross-entropies in their probability form."""
    pairs = list(zip(a, y, strict=True))
    if loss in ("squared_error", "half_squared_error"):
        total = sum(((p - t) * (p - t) for p, t in pairs), arb_series([]))
        return total if loss == "squared_error" else total / 2
    if loss == "linear":
        return sum((p * t for p, t in pairs), arb_series([]))
    total = sum((t * p.log() for p, t in pairs if t != 0), arb_series([]))
    if loss == "binary_cross_entropy":
        total += sum(((1 - t) * (1 - p).log() for p, t in pairs if t != 1), arb_series([]))
    return -total


def loss_from_logits(loss: str, z: Sequence[Series], y: Sequence[arb]) -> Series:
    """The cross-entropies as the contract defines them: softplus and logsumexp of Z^[L]."""
    pairs = list(zip(z, y, strict=True))
    if loss == "binary_cross_entropy":
        return sum((t * _softplus(-v) + (1 - t) * _softplus(v) for v, t in pairs), arb_series([]))
    logsumexp = sum((v.exp() for v in z), arb_series([])).log()
    return sum((t * (logsumexp - v) for v, t in pairs), arb_series([]))
