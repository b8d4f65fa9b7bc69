"""What an edit is, and what it may bring in."""

from __future__ import annotations

from dataclasses import dataclass

from gradoracle.derivation.reading.syntax import Binary, Node, show

INSTEAD = "{}, not {}"
LONG = 60  # of what is shown of a part


@dataclass(frozen=True)
class Edit:
    """A changed formula.

    Attributes
    ----------
    cost : int
    formula : Node
    text : str
        What was changed, with ``{}`` for the parts.
    about : tuple of Node
        The parts.
    less : bool
        Whether something was only left out.
    """

    cost: int
    formula: Node
    text: str
    about: tuple[Node, ...] = ()
    less: bool = False

    @property
    def words(self) -> str:
        """What was changed."""
        return self.text.format(*map(shown, self.about))


@dataclass(frozen=True)
class Around:
    """What an edit may bring in.

    Attributes
    ----------
    axis : int
        Along which the examples lie.
    slopes : tuple of tuple of Node
        The factors of the right derivative of the layer's activation, in each spelling.
    curve : str
        The activation they belong to.
    terms : tuple of Node
        What may be missing from a sum: ``b1``, ``lam * W1``.
    counts : tuple of Node
        What may be missing as a factor or divisor: ``n``, 2.
    curves : tuple of str
        Functions that may be meant.
    layered : bool
        Whether the text says ``g[l]``.
    """

    axis: int = 1
    slopes: tuple[tuple[Node, ...], ...] = ()
    curve: str = ""
    terms: tuple[Node, ...] = ()
    counts: tuple[Node, ...] = ()
    curves: tuple[str, ...] = ()
    layered: bool = False


def bracketed(node: Node) -> str:
    """Return what stands below a line: ``(2 * n)``."""
    text = show(node)
    return f"({text})" if isinstance(node, Binary) and node.operator != "**" else text


def shown(node: Node) -> str:
    """Return a part as it stands in a sentence."""
    text = show(node)
    return text if len(text) <= LONG else f"{text[: LONG - 3]}..."
