"""A checked derivation as a NumPy function that `gradoracle check` runs.

Its lines are the text's own, with exceptions that no derivation on paper has to think of: an
activation, J and the output delta of a cross-entropy are evaluated in the form that keeps its
digits for every z. The text's formula then stands behind it as a comment.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import FunctionType

from gradoracle import activations, losses
from gradoracle.derivation.as_numpy.cases import Coverage, coverage, with_loss
from gradoracle.derivation.as_numpy.function import Function, function
from gradoracle.derivation.as_numpy.layered import with_layers
from gradoracle.derivation.truth.networks import settings
from gradoracle.derivation.verdicts import Checked
from gradoracle.errors import InputError
from gradoracle.mistakes.bundle import Bundle

RUN = """if __name__ == "__main__":  # the corpus has no such case: one is drawn and proven
    from gradoracle.derivation.as_numpy.drawn import check_drawn

    report = check_drawn(net, {})
    print(report)
    raise SystemExit(report.status)
"""


@dataclass(frozen=True)
class Printed:
    """A Python file, and what is to be said beside it.

    Attributes
    ----------
    text : str
    note : str
        Why ``gradoracle check FILE`` passes no case, or which level it needs; else empty.
    """

    text: str
    note: str = ""


def numpy_code(checked: Checked) -> Printed:
    """Return a Python file with the derivation as a function of a case.

    Parameters
    ----------
    checked : Checked
        All of whose lines are right, and whose header names the network.

    Returns
    -------
    Printed
        ``net(case)``, with what it supports: ``gradoracle check FILE`` takes it as it is.

    Raises
    ------
    InputError
        If a line is not right, or dW, db or some layers of the forward pass are missing, or the
        network has no biases.
    """
    if not checked.header.network:
        mend = "network: sizes d-h-1, activations relu sigmoid"
        raise InputError("a network in the header", "none", mend)
    if checked.first is not None:
        got = f"line {checked.first.line.number}: {checked.first.verdict}"
        raise InputError("a derivation whose lines are all right", got, "mend it first")
    if not checked.header.biases:
        mend = (
            "each case that gradoracle check runs has biases, and its db is held against the truth"
        )
        raise InputError("a network with biases", "biases: none", mend)
    checked = with_layers(checked)
    header, reading = with_loss(checked)
    about = coverage(checked, header)
    body = function(checked, header, reading)
    how, note = _how(about)
    title = header.title or checked.name
    title = "".join(c for c in title if c.isprintable() and c not in '"\\')
    parts = [
        f'"""{title}: checked line by line. {how}"""\n\n{_needed(body)}',
        *body.definitions,
        body.text,
        _supports(about, note),
        "net.supports = supports\ncandidate = net  # what gradoracle check takes\n",
    ]
    if header.loss and not about.level():
        parts.append(RUN.format(_drawn(about)))
    return Printed("\n\n\n".join(parts), note)


def _how(about: Coverage) -> tuple[str, str]:
    """Return how the file is checked, and what is to be noted of it."""
    level = about.level()
    if level == "required":
        return "gradoracle check FILE runs it.", ""
    if level:
        return f"gradoracle check --level {level} FILE runs it.", (
            f"the cases with {about.words()} are {level}: gradoracle check --level {level} FILE"
        )
    if about.header.loss:
        note = f"no case of the corpus has {about.words()}"
        return "The corpus has no such case: python FILE checks it.", (
            f"{note}: python FILE checks it on one that is drawn"
        )
    note = "J is none of the contract's losses: no case of the corpus has it"
    return "No case of the corpus has its J,\nand gradoracle check can tell nothing of it.", note


def _needed(body: Function) -> str:
    """Return the imports, and the activations and losses that the function calls."""
    bundle = Bundle()
    for name in sorted(body.functions):
        found = getattr(activations, name, None) or getattr(losses, name, None)
        if isinstance(found, FunctionType):
            bundle.refer(name, found, found.__module__)
    bundle.imports |= {"import numpy as np", *body.imports}
    return bundle.text().strip()


def _supports(about: Coverage, note: str) -> str:
    """Return the function that says which cases the derivation is about."""
    head = 'def supports(case):\n    """Return True, or what the derivation is about."""\n'
    if not about.header.loss:
        return f'{head}    return "{note}"'
    tests = "\n        and ".join(about.tests())
    return (
        f"{head}    network = case.network\n    fits = (\n        {tests}\n    )\n"
        f'    return fits or "{about.words()} only"'
    )


def _drawn(about: Coverage) -> str:
    """Return the arguments of `gradoracle.derivation.as_numpy.drawn.check_drawn`."""
    header, setting = about.header, settings(about.header)[0]
    sizes = "-".join(map(str, setting.sizes))
    given = [repr(sizes), repr(header.curves(setting.L)), repr(header.loss)]
    given += [repr(header.reduction)] if header.reduction != "mean" or header.l2 else []
    given += ["l2=0.25"] if header.l2 else []
    given += ["n=1"] if header.single else []
    return ", ".join(given).replace("'", '"')
