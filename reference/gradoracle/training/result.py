"""What a training run leaves: curves, accuracies, and how far the implementations drift apart."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gradoracle.arrays import unit_roundoff
from gradoracle.network import Parameters
from gradoracle.training.request import TrainingRequest


@dataclass(frozen=True, eq=False)
class Run:
    """One network in one implementation.

    Attributes
    ----------
    sizes : tuple of int
        n_0 ... n_L.
    implementation : str
    costs : tuple of float
        J of each iteration, before its update; the first one is the shared start.
    parameters : Parameters
        After the last update.
    train_accuracy, test_accuracy : float
        Of these parameters, 0 to 1.
    seconds : float
        All iterations, also those before an interruption.
    continued_at : int
        Iterations that were found in a checkpoint; 0 for a run in one piece.
    """

    sizes: tuple[int, ...]
    implementation: str
    costs: tuple[float, ...]
    parameters: Parameters
    train_accuracy: float
    test_accuracy: float
    seconds: float
    continued_at: int = 0

    @property
    def network(self) -> str:
        """The layer sizes as they are written, 784-196-1."""
        return "-".join(map(str, self.sizes))

    @property
    def largest_rise(self) -> float:
        """The most that J grew from one iteration to the next; 0 where it never did."""
        return max(0.0, *(after - J for J, after in itertools.pairwise(self.costs)), 0.0)

    @property
    def n_parameters(self) -> int:
        """The number of weights and biases."""
        return sum(n * (below + 1) for below, n in itertools.pairwise(self.sizes))


@dataclass(frozen=True)
class Difference:
    """The largest difference between two trajectories that began at the same point.

    Attributes
    ----------
    network, one, other : str
        The layer sizes and both implementations.
    cost, cost_relative : float
        Largest |J - J'| over the iterations, and largest |J - J'| / |J|.
    iteration : int
        Where |J - J'| is largest, counted from 0.
    parameters, parameters_relative : float
        Largest difference of a final parameter, and the largest over the tensors of
        max |V - V'| / max |V|.
    u : float
        The unit roundoff of the dtype, as a scale for the relative ones.
    """

    network: str
    one: str
    other: str
    cost: float
    cost_relative: float
    iteration: int
    parameters: float
    parameters_relative: float
    u: float


@dataclass(frozen=True, eq=False)
class TrainingResult:
    """The whole experiment.

    Attributes
    ----------
    request : TrainingRequest
    data : dict
        Name, number of examples, and SHA-256 of the numbers.
    runs : tuple of Run
        By network, then by implementation, as requested.
    files : tuple of pathlib.Path
        What was written.
    notes : tuple of str
        What the user should be told, one line each.
    """

    request: TrainingRequest
    data: dict[str, Any]
    runs: tuple[Run, ...]
    files: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def differences(self) -> tuple[Difference, ...]:
        """One for each network and pair of implementations."""
        u = unit_roundoff(self.request.numpy_dtype)
        return tuple(
            difference(one, other, u)
            for runs in self.by_network()
            for one, other in itertools.combinations(runs, 2)
        )

    def by_network(self) -> Iterator[list[Run]]:
        """Yield the runs of each network."""
        for _, runs in itertools.groupby(self.runs, key=lambda run: run.sizes):
            yield list(runs)

    @property
    def comparison(self) -> tuple[str, ...]:
        """For each network with more parameters than the first: whether it does worse."""
        first, *others = (runs[0] for runs in self.by_network())
        return tuple(
            compare(*sorted((first, other), key=lambda run: run.n_parameters)) for other in others
        )

    def as_dict(self) -> dict[str, Any]:
        """Return everything but the parameters, for JSON."""
        return {
            "request": {name: _plain(value) for name, value in vars(self.request).items()},
            "data": self.data,
            "runs": [
                {name: _plain(v) for name, v in vars(run).items() if name != "parameters"}
                | {"network": run.network, "n_parameters": run.n_parameters}
                | {"largest_rise": run.largest_rise}
                for run in self.runs
            ],
            "differences": [
                {name: _plain(v) for name, v in vars(difference).items()}
                for difference in self.differences
            ],
            "comparison": list(self.comparison),
            "files": [path.name for path in self.files],
            "notes": list(self.notes),
        }


def difference(one: Run, other: Run, u: float) -> Difference:
    """Compare two runs of the same network from the same start."""
    J, J_other = np.array(one.costs), np.array(other.costs)
    gap = np.abs(J - J_other)
    ours, theirs = _tensors(one.parameters), _tensors(other.parameters)
    apart = [float(np.abs(a - b).max()) for a, b in zip(ours, theirs, strict=True)]
    sizes = [float(np.abs(a).max()) for a in ours]
    return Difference(
        one.network,
        one.implementation,
        other.implementation,
        cost=float(gap.max()),
        cost_relative=float(_ratio(gap, np.abs(J)).max()),
        iteration=int(gap.argmax()),
        parameters=max(apart),
        parameters_relative=float(_ratio(np.array(apart), np.array(sizes)).max()),
        u=u,
    )


def compare(small: Run, big: Run) -> str:
    """Say in one line whether the bigger network does worse on the test examples."""
    costs = f"cost {big.costs[-1]:.4f} against {small.costs[-1]:.4f}"
    accuracies = ", ".join(
        f"{part} {getattr(big, f'{part}_accuracy'):.2%} against "
        f"{getattr(small, f'{part}_accuracy'):.2%}"
        for part in ("train", "test")
    )
    gain = big.test_accuracy - small.test_accuracy
    verdict = "does worse than" if gain < 0 else "does better than" if gain else "does as well as"
    return f"the bigger {big.network} {verdict} {small.network}: {costs}; {accuracies}"


def _tensors(parameters: Parameters) -> Sequence[np.ndarray[Any, Any]]:
    tensors = (*parameters.W.values(), *parameters.b.values())
    return [tensor.astype(np.float64) for tensor in tensors]


def _ratio(part: np.ndarray[Any, Any], whole: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return part / whole, and 0 for 0 / 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(part == 0, 0.0, part / whole)


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: lists, and null for a ratio to 0, which is infinite."""
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
