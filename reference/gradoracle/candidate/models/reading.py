"""What is read off a model object, whatever its framework: a chain of layers and an objective."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from gradoracle.arrays import Array
from gradoracle.candidate.answer import Conventions
from gradoracle.errors import InputError
from gradoracle.losses import LOSSES
from gradoracle.network import Network, Parameters

READABLE = "a chain of dense layers with a bias and the contract's activations"


@dataclass(frozen=True, eq=False)
class Dense:
    """Z = W A + b.

    Attributes
    ----------
    where : str
        What messages call it.
    W, b : numpy.ndarray
        (n_l, n_{l-1}) and (n_l, 1).
    """

    where: str
    W: Array
    b: Array


@dataclass(frozen=True)
class Activation:
    """A = g(Z), by its name in the contract."""

    where: str
    name: str


@dataclass(frozen=True)
class Objective:
    """The loss of a model in the words of the contract.

    Attributes
    ----------
    said : str
        What the framework calls it.
    loss, reduction : str
        As in `Network`.
    logits : bool
        Whether it takes the model's output as Z^[L] and holds the last activation itself.
    labels : {"soft", "hard", "classes"}
        What random labels may be: soft, 0 or 1 (one-hot), or class numbers, (n,).
    """

    said: str
    loss: str
    reduction: str
    logits: bool = False
    labels: Literal["soft", "hard", "classes"] = "soft"


@dataclass(frozen=True, eq=False)
class Reading:
    """Everything a session needs to know of a model.

    Attributes
    ----------
    name, release : str
        The class of the model; framework and version.
    parameters : Parameters
    activations : tuple of str
        Output activation included, also where it is in the loss.
    objective : Objective
    trace : callable (X, labels) -> dict of str to array
        The framework's own J and gradients for X (n, n_0) and labels (n, n_L) or class numbers
        (n,), in the layout and dtype of the contract.
    now : callable () -> Parameters
        What the parameters are at this moment, to see whether a run has changed them.
    l2 : float
        The contract's strength, not divided by n ...
    l2_over_n : bool
        ... unless this says that it is.
    encode : callable (Y) -> array, or None
        Turns the user's labels into a matrix (n, n_L), where only the model knows how.
    rounded : callable (array) -> array, or None
        Rounds data to what the model computes in, where that is less than the dtype.
    conventions : Conventions
    notes : tuple of str
    """

    name: str
    release: str
    parameters: Parameters
    activations: tuple[str, ...]
    objective: Objective
    trace: Callable[[Array, Any], Mapping[str, Array]]
    now: Callable[[], Parameters]
    l2: float = 0.0
    l2_over_n: bool = False
    encode: Callable[[Any], Array] | None = None
    rounded: Callable[[Array], Array] | None = None
    conventions: Conventions = field(default_factory=Conventions)
    notes: tuple[str, ...] = ()

    @property
    def dtype(self) -> str:
        """The dtype of every array."""
        return str(self.parameters.dtype)

    def network(self, n: int) -> Network:
        """Return the definition of J on a batch of n examples."""
        return Network(
            self.parameters.sizes,
            self.activations,
            self.objective.loss,
            self.objective.reduction,
            self.l2 / n if self.l2_over_n else self.l2,
        )


def chained(steps: Iterable[Dense | Activation]) -> tuple[Parameters, tuple[str, ...]]:
    """Return the parameters and the activation of each dense layer; identity where none is named.

    Raises
    ------
    InputError
        If it begins with an activation, or one follows another.
    """
    dense: list[Dense] = []
    names: list[str] = []
    for step in steps:
        if isinstance(step, Dense):
            dense.append(step)
            names.append("identity")
        elif step.name == "identity":
            continue
        elif not dense:
            raise unreadable(f"{step.name} before the first dense layer, {step.where}")
        elif names[-1] != "identity":
            raise unreadable(f"{step.name} after {names[-1]}, {step.where}")
        else:
            names[-1] = step.name
    if not dense:
        raise unreadable("no dense layer")
    return Parameters([layer.W for layer in dense], [layer.b for layer in dense]), tuple(names)


def with_output(activations: tuple[str, ...], objective: Objective) -> tuple[str, ...]:
    """Return the activations with the one that the loss holds, if it does.

    Raises
    ------
    InputError
        If the loss wants logits and gets probabilities, or the other way round.
    """
    needed, last = LOSSES[objective.loss].output, activations[-1]
    if needed is None:
        return activations
    if objective.logits:
        if last != "identity":
            twice = f", so {needed} would be applied twice" if last == needed else ""
            raise InputError(
                f"a last layer without an activation: {objective.said} takes logits",
                f"{last} as the last activation{twice}",
                f"drop the last {last}, or take the loss of probabilities",
            )
        return (*activations[:-1], needed)
    if last != needed:
        raise InputError(
            f"{needed} as the last activation: {objective.said} takes probabilities",
            last,
            f"end in {needed}, or take the loss of logits",
        )
    return activations


def unreadable(what: str, mend: str = "docs/models.md lists what can be read") -> InputError:
    """Return the refusal of something that stands in a model."""
    return InputError(READABLE, what, mend)


def refuse_setting(name: str, framework: str) -> InputError:
    """Return the refusal of a setting that a framework has no use for."""
    return InputError(f"no {name} with a {framework} model", name, f"leave {name} out")
