"""The cost curves of all runs in one picture, and below them how far they are apart."""

from __future__ import annotations

from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gradoracle.data.whole import written_whole
from gradoracle.errors import MissingExtra
from gradoracle.training.result import Run, TrainingResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PICTURES = ("costs.png", "costs.svg")
# Okabe and Ito's colours, which colour-blind readers can tell apart; a network each
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
# an implementation each: where curves coincide, those below show between the dashes
LINES: tuple[dict[str, Any], ...] = (
    {"linewidth": 6, "alpha": 0.3},
    {"linewidth": 2.4, "linestyle": (0, (6, 4))},
    {"linewidth": 2.4, "linestyle": (5, (1, 9)), "dash_capstyle": "round", "color": "black"},
)
MARKERS = ("o", "x", "+")  # of the differences, an implementation each


def draw(result: TrainingResult, out: Path) -> list[Path]:
    """Draw ``costs.png`` and ``costs.svg`` into a folder, and return both paths.

    Raises
    ------
    MissingExtra
        If matplotlib is not installed.
    """
    try:
        import matplotlib as mpl
    except ImportError:
        raise MissingExtra("matplotlib", "plot") from None
    paths = [out / name for name in PICTURES]
    with mpl.rc_context({"svg.hashsalt": "gradoracle", "font.size": 10}):
        figure = cost_figure(result)
        for path in paths:
            kind = path.suffix[1:]
            with written_whole(path) as partial:
                date = {"Date": None} if kind == "svg" else None  # the same run, the same file
                figure.savefig(partial, format=kind, dpi=150, metadata=date)
    return paths


def cost_figure(result: TrainingResult) -> Figure:
    """Return the figure: cost over iterations, and the differences to the first implementation."""
    from matplotlib.figure import Figure  # without pyplot, which would look for a display

    several = len(result.request.implementations) > 1
    figure = Figure(figsize=(9, 8 if several else 5), layout="constrained")
    ratios = [3, 1.6] if several else [1]
    axes = figure.subplots(len(ratios), 1, sharex=True, height_ratios=ratios, squeeze=False)[:, 0]
    for colour, runs in zip(cycle(COLOURS), result.by_network(), strict=False):
        _draw_costs(axes[0], runs, colour)
        if several:
            _draw_differences(axes[-1], runs, colour)
    axes[0].set(title=_title(result), ylabel="cost J")
    axes[-1].set_xlabel("iteration")
    for ax in axes:
        ax.legend(frameon=False)
        ax.grid(alpha=0.25)
        ax.spines[["top", "right"]].set_visible(False)
    return figure


def _draw_costs(ax: Axes, runs: list[Run], colour: str) -> None:
    lines = LINES if len(runs) > 1 else ({"linewidth": 2},)
    for run, line in zip(runs, cycle(lines), strict=False):
        accuracy = f"train {run.train_accuracy:.1%}, test {run.test_accuracy:.1%}"
        label = f"{run.network}  {run.implementation}: {accuracy}"
        ax.plot(run.costs, label=label, **({"color": colour} | line))


def _draw_differences(ax: Axes, runs: list[Run], colour: str) -> None:
    """Draw |J - J'| between the first implementation and each other one, where it is not 0."""
    first, *others = runs
    for run, marker in zip(others, cycle(MARKERS), strict=False):
        gap = np.abs(np.subtract(run.costs, first.costs))
        (where,) = gap.nonzero()
        label = f"{run.network}  {run.implementation}"
        ax.plot(where, gap[where], marker, color=colour, markersize=3.5, alpha=0.7, label=label)
    ax.set_yscale("log")
    ax.set_ylabel(f"|J - J of {first.implementation}|, if not 0")


def _title(result: TrainingResult) -> str:
    """Name networks, descent and data, and give the accuracy of each network."""
    request, data = result.request, result.data
    lines = [
        f"{run.network} on {data['name']}: "
        f"{run.train_accuracy:.1%} of {data['train']:,} training and "
        f"{run.test_accuracy:.1%} of {data['test']:,} test examples"
        for run, *_ in result.by_network()
    ]
    l2 = f", L2 {request.l2:g}" if request.l2 else ""
    rate = f"learning rate {request.learning_rate:g}"
    return "\n".join([*lines, f"{rate}, {request.iterations} iterations{l2}, {request.dtype}"])
