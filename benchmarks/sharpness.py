"""How small an error is seen, in float64: wrong programs and what the judge measures.

``python benchmarks/sharpness.py``. Prints a row a wrong program: error in sigma, over the bound,
and the verdict.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from machine import machine

from gradoracle import corpus
from gradoracle.case import Case
from gradoracle.judge import judge
from gradoracle.reference import Known, reference
from gradoracle.truth.reverse import truth
from gradoracle_numpy import n_layer

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from random_networks import images


def row(name: str, case: Case, known: Known, tensor: str, wrong: np.ndarray) -> None:
    """Judge one tensor of an otherwise right trace."""
    trace = {**n_layer.implementation(case), tensor: np.asarray(wrong)}
    found = next(t for t in judge(trace, known, reference(case, known)).tensors if t.name == tensor)
    kind = "proven" if found.proven else "statistical"
    print(
        f"{name:58} {tensor:4} {found.error:9.1e} {found.sigmas:10.2g} {found.share:10.2g}  "
        f"{found.verdict} {kind if found.verdict else ''}"
    )


def main() -> None:
    """Print the table."""
    print(machine("numpy", "python-flint"))
    print(f"{'wrong program':58} {'':4} {'error':>9} {'sigma':>10} {'x bound':>10}  verdict")
    frozen = corpus.find("two-layer.sigmoid-bce")
    case, known = frozen.case, frozen.truth
    trace = n_layer.implementation(case)
    p, y = trace["A2"], case.Y
    J = -(y * np.log(p + 1e-7) + (1 - y) * np.log(1 - p + 1e-7)).mean()
    row("log(p + 1e-7)", case, known, "J", J)
    row("A1 through float32", case, known, "A1", trace["A1"].astype(np.float32).astype(float))

    case = images(1024, 12, "sigmoid", "label")
    known = truth(case)
    trace = n_layer.implementation(case)
    dropped = trace["dZ1"][:, 1:] @ case.X[:, 1:].T
    row("784-12-1, n = 1,024 sorted: one example left out", case, known, "dW1", dropped)
    row("  divided by n - 1", case, known, "dW1", trace["dW1"] * 1024 / 1023)

    case = images(32, 196, "sigmoid", "random")
    known = truth(case)
    trace = n_layer.implementation(case)
    flat = np.abs(known.values["dW1"]).ravel()
    nonzero = np.flatnonzero(flat)
    median = nonzero[np.argsort(flat[nonzero])[nonzero.size // 2]]
    for relative in (1e-9, 1e-10, 1e-11, 1e-12, 1e-13, 1e-14):
        wrong = trace["dW1"].copy()
        wrong.ravel()[median] *= 1 + relative
        name = f"784-196-1, n = 32: a median entry of 154,057 off by {relative:.0e}"
        row(name, case, known, "dW1", wrong)


if __name__ == "__main__":
    main()
