"""The loss of a torch module, read by its class and settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from gradoracle.arrays import shown
from gradoracle.candidate.models.reading import Objective
from gradoracle.candidate.models.torch_layers import refuse_patched
from gradoracle.errors import InputError

LOSSES: dict[type[nn.Module], tuple[str, bool]] = {  # the contract's name, and whether of logits
    nn.MSELoss: ("squared_error", False),
    nn.BCELoss: ("binary_cross_entropy", False),
    nn.BCEWithLogitsLoss: ("binary_cross_entropy", True),
    nn.CrossEntropyLoss: ("cross_entropy", True),
}
LOSS_SETTINGS = {"weight": None, "pos_weight": None, "label_smoothing": 0.0, "ignore_index": -100}
LOSS_FUNCTIONS: dict[Callable[..., Any], type[nn.Module]] = {
    functional.mse_loss: nn.MSELoss,
    functional.binary_cross_entropy: nn.BCELoss,
    functional.binary_cross_entropy_with_logits: nn.BCEWithLogitsLoss,
    functional.cross_entropy: nn.CrossEntropyLoss,
}


def loss_of(loss: Any, ends_in: str) -> tuple[Callable[..., torch.Tensor], Objective]:
    """Return torch's loss, and what it is in the contract.

    Parameters
    ----------
    loss : nn.Module, function, str or None
        A name is a class of torch.nn, or the contract's: then torch's default reduction.
    ends_in : str
        The last activation, which tells which of two losses a name of the contract's is.
    """
    names = [cls.__name__ for cls in LOSSES]
    if loss is None:
        mend = "check((model, nn.BCEWithLogitsLoss())), or --loss BCEWithLogitsLoss"
        raise InputError("a loss with a torch module", "none", mend)
    if isinstance(loss, str):
        loss = _named(loss, ends_in)
    kind = LOSS_FUNCTIONS.get(loss) if _hashable(loss) else None
    kind = type(loss) if kind is None else kind
    if kind not in LOSSES:
        said = shown(loss) if isinstance(loss, str) else getattr(loss, "__name__", kind.__name__)
        raise InputError(f"a loss out of {', '.join(names)}", said, "take one of these")
    said = f"nn.{kind.__name__}"
    if isinstance(loss, nn.Module):
        refuse_patched(loss, said)
    for key, usual in LOSS_SETTINGS.items():
        if getattr(loss, key, usual) != usual:
            mend = f"leave {key} out: the contract has no such loss"
            raise InputError(f"{said} without {key}", f"{key}={shown(getattr(loss, key))}", mend)
    name, logits = LOSSES[kind]
    reductions = {"sum": "sum", "mean": "mean" if name == "cross_entropy" else "mean_all"}
    reduction = getattr(loss, "reduction", "mean")
    if reduction not in reductions:
        raise InputError(f"{said} with reduction mean or sum", shown(reduction), "J is one number")
    return loss, Objective(said, name, reductions[reduction], logits)


def _named(name: str, ends_in: str) -> Any:
    contract: dict[str, type[nn.Module]] = {
        "squared_error": nn.MSELoss,
        "binary_cross_entropy": nn.BCELoss if ends_in == "sigmoid" else nn.BCEWithLogitsLoss,
        "cross_entropy": nn.CrossEntropyLoss,
    }
    classes = {cls.__name__: cls for cls in LOSSES} | contract
    return classes[name]() if name in classes else name


def _hashable(value: object) -> bool:
    return getattr(value, "__hash__", None) is not None
