"""The second route to every derivative: a Taylor coefficient of the definition of J.

Balls certify the rounding of a gradient, not its derivation. So add epsilon to one number V, run
J(V + epsilon) = J + J'(V) epsilon + O(epsilon^2) forward in power series, and read off the
coefficient of epsilon: that is dV. V is every entry of W, b and X, and every entry of each Z^[l]
and A^[l] as a variable of its own, from which the computation runs on (a wrong dX or dA formula
touches no parameter). dA^[L] of a cross-entropy is the coefficient of its probability form.

An example is touched by its own entries alone, so a perturbation travels as a *column*: its
example, and the coefficients of epsilon in the current layer. A perturbed weight is one column for
each example, whose coefficients of J add up. The constant terms are those of the unperturbed run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from flint import arb, ctx

from gradoracle.arrays import Array
from gradoracle.case import Case
from gradoracle.losses import LOSSES
from gradoracle.truth.balls import UndecidedError
from gradoracle.truth.propagation import columns_of, exactly, from_columns
from gradoracle.truth.reverse import Truth
from gradoracle.truth.series import (
    Series,
    activate,
    first_order,
    loss_from_activation,
    loss_from_logits,
    series,
)

PRECISIONS = (192, 384, 768, 1536, 3072)  # bits; the next one where an answer is blunt
SHARP = 64  # bits: a coefficient known to fewer is blunt
TINY = arb(2) ** -1075  # what lies within it is 0 to a float64

Key = tuple[str, int, int]  # an array of the trace and the index of an entry; ("J", 0, 0)
Vector = Sequence[arb]
_ZERO, _ONE = arb(0), arb(1)


@dataclass(frozen=True)
class Certificate:
    """What the second route says of a truth.

    Attributes
    ----------
    entries, agreeing : int
        The entries of the truth, and those where the ball of the second route meets theirs.
    disagreements : tuple of str
        One line for each of the others, in the order of computation.
    """

    entries: int
    agreeing: int
    disagreements: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every entry agrees, and there is one."""
        return self.agreeing == self.entries > 0

    def __str__(self) -> str:
        text = f"{self.agreeing:,} of {self.entries:,} entries agree with the second route"
        return text if not self.disagreements else f"{text}; first: {self.disagreements[0]}"


def certify(case: Case, truth: Truth) -> Certificate:
    """Compare a truth with the Taylor coefficients of the definition, entry by entry.

    An entry agrees if some number within its radius lies in the ball of the second route, and
    that ball is sharp: known to 64 bits, or within 2^-1075 of 0. The precision is raised until
    all are sharp; what is still blunt at 3,072 bits does not count as agreeing.

    Parameters
    ----------
    case : Case
        Small: the work grows with the product of its weights and its examples.
    truth : Truth
        What the reverse pass says.

    Raises
    ------
    UndecidedError
        If a pre-activation is not provably on one side of a kink at 3,072 bits.
    """
    keys = [(n, *index) for n, v in truth.values.items() for index in _indices(v)]
    said: dict[Key, str] = {}
    for bits in PRECISIONS:
        last = bits == PRECISIONS[-1]
        try:
            found = second_route(case, bits)
        except UndecidedError:
            if last:
                raise
            continue
        with ctx.workprec(bits):
            for key in keys:
                if key not in said and (last or _is_sharp(found[key])):
                    said[key] = _disagreement(key, found[key], truth)
        if len(said) == len(keys):
            break
    wrong = tuple(said[key] for key in keys if said[key])
    return Certificate(len(keys), len(keys) - len(wrong), wrong)


def second_route(case: Case, bits: int = PRECISIONS[0]) -> dict[Key, arb]:
    """Return J, Z, A and every derivative of the trace as balls, by this route.

    Parameters
    ----------
    case : Case
    bits : int
        The working precision.

    Raises
    ------
    UndecidedError
        If a pre-activation is not provably on one side of a kink at this precision.
    """
    found: dict[Key, arb] = {}
    with first_order(bits):
        A, Y = columns_of(exactly(case.X)), columns_of(exactly(case.Y))
        moved = _Moved()
        moved.every_entry("dX", A)
        for layer in range(1, case.L + 1):
            W, b = exactly(case.W[layer]), exactly(case.b[layer]).entries()
            Z = [
                [v + c for v, c in zip(z, b, strict=True)] for z in columns_of(W * from_columns(A))
            ]
            moved.slopes = columns_of(W * from_columns(moved.slopes))
            moved.parameters(layer, A, len(b))
            moved.every_entry(f"dZ{layer}", Z)
            if layer == case.L and LOSSES[case.network.loss].output is not None:
                _add_losses(found, case, loss_from_logits, Z, Y, moved)
                moved = _Moved()  # only A^[L] is left to vary, in the probability form
            A, moved.slopes = _activated(case.activation(layer), Z, moved)
            moved.every_entry(f"dA{layer}", A)
            for name, columns in ((f"Z{layer}", Z), (f"A{layer}", A)):
                found |= {(name, i, j): v for j, c in enumerate(columns) for i, v in enumerate(c)}
        _add_losses(found, case, loss_from_activation, A, Y, moved)
        _add_l2(found, case)
    return found


