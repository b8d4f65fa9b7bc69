"""What all lines of a text say of the notation of each: one name is one thing in every line."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gradoracle.derivation.reading.spelling.parts import Style
from gradoracle.derivation.reading.written_lines import HEADER, Written

RAISED = re.compile(  # a text that says A² = ... means a layer by A², wherever it stands
    r"(?:^|\\\\|[$}&])\s*[AaZz](?:[⁰¹²³⁴⁵⁶⁷⁸⁹]+|\^\{?\d+\}?)\s*&?\s*(?::?=(?!=)|[←≔≜→⟶↦])",
    re.MULTILINE,
)
LOOP = re.compile(r"^\s*for\s+([A-Za-z])\s+in\s+range\b", re.MULTILINE)
BIASES = re.compile(r"([A-Za-z]\w*?)(?:\d+|\[\w+\])?\s*=\s*b(?:_?\d+|\[\w+\])")
UNITS = "ijk"  # what counts the entries of a matrix, where no layer is counted by it


ACTIVATIONS = ("f", "φ", "ϕ", r"\phi", r"\varphi")
CALLED = r"""(?=_prime\b|\s*['′]|\s*(?:[\^_]\s*(?:\{[^{}]*\}|[\[(]\w+[\])]|\w'?))?\s*['′]?\s*\()"""  # noqa: RUF001


def with_g(text: str, style: Style) -> str:
    """Return a line with g for the sign that the text calls instead: ``f(Z1)``, ``f'(z^l)``.

    Every sign stays in its column.
    """
    if not style.activation:
        return text
    blank = " " * (len(style.activation) - 1)
    return re.sub(_calls(style.activation), f"{blank}g", text)


def _calls(sign: str) -> str:
    return (
        rf"(?<![\w\\]){re.escape(sign)}(?![A-Za-z0-9]){CALLED}"
        if sign.isalpha()
        else (rf"{re.escape(sign)}(?![A-Za-z]){CALLED}")
    )


def _activation(text: str, header: str) -> str:
    """Return the sign that a text calls where others write g; nothing if it has g, or sets it."""
    called = [sign for sign in ACTIVATIONS if re.search(_calls(sign), text)]
    if len(called) != 1 or re.search(_calls("g"), text):
        return ""
    if called[0] in re.findall(r"\w+", header):  # inputs: f (1, 1)
        return ""
    is_set = rf"^\s*{re.escape(called[0])}\s*:?=(?!=)"
    return "" if re.search(is_set, text, re.MULTILINE) else called[0]


def style_of(lines: Sequence[Written]) -> Style:
    """Return what the lines of a text say of the notation of every one of them."""
    from gradoracle.derivation.reading import latex  # here, as it is for formulas alone

    text = "\n".join(line.text.partition("#")[0] for line in lines)
    formulas = [line for line in lines if not HEADER.fullmatch(line.text)]
    counters = frozenset(LOOP.findall(text))
    beside = any(line.latex or latex.is_latex(line.text) for line in formulas)
    below = (
        rf"(?<![A-Za-z0-9_])(?:d?[A-Za-z]|delta)_[{{(\[]*(?:{'|'.join(['l', 'L', *counters])})\b"
    )
    return Style(
        raised=RAISED.search(text) is not None,
        beside=beside,
        lowered=beside or re.search(below, text) is not None,
        counters=counters,
        biases=frozenset(
            name
            for line in lines
            if (means := HEADER.fullmatch(line.text)) and means[1].lower() == "means"
            for name in BIASES.findall(line.text)
        ),
        activation=_activation(
            "\n".join(line.text.partition("#")[0] for line in formulas),
            " ".join(line.text for line in lines if HEADER.fullmatch(line.text)),
        ),
        units=frozenset(one for one in UNITS if one not in counters and not _layer(one, text)),
    )


def _layer(name: str, text: str) -> bool:
    """Return whether a name stands where only a layer stands: `[k]`, `^{(k)}`, `_{k-1}`."""
    places = rf"\[{name}\s*[-+\]]|\^[{{(\[]*{name}\b|_[{{(\[]*{name}\s*[-+]"
    return re.search(places, text) is not None
