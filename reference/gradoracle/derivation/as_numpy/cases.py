"""Which networks a derivation is about, and which cases of the corpus have one of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from flint import ctx

from gradoracle.case import LEVELS, Case
from gradoracle.derivation.judging.agreement import PRECISIONS, compare
from gradoracle.derivation.judging.taken import judged_on
from gradoracle.derivation.reading import syntax
from gradoracle.derivation.reading.header import Header
from gradoracle.derivation.reading.source import Source
from gradoracle.derivation.truth.contract import forward_text
from gradoracle.derivation.truth.definition import truth
from gradoracle.derivation.truth.meanings import scope_of
from gradoracle.derivation.truth.networks import given, settings
from gradoracle.derivation.truth.steps import steps
from gradoracle.derivation.truth.true_values import Reading
from gradoracle.derivation.verdicts import Checked
from gradoracle.losses import LOSSES
from gradoracle.network import REDUCTIONS


def with_loss(checked: Checked) -> tuple[Header, Reading]:
    """Return the header and the reading, with the loss that the text's own J is.

    J is held against every loss of the contract on the networks of the check: it is one if they
    agree to 40 digits or more on each. The header stays without a loss if none does.
    """
    header, reading = checked.header, checked.reading
    if header.loss:
        return replace(header, reduction=reading.reduction), reading
    for loss, reduction, l2 in _losses(header, reading):
        other = replace(header, loss=loss, reduction=reduction, l2=l2)
        if _is_J(checked, other):
            return other, replace(reading, reduction=reduction)
    return header, reading


def _losses(header: Header, reading: Reading) -> Iterator[tuple[str, str, bool]]:
    """Yield each loss, reduction and use of l2 that a J may be."""
    for loss, row in LOSSES.items():
        if row.output in (None, header.activations[-1]):
            # N is that of the reading, where something is N times the derivative
            plain = reading.convention == "plain"
            for reduction in REDUCTIONS if plain else (reading.reduction,):
                yield from ((loss, reduction, l2) for l2 in (False, True))


def _is_J(checked: Checked, other: Header) -> bool:
    """Whether the text's J is that of a header with a loss, on every network."""
    lines = [verdict.line for verdict in checked.lines]
    own = frozenset(line.target.base for line in lines)
    for setting in settings(checked.header):
        one = given(checked.header, setting, own)
        with ctx.workprec(PRECISIONS[0]):
            true = truth(checked.header, one, steps(lines, one.numbers), checked.reading)
            (*_, (_, J)) = forward_text(other, other.reduction, setting.L)
            value = scope_of(other, true.values, one.numbers).value(syntax.read(J))
            if not compare(value, true.values["J"]).same:
                return False
    return True


@dataclass(frozen=True)
class Coverage:
    """What a derivation is about: its network, loss and reduction.

    Attributes
    ----------
    header : Header
        With the loss, if the contract has it, and the reduction.
    ones : tuple of int
        The layers that have to be single units.
    equal : tuple of (int, int)
        The layers that have to be as large as each other.
    """

    header: Header
    ones: tuple[int, ...] = ()
    equal: tuple[tuple[int, int], ...] = ()

    @property
    def reductions(self) -> tuple[str, ...]:
        """Those of the cases: of one example the sum is the mean."""
        one = self.header.single and self.header.reduction != "mean_all"
        return ("mean", "sum") if one else (self.header.reduction,)

    def fits(self, case: Case) -> bool:
        """Whether a derivation is about a case: what the text of `tests` says, too."""
        header, network = self.header, case.network
        return (
            (case.n == 1 or not header.single)
            and (header.layers == network.L if header.layers else network.L > 1)
            and network.activations == header.curves(network.L)
            and network.loss == header.loss
            and network.reduction in self.reductions
            and (header.l2 or network.l2 == 0)
            and all(network.sizes[layer] == 1 for layer in self.ones)
            and all(network.sizes[one] == network.sizes[other] for one, other in self.equal)
        )

    def tests(self) -> list[str]:
        """Return the conditions of ``supports(case)`` as Python."""
        header = self.header
        wanted = [f"network.activations == {header.activations!r}"]
        if not header.layers:
            hidden, output = header.activations[0], header.activations[-1]
            every = f"({hidden!r},) * (case.L - 1) + ({output!r},)"
            wanted = ["case.L > 1", f"network.activations == {every}"]
        wanted += [f"network.loss == {header.loss!r}"]
        wanted += [f"network.reduction in {self.reductions!r}"] if header.single else []
        wanted += [] if header.single else [f"network.reduction == {header.reduction!r}"]
        wanted += ["case.n == 1"] if header.single else []
        wanted += [] if header.l2 else ["network.l2 == 0"]
        wanted += [f"network.sizes[{layer}] == 1" for layer in self.ones]
        return wanted + [f"network.sizes[{a}] == network.sizes[{b}]" for a, b in self.equal]

    def words(self) -> str:
        """Return in words what it is about."""
        header = self.header
        found = [*header.activations, header.loss, header.reduction]
        found += ["l2"] if header.l2 else []
        found += ["one example"] if header.single else []
        found += [f"n_{layer} = 1" for layer in self.ones]
        return ", ".join(found + [f"n_{one} = n_{other}" for one, other in self.equal])

    def level(self) -> str:
        """Return the first level of the corpus with such a case; empty if there is none."""
        from gradoracle import corpus

        for level in LEVELS if self.header.loss else ():
            if any(self.fits(frozen.case) for frozen in corpus.load(level)):
                return level
        return ""


def coverage(checked: Checked, header: Header) -> Coverage:
    """Return what a checked derivation is about."""
    only = any("right only because" in note for v in checked.lines for note in v.notes)
    ones = tuple(layer for layer, size in enumerate(header.sizes) if size == "1")
    first = {size: layer for layer, size in reversed(list(enumerate(header.sizes)))}
    pairs = [(first[size], layer) for layer, size in enumerate(header.sizes) if size != "1"]
    equal = tuple(pair for pair in pairs if pair[0] != pair[1])
    return Coverage(header, ones if only else (), equal if equal and _needs(checked) else ())


def _needs(checked: Checked) -> bool:
    """Whether a text is not right any more where the sizes that its header has equal are not."""
    sizes = [f"s{i}" if size != "1" else size for i, size in enumerate(checked.header.sizes)]
    header = replace(checked.header, sizes=tuple(sizes))
    lines = [verdict.line for verdict in checked.lines]
    one = given(header, settings(header)[0], frozenset(line.target.base for line in lines))
    judged = judged_on(header, Source(lines=lines), one, checked.reading)
    return not all(outcome.right_alone for outcome in judged.outcomes)
