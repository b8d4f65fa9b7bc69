"""Whether a text without a network is about one of a single layer: linear or logistic regression.

Its inputs are then X, Y, W and b under names of its own, and what it sets on the way to J is Z and
A. They are found by their values: J has to be the loss of that network, to 40 digits. Then the
known mistakes of networks are those of the text, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice, permutations, product

from flint import ctx

from gradoracle.derivation.judging.agreement import PRECISIONS, compare
from gradoracle.derivation.judging.places import Judged
from gradoracle.derivation.judging.taken import Taken, take
from gradoracle.derivation.limits import DerivationError
from gradoracle.derivation.reading import syntax
from gradoracle.derivation.reading.header import Header
from gradoracle.derivation.reading.lines import Line
from gradoracle.derivation.reading.source import Source
from gradoracle.derivation.reading.syntax import Name, Node, show
from gradoracle.derivation.truth.contract import forward_text
from gradoracle.derivation.truth.evaluate import value_of
from gradoracle.derivation.truth.matrices import Matrix, scalar
from gradoracle.derivation.truth.meanings import goals_of, scope_of
from gradoracle.derivation.verdicts import Verdict
from gradoracle.losses import LOSSES
from gradoracle.network import REDUCTIONS

OUTPUTS = ("identity", "sigmoid", "tanh", "relu", "softplus")  # labels of softmax sum to 1
MOST = 4  # networks: a half is one over the outputs where there are two


def as_one_layer(header: Header, lines: Sequence[Line], judged: Judged) -> Taken | None:
    """Return a text as one about a network of one layer, if each line gets the same verdict.

    Parameters
    ----------
    header : Header
        Without a network.
    lines : sequence of Line
    judged : Judged
        One network with the outcome of every step.
    """
    if header.network or not header.inputs:
        return None
    with ctx.workprec(PRECISIONS[0]):
        possible = list(islice(_headers(header, judged), MOST))
    wrong = {id(one.step.line) for one in judged.outcomes if one.verdict.is_wrong}
    for found in possible:
        with suppress(DerivationError):  # a name of the text's own may be one of the trace there
            taken = take(found, Source([], list(lines)))
            if {id(one.line) for one in taken.found if one.verdict.is_wrong} == wrong:
                return taken
    return None


def _headers(header: Header, judged: Judged) -> Iterator[Header]:
    """Yield the header of each network whose J is that of the text."""
    values = judged.truth.values
    goal = next((values[key] for key in goals_of(header) if key in values), None)
    for one, known, ties in _layers(header, judged):
        for loss, reduction, l2 in product(LOSSES, REDUCTIONS, (False, True)):
            whole = replace(one, loss=loss, reduction=reduction, l2=l2, inputs=(), means=ties)
            J = _value(whole, known, "J")
            if LOSSES[loss].output in (None, one.activations[0]) and _same(J, goal):
                yield whole


def _layers(
    header: Header, judged: Judged
) -> Iterator[tuple[Header, dict[str, Matrix], tuple[tuple[Name, Node], ...]]]:
    """Yield a network without its loss, its values, and what the text calls them."""
    values = judged.truth.values
    inputs = [name for name, *_ in header.inputs]
    data = [name for name in inputs if not header.is_parameter(name)]
    parameters = [name for name in inputs if header.is_parameter(name)]
    forward = [o.step.key for o in judged.outcomes if o.verdict is Verdict.DEFINITION]
    for (X, Y), (W, b), out_by_in, curve in product(
        permutations(data, 2), permutations(parameters, 2), (True, False), OUTPUTS
    ):
        sizes = _sizes(header, X, Y)
        one = replace(header, sizes=sizes, layers=1, activations=(curve,), out_by_in=out_by_in)
        known = {"X": values[X], "Y": values[Y], "W1": values[W], "b1": values[b]}
        called = [(X, "X"), (Y, "Y"), (W, "W1"), (b, "b1")]
        for kind in ("Z1", "A1"):
            value = _value(one, known, kind)
            if value is None:
                break
            known[kind] = value
            called += [(key, kind) for key in forward if _same(values[key], value)]
        else:
            if known["A1"].shape == known["Y"].shape and len(called) > len(known) - 2:
                known |= {"lam": values["lam"], "n": values["n"]}
                known["n1"] = scalar(known["Y"].shape[1 if header.rows else 0])
                yield one, known, (*_ties(called), *header.means)


def _sizes(header: Header, X: str, Y: str) -> tuple[str, str]:
    """Return the pattern of the sizes: how many features and outputs an example has."""
    shapes = {name: shape for name, *shape in header.inputs}
    at = 1 if header.rows else 0
    return show(shapes[X][at]), show(shapes[Y][at])


def _ties(called: Sequence[tuple[str, str]]) -> Iterator[tuple[Name, Node]]:
    for own, kind in called:
        name, meaning = Name(0, own), syntax.read(kind)
        if show(name) != show(meaning):
            yield name, meaning


def _value(header: Header, values: Mapping[str, Matrix], key: str) -> Matrix | None:
    formula = dict(forward_text(header, header.reduction or "mean", 1))[key]
    return value_of(scope_of(header, values, {"L": 1}), syntax.read(formula))


def _same(one: Matrix | None, other: Matrix | None) -> bool:
    if one is None or other is None or one.shape != other.shape:
        return False
    return compare(one, other).same is True
