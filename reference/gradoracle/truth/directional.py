"""The check of a large gradient: directional derivatives along random integer directions.

One forward pass in series along theta + epsilon V gives the derivative D = V . g of the definition
along a direction V over *all* parameters at once, without any reverse formula; it must be the
inner product of V with the gradient that is claimed.

What escapes. Let m be the claimed gradient, g the true one, e = m - g their difference, and let the
entries of V be independent and uniform on the 2^21 + 1 integers of [-2^20, 2^20]. A direction
agrees only if |V . e| <= T is proven, with a T that is fixed before V is drawn. Take any entry k
with |e_k| > 2 T and hold the other entries of V: V . e = e_k V_k + c lies in [-T, T] only for V_k
in an interval of length 2 T / |e_k| < 1, which holds at most one integer. So the error escapes one
direction with probability at most 1 / (2^21 + 1) = 4.8e-7, whatever the other errors are, and
independent directions multiply. (For T = 0 this is the lemma of Schwartz and Zippel for the linear
polynomial V . e: Schwartz 1980, Journal of the ACM 27:701-717.)

T = 2^20 sum_k (2 r_k + 2^(48 - bits) |m_k|), where r_k are the claimed radii: twice what they let
V . m wander, and 48 bits for the rounding of this very check. It is what the check is blind to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from flint import arb, arb_mat

from gradoracle.case import Case
from gradoracle.losses import LOSSES
from gradoracle.truth import reverse
from gradoracle.truth.nearest import Integers, balls_of
from gradoracle.truth.propagation import add_to_rows, columns_of, exactly, from_columns
from gradoracle.truth.reverse import Truth
from gradoracle.truth.series import (
    activate,
    first_order,
    loss_from_activation,
    loss_from_logits,
    series,
)

BITS = 192
LARGEST = 2**20
ESCAPES = 1 / (2 * LARGEST + 1)  # the probability for one direction

Direction = Mapping[str, Integers]


@dataclass(frozen=True)
class Directions:
    """What the directional derivatives say of a gradient.

    Attributes
    ----------
    directions, agreeing : int
    blind_below : float
        2 T: an error of an entry above it escapes a direction with probability `ESCAPES` at most.
    """

    directions: int
    agreeing: int
    blind_below: float

    @property
    def ok(self) -> bool:
        """Whether every direction agrees, and there is one."""
        return self.agreeing == self.directions > 0

    @property
    def escapes(self) -> float:
        """The probability that a wrong gradient agrees along all of them."""
        return ESCAPES**self.directions

    def __str__(self) -> str:
        return (
            f"{self.agreeing} of {self.directions} random directions agree; a gradient with an "
            f"entry wrong by more than {self.blind_below:.1e} escapes one of them with "
            f"probability at most {ESCAPES:.1e}, all with at most {self.escapes:.1e}"
        )


def check_directions(
    case: Case,
    gradient: Mapping[str, arb_mat] | Truth | None = None,
    directions: int = 2,
    seed: int = 0,
) -> Directions:
    """Compare a gradient with directional derivatives of the definition.

    Parameters
    ----------
    case : Case
    gradient : mapping of str to arb_mat, or Truth, optional
        dW and db as balls, or rounded to floats with their radii, which makes T larger. By default
        the balls of the reverse pass itself, at 192 bits.
    directions : int
    seed : int
        Of NumPy's generator; the probabilities are those of ideal random numbers.

    Raises
    ------
    UndecidedError
        If a pre-activation is not provably on one side of a kink at 192 bits.
    """
    with first_order(BITS):
        if gradient is None:
            gradient = reverse.gradient(case, BITS)
        elif isinstance(gradient, Truth):
            gradient = {n: balls_of(v, gradient.radii[n]) for n, v in gradient.values.items()}
        names = [f"d{kind}{layer}" for layer in case.W for kind in "Wb"]
        claimed = [entry for name in names for entry in gradient[name].entries()]
        radii, sizes = sum(map(arb.rad, claimed), arb(0)), sum(map(abs, claimed), arb(0))
        T = LARGEST * (2 * radii + arb(2) ** (48 - BITS) * sizes.mid())
        column = arb_mat(len(claimed), 1, claimed)
        rng = np.random.default_rng(seed)
        agreeing = 0
        for _ in range(directions):
            V = _draw(case, rng)
            row = [v for name in names for v in V[name[1:]].ravel().tolist()]
            inner = (arb_mat(1, len(row), row) * column)[0, 0]
            agreeing += bool(abs(derivative_along(case, V) - inner) <= T)
        return Directions(directions, agreeing, float(np.nextafter(float((2 * T).upper()), np.inf)))


def derivative_along(case: Case, V: Direction) -> arb:
    """Return the coefficient of epsilon of J(theta + epsilon V), at the working precision."""
    total = arb(0)
    for columns in reverse.parts(np.arange(case.n)):
        total += sum(_slopes_of_losses(case, V, columns), arb(0))
    total /= case.N
    for layer, W in case.W.items():  # (l2 / 2) (w + epsilon v)^2 = ... + l2 w v epsilon
        row = arb_mat(1, W.size, V[f"W{layer}"].ravel().tolist())
        total += case.network.l2 * (row * arb_mat(W.size, 1, W.ravel().tolist()))[0, 0]
    return total


def _slopes_of_losses(case: Case, V: Direction, chunk: Integers) -> Iterator[arb]:
    """Yield the coefficient of the loss of each example of a chunk, before the reduction."""
    loss = case.network.loss
    fused = LOSSES[loss].output is not None
    A = exactly(case.X[:, chunk])
    moved = A * 0  # the coefficients of epsilon in A; X does not move
    for layer in range(1, case.L + 1):
        W, b = exactly(case.W[layer]), exactly(case.b[layer]).entries()
        V_W, V_b = exactly(V[f"W{layer}"]), exactly(V[f"b{layer}"]).entries()
        Z = columns_of(add_to_rows(W * A, b))
        moved_Z = columns_of(add_to_rows(W * moved + V_W * A, V_b))
        pairs = [list(map(series, z, m)) for z, m in zip(Z, moved_Z, strict=True)]
        if layer < case.L or not fused:
            pairs = [activate(case.activation(layer), column) for column in pairs]
        A, moved = (from_columns([[v[k] for v in column] for column in pairs]) for k in (0, 1))
    of_one = loss_from_logits if fused else loss_from_activation
    for column, y in zip(pairs, columns_of(exactly(case.Y[:, chunk])), strict=True):
        yield of_one(loss, column, y)[1]


def _draw(case: Case, rng: np.random.Generator) -> Direction:
    parameters = {f"W{i}": W for i, W in case.W.items()} | {f"b{i}": b for i, b in case.b.items()}
    return {
        name: rng.integers(-LARGEST, LARGEST, array.shape, endpoint=True)
        for name, array in parameters.items()
    }
