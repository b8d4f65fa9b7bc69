"""The training experiment: each network in each implementation, from one shared start."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from gradoracle.arrays import Array
from gradoracle.data.whole import checked_path, made_folder, written_whole
from gradoracle.errors import InputError, MissingExtra
from gradoracle.estimator import Classifier
from gradoracle.network import Batch, Parameters
from gradoracle.training.picture import PICTURES, draw
from gradoracle.training.request import IMPLEMENTATIONS, TrainingData, TrainingRequest
from gradoracle.training.result import Run, TrainingResult
from gradoracle.training.store import (
    Checkpoint,
    load_checkpoint,
    save_checkpoint,
    save_parameters,
)

CHECKPOINT_SECONDS = 5.0  # at most this much work is lost to a kill -9

Progress = Callable[[str, int, int, float], None]  # what runs, iteration, of how many, cost


def train(
    request: TrainingRequest,
    data: TrainingData,
    out: Path,
    progress: Progress = lambda label, iteration, of, cost: None,
) -> TrainingResult:
    """Train, and write curves, parameters and numbers into a folder.

    ``result.json``, ``costs.png``, ``costs.svg`` and ``parameters-NETWORK-IMPLEMENTATION.npz``.
    While it runs there are checkpoints, ``checkpoint-NETWORK-IMPLEMENTATION.npz``: the same
    request continues from them and ends with the same bits as without an interruption.

    Parameters
    ----------
    request : TrainingRequest
    data : TrainingData
        Rounded to the dtype of the request.
    out : pathlib.Path
        Made if it does not exist.
    progress : callable
        Called after each iteration.

    Raises
    ------
    InputError
        If the data do not fit the networks, the folder cannot be written to or holds checkpoints
        of another request, or the cost overflows. A new folder does not stay behind empty.
    MissingExtra
        If a framework is not installed.
    KeyboardInterrupt
        After the checkpoint has been written.
    """
    out = checked_path(out, "gradoracle-train")
    data.check_fits(request)
    data = data.astype(request.numpy_dtype)
    anns = {name: _ann(request, name) for name in request.implementations}
    sha256 = data.sha256()
    about = {"name": data.name, "train": data.train.n, "test": data.test.n, "sha256": sha256}
    with made_folder(out, lambda error: _unwritable(out, error)):
        _check_writable(request, out)
        runs, checkpoints = [], []
        for sizes in request.networks:
            for name, ann in anns.items():
                label = f"{'-'.join(map(str, sizes))}-{name}"
                checkpoints.append(out / f"checkpoint-{label}.npz")
                fingerprint = _fingerprint(request, sizes, name, sha256)
                runs.append(_run(ann, request, sizes, data, checkpoints[-1], fingerprint, progress))
        try:
            result = _write(TrainingResult(request, about, tuple(runs), notes=_notes(runs)), out)
        except OSError as error:
            raise _unwritable(out, error) from None
    for checkpoint in checkpoints:
        for path in (checkpoint, *out.glob(f".{checkpoint.name}.*.part")):  # what a kill -9 left
            path.unlink(missing_ok=True)
    return result


def _unwritable(out: Path, error: OSError) -> InputError:
    return InputError(
        f"a folder that can be written to at {out}",
        error.strerror or str(error),
        "choose another folder",
    )


def _check_writable(request: TrainingRequest, out: Path) -> None:
    """Find out before hours of training whether its results can be written."""
    try:
        with tempfile.TemporaryFile(dir=out):
            pass
        runs = [
            f"{kind}-{'-'.join(map(str, sizes))}-{name}.npz"
            for kind in ("checkpoint", "parameters")
            for sizes in request.networks
            for name in request.implementations
        ]
        for name in (*runs, *PICTURES, "result.json"):
            if (out / name).is_dir():
                raise InputError(
                    f"a place for the file {out / name}",
                    "a folder",
                    "move it away, or choose another folder",
                )
    except OSError as error:
        raise _unwritable(out, error) from None


def _notes(runs: Sequence[Run]) -> tuple[str, ...]:
    """Name the runs that did not learn."""
    return tuple(
        f"{run.network} {run.implementation}: the cost rose from {run.costs[0]:.4g} to "
        f"{run.costs[-1]:.4g}; a smaller learning rate may help"
        for run in runs
        if run.costs[-1] > run.costs[0]
    )


def _ann(request: TrainingRequest, name: str) -> Classifier[Any]:
    """Return the implementation's ANN; importing it raises MissingExtra without its framework."""
    ann: Classifier[Any] = import_module(IMPLEMENTATIONS[name]).ANN(
        [1],  # its own layer sizes are used by fit alone
        activation=request.activation,
        learning_rate=request.learning_rate,
        l2=request.l2,
        dtype=request.dtype,
    )
    return ann


