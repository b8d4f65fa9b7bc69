"""A network of any depth in torch: the loop over layers forward, autograd backward.

Beside `gradoracle_numpy.n_layer`: `forward` and `objective` are the same steps with one example a
row; `output_error` and `backward` are autograd's.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from gradoracle.case import Case, Trace
from gradoracle_torch.activations import ACTIVATIONS
from gradoracle_torch.gradients import derivatives, output_derivative
from gradoracle_torch.layout import Rows, to_torch, to_trace
from gradoracle_torch.losses import LOSSES_OF_A, LOSSES_OF_Z
from gradoracle_torch.settings import pinned_settings


@dataclass(frozen=True)
class Forward:
    """What the forward pass leaves in the graph: Z[1..L] and A[0..L], each (n, n_l)."""

    Z: dict[int, Tensor]
    A: dict[int, Tensor]


def forward(case: Case, rows: Rows) -> Forward:
    """Return every Z^[l] = A^[l-1] (W^[l])^T + b^[l] and A^[l] = g_l(Z^[l]), one example a row."""
    Z: dict[int, Tensor] = {}
    A: dict[int, Tensor] = {0: rows.X}
    for layer in range(1, case.L + 1):
        Z[layer] = nn.functional.linear(A[layer - 1], rows.W[layer], rows.b[layer])
        A[layer] = ACTIVATIONS[case.activation(layer)](Z[layer])
    return Forward(Z, A)


def objective(case: Case, rows: Rows, run: Forward) -> Tensor:
    """Return J: the sum of the loss over N, plus l2 / 2 times the squared weights; shape ()."""
    Z, A, loss = run.Z[case.L], run.A[case.L], case.network.loss
    total = LOSSES_OF_Z[loss](Z, rows.Y) if loss in LOSSES_OF_Z else LOSSES_OF_A[loss](A, rows.Y)
    J = total / case.N
    if case.network.l2:
        for W in rows.W.values():
            J = J + case.network.l2 / 2 * W.square().sum()
    return J


def variables(case: Case, rows: Rows, run: Forward) -> dict[str, Tensor]:
    """Return what J depends on, by name: Z, A, W, b of every layer, and X.

    A^[L] is missing with a cross-entropy, which is a function of Z^[L].
    """
    named = {"X": rows.X}
    for layer in range(1, case.L + 1):
        named |= {f"Z{layer}": run.Z[layer], f"A{layer}": run.A[layer]}
        named |= {f"W{layer}": rows.W[layer], f"b{layer}": rows.b[layer]}
    if case.network.loss in LOSSES_OF_Z:
        del named[f"A{case.L}"]
    return named


@pinned_settings()
def implementation(case: Case) -> Trace:
    """Run forward and autograd on any case and return the whole trace."""
    rows = to_torch(case)
    run = forward(case, rows)
    J = objective(case, rows, run)

    d = derivatives(J, variables(case, rows, run))
    if case.network.loss in LOSSES_OF_Z:
        d |= output_derivative(case, run.A[case.L], rows.Y)

    tensors = {f"Z{layer}": z for layer, z in run.Z.items()} | {"J": J, **d}
    tensors |= {f"A{layer}": a for layer, a in run.A.items() if layer > 0}
    return to_trace(case.network, tensors)
