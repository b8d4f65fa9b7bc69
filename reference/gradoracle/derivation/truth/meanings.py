"""The names that the header ties to the trace: ``means: h = A1, delta = -dZ2 / 2, E = J``."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace

from gradoracle.derivation.judging.agreement import compare
from gradoracle.derivation.limits import DerivationError
from gradoracle.derivation.reading.header import Header
from gradoracle.derivation.reading.syntax import Name, Node, names
from gradoracle.derivation.truth.evaluate import Scope, UndefinedError
from gradoracle.derivation.truth.linear import linear
from gradoracle.derivation.truth.matrices import Matrix, Notes, ShapeError
from gradoracle.derivation.truth.true_values import Truth

LAYERED = re.compile(r"d?[WbZA][0-9]+")
NO_BIASES = "the header says that there are none: biases: none"


def goals_of(header: Header) -> set[str]:
    """Return what the text may call J."""
    return {"J"} | {name.base for name, meaning in header.means if meaning == Name(meaning.at, "J")}


def forward_ties(header: Header, named: Collection[str]) -> list[tuple[str, Node]]:
    """Return the names of a text that mean something of the forward pass, with their meaning."""
    found: dict[str, Node] = {}
    backward = {"J"}
    for name, meaning in header.means:
        bases = {used.base for used in names(meaning)}
        derived = any(base[0] == "d" and base[1:] in {"W", "b", "Z", "A", *named} for base in bases)
        if derived or bases & backward or name.index is not None:
            backward.add(name.base)
        else:
            found[name.base] = meaning
    return list(found.items())


def with_ties(header: Header, found: Truth) -> Truth:
    """Add the names that the header ties to the trace."""
    values, made_of = dict(found.values), dict(found.made_of)
    derivatives, parameters = set(found.derivatives), set(found.parameters)
    slopes = dict(found.slopes)
    goals, line = goals_of(header), header.at.get("means", 0)
    for name, meaning in header.means:
        scope = scope_of(header, values, found.given.numbers)
        try:
            key, used = scope.key(name), {scope.key(part) for part in names(meaning)}
        except UndefinedError as error:
            raise DerivationError("a layer's number", error.name, "foo1 = dW1", line) from None
        if key in derivatives and used <= set(values) and _is(values[key], scope, meaning):
            continue  # h = A1 has said that dh is dA1
        if key in derivatives or (key in found.given.values and key not in goals):
            raise _taken(key, found, line)
        if any(other.base == name.base for other, _ in header.patterns) and not used <= set(values):
            continue  # a layer that this network does not have
        if missing := sorted(name for name in used - set(values) if LAYERED.fullmatch(name)):
            mend = f"the network has the layers 1 to {found.given.setting.L}"
            mend = NO_BIASES if header.lacks(missing[0]) else mend
            raise DerivationError("a name of the trace", missing[0], mend, line)
        values[key] = evaluated(scope, meaning, line)
        made_of[key] = frozenset().union(*(made_of.get(k, {k}) for k in used))
        if made_of[key] & derivatives:
            derivatives.add(key)
        found_in = linear(meaning)
        of = scope.key(found_in.name) if found_in else ""
        if found_in and of in parameters:
            parameters.add(key)
            slopes[key] = found_in.slope(slopes[of])
        if found_in and f"d{of}" in derivatives and f"d{key}" not in derivatives:
            values[f"d{key}"] = found_in.slope(values[f"d{of}"])  # h = A1: then dh is dA1
            derivatives.add(f"d{key}")
            made_of[f"d{key}"] = frozenset({f"d{of}"})
    return replace(
        found,
        values=values,
        derivatives=frozenset(derivatives),
        parameters=frozenset(parameters),
        slopes=slopes,
        made_of=made_of,
    )


def _taken(key: str, found: Truth, line: int) -> DerivationError:
    """Return the refusal of a tie to a name that has a meaning: ``means: o = A2, do = dZ2``."""
    mend = "it has a meaning already"
    if key in found.derivatives or key[0] == "d":
        mend = f"{key} is the derivative of J by {key[1:]}: rename one of them"
    return DerivationError("a name of the text's own", key, mend, line)


def _is(value: Matrix, scope: Scope, meaning: Node) -> bool:
    """Whether a tie says of a name what another has said already."""
    said = scope.value(meaning)
    return said.shape == value.shape and compare(said, value).same is True


def scope_of(header: Header, values: Mapping[str, Matrix], numbers: Mapping[str, int]) -> Scope:
    """Return a scope of its own: a name may be set again later."""
    notes = Notes(0 if header.rows else 1)
    return Scope(dict(values), numbers, header.hidden, notes, header.curves(numbers.get("L", 0)))


def evaluated(scope: Scope, formula: Node, line: int) -> Matrix:
    """Return a value that J or a tied name is made of; its line is told if there is none."""
    try:
        return scope.value(formula)
    except UndefinedError as error:
        expected, got = f"a value for {error.name}, which J or a tied name is made of", "none"
    except ShapeError as error:
        expected, got = "shapes that fit where J or a tied name is made of them", str(error)
    except DerivationError as error:
        raise error.on_line(line) from None
    raise DerivationError(expected, got, "define it above, or name it in the header", line)
