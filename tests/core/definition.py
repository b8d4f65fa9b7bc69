"""The forward formula of J, and nothing else, in exact or many-digit arithmetic.

No derivative stands here. A derivative is a central difference of the definition with a step so
small that its truncation is far below a float64: in rationals it is even exact where J is a
polynomial of degree two along every single entry. The forms are the textbook's, and others than
those of `gradoracle.truth.balls`, which they are there to check.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import mpmath
from flint import arb

from gradoracle import Case

Number = Any


@dataclass(frozen=True)
class Arithmetic:
    """What the definition needs of a kind of numbers; floats are taken at their exact value."""

    real: Callable[[float], Number]
    exp: Callable[[Number], Number] | None = None
    log: Callable[[Number], Number] | None = None
    erf: Callable[[Number], Number] | None = None
    sqrt: Callable[[Number], Number] | None = None


RATIONAL = Arithmetic(Fraction)
BALLS = Arithmetic(arb, arb.exp, arb.log, arb.erf, arb.sqrt)


def _erf(z: mpmath.mpf) -> mpmath.mpf:
    """To 450 digits: 1 - erf(33) is below 1e-474, and the series slow there."""
    return mpmath.sign(z) if abs(z) > 33 and mpmath.mp.dps <= 450 else mpmath.erf(z)


DIGITS = Arithmetic(mpmath.mpf, mpmath.exp, mpmath.log, _erf, mpmath.sqrt)


def piece(name: str, above: bool, k: Arithmetic) -> Callable[[Number], Number]:
    """Return the formula of an elementwise activation on one side of 0 (0 itself is below)."""
    if name == "identity" or (above and name in ("relu", "leaky_relu", "elu")):
        return lambda z: z
    return {
        "relu": lambda z: 0 * z,
        "leaky_relu": lambda z: z / 100,
        "elu": lambda z: k.exp(z) - 1,
        "sigmoid": lambda z: 1 / (1 + k.exp(-z)),
        "tanh": lambda z: (k.exp(z) - k.exp(-z)) / (k.exp(z) + k.exp(-z)),
        "softplus": lambda z: k.log(1 + k.exp(z)),
        "gelu": lambda z: z * (1 + k.erf(z / k.sqrt(k.real(2)))) / 2,
        "silu": lambda z: z / (1 + k.exp(-z)),
    }[name]


def loss_of_example(loss: str, a: list[Number], y: list[Number], k: Arithmetic) -> Number:
    """The loss summed over the outputs of one example, from the activations."""
    pairs = list(zip(a, y, strict=True))
    if loss == "squared_error":
        return sum((p - t) * (p - t) for p, t in pairs)
    if loss == "half_squared_error":
        return sum((p - t) * (p - t) for p, t in pairs) / 2
    if loss == "linear":
        return sum(p * t for p, t in pairs)
    if loss == "binary_cross_entropy":
        return -sum(t * k.log(p) + (1 - t) * k.log(1 - p) for p, t in pairs)
    assert loss == "cross_entropy"
    return -sum(t * k.log(p) for p, t in pairs)


class Definition:
    """J of a case as a function of any one entry of W, b, X, Z or A."""

    def __init__(self, case: Case, k: Arithmetic) -> None:
        self.case, self.k = case, k
        given = {"X": case.X, "Y": case.Y}
        given |= {f"W{i}": w for i, w in case.W.items()} | {f"b{i}": b for i, b in case.b.items()}
        self.given = {
            name: [[k.real(v) for v in row] for row in array.tolist()]
            for name, array in given.items()
        }
        self.l2 = k.real(case.network.l2)

    def forward(
        self, name: str = "", index: tuple[int, int] = (0, 0), nudge: Number = 0
    ) -> dict[str, Any]:
        """Return Z, A and J with ``nudge`` added to one entry of the array called ``name``."""
        case, k = self.case, self.k
        found: dict[str, Any] = {}

        def nudged(key: str, array: list[list[Number]]) -> list[list[Number]]:
            if key == name:
                array = [list(row) for row in array]
                array[index[0]][index[1]] += nudge
            return array

        A = nudged("X", self.given["X"])
        penalty = k.real(0)
        for layer in range(1, case.L + 1):
            W = nudged(f"W{layer}", self.given[f"W{layer}"])
            b = nudged(f"b{layer}", self.given[f"b{layer}"])
            columns = list(zip(*A, strict=True))
            Z = [
                [sum((w * x for w, x in zip(row, c, strict=True)), v[0]) for c in columns]
                for row, v in zip(W, b, strict=True)
            ]
            Z = found[f"Z{layer}"] = nudged(f"Z{layer}", Z)
            A = found[f"A{layer}"] = nudged(f"A{layer}", self._activate(layer, Z))
            penalty += sum(w * w for row in W for w in row) * self.l2 / 2
        examples = zip(zip(*A, strict=True), zip(*self.given["Y"], strict=True), strict=True)
        total = sum(loss_of_example(case.network.loss, a, y, k) for a, y in examples)
        n, outputs = case.n, case.network.sizes[-1]
        divisor = {"mean": n, "sum": 1, "mean_all": n * outputs}[case.network.reduction]
        found["J"] = total / divisor + penalty
        return found

    def _activate(self, layer: int, Z: list[list[Number]]) -> list[list[Number]]:
        name, k = self.case.network.activations[layer - 1], self.k
        if name != "softmax":
            assert all(z > 0 or z <= 0 for row in Z for z in row), "a ball straddles 0"
            return [[piece(name, bool(z > 0), k)(z) for z in row] for row in Z]
        e = [[k.exp(z) for z in row] for row in Z]
        totals = [sum(column) for column in zip(*e, strict=True)]
        return [[v / s for v, s in zip(row, totals, strict=True)] for row in e]

    def derivative(self, name: str, index: tuple[int, int], h: Number) -> Number:
        """(J(+h) - J(-h)) / 2h by one entry of the array called ``name``."""
        above = self.forward(name, index, h)["J"]
        return (above - self.forward(name, index, -h)["J"]) / (2 * h)
