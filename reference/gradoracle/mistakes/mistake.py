"""A known mistake: what it changes, where it applies, and what people should know of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from gradoracle.arrays import Array
from gradoracle.case import Case
from gradoracle.mistakes.steps import Step, run

Place = Literal["every layer", "hidden layers", "the output", "the input", "the whole pass"]

FAMILIES = (
    "scale and reduction",
    "sign",
    "transposes, order and layers",
    "activation derivatives",
    "loss and output layer",
    "bias",
    "regularisation",
    "softmax",
    "numerics and dtype",
    "state and aliasing",
    "labels and shapes",
    "data",
)


@dataclass(frozen=True)
class Source:
    """Where a mistake was published: a title or repository with its thread, and a year if known."""

    text: str
    url: str = ""


@dataclass(frozen=True, eq=False)
class Mistake:
    """One wrong step.

    Attributes
    ----------
    name : str
        Immutable: lower case with hyphens, e.g. ``tanh-derivative-on-relu``.
    family : str
        One of `FAMILIES`.
    symptom : str
        One line: the wrong formula, with ``[l]``, ``[l-1]``, ``[l+1]`` and ``[L]`` for the layers.
    tempting : str
        One or two sentences: why people do it.
    mend : str
        The right formula, in words.
    code : str
        The right line of NumPy.
    touches : tuple of str
        The arrays that come out wrong first, with ``l`` for the layer: ``dZl``, ``dWl``, ``J``.
    place : str
        Where it can be made: at every layer on its own, at hidden layers, at the output (layer L),
        at the input (layer 1), or all over the pass at once.
    steps : mapping of str to Step
        The replacements, by the names of `gradoracle.mistakes.steps.STEPS`.
    applies : callable (case, layer) -> bool
        Whether the program could make it there at all (relu' needs a relu); that it changes the
        numbers is not promised.
    sources : tuple of Source
        Empty for those that were thought up.
    """

    name: str
    family: str
    symptom: str
    tempting: str
    mend: str
    code: str
    touches: tuple[str, ...]
    place: Place
    steps: Mapping[str, Step]
    applies: Callable[[Case, int], bool] = lambda case, layer: True
    sources: tuple[Source, ...] = ()

    def layers(self, case: Case) -> list[int]:
        """Return the layers at which it can be made in a case; [0] for the whole pass."""
        places = {
            "every layer": range(1, case.L + 1),
            "hidden layers": range(1, case.L),
            "the output": range(case.L, case.L + 1),
            "the input": range(1, 2),
            "the whole pass": range(1),
        }[self.place]
        return [layer for layer in places if self.applies(case, layer)]

    def replacements(self, case: Case, layer: int) -> dict[tuple[str, int], Step]:
        """Return the steps to replace for one layer; 0 is all over the pass."""
        at = [layer] if layer else list(range(1, case.L + 1))
        found: dict[tuple[str, int], Step] = {}
        for name, step in self.steps.items():
            if name in ("X", "Y"):
                found[name, 0] = step
            elif name in ("J", "dA_out", "dZ_out"):
                found |= {(name, case.L): step} if layer in (0, case.L) else {}
            else:
                found |= {(name, one): step for one in at}
        return found

    def run(self, case: Case, layer: int, kept: dict[str, Any] | None = None) -> dict[str, Array]:
        """Run the pass with this mistake at one layer (0: all over the pass)."""
        return run(case, self.replacements(case, layer), kept)


def filled(text: str, case: Case, layer: int) -> str:
    """Return a formula with the numbers of the layers filled in, and X for A0; 0 leaves them."""
    text = text.replace("[L]", str(case.L))
    if layer:
        for name, number in (("[l]", layer), ("[l-1]", layer - 1), ("[l+1]", layer + 1)):
            text = text.replace(name, str(number))
    text = re.sub(r"(d?[WbZ])\[(\d)\]", r"\1\2", text)
    return re.sub(r"A0(?!\d)", "X", text)  # dA0 is dX


@dataclass(frozen=True, eq=False)
class Mutant:
    """A program that makes one mistake at one layer: a candidate to be found out.

    The layer counts from the output for -1, -2, ...; 0 is the whole pass. Cases in which the
    mistake cannot be made there come out right.
    """

    mistake: Mistake
    layer: int
    kept: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The mistake and its layer."""
        return self.mistake.name + (f" at layer {self.layer}" if self.layer else "")

    def __call__(self, case: Case) -> dict[str, Array]:
        """Return the wrong trace."""
        layer = case.L + 1 + self.layer if self.layer < 0 else self.layer
        if layer not in self.mistake.layers(case):
            return run(case)
        return self.mistake.run(case, layer, self.kept)


def mutants(mistake: Mistake, case: Case) -> Iterator[Mutant]:
    """Yield the programs that make a mistake at each layer of a case."""
    for layer in mistake.layers(case):
        yield Mutant(mistake, layer)
