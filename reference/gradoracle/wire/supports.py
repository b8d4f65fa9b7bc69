"""What a program can do: cases beyond it are skipped without being sent."""

from __future__ import annotations

from dataclasses import dataclass

from gradoracle.case import Case


@dataclass(frozen=True)
class Supports:
    """The `supports` field of the answer to `start`; None is everything.

    Attributes
    ----------
    activations, losses, reductions : tuple of str or None
    layers : tuple of int or None
        Numbers of layers L.
    l2 : bool
        Whether it knows the L2 term.
    """

    activations: tuple[str, ...] | None = None
    losses: tuple[str, ...] | None = None
    reductions: tuple[str, ...] | None = None
    layers: tuple[int, ...] | None = None
    l2: bool = True

    def refusal(self, case: Case) -> str:
        """Return why it does not do this case; empty if it does."""
        network = case.network
        for name in network.activations:
            if self.activations is not None and name not in self.activations:
                return f"it has no {name}"
        if self.losses is not None and network.loss not in self.losses:
            return f"it has no {network.loss}"
        if self.reductions is not None and network.reduction not in self.reductions:
            return f"it has no reduction {network.reduction}"
        if self.layers is not None and network.L not in self.layers:
            return f"it does not do {network.L} layer{'s' if network.L > 1 else ''}"
        return "it has no L2 term" if network.l2 and not self.l2 else ""
