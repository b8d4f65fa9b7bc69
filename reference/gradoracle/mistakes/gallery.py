"""The gallery: how far each known mistake is from the truth, and whether a network still learns.

Two measurements a mistake, both deterministic:

- relative error ‖g − g*‖/‖g*‖ and cosine of the gradient (all dW and db, and dW1 alone), the median
  over the first eight places in the corpus, required cases first, where it changes anything;
- J after 500 steps of full-batch gradient descent on a small problem, beside the right gradient's
  from the same start. It is the right J that is shown, of the parameters that were learnt.

``python -m gradoracle.mistakes.gallery --write docs/mistakes.md`` writes the page.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from gradoracle import corpus
from gradoracle.arrays import Array
from gradoracle.case import LEVELS, Case
from gradoracle.mistakes.alike import Alike, alike_to
from gradoracle.mistakes.catalogue import CATALOGUE
from gradoracle.mistakes.mistake import FAMILIES, Mistake
from gradoracle.mistakes.steps import run
from gradoracle.network import Network

PLACES = 8  # of a mistake that are looked at
VISIBLE = 1e-12  # an error that is no rounding of float64, over the largest entry
STEPS = 500


@dataclass(frozen=True)
class Measured:
    """How far the gradients of a mistake are from the right ones, the median over some places.

    Attributes
    ----------
    places : int
        How many pairs of a case and a layer; 0 if it is visible in no case of the corpus.
    error, cosine : float
        Of all dW and db; NaN where they are not finite.
    error_dW1, cosine_dW1 : float
    error_J : float
        |J - J*| / |J*|.
    cases : tuple of str
    """

    places: int
    error: float
    cosine: float
    error_dW1: float
    cosine_dW1: float
    error_J: float
    cases: tuple[str, ...]


@dataclass(frozen=True)
class Trained:
    """J at the start, and after some steps with the right and with the wrong gradient."""

    problem: str
    start: float
    right: float
    wrong: float


@dataclass(frozen=True)
class Problem:
    """Something to learn: a network, a fixed batch, a learning rate."""

    network: Network
    n: int
    rate: float = 0.5

    def __str__(self) -> str:
        last = f"{self.network}, {' '.join(self.network.activations)}, {self.network.loss}"
        return last + (f", l2 {self.network.l2:g}" if self.network.l2 else "") + f", n = {self.n}"

    def case(self) -> Any:
        """Return what a case has, with parameters that may be written to."""
        network, random = self.network, np.random.default_rng(7)
        sizes, layers = network.sizes, range(1, network.L + 1)
        X = random.normal(size=(sizes[0], self.n))
        outputs = range(sizes[-1])
        score = np.stack([np.sin((k + 1) * X[0]) + X[k % sizes[0]] for k in outputs])
        labels: Array = score
        if network.loss == "binary_cross_entropy":
            labels = (score > 0).astype(float)
        elif network.loss == "cross_entropy":
            labels = (score == score.max(axis=0)).astype(float)
        W = {i: random.normal(size=(sizes[i], sizes[i - 1])) / sizes[i - 1] ** 0.5 for i in layers}
        return SimpleNamespace(
            id=str(self),
            network=network,
            W=W,
            b={i: random.normal(size=(sizes[i], 1)) / 10 for i in layers},
            X=X,
            Y=labels,
            L=network.L,
            n=self.n,
            N=network.divisor(self.n),
            dtype=np.dtype(np.float64),
            activation=lambda layer: network.activations[layer - 1],
        )


def _network(sizes: tuple[int, ...], *rest: str, l2: float = 0.0) -> Network:
    return Network(sizes, rest[:-1], rest[-1], l2=l2)


# the first one in which a mistake can be made and changes anything is its own
PROBLEMS = (
    Problem(_network((4, 6, 1), "relu", "sigmoid", "binary_cross_entropy"), 32),
    Problem(_network((4, 6, 1), "tanh", "sigmoid", "binary_cross_entropy"), 32),
    Problem(_network((4, 6, 3), "tanh", "softmax", "cross_entropy"), 32),
    Problem(_network((4, 6, 2), "tanh", "identity", "squared_error", l2=0.01), 32, 0.05),
    Problem(_network((4, 6, 2), "tanh", "identity", "half_squared_error"), 32, 0.05),
    Problem(_network((4, 6, 2), "tanh", "identity", "linear"), 32, 0.005),
    Problem(Network((4, 6, 2), ("tanh", "identity"), "squared_error", "mean_all"), 32, 0.05),
    Problem(_network((4, 6, 5, 2), "sigmoid", "tanh", "sigmoid", "binary_cross_entropy"), 32),
    *(
        Problem(_network((4, 6, 2), name, "sigmoid", "binary_cross_entropy"), 32)
        for name in ("leaky_relu", "softplus", "elu", "gelu", "silu", "softmax", "identity")
    ),
    *(
        Problem(_network((4, 6, 2), "tanh", name, "squared_error"), 32, 0.05)
        for name in ("sigmoid", "tanh", "relu", "softmax")
    ),
    Problem(_network((6, 6, 6, 1), "tanh", "tanh", "sigmoid", "binary_cross_entropy"), 6),
    Problem(_network((6, 6, 6, 6), "relu", "tanh", "sigmoid", "binary_cross_entropy"), 6),
    Problem(_network((3, 3, 3), "tanh", "sigmoid", "binary_cross_entropy"), 3),
)


def measure(mistake: Mistake) -> Measured:
    """Measure a mistake on the corpus in float64."""
    found: list[tuple[float, ...]] = []
    cases: list[str] = []
    for case, right in _truths():
        for layer in mistake.layers(case):
            wrong = _first_difference(mistake, case, layer, right)
            if wrong is not None and len(found) < PLACES:
                found.append(_errors(wrong, right, case.L))
                cases.append(case.id)
        if len(found) >= PLACES:
            break
    if not found:
        return Measured(0, 0.0, 1.0, 0.0, 1.0, 0.0, ())
    error, cosine, error_1, cosine_1, error_J = np.median(np.array(found), axis=0).tolist()
    seen = tuple(dict.fromkeys(cases))
    return Measured(len(found), error, cosine, error_1, cosine_1, error_J, seen)


def train(mistake: Mistake) -> Trained | None:
    """Train with a mistake; None if it can be made in none of the problems, or changes nothing."""
    for problem in PROBLEMS:
        case = problem.case()
        right = run(case)
        for layer in mistake.layers(case):
            if _first_difference(mistake, case, layer, right) is None:
                continue
            return Trained(
                str(problem), float(right["J"]), _right(problem), _descend(problem, mistake, layer)
            )
    return None


def _first_difference(
    mistake: Mistake, case: Case, layer: int, right: Mapping[str, Array]
) -> dict[str, Array] | None:
    """Return the trace of the first call, or else the second, that differs from the right one."""
    kept: dict[str, Any] = {}
    for _ in range(2):
        wrong = mistake.run(case, layer, kept)
        if any(_differs(wrong.get(name), array) for name, array in right.items()):
            return wrong
    return None


def _differs(wrong: Array | None, right: Array) -> bool:
    if wrong is None or wrong.shape != right.shape:
        return True
    with np.errstate(all="ignore"):
        error = np.abs(wrong - right).max()
    return not error <= VISIBLE * np.abs(right).max()  # NaN differs


def _errors(wrong: Mapping[str, Array], right: Mapping[str, Array], L: int) -> tuple[float, ...]:
    """Return error and cosine of all gradients and of dW1, and the error of J."""
    names = [f"d{kind}{layer}" for layer in range(1, L + 1) for kind in "Wb"]
    J = float(right["J"])
    with np.errstate(all="ignore"):
        error_J = abs(float(wrong["J"]) - J) / abs(J)
    return (*_error(wrong, right, names), *_error(wrong, right, ["dW1"]), error_J)


def _error(
    wrong: Mapping[str, Array], right: Mapping[str, Array], names: Sequence[str]
) -> tuple[float, float]:
    if any(wrong[name].shape != right[name].shape for name in names):
        return math.nan, math.nan
    g = np.concatenate([wrong[name].ravel() for name in names])
    truth = np.concatenate([right[name].ravel() for name in names])
    with np.errstate(all="ignore"):
        length = np.linalg.norm(truth)
        error = np.linalg.norm(g - truth) / length
        cosine = g @ truth / (np.linalg.norm(g) * length)
    return float(error), float(cosine)


@cache
def _corpus() -> tuple[Case, ...]:
    every = sorted(corpus.load(), key=lambda frozen: LEVELS.index(frozen.case.level))
    return tuple(f.case.astype("float64") for f in every if "float64" in f.dtypes)


def _truths() -> Iterator[tuple[Case, Mapping[str, Array]]]:
    for index, case in enumerate(_corpus()):
        yield case, _truth(index)


@cache
def _truth(index: int) -> Mapping[str, Array]:
    return run(_corpus()[index])


@cache
def _right(problem: Problem) -> float:
    return _descend(problem, None, 0)


def _descend(problem: Problem, mistake: Mistake | None, layer: int) -> float:
    """Return J after gradient descent; NaN if it blew up, infinity if shapes do not fit."""
    case = problem.case()
    kept: dict[str, Any] = {}
    for _ in range(STEPS):
        try:
            d = mistake.run(case, layer, kept) if mistake else run(case)
        except ValueError:  # the last update has broadcast the parameters
            return math.inf
        with np.errstate(all="ignore"):
            for i in case.W:
                case.W[i] = case.W[i] - problem.rate * d[f"dW{i}"]
                case.b[i] = case.b[i] - problem.rate * d[f"db{i}"]
        if not all(np.isfinite(w).all() for w in (*case.W.values(), *case.b.values())):
            return math.nan
    return float(run(case)["J"])


def number(value: float) -> str:
    """Return two digits; of what is as small as rounding its power of ten."""
    if not math.isfinite(value):
        return "not finite"
    if value == 0:
        return "0"
    if abs(value) < 1e-5:
        return f"1e{math.floor(math.log10(abs(value))):d}"
    return f"{value:.2g}" if abs(value) < 100 else f"{value:.1e}"


def shown_cosine(value: float) -> str:
    """Return a cosine with two places; none where there is no gradient at all."""
    return f"{value:.2f}" if math.isfinite(value) else "none"


def learnt(trained: Trained | None) -> str:
    """Return J at the end beside the right one."""
    if trained is None:
        return "not met"
    wrong = number(trained.wrong) if math.isfinite(trained.wrong) else "blows up"
    wrong = "breaks" if math.isinf(trained.wrong) else wrong
    return f"{wrong} ({number(trained.right)})"


def page() -> str:
    """Return docs/mistakes.md."""
    parts = [HEAD.format(count=len(CATALOGUE), families=len(FAMILIES))]
    for family in FAMILIES:
        members = [mistake for mistake in CATALOGUE if mistake.family == family]
        rows = [_row(mistake) for mistake in members]
        parts += [f"## {family[0].upper()}{family[1:]}", "\n".join([*TABLE, *rows])]
        parts += [entry(mistake) for mistake in members]
    return "\n\n".join(parts) + "\n"


def entry(mistake: Mistake) -> str:
    """Return what the page says of a mistake besides its figures."""
    sources = "; ".join(s.text + (f" {s.url}" if s.url else "") for s in mistake.sources)
    lines = [
        f"**{mistake.name}**: {mistake.symptom}",
        f"*Tempting:* {mistake.tempting}",
        f"*Mend:* {mistake.mend}: `{mistake.code}`",
        f"*Where:* {mistake.place}; wrong first: {', '.join(mistake.touches)}",
        *([f"*Published:* {sources}"] if sources else []),
        *(_same(other, row) for other, row in alike_to(mistake.name)),
    ]
    return "\\\n".join(lines)


def _same(other: str, row: Alike) -> str:
    shown = "" if row.returned == "everything" else f", in {row.returned}"
    return f"*The same numbers:* {other}, {row.where}{shown}"


def _row(mistake: Mistake) -> str:
    m, t = measure(mistake), train(mistake)
    cells = [mistake.name, "—", "—", "—", "—", learnt(t)]
    if m.places:
        gradient = [number(m.error), shown_cosine(m.cosine)] if m.error != 0 else ["right", "1.00"]
        dW1 = number(m.error_dW1) if m.error_dW1 != 0 else "right"
        cells[1:5] = [*gradient, dW1, number(m.error_J) if m.error_J != 0 else "right"]
    return f"| {' | '.join(cells)} |"


TABLE = (
    "| mistake | error | cosine | error of dW1 | error of J | J after 500 steps (right) |",
    "|---|---|---|---|---|---|",
)

HEAD = """# Known mistakes

{count} ways in which derivations and programs go wrong, in {families} families. Each is executable:
a change of one step of the pass, which serves as a mutant for testing the oracle, as a hypothesis
for a diagnosis, and as a file to hand out.

    gradoracle mistakes                      all of them
    gradoracle mistakes NAME                 one, with its figures
    gradoracle mistakes NAME --code          a NumPy file with the mistake in it

This page is written by `python -m gradoracle.mistakes.gallery --write docs/mistakes.md`.

- *Error* is ‖g - t‖/‖t‖ over all dW and db, t the truth; *cosine* that between g and t: near 1, a
  training curve cannot see the mistake. Both are medians over at most eight places of the corpus
  where it changes anything, required cases first, in float64. "right" means that the gradient is
  right and something else is not, "—" that no error exceeds 1e-12 of the largest entry. Errors near
  rounding are given by their power of ten.
- *J after 500 steps* is the right J of what was learnt with the wrong gradient, in brackets what
  the right gradient learns from the same start; "not met" means that the mistake changes nothing in
  runs of that kind, "breaks" that the first update changes a shape."""


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, required=True, metavar="FILE")
    parser.parse_args().write.write_text(page(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
