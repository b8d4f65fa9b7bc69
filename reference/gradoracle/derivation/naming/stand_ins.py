"""The case of the contract that one network of a text is.

The network and the numbers are the text's; so is the loss, where the header or the value of J says
which it is. For a J that the contract does not have there is a stand-in: the linear loss with the
text's own dA^[L] for its cotangent has the same backward pass.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gradoracle.arrays import Array, unit_roundoff
from gradoracle.case import Case
from gradoracle.derivation.judging.places import Place
from gradoracle.derivation.reading.header import Header
from gradoracle.derivation.truth.matrices import Matrix
from gradoracle.derivation.truth.true_values import Reading
from gradoracle.diagnosis.tolerance import roughly
from gradoracle.errors import InputError
from gradoracle.losses import LOSSES
from gradoracle.mistakes.steps import run
from gradoracle.network import REDUCTIONS, Batch, Network, Parameters

NEAR = 1e-9  # of a number that rounding has left of 0, or of J


@dataclass(frozen=True)
class Loss:
    """What J is: the header's, or what the text's turns out to be."""

    name: str
    reduction: str
    l2: bool


def loss_of(header: Header, place: Place, reading: Reading) -> Loss | None:
    """Return what J is; of a text that says it in a formula, by its value."""
    if header.loss:
        return Loss(header.loss, reading.reduction, header.l2)
    J = place.truth.values.get("J")
    if J is None:
        return None
    true = float(J[0, 0].mid())
    for name in LOSSES:
        for reduction in REDUCTIONS:
            for l2 in (False, True):
                loss = Loss(name, reduction, l2)
                case = case_with(header, place, loss)
                if case is not None and abs(float(run(case)["J"]) - true) < NEAR * abs(true):
                    return loss
    return None


def case_with(header: Header, place: Place, loss: Loss, times: float = 1.0) -> Case | None:
    """Return the case with a loss, and so many times the strength of the L2 term."""
    floats = place.given.floats
    l2 = times * float(floats["lam"][0, 0]) if loss.l2 else 0.0
    return _case(header, place, loss.name, loss.reduction, l2, floats["Y"])


def _case(
    header: Header, place: Place, loss: str, reduction: str, l2: float, Y: Array
) -> Case | None:
    setting, floats = place.given.setting, place.given.floats
    layers = range(1, setting.L + 1)
    activations = tuple(header.activation(layer, setting.L) for layer in layers)
    try:
        return Case(
            f"derivation.{setting.kind.replace(' ', '-')}.{setting.seed}",
            Network(setting.sizes, activations, loss, reduction, l2),
            Parameters(
                [floats[f"W{layer}"] for layer in layers],
                [floats.get(f"b{layer}", np.zeros((setting.sizes[layer], 1))) for layer in layers],
            ),
            Batch(floats["X"], Y),
        )
    except InputError:  # what the contract does not have
        return None


def stand_in(header: Header, place: Place, convention: str) -> Case | None:
    """Return a case with the backward pass of the text, N times the plain one where the text's is.

    None where it has not the text's derivatives: where weights are regularised in some other way.
    """
    L = place.given.setting.L
    true = {
        name: laid_out(header, name, value)
        for name, value in place.truth.values.items()
        if name in _backward(L)
    }
    if f"dA{L}" not in true or not all(np.isfinite(array).all() for array in true.values()):
        return None
    if convention == "per-example":
        true |= {name: true[name] * place.truth.N for name in true if name[:2] in ("dW", "db")}
    plain = _case(header, place, "linear", "sum", 0.0, true[f"dA{L}"])
    if plain is None:
        return None
    case = _case(header, place, "linear", "sum", _strength(plain, true), true[f"dA{L}"])
    return case if case is not None and _same(run(case), true) else None


def _backward(L: int) -> set[str]:
    return {f"{kind}{layer}" for kind in ("dA", "dZ", "dW", "db") for layer in range(1, L + 1)}


def _strength(case: Case, true: Mapping[str, Array]) -> float:
    """Return what the text's dW^[1] has of W^[1]."""
    W = case.W[1]
    at = np.unravel_index(np.argmax(np.abs(W)), W.shape)
    l2 = float((true["dW1"] - run(case)["dW1"])[at] / W[at])
    return l2 if l2 > NEAR else 0.0


def _same(found: Mapping[str, Array], true: Mapping[str, Array]) -> bool:
    return all(
        roughly(
            true[name],
            found[name],
            float(np.abs(true[name]).max()),
            unit_roundoff(true[name].dtype),
        )
        for name in true
    )


def laid_out(header: Header, name: str, value: Matrix) -> Array:
    """Return the middles of a matrix of balls in the layout of the contract."""
    middles = np.array([[float(x.mid()) for x in row] for row in value])
    if name[:2] == "dW":
        return middles if header.out_by_in else middles.T
    return middles.T if header.rows else middles
