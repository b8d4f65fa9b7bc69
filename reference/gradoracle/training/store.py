"""Parameters and checkpoints as .npz files: no pickle, written whole, checked when read."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gradoracle.arrays import Array
from gradoracle.data.whole import checked_path, written_whole
from gradoracle.errors import InputError
from gradoracle.network import Parameters

ZIP_MAGIC = b"PK\x03\x04"
_AGAIN = "delete it and train again"


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """How far a run has come.

    Parameters
    ----------
    request : mapping of str to JSON value
        Everything that the numbers of the run depend on; a run continues its own only.
    parameters : gradoracle.Parameters
        After ``len(costs)`` updates.
    costs : tuple of float
        J of each iteration so far.
    seconds : float
        Spent so far.
    """

    request: Mapping[str, Any]
    parameters: Parameters
    costs: tuple[float, ...] = ()
    seconds: float = 0.0


def save_parameters(path: str | os.PathLike[str], parameters: Parameters) -> None:
    """Write W1 b1 ... WL bL to an .npz file; an older one is replaced only by a whole one."""
    _save(checked_path(path, "parameters.npz"), _arrays(parameters))


def load_parameters(path: str | os.PathLike[str]) -> Parameters:
    """Read what `save_parameters` has written.

    Raises
    ------
    InputError
        If the file is missing, damaged, or holds something else.
    """
    path = checked_path(path, "parameters.npz")
    return _parameters(path, _load(path, "a file of parameters"))


def save_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint; whatever happens meanwhile, the file holds the old or the new one."""
    progress = {
        "request": np.array(json.dumps(checkpoint.request, allow_nan=False)),
        "costs": np.array(checkpoint.costs, dtype=np.float64),
        "seconds": np.array(checkpoint.seconds),
    }
    _save(path, _arrays(checkpoint.parameters) | progress)


def load_checkpoint(path: Path, request: Mapping[str, Any]) -> Checkpoint:
    """Read a checkpoint of this very request.

    Raises
    ------
    InputError
        If the file is damaged, from another request, with what differs, or holds numbers that no
        run of this request can have.
    """
    arrays = _load(path, "a checkpoint")
    try:
        theirs = json.loads(str(arrays.pop("request")))
        costs = arrays.pop("costs")
        seconds = float(arrays.pop("seconds"))
        well_formed = isinstance(theirs, dict) and costs.ndim == 1 and costs.dtype == np.float64
    except (KeyError, TypeError, ValueError):
        well_formed = False
    if not well_formed:
        raise InputError(f"a checkpoint in {path}", "something else", _AGAIN)
    _require_same(path, request, theirs)
    parameters = _parameters(path, arrays)
    for what, values in (("costs", costs.tolist()), ("seconds", [seconds])):
        bad = [value for value in values if not (math.isfinite(value) and value >= 0)]
        if bad:
            raise InputError(f"{what} that are finite and 0 or more in {path}", str(bad[0]), _AGAIN)
    if list(parameters.sizes) != request.get("network", list(parameters.sizes)):
        raise InputError(
            f"parameters for layer sizes {'-'.join(map(str, request['network']))} in {path}",
            "-".join(map(str, parameters.sizes)),
            _AGAIN,
        )
    return Checkpoint(theirs, parameters, tuple(costs.tolist()), seconds)


def _require_same(path: Path, ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> None:
    names = sorted(n for n in {*ours, *theirs} if ours.get(n) != theirs.get(n))
    if names:
        differences = ", ".join(
            f"{name} {_short(theirs.get(name))} instead of {_short(ours.get(name))}"
            for name in names
        )
        raise InputError(
            f"a checkpoint of this request in {path}",
            f"one of another request: {differences}",
            "choose another folder, repeat that request, or delete the file",
        )


def _short(value: object) -> str:
    return text if len(text := str(value)) <= 20 else f"{text[:12]}..."


def _arrays(parameters: Parameters) -> dict[str, np.ndarray[Any, Any]]:
    W = {f"W{layer}": weights for layer, weights in parameters.W.items()}
    return W | {f"b{layer}": bias for layer, bias in parameters.b.items()}


def _parameters(path: Path, arrays: Mapping[str, Array]) -> Parameters:
    layers = range(1, len(arrays) // 2 + 1)
    if not layers or set(arrays) != {f"{v}{layer}" for layer in layers for v in "Wb"}:
        raise InputError(f"W1 b1 ... WL bL in {path}", " ".join(arrays) or "nothing", _AGAIN)
    try:
        return Parameters(
            {layer: arrays[f"W{layer}"] for layer in layers},
            {layer: arrays[f"b{layer}"] for layer in layers},
        )
    except InputError as error:
        raise InputError(f"{error.expected} in {path}", error.got, _AGAIN) from None


def _save(path: Path, arrays: Mapping[str, Any]) -> None:
    try:
        with written_whole(path) as partial, partial.open("wb") as stream:
            np.savez(stream, **arrays)
    except OSError as error:
        raise InputError(
            f"a folder that can be written to at {path.parent}",
            error.strerror or str(error),
            "choose another folder, or free some space",
        ) from None


def _load(path: Path, what: str) -> dict[str, np.ndarray[Any, Any]]:
    """Read every array of an .npz file; the checksums of the zip format are compared."""
    if os.path.isdir(path):  # noqa: PTH112 (Path.is_dir raises where it may not look)
        raise InputError(f"{what} at {path}", "a folder", "name a file, or move the folder away")
    try:
        with path.open("rb") as stream:
            if stream.read(4) != ZIP_MAGIC:
                raise ValueError("not an .npz file")
            stream.seek(0)
            with np.load(stream, allow_pickle=False) as file:
                return {name: file[name] for name in file.files}
    except FileNotFoundError:
        raise InputError(f"{what} at {path}", "no such file", "check the path") from None
    except Exception as error:  # a damaged zip file raises nine kinds of them, by the bit
        cause = (str(error).splitlines() or [""])[0] or type(error).__name__
        raise InputError(
            f"{what} (.npz) in {path}", f"a damaged or foreign file ({cause})", _AGAIN
        ) from None
