"""The family of networks a derivation is about, and how it writes things."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from gradoracle.derivation.reading import syntax
from gradoracle.derivation.reading.syntax import Name, Node, Number

CONVENTIONS = ("plain", "per-example", "undivided")
FREE_LAYERS = 4  # at most, in the networks for ``layers L``
PARAMETER = re.compile(r"[Wb][1-9][0-9]*")
OF_BIASES = re.compile(r"d?b[0-9]+")

Ties = tuple[tuple[Name, Node], ...]  # the text's names, and what each is


@dataclass(frozen=True)
class Header:
    """What a text says of its network, or leaves free.

    Attributes
    ----------
    sizes : tuple of str
        The pattern of n_0 ... n_L; empty where it is free.
    layers : int
        L; 0 where it is free.
    activations : tuple of str
        g_1 ... g_L, or the hidden and the output one; empty without a network.
    loss : str
        Empty where the text's J is the definition.
    reduction : str
        Empty where it is not said.
    l2 : bool
        Whether J has lam / 2 times the squared weights.
    rows : bool
        Whether an example is a row.
    out_by_in : bool
        Whether W^[l] has n_l rows.
    convention : str
        One of `CONVENTIONS`; empty where it is not said.
    single : bool
        Whether it is about one example alone: n is 1.
    biases : bool
        Whether the layers have any: without, Z^[l] is W^[l] A^[l-1].
    means : tuple of (Name, Node)
        The text's names, and what they are in names of the trace, layer by layer.
    patterns : tuple of (Name, Node)
        Those of them that stand for every layer, as they are written: ``delta[l] = dZ[l]``.
    inputs : tuple of (str, Node, Node)
        Further inputs, with the number of rows and of columns.
    title, source : str
        Of the derivation.
    at : mapping of str to int
        The line of each kind of header line.
    """

    sizes: tuple[str, ...] = ()
    layers: int = 0
    activations: tuple[str, ...] = ()
    loss: str = ""
    reduction: str = ""
    l2: bool = False
    rows: bool = False
    out_by_in: bool = True
    convention: str = ""
    single: bool = False
    biases: bool = True
    means: Ties = ()
    patterns: Ties = ()
    inputs: tuple[tuple[str, Node, Node], ...] = ()
    title: str = ""
    source: str = ""
    at: Mapping[str, int] = field(default_factory=dict, compare=False)

    @property
    def network(self) -> bool:
        """Whether there is one."""
        return bool(self.activations)

    def activation(self, layer: int, L: int) -> str:
        """Return g_l in a network of L layers."""
        if self.layers:
            return self.activations[layer - 1]
        return self.activations[-1] if layer == L else self.activations[0]

    def curves(self, L: int) -> tuple[str, ...]:
        """Return g_1 to g_L in a network of L layers."""
        return tuple(self.activation(layer, L) for layer in range(1, L + 1) if self.network)

    @property
    def states(self) -> frozenset[str]:
        """Further inputs that J cannot depend on, as it is the header's: a velocity, say."""
        return frozenset(name for name, *_ in self.inputs if self.loss)

    def is_parameter(self, key: str) -> bool:
        """Whether a name is W^[l], b^[l], or a further input without a place for each example."""
        for name, *shape in self.inputs:
            if name == key:
                if self.loss:
                    return False
                sizes = [used for size in shape for used in syntax.names(size)]
                return not any(size.base == "n" and size.index is None for size in sizes)
        return self.network and PARAMETER.fullmatch(key) is not None

    def lacks(self, key: str) -> bool:
        """Whether a name is that of a bias, or its derivative, in a network without biases."""
        return self.network and not self.biases and OF_BIASES.fullmatch(key) is not None

    def meaning(self, name: Name) -> Node | None:
        """Return what a name means that the header ties; a layer may be l, L or l - 1."""
        for tied, meaning in self.means:
            if syntax.show(tied) == syntax.show(name):
                return meaning
        for tied, meaning in self.patterns:
            counter = _counter(tied)
            if tied.base == name.base and counter and name.index is not None:
                return syntax.substituted(meaning, counter, name.index)
        return None

    @property
    def hidden(self) -> str:
        """What g stands for: the activation of all hidden layers, or of the only layer."""
        several = set(self.activations[:-1] or self.activations)
        return several.pop() if len(several) == 1 else ""


def _counter(name: Name) -> str:
    """Return the l of ``delta[l]``: the name of a layer that is any layer."""
    index = name.index
    return index.base if isinstance(index, Name) and index.base != "L" else ""


def layer_by_layer(ties: Iterable[tuple[Name, Node]], layers: int) -> tuple[Ties, Ties]:
    """Return all ties, ``delta[l] = dZ[l]`` written out layer by layer, and which were so written.

    Parameters
    ----------
    ties : iterable of (Name, Node)
        The text's names, and what they are in names of the trace.
    layers : int
        L; 0 where it is free.
    """
    means, patterns = [], []
    for name, meaning in ties:
        counter = _counter(name)
        if not counter:
            means.append((name, meaning))
            continue
        patterns.append((name, meaning))
        for layer in range((layers or FREE_LAYERS) + 1):
            number = Number(name.at, Fraction(layer))
            made = replace(name, index=number), syntax.substituted(meaning, counter, number)
            means.append(made)
    return tuple(means), tuple(patterns)


def with_tie(header: Header, name: Name, meaning: Node) -> Header:
    """Return a header with one tie more; ``delta[l] = dZ[l]`` is one of every layer."""
    means, patterns = layer_by_layer([(name, meaning)], header.layers)
    return replace(header, means=(*header.means, *means), patterns=(*header.patterns, *patterns))
