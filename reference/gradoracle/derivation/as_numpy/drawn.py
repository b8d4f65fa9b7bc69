"""A printed derivation on networks that the corpus does not have: drawn, and their truth proven."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from gradoracle.arrays import DTYPES
from gradoracle.candidate.python import PythonSession
from gradoracle.case import Case
from gradoracle.checking.api import fill, header
from gradoracle.checking.report import Report
from gradoracle.corpus.drawing import build
from gradoracle.network import parse_sizes

EXAMPLES = 7


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
    cases = (build(name, layers, activations, loss, n=n, reduction=reduction, l2=l2),)
    session = PythonSession(net)
    session.about = replace(session.about, cases=cases)
    where = sys.modules[net.__module__].__dict__.get("__file__", session.about.name)
    report = Report(header(session, str(where), cases, tuple(DTYPES), partial=False))
    fill(report, session, cases, reproduce=lambda *_: f"python {where}")
    return report
