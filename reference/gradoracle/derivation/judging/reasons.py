"""Why a line is not right, in one clause: a name without a value, a layer that is not there."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from gradoracle.derivation.reading.header import Header
from gradoracle.derivation.reading.syntax import Call, names, parts
from gradoracle.derivation.reading.vocabulary import OF_A_LAYER
from gradoracle.derivation.truth.evaluate import UndefinedError
from gradoracle.derivation.truth.meanings import scope_of
from gradoracle.derivation.truth.steps import Step

LAYERED = re.compile(r"d?[WbZA]-?[0-9]+|g-?[0-9]+")


def no_layer(header: Header, key: str, known: Collection[str]) -> str:
    """Say that a name of the trace has a layer that the network does not have."""
    if key in known or not (header.network and LAYERED.fullmatch(key)):
        return ""
    if header.lacks(key):
        return f"the header says biases: none, and so there is no {key}"
    inputs = "; A0 is X" if key in ("Z0", "dZ0") else ""
    return f"the network has the layers 1 to {header.layers or 'L'}, and no {key}{inputs}"


def undefined_curve(header: Header, step: Step) -> str:
    """Return the g of a formula that has no meaning under the header; empty if there is none."""
    scope = scope_of(header, {}, step.numbers)
    for part in parts(step.line.formula):
        try:
            _ = scope.curve(part) if isinstance(part, Call) else ""
        except UndefinedError as error:
            return error.name
    return ""


def about_curve(header: Header, name: str) -> str:
    """Say why g or g_prime has no meaning."""
    if LAYERED.fullmatch(name):
        return no_layer(header, name, ())
    if "prime" in name and (name != "g_prime" or header.hidden):
        return f"softmax has a full Jacobian: {name}(Z) is no function of single entries"
    several = "needs one activation for all hidden layers in the header"
    return f"{name} {several}; that of a layer is {name}[l](Z[l])"


def about_name(name: str, step: Step, steps: Sequence[Step], known: Collection[str]) -> str:
    """Say that a name has no value here, and where or how it has one."""
    later = [s.line.number for s in steps if s.key == name and s.line is not step.line]
    after = [number for number in later if number >= step.line.number] or later
    if after:
        updated = any(s.key == name and name in s.uses for s in steps)
        meant = f"; if it is a parameter, say so: means: {name} = W1" if updated else ""
        return f"{name} is used before line {after[0]} sets it{meant}"
    others = (key for key in sorted(known) if key.lower() == name.lower() and key != name)
    alike = next(others, "")
    meant = f"; the network has {alike}: write it so, or say means: {name} = {alike}"
    return f"{name} is never defined" + (meant if alike else "")


def hidden_at_the_output(header: Header, step: Step) -> str:
    """Say that g is not the activation of the output layer, if a line takes it for that."""
    if not header.network:
        return ""
    L = step.numbers["L"]
    scope = scope_of(header, {}, step.numbers)
    for part in parts(step.line.formula):
        if isinstance(part, Call) and part.function in OF_A_LAYER and part.layer is None:
            keys = {scope.key(name) for name in names(part.arguments[0])}
            output = header.activation(L, L)
            if f"Z{L}" in keys and output != header.hidden:
                hidden = f"g is {header.hidden}, of the hidden layers"
                return f"{hidden}; the output has {output}: g[l](Z[l]) is that of each layer"
    return ""


def out_of_order(
    dirty: Sequence[str], updated: Mapping[str, frozenset[str]], set_on: Mapping[str, int]
) -> str:
    """Say that a line reads parameters after their update."""
    through = [key for key in dirty if key in updated]
    others = [key for key in dirty if key not in updated]
    parameters = sorted(set().union(*(updated[key] for key in through)))
    helpers = lines_of([key for key in through if key not in parameters], set_on)
    right = f"right for the {', '.join(parameters)} of the forward pass, but updated before: "
    right += lines_of(parameters, set_on)
    right += f", and read through {helpers}" if helpers else ""
    return right + (f"; and fed by {lines_of(others, set_on)}" if others else "")


def lines_of(keys: Sequence[str], set_on: Mapping[str, int]) -> str:
    """Return names with the lines that set them."""
    return ", ".join(f"{key} (line {set_on[key]})" for key in keys if key in set_on)
