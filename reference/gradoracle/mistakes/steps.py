"""The forward and backward pass as steps, each of which can be replaced: one mechanism for all.

`run` walks through the steps of the hand-written pass. A known mistake is a replacement of one of
them at one layer or at all; nothing else of the pass is written down a second time. So the same few
lines are a mutant that the tests must kill, a hypothesis that a diagnosis tries, and a wrong file
to hand out.

====== ============================================== ======================================
step   computes, from what the run holds so far       right
====== ============================================== ======================================
X, Y   the batch as the pass sees it                  case.X, case.Y
Z      Z^[l], (n_l, n)                                W^[l] A^[l-1] + b^[l]
A      A^[l], (n_l, n)                                g_l(Z^[l])
J      the loss, ()                                   R(loss) + l2/2 sum of squared weights
dA_out dA^[L], (n_L, n); the derivative of the loss   see `gradoracle.losses`
dZ_out dZ^[L], (n_L, n)                               (A^[L] - Y) / N where fused, else as dZ
dW     dW^[l], (n_l, n_{l-1})                         dZ^[l] (A^[l-1])^T + l2 W^[l]
db     db^[l], (n_l, 1)                               dZ^[l] summed over the examples
dA     dA^[l-1] (dX for l = 1), from layer l          (W^[l])^T dZ^[l]
dZ     dZ^[l] of a hidden layer                       dA^[l] * g_l'(Z^[l]); softmax's Jacobian
====== ============================================== ======================================

Convention: one example per column; every dV is the plain derivative of J, the division by N
included once, at the output.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradoracle.activations import activate, pull_back
from gradoracle.arrays import Array
from gradoracle.case import Case
from gradoracle.losses import LOSSES, probability_form_resolves

STEPS = ("X", "Y", "Z", "A", "J", "dA_out", "dZ_out", "dW", "db", "dA", "dZ")
FORWARD = ("X", "Y", "Z", "A", "J")


@dataclass
class Run:
    """What the pass holds so far; a step reads it and returns one array.

    Attributes
    ----------
    case : Case
    X, Y : numpy.ndarray
        As the pass sees them.
    W, b : dict of int to numpy.ndarray
        Copies of the parameters.
    Z, A : dict of int to numpy.ndarray
        A[0] is X.
    dA, dZ, dW, db : dict of int to numpy.ndarray
        dA[0] is dX.
    J : numpy.ndarray
    kept : dict
        What a mistaken program keeps between its calls; empty in every new program.
    """

    case: Case
    kept: dict[str, Any] = field(default_factory=dict)
    W: dict[int, Array] = field(default_factory=dict)
    b: dict[int, Array] = field(default_factory=dict)
    Z: dict[int, Array] = field(default_factory=dict)
    A: dict[int, Array] = field(default_factory=dict)
    dA: dict[int, Array] = field(default_factory=dict)
    dZ: dict[int, Array] = field(default_factory=dict)
    dW: dict[int, Array] = field(default_factory=dict)
    db: dict[int, Array] = field(default_factory=dict)
    X: Array = field(default_factory=lambda: np.empty((0, 0)))
    Y: Array = field(default_factory=lambda: np.empty((0, 0)))
    J: Array = field(default_factory=lambda: np.empty(()))

    def __post_init__(self) -> None:
        self.W = {layer: w.copy() for layer, w in self.case.W.items()}
        self.b = {layer: b.copy() for layer, b in self.case.b.items()}

    @property
    def L(self) -> int:
        """Number of layers."""
        return self.case.L

    @property
    def n(self) -> int:
        """Number of examples."""
        return self.case.n

    @property
    def N(self) -> int:
        """The divisor of the reduction."""
        return self.case.N

    @property
    def l2(self) -> float:
        """Strength of the L2 term."""
        return self.case.network.l2

    @property
    def loss(self) -> str:
        """Name of the loss."""
        return self.case.network.loss

    @property
    def fused(self) -> bool:
        """Whether the loss is a function of the logits: a cross-entropy."""
        return LOSSES[self.loss].output is not None

    def activation(self, layer: int) -> str:
        """Return the name of g_l."""
        return self.case.activation(layer)


Step = Callable[[Run, int], Array]


def linear(r: Run, layer: int) -> Array:
    """Z^[l] = W^[l] A^[l-1] + b^[l]."""
    return r.W[layer] @ r.A[layer - 1] + r.b[layer]


def activation(r: Run, layer: int) -> Array:
    """A^[l] = g_l(Z^[l])."""
    return activate(r.activation(layer), r.Z[layer])


def objective(r: Run, layer: int) -> Array:
    """J: the sum of the loss over N, plus l2 / 2 times the squared weights."""
    J = LOSSES[r.loss].terms(r.Z[layer], r.A[layer], r.Y).sum() / r.N
    if r.l2:
        J = J + r.l2 / 2 * sum((w * w).sum() for w in r.W.values())
    return np.asarray(J)


def output_cotangent(r: Run, layer: int) -> Array:
    """dA^[L]; of a cross-entropy the derivative of its probability form."""
    return LOSSES[r.loss].cotangent(r.A[layer], r.Y) / r.N


def output_delta(r: Run, layer: int) -> Array:
    """dZ^[L] = (A^[L] - Y) / N where loss and activation are fused, else from dA^[L]."""
    if r.fused:
        return (r.A[layer] - r.Y) / r.N
    return delta(r, layer)


def weight_gradient(r: Run, layer: int) -> Array:
    """dW^[l] = dZ^[l] (A^[l-1])^T + l2 W^[l]."""
    return r.dZ[layer] @ r.A[layer - 1].T + r.l2 * r.W[layer]


def bias_gradient(r: Run, layer: int) -> Array:
    """db^[l] = dZ^[l] summed over the examples, shape kept."""
    return np.asarray(r.dZ[layer].sum(axis=1, keepdims=True))


def input_cotangent(r: Run, layer: int) -> Array:
    """dA^[l-1] = (W^[l])^T dZ^[l]."""
    return r.W[layer].T @ r.dZ[layer]


def delta(r: Run, layer: int) -> Array:
    """dZ^[l] = dA^[l] * g_l'(Z^[l]), or softmax's Jacobian."""
    return pull_back(r.activation(layer), r.Z[layer], r.A[layer], r.dA[layer])


RIGHT: Mapping[str, Step] = {
    "X": lambda r, layer: r.case.X.copy(),
    "Y": lambda r, layer: r.case.Y.copy(),
    "Z": linear,
    "A": activation,
    "J": objective,
    "dA_out": output_cotangent,
    "dZ_out": output_delta,
    "dW": weight_gradient,
    "db": bias_gradient,
    "dA": input_cotangent,
    "dZ": delta,
}


def run(
    case: Case,
    wrong: Mapping[tuple[str, int], Step] | None = None,
    kept: dict[str, Any] | None = None,
) -> dict[str, Array]:
    """Run the pass with some steps replaced, and return its trace.

    Parameters
    ----------
    case : Case
    wrong : mapping of (step, layer) to Step
        X and Y belong to layer 0; J, dA_out and dZ_out to layer L.
    kept : dict, optional
        What the program keeps between its calls.

    Returns
    -------
    dict of str to numpy.ndarray
        Names as in a `Trace`. dA^[L] of a cross-entropy is left out where a has saturated.
    """
    replaced = wrong or {}
    r = Run(case, {} if kept is None else kept)

    def step(name: str, layer: int) -> Array:
        return replaced.get((name, layer), RIGHT[name])(r, layer)

    with np.errstate(all="ignore"):  # a mistake may do anything to the numbers
        r.X, r.Y = step("X", 0), step("Y", 0)
        r.A[0] = r.X
        for layer in range(1, r.L + 1):
            r.Z[layer] = step("Z", layer)
            r.A[layer] = step("A", layer)
        r.J = step("J", r.L)
        r.dA[r.L] = step("dA_out", r.L)
        r.dZ[r.L] = step("dZ_out", r.L)
        for layer in range(r.L, 0, -1):
            r.dW[layer] = step("dW", layer)
            r.db[layer] = step("db", layer)
            r.dA[layer - 1] = step("dA", layer)
            if layer > 1:
                r.dZ[layer - 1] = step("dZ", layer - 1)
    return _trace(r)


def _trace(r: Run) -> dict[str, Array]:
    named: dict[str, Array] = {"J": np.asarray(r.J, dtype=r.case.dtype), "dX": r.dA[0]}
    for layer in range(1, r.L + 1):
        named |= {f"Z{layer}": r.Z[layer], f"A{layer}": r.A[layer], f"dZ{layer}": r.dZ[layer]}
        named |= {f"dW{layer}": r.dW[layer], f"db{layer}": r.db[layer], f"dA{layer}": r.dA[layer]}
    if r.fused and not probability_form_resolves(r.loss, r.A[r.L]):
        del named[f"dA{r.L}"]
    return named
