"""A printed derivation on networks that the corpus does not have: drawn, and their truth proven."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from gradoracle.activations import elementwise, softmax
from gradoracle.arrays import DTYPES
from gradoracle.candidate.python import PythonSession
from gradoracle.case import Case
from gradoracle.checking.api import fill, header
from gradoracle.checking.report import Report
from gradoracle.corpus.drawing import build
from gradoracle.network import parse_sizes

EXAMPLES = 7
KINKED = ("relu", "leaky_relu", "elu")
TRIES = 100


def check_drawn(
    net: Callable[[Case], Any],
    sizes: str,
    activations: Sequence[str],
    loss: str,
    reduction: str = "mean",
    l2: float = 0.0,
    n: int = EXAMPLES,
) -> Report:
    """Check a function of a case on one that is drawn as those of the corpus are.

    Parameters
    ----------
    net : callable
        As `gradoracle.check` takes it.
    sizes : str
        ``5-4-3``.
    activations, loss, reduction, l2
        As in `gradoracle.Network`.
    n : int
        Number of examples.

    Returns
    -------
    Report
        Whose truth was proven just now, in balls.
    """
    name = f"drawn.{sizes}.{'-'.join(activations)}.{loss}"
    layers = parse_sizes(sizes)

    def drawn(attempt: int) -> Case:
        own = f"{name}.{attempt}" if attempt else name  # the name is the seed
        return build(own, layers, activations, loss, n=n, reduction=reduction, l2=l2)

    several = map(drawn, range(TRIES))
    cases = (next((case for case in several if is_lively(case)), drawn(0)),)
    session = PythonSession(net)
    session.about = replace(session.about, cases=cases)
    where = sys.modules[net.__module__].__dict__.get("__file__", session.about.name)
    report = Report(header(session, str(where), cases, tuple(DTYPES), partial=False))
    fill(report, session, cases, reproduce=lambda *_: f"python {where}")
    return report


def is_lively(case: Case) -> bool:
    """Whether every layer with a kink has units on both sides of it, or its only one on.

    Of a single example all units may be off: then every derivative below is 0, right or wrong.
    """
    A = case.X
    for layer, W in case.W.items():
        name = case.activation(layer)
        Z = W @ A + case.b[layer]
        on = Z > 0
        if name in KINKED and (not on.any() or (on.all() and on.size > 1)):
            return False
        A = softmax(Z) if name == "softmax" else elementwise(name).value(Z)
    return True