@dataclass
class _Moved:
    """Perturbations under way: the entry, its example, and the slopes of the current layer."""

    keys: list[Key] = field(default_factory=list)
    examples: list[int] = field(default_factory=list)
    slopes: list[list[arb]] = field(default_factory=list)

    def every_entry(self, name: str, layer: Sequence[Vector]) -> None:
        """Start V + epsilon for every entry V of a layer, given as columns."""
        for j, column in enumerate(layer):
            for i in range(len(column)):
                self._start((name, i, j), j, i, _ONE, len(column))

    def parameters(self, layer: int, A: Sequence[Vector], rows: int) -> None:
        """Start b_i + epsilon, and (W_ik + epsilon) a_k, which moves Z_i by a_k epsilon."""
        for j, a in enumerate(A):
            for i in range(rows):
                self._start((f"db{layer}", i, 0), j, i, _ONE, rows)
                for k, v in enumerate(a):
                    self._start((f"dW{layer}", i, k), j, i, v, rows)

    def _start(self, key: Key, example: int, row: int, slope: arb, rows: int) -> None:
        self.keys.append(key)
        self.examples.append(example)
        self.slopes.append([slope if i == row else _ZERO for i in range(rows)])


def _activated(
    name: str, Z: Sequence[Vector], moved: _Moved
) -> tuple[list[list[arb]], list[list[arb]]]:
    """Return A of the unperturbed run, and the slopes of A for every perturbation."""
    A = [[a[0] for a in activate(name, [series(v, _ZERO) for v in z])] for z in Z]
    slopes = []
    for j, slope in zip(moved.examples, moved.slopes, strict=True):
        if name == "softmax":
            slopes.append([a[1] for a in activate(name, list(map(series, Z[j], slope)))])
        else:  # a unit that does not move stays where it is
            slopes.append(
                [
                    _ZERO if s.is_zero() else activate(name, [series(v, s)])[0][1]
                    for v, s in zip(Z[j], slope, strict=True)
                ]
            )
    return A, slopes


def _add_losses(
    found: dict[Key, arb],
    case: Case,
    loss: Callable[[str, Sequence[Series], Vector], Series],
    layer: Sequence[Vector],
    Y: Sequence[Vector],
    moved: _Moved,
) -> None:
    """Run the perturbations through the loss; add up the coefficients of those of one entry."""
    name, N = case.network.loss, arb(case.N)
    if ("J", 0, 0) not in found:  # the cross-entropies are defined on the logits, which come first
        constants = ([series(v, _ZERO) for v in column] for column in layer)
        terms = (loss(name, column, y)[0] for column, y in zip(constants, Y, strict=True))
        found["J", 0, 0] = sum(terms, _ZERO) / N
    for key, j, slope in zip(moved.keys, moved.examples, moved.slopes, strict=True):
        if any(not s.is_zero() for s in slope):
            coefficient = loss(name, list(map(series, layer[j], slope)), Y[j])[1] / N
        else:
            coefficient = _ZERO
        found[key] = found.get(key, _ZERO) + coefficient


def _add_l2(found: dict[Key, arb], case: Case) -> None:
    """Add (l2 / 2) (W_ik + epsilon)^2 for every weight."""
    half = arb(case.network.l2) / 2
    for layer, W in case.W.items():
        for i, k in _indices(W):
            w = series(arb(float(W[i, k])), _ONE)
            term = half * (w * w)
            found["J", 0, 0] += term[0]
            found[f"dW{layer}", i, k] += term[1]


def _is_sharp(ball: arb) -> bool:
    return bool(ball.rel_accuracy_bits() >= SHARP or abs(ball) <= TINY)


def _disagreement(key: Key, ball: arb, truth: Truth) -> str:
    """Return one line that says how an entry disagrees; empty if it does not."""
    name, i, j = key
    value, radius = (np.atleast_2d(a[name])[i, j].item() for a in (truth.values, truth.radii))
    if _is_sharp(ball) and (ball - value).abs_lower() <= radius:
        return ""
    where = name if name == "J" else f"{name}[{i}, {j}]"
    return f"{where} is {value!r} within {radius:.2g}, by the second route {ball.str(17)}"


def _indices(a: Array) -> Iterator[tuple[int, int]]:
    return np.ndindex(a.shape if a.ndim == 2 else (1, 1))