def _fingerprint(
    request: TrainingRequest, sizes: tuple[int, ...], implementation: str, sha256: str
) -> dict[str, Any]:
    """Return what the numbers of one run depend on; more iterations only make it longer."""
    return {
        "network": list(sizes),
        "implementation": implementation,
        "learning_rate": request.learning_rate,
        "activation": request.activation,
        "l2": request.l2,
        "dtype": request.dtype,
        "seed": request.seed,
        "data": sha256,
    }


def _run(
    ann: Classifier[Any],
    request: TrainingRequest,
    sizes: tuple[int, ...],
    data: TrainingData,
    path: Path,
    fingerprint: dict[str, Any],
    progress: Progress,
) -> Run:
    """Descend from the start or from the checkpoint to the last iteration."""
    found = Checkpoint(fingerprint, request.start(sizes))
    if path.exists():
        found = load_checkpoint(path, fingerprint)
    if len(found.costs) > request.iterations:
        raise InputError(
            f"a checkpoint with at most {request.iterations} iterations in {path}",
            f"{len(found.costs)}",
            "ask for more iterations, or delete it",
        )
    label = f"{'-'.join(map(str, sizes))} {fingerprint['implementation']}"
    began = saved = time.monotonic()
    costs = list(found.costs)
    # one tuple, replaced in one assignment: an interrupt finds costs and parameters of one moment
    reached = len(costs), ann.named(found.parameters)

    def save() -> Checkpoint:
        done, parameters = reached
        seconds = found.seconds + time.monotonic() - began
        now = Checkpoint(fingerprint, ann.learned(parameters), tuple(costs[:done]), seconds)
        save_checkpoint(path, now)
        return now

    try:
        iterations = ann.descend(found.parameters, data.train.X, data.train.Y)
        for J, parameters in islice(iterations, request.iterations - len(costs)):
            costs.append(J)
            reached = len(costs), parameters
            progress(label, len(costs), request.iterations, J)
            if time.monotonic() - saved > CHECKPOINT_SECONDS:
                save()
                saved = time.monotonic()
    except KeyboardInterrupt:
        save()
        raise
    end = save()
    return Run(
        sizes,
        fingerprint["implementation"],
        end.costs,
        end.parameters,
        accuracy(ann, end.parameters, data.train),
        accuracy(ann, end.parameters, data.test),
        end.seconds,
        len(found.costs),
    )


def accuracy(ann: Classifier[Any], parameters: Parameters, batch: Batch) -> float:
    """Return the share of examples whose most probable class is the labelled one."""
    with np.errstate(over="ignore", invalid="ignore"):  # of a run that diverges
        store = ann.forward(ann.native(batch.X), ann.named(parameters))
    A = ann.numpy(store[f"A{len(parameters.W)}"])
    return float(np.mean(_class(A) == _class(batch.Y)))


def _class(A: Array) -> Any:
    """Return the number of the most probable class of each column."""
    return A[0] > 0.5 if len(A) == 1 else A.argmax(axis=0)


def _write(result: TrainingResult, out: Path) -> TrainingResult:
    """Write parameters, picture and numbers; return the result with the files' names."""
    files, notes = [], list(result.notes)
    for run in result.runs:
        files.append(out / f"parameters-{run.network}-{run.implementation}.npz")
        save_parameters(files[-1], run.parameters)
    try:
        files += draw(result, out)
    except MissingExtra as missing:
        notes.append(f"no picture of the costs: {missing}")
    files.append(out / "result.json")
    result = TrainingResult(result.request, result.data, result.runs, tuple(files), tuple(notes))
    with written_whole(files[-1]) as partial:
        partial.write_text(
            json.dumps(result.as_dict(), indent=1, allow_nan=False) + "\n", encoding="utf-8"
        )
    return result
