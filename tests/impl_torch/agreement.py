"""Random networks of every kind, and how far two correct traces of one can be apart.

`scales` propagates the sums of the magnitudes of all terms through forward and backward: to first
order the rounding error of an entry is a few u times that, whatever the order of summation. Also
used by the tests of the TensorFlow package. (The judge has the exact bounds.)
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from gradoracle import Batch, Case, Network, Parameters, Trace
from gradoracle.activations import ACTIVATIONS, elementwise
from gradoracle.arrays import DTYPES, unit_roundoff
from gradoracle.case import trace_shapes
from gradoracle.losses import LOSSES

# roundings that meet in one entry, taken as independent of the depth: each layer's own are
# counted in the propagated magnitudes; 16 = 2 sides (NumPy and the framework) x 8 for a function
FACTOR = 16

HIDDEN = list(ACTIVATIONS)


def random_case(network: Network, n: int, seed: int, dtype: str = "float64") -> Case:
    """Draw a case whose numbers are exact in float32, with distinct sizes and soft labels."""
    rng = np.random.default_rng(seed)

    def draw(*shape: int) -> np.ndarray:
        return rng.normal(size=shape).astype(np.float32).astype(np.float64)

    sizes = network.sizes
    W = [draw(out, into) for into, out in pairwise(sizes)]
    b = [draw(out, 1) for out in sizes[1:]]
    Y = draw(sizes[-1], n)
    if network.loss == "binary_cross_entropy":
        Y = rng.choice([0.0, 1.0, 0.25, 0.875], size=Y.shape)
    if network.loss == "cross_entropy":
        counts = rng.multinomial(8, np.full(sizes[-1], 1 / sizes[-1]), size=n)
        Y = counts.T / 8.0
    case = Case(f"random.{seed}", network, Parameters(W, b), Batch(draw(sizes[0], n), Y))
    return case.astype(dtype)


def networks() -> dict[str, Network]:
    """Every hidden activation, every allowed output and loss, reductions, L2, depths 1 to 5."""
    found: dict[str, Network] = {
        "linear-regression": Network((4, 1), ("identity",), "squared_error"),
        "logistic-regression": Network((4, 1), ("sigmoid",), "binary_cross_entropy"),
        "softmax-regression": Network((4, 3), ("softmax",), "cross_entropy"),
    }
    for hidden in ("sigmoid", "relu"):
        two = Network((5, 4, 1), (hidden, "sigmoid"), "binary_cross_entropy")
        wide = Network((5, 4, 3), (hidden, "sigmoid"), "binary_cross_entropy")
        found |= {f"two-layer-{hidden}": two, f"two-layer-{hidden}-wide": wide}
    for index, hidden in enumerate(HIDDEN):
        for loss in ("squared_error", "half_squared_error", "linear"):
            reduction = ("mean", "sum", "mean_all")[index % 3]
            found[f"output-{hidden}-{loss}"] = Network(
                (4, 3, 2), ("tanh", hidden), loss, reduction, 0.25 * (index % 2)
            )
        found[f"hidden-{hidden}-bce"] = Network(
            (4, 3, 5, 2), (hidden, hidden, "sigmoid"), "binary_cross_entropy", "mean_all", 0.5
        )
        found[f"hidden-{hidden}-ce"] = Network(
            (4, 3, 3, 2), (hidden, hidden, "softmax"), "cross_entropy", "sum"
        )
    for L in range(1, 6):
        found[f"depth-{L}"] = Network((3,) * (L + 1), ("silu",) * L, "squared_error", "mean", 0.125)
    return found


def scales(case: Case, t: Trace) -> dict[str, np.ndarray]:
    """Return S: per entry the propagated sum of magnitudes, so that its error is O(u S)."""
    S: dict[str, np.ndarray] = {}
    below, S_below = np.abs(case.X), np.abs(case.X)
    for layer in range(1, case.L + 1):
        Z, A = t[f"Z{layer}"], t[f"A{layer}"]
        S[f"Z{layer}"] = np.abs(case.W[layer]) @ S_below + np.abs(case.b[layer])
        S[f"A{layer}"] = _activation_scale(case.activation(layer), Z, A, S[f"Z{layer}"])
        below, S_below = A, S[f"A{layer}"]
    S["J"] = _objective_scale(case, t, S)
    S |= _output_scales(case, t, S)
    for layer in range(case.L, 0, -1):
        dZ, S_dZ = np.abs(t[f"dZ{layer}"]), S[f"dZ{layer}"]
        below = "X" if layer == 1 else f"A{layer - 1}"
        A = np.abs(case.X if layer == 1 else t[below])
        S_A = A if layer == 1 else S[below]
        S[f"dW{layer}"] = S_dZ @ A.T + dZ @ S_A.T + case.network.l2 * np.abs(case.W[layer])
        S[f"db{layer}"] = S_dZ.sum(axis=1, keepdims=True)
        S[f"d{below}"] = np.abs(case.W[layer]).T @ S_dZ
        if layer > 1:
            S[f"dZ{layer - 1}"] = _pulled_scale(case, t, S, layer - 1)
    return S


def _activation_scale(name, Z, A, S_Z):
    if name == "softmax":
        return A * (1 + S_Z + (A * S_Z).sum(axis=0, keepdims=True))
    row = elementwise(name)
    return _terms(row.terms, Z) + np.abs(A) + np.abs(row.prime(Z)) * S_Z


def _pulled_scale(case, t, S, layer):
    name, Z, A = case.activation(layer), t[f"Z{layer}"], t[f"A{layer}"]
    dA, S_dA = np.abs(t[f"dA{layer}"]), S[f"dA{layer}"]
    if name == "softmax":
        S_A = S[f"A{layer}"]
        inner = (A * S_dA + S_A * dA).sum(axis=0, keepdims=True)
        return S_A * (dA + (A * dA).sum(axis=0, keepdims=True)) + A * (S_dA + inner)
    row, S_Z = elementwise(name), S[f"Z{layer}"]
    S_prime = _terms(row.prime_terms, Z) + np.abs(row.second(Z)) * S_Z
    return S_dA * np.abs(row.prime(Z)) + dA * S_prime


def _terms(magnitudes, Z):
    return np.zeros_like(Z) if magnitudes is None else magnitudes(Z)  # None: no rounding at all


def _output_scales(case, t, S):
    L, A, S_A = case.L, t[f"A{case.L}"], S[f"A{case.L}"]
    loss, y = LOSSES[case.network.loss], np.abs(case.Y)
    if loss.output is None:
        S[f"dA{L}"] = (loss.curvature * (S_A + y) + np.abs(loss.cotangent(A, case.Y))) / case.N
        return {f"dZ{L}": _pulled_scale(case, t, S, L)}
    fused = {f"dZ{L}": (S_A + y) / case.N}
    if f"dA{L}" not in t:  # the activation has saturated
        return fused
    slope = y / A**2 if loss.output == "softmax" else y / A**2 + (1 - y) / (1 - A) ** 2
    return fused | {f"dA{L}": slope * S_A / case.N + np.abs(t[f"dA{L}"])}


def _objective_scale(case, t, S):
    Z, A, L = t[f"Z{case.L}"], t[f"A{case.L}"], case.L
    loss = LOSSES[case.network.loss]
    terms = np.abs(loss.terms(Z, A, case.Y))
    if loss.output is None:
        terms = terms + np.abs(loss.cotangent(A, case.Y)) * S[f"A{L}"]
    else:
        terms = terms + np.abs(case.Y) + (A + np.abs(case.Y)) * S[f"Z{L}"]
    weights = sum((w * w).sum() for w in case.W.values())
    return terms.sum() / case.N + case.network.l2 / 2 * weights


def disagreement(case: Case, got: Trace, want: Trace) -> tuple[float, str]:
    """Return the largest |got - want| / (FACTOR u S), and where it is; NaN counts as infinite.

    Raises
    ------
    AssertionError
        If names, shapes or dtypes are not those of the contract.
    """
    assert list(got) == list(want)
    wide = case.astype("float64")
    S = scales(wide, _widened(want))
    unit = FACTOR * unit_roundoff(DTYPES[str(case.dtype)])
    worst = (0.0, "nothing")
    for name, shape in trace_shapes(case.network, case.n).items():
        if name not in want:
            continue
        assert got[name].shape == shape, name
        assert got[name].dtype == case.dtype, name
        error = np.abs(got[name].astype(np.float64) - want[name])
        allowed = unit * S[name] + np.finfo(case.dtype).tiny
        share = float(np.where(np.isfinite(error), error / allowed, np.inf).max())
        worst = max(worst, (share, name))
    return worst


def _widened(trace: Trace) -> Trace:
    return Trace({name: a.astype(np.float64) for name, a in trace.items()}, trace.network)
