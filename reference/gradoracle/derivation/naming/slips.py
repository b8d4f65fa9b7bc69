"""A known mistake made in one line: which steps of the pass a line stands for, and what changes.

All that a line reads is true here. So a mistake is made in the steps that the line stands for, and
nowhere else: ``dZ1 = (W2.T @ dZ2) * A1 * (1 - A1)`` stands for dZ^[1] and, as it does not read
dA1, for dA^[1] as well.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from gradoracle.arrays import Array
from gradoracle.case import Case
from gradoracle.diagnosis.tolerance import Wrong
from gradoracle.losses import LOSSES
from gradoracle.mistakes import Mistake
from gradoracle.mistakes import all as known_mistakes
from gradoracle.mistakes.steps import RIGHT, Run, Step

At = tuple[str, int]
TRACE = re.compile(r"(d?[AZ]|d[Wb])([0-9]+)|J|dX")
READ = {"X": (("Z", 1), ("dW", 1)), "Y": ("J", "dA_out", "dZ_out")}
UNFUSED = "squared_error"
OF_BIASES = "bias"  # a family of mistakes
NO_FORMULA = ("features-truncated",)  # of inputs below 1 nothing is left: that is no X at all


def own_step(name: str, L: int) -> At:
    """Return the step of the pass that computes an array."""
    if name in ("J", "dX"):
        return ("J", L) if name == "J" else ("dA", 1)
    kind, layer = name.rstrip("0123456789"), int(re.sub(r"\D", "", name))
    if kind == "dA":
        return ("dA_out", L) if layer == L else ("dA", layer + 1)
    return (kind + "_out" if kind == "dZ" and layer == L else kind, layer)


def array_of(step: At) -> At:
    """Return the kind and the layer of the array that a step computes: dA of layer 0 is dX."""
    name, layer = step
    return ("dA", layer - 1) if name == "dA" else (name.removesuffix("_out"), layer)


def above(name: str, L: int) -> str:
    """Return the array that the derivation has before this one, or nothing at the output."""
    kind, layer = name.rstrip("0123456789"), int(re.sub(r"\D", "", name) or 0)
    match kind:
        case "dW" | "db":
            return f"dZ{layer}"
        case "dZ":
            return f"dA{layer}"
        case "dA" | "dX" if layer < L:
            return f"dZ{layer + 1}"
        case "A":
            return f"Z{layer}"
    return ""


def stands_for(name: str, uses: Collection[str], L: int) -> tuple[At, ...]:
    """Return the steps that a line stands for, from what it reads."""
    found, now = [own_step(name, L)], above(name, L)
    while now and now not in uses:
        found.append(own_step(now, L))
        now = above(now, L)
    from_the_top = {"Y", "C"} & set(uses) if name.startswith("d") else True
    return tuple(found) if now or from_the_top else tuple(found[:1])


@dataclass(frozen=True)
class Slip:
    """A mistake, and at which of the steps that a line stands for it is made first."""

    mistake: Mistake
    position: int


@dataclass(frozen=True, eq=False)
class Made:
    """A slip on one network.

    Attributes
    ----------
    layer : int
        As in `Mistake.replacements`.
    wrong : mapping of (str, int) to Step
        The steps it replaces, of those the line stands for.
    elsewhere : int
        How many others it would replace.
    """

    layer: int
    wrong: Wrong
    elsewhere: int


def slips(case: Case, steps: Sequence[At]) -> Iterator[tuple[Slip, Made]]:
    """Yield every known mistake that the line could make."""
    wanted = {name for name, _ in steps} | {"X", "Y"}
    biased = any(b.any() for b in case.b.values())
    for mistake in known_mistakes():
        if mistake.name in NO_FORMULA or not wanted & set(mistake.steps):
            continue
        if mistake.family == OF_BIASES and not biased:
            continue  # a text without biases has not made it
        for layer in layers(mistake, case):
            wrong = replaced(mistake, layer, case, steps)
            if wrong:
                others = len(mistake.replacements(case, layer)) - len(wrong)
                first = min(steps.index(step) for step in wrong)
                yield Slip(mistake, first), Made(layer, wrong, max(0, others))


def layers(mistake: Mistake, case: Case) -> list[int]:
    """Return where a mistake can be made, g' at the output too where the loss is fused with it.

    A program that fuses them takes no derivative there; a text may.
    """
    found = mistake.layers(case)
    fused = LOSSES[case.network.loss].output is not None
    if fused and set(mistake.steps) == {"dZ", "dZ_out"}:
        found += [layer for layer in mistake.layers(_unfused(case)) if layer not in found]
    return found


@lru_cache(maxsize=16)
def _unfused(case: Case) -> Case:
    return replace(case, network=replace(case.network, loss=UNFUSED))


def replaced(mistake: Mistake, layer: int, case: Case, steps: Sequence[At]) -> dict[At, Step]:
    """Return the steps that a mistake replaces, of those that the line stands for."""
    everywhere = mistake.replacements(case, layer)
    data = {name: step for (name, at), step in everywhere.items() if at == 0}
    found = {at: everywhere[at] for at in steps if at in everywhere}
    for at in steps:
        if any(at in READ[name] or at[0] in READ[name] for name in data):
            found[at] = _reading(data, found.get(at, RIGHT[at[0]]))
    return found


def _reading(data: Mapping[str, Step], step: Step) -> Step:
    """Return a step that alone reads another batch."""

    def wrong(r: Run, layer: int) -> Array:
        X, Y, A = r.X, r.Y, r.A[0]
        if "X" in data:
            r.X = r.A[0] = data["X"](r, 0)
        if "Y" in data:
            r.Y = data["Y"](r, 0)
        try:
            return step(r, layer)
        finally:
            r.X, r.Y, r.A[0] = X, Y, A

    return wrong
