"""The exact trace, in rational numbers, of a case in which nothing transcendental occurs.

Floats are rationals; identity, relu, leaky_relu (slope 1/100), the squared errors and the linear
loss keep them so. Every number of the trace is then known without any radius, and the balls must
hold it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from operator import mul

import numpy as np
from flint import fmpq, fmpq_mat

from gradoracle.arrays import Array
from gradoracle.case import Case
from gradoracle.truth.reverse import Truth

_SLOPE = fmpq(1, 100)

# value and derivative of each activation; an exact 0 lies below the kink, by contract
ELEMENTWISE: dict[str, tuple[Callable[[fmpq], fmpq], Callable[[fmpq], fmpq]]] = {
    "identity": (lambda z: z, lambda z: fmpq(1)),
    "relu": (lambda z: z if z > 0 else fmpq(0), lambda z: fmpq(1 if z > 0 else 0)),
    "leaky_relu": (lambda z: z if z > 0 else _SLOPE * z, lambda z: fmpq(1) if z > 0 else _SLOPE),
}

# one term of each loss and its derivative by a
LOSSES: dict[str, tuple[Callable[[fmpq, fmpq], fmpq], Callable[[fmpq, fmpq], fmpq]]] = {
    "squared_error": (lambda a, y: (a - y) * (a - y), lambda a, y: 2 * (a - y)),
    "half_squared_error": (lambda a, y: (a - y) * (a - y) / 2, lambda a, y: a - y),
    "linear": (lambda a, c: c * a, lambda a, c: c),
}


def is_rational(case: Case) -> bool:
    """Tell whether every number of the trace is rational."""
    return case.network.loss in LOSSES and set(case.network.activations) <= set(ELEMENTWISE)


def exact_trace(case: Case) -> dict[str, fmpq_mat]:
    """Return every array of the trace, exactly.

    Parameters
    ----------
    case : Case
        One for which `is_rational` holds.

    Returns
    -------
    dict of str to fmpq_mat
        J is 1 x 1.

    Raises
    ------
    KeyError
        For an activation or a loss that is not rational.
    """
    L, N, l2 = case.L, case.N, fmpq(*float(case.network.l2).as_integer_ratio())
    term, cotangent = LOSSES[case.network.loss]
    W = {layer: exactly(w) for layer, w in case.W.items()}
    A, Y = {0: exactly(case.X)}, exactly(case.Y)
    found: dict[str, fmpq_mat] = {}
    ones = fmpq_mat(1, case.n, [1] * case.n)
    for layer in range(1, L + 1):
        value, _ = ELEMENTWISE[case.activation(layer)]
        Z = found[f"Z{layer}"] = W[layer] * A[layer - 1] + exactly(case.b[layer]) * ones
        A[layer] = found[f"A{layer}"] = _map(value, Z)
    squares = sum((w * w for M in W.values() for w in M.entries()), fmpq(0))
    J = sum(_map(term, A[L], Y).entries(), fmpq(0)) / N + l2 / 2 * squares
    found["J"] = fmpq_mat(1, 1, [J])
    dA = _map(cotangent, A[L], Y) / N
    for layer in range(L, 0, -1):
        _, prime = ELEMENTWISE[case.activation(layer)]
        found[f"dA{layer}"] = dA
        dZ = found[f"dZ{layer}"] = _map(mul, dA, _map(prime, found[f"Z{layer}"]))
        found[f"dW{layer}"] = dZ * A[layer - 1].transpose() + W[layer] * l2
        found[f"db{layer}"] = dZ * ones.transpose()
        dA = W[layer].transpose() * dZ
    found["dX"] = dA
    return found


def outside(exact: Mapping[str, fmpq_mat], truth: Truth) -> list[str]:
    """Return where a truth does not hold the exact number, as ``dW1[2, 3]``.

    |exact - value| must be at most the radius, in rational arithmetic, and a decided value must be
    the exact number rounded to nearest, ties to even.
    """
    wrong = []
    for name, matrix in exact.items():
        arrays = (truth.values[name], truth.radii[name], truth.decided[name])
        shape = np.atleast_2d(arrays[0]).shape
        rows = zip(
            np.ndindex(shape), matrix.entries(), *(a.ravel().tolist() for a in arrays), strict=True
        )
        for index, number, value, radius, decided in rows:
            true = Fraction(int(number.p), int(number.q))
            held = abs(true - Fraction(value)) <= Fraction(radius)
            if not held or (decided and float(true) != value):
                wrong.append(f"{name}{list(index)}")
    return wrong


def exactly(a: Array) -> fmpq_mat:
    """Return the exact values of the floats of a matrix."""
    return fmpq_mat(
        a.shape[0], a.shape[1], [fmpq(*v.as_integer_ratio()) for v in a.ravel().tolist()]
    )


def _map(function: Callable[..., fmpq], *matrices: fmpq_mat) -> fmpq_mat:
    entries = list(map(function, *(M.entries() for M in matrices)))
    return fmpq_mat(matrices[0].nrows(), matrices[0].ncols(), entries)
