"""What is certain of a wrong trace, whatever the cause: one line each."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradoracle.arrays import Array, Flags
from gradoracle.diagnosis.reading import Reading
from gradoracle.diagnosis.signatures import Signature

OPERATIONS = 5 * 10**7  # that finding a rank may take: a tenth of a second
SHOWN = 4  # wrong arrays that are described; the first ones tell the most


def facts(reading: Reading, found: list[Signature]) -> tuple[str, ...]:
    """Describe a wrong trace in the order of computation."""
    lines = [_right_and_wrong(reading)]
    if reading.factor > 1:
        lines.append(f"dA, dZ and dX are read per example, {reading.factor} times the plain ones")
    said = {signature.array: signature.text for signature in found}
    layers = _powers(reading)
    lines += [layers] if layers else []
    for name in list(reading.wrong)[:SHOWN]:
        if name in said:
            lines.append(said[name])
        else:
            lines += _described(reading, name)
    return tuple(lines)


def _right_and_wrong(reading: Reading) -> str:
    wrong = list(reading.wrong)
    before = ", ".join(reading.right)
    right = f"right: {before}" if before else "nothing that was returned is right"
    return f"wrong: {', '.join(wrong)}; {right}"


def _described(reading: Reading, name: str) -> Iterator[str]:
    got, truth = reading.arrays[name], reading.truth[name]
    if got.shape != truth.shape:
        yield f"{name} has shape {got.shape}, not {truth.shape}"
        return
    if got.dtype != reading.case.dtype and not (name == "J" and got.dtype == np.float64):
        yield f"{name} is {got.dtype}, not {reading.case.dtype}"
    if not np.isfinite(got).all():
        yield _no_numbers(reading, name, got)
        return
    got = np.asarray(got, dtype=np.float64)
    yield from _compared(name, got, truth, reading)


def _no_numbers(reading: Reading, name: str, got: Array) -> str:
    """Say where there is NaN or infinity, and from which |z| on."""
    bad = ~np.isfinite(got)
    line = f"{int(bad.sum())} of {bad.size} entries of {name} are NaN or infinite"
    layer = name.lstrip("dZAWbJX")
    Z = reading.known.values.get(f"Z{layer}") if layer else None
    if Z is not None and Z.shape == bad.shape and not bad.all():
        smallest, largest = float(np.abs(Z[bad]).min()), float(np.abs(Z[~bad]).max())
        if smallest > largest:
            line += f": all where |Z{layer}| is at least {smallest:.4g}, and nowhere below"
    return line


def _compared(name: str, got: Array, truth: Array, reading: Reading) -> Iterator[str]:
    """Compare numbers: cosine, how many and where, rank, the largest error."""
    difference, flags = got - truth, reading.wrong[name]
    norm, size = float(np.linalg.norm(truth)), float(np.linalg.norm(got))
    if truth.size > 1 and norm > 0 and size > 0:
        cosine = float((got / size * (truth / norm)).sum())
        yield f"{name} has cosine {cosine:.4f} with the truth and {size / norm:.4g} times its norm"
    index = tuple(int(i) for i in np.unravel_index(int(np.argmax(np.abs(difference))), truth.shape))
    where = f"[{', '.join(map(str, index))}]" if index else ""
    yield (
        f"{name}: {int(flags.sum())} of {flags.size} entries wrong{_lines(flags)}, the largest "
        f"error at {name}{where}: {_beside(float(got[index]), float(truth[index]))}"
    )
    rank = _rank(difference, reading, name)
    if rank and rank < min(truth.shape):
        yield f"{name} less the truth has rank {rank} of {min(truth.shape)}"
    if reading.case.dtype == np.float64 and _all_float32(got) and not _all_float32(truth):
        yield f"every number of {name} is a float32"


def _beside(got: float, truth: float) -> str:
    """Return two numbers with as many digits as tell them apart."""
    for digits in (6, 9, 17):
        shown, expected = f"{got:.{digits}g}", f"{truth:.{digits}g}"
        if shown != expected:
            break
    return f"{shown} for {expected}"


def _lines(flags: Flags) -> str:
    """Say in how many rows and columns wrong entries lie, where not in all."""
    if flags.ndim != 2 or min(flags.shape) < 2 or flags.all():
        return ""
    rows, columns = int(flags.any(axis=1).sum()), int(flags.any(axis=0).sum())
    return f", in {rows} of {flags.shape[0]} rows and {columns} of {flags.shape[1]} columns"


def _rank(difference: Array, reading: Reading, name: str) -> int:
    """Return the rank of a difference above what rounding may do to it; 0 if it has none."""
    if difference.ndim != 2 or min(difference.shape) < 2:
        return 0
    if difference.size * min(difference.shape) > OPERATIONS:
        return 0
    room = np.broadcast_to(reading.allowances[name].visible, difference.shape)
    if not (np.isfinite(room).all() and np.isfinite(difference).all()):
        return 0
    singular = np.linalg.svd(difference, compute_uv=False)
    return int((singular > np.linalg.norm(room)).sum())


def _all_float32(array: Array) -> bool:
    with np.errstate(over="ignore"):
        return bool((array == array.astype(np.float32)).all())


def _powers(reading: Reading) -> str:
    """Say if dW differs from the truth by a factor that grows layer by layer."""
    logs = {}
    for layer in range(1, reading.case.L + 1):
        name = f"dW{layer}"
        if name not in reading.truth or name not in {*reading.shaped, *reading.right}:
            return ""
        got, truth = np.asarray(reading.arrays[name], dtype=np.float64), reading.truth[name]
        if got.shape != truth.shape:
            return ""
        at = np.unravel_index(int(np.argmax(np.abs(truth))), truth.shape)
        if not truth[at] or not got[at] / truth[at] > 0 or not np.isfinite(got[at]):
            return ""
        r = got[at] / truth[at]
        room = float(np.max(reading.allowances[name].visible))
        if not (np.abs(got - r * truth) <= 2 * max(r, 1) * room).all():
            return ""
        logs[layer] = float(np.log(r))
    steps = np.diff([logs[layer] for layer in sorted(logs)])
    even = steps.size > 1 and np.ptp(steps) < 1e-3 * np.abs(steps).max(initial=0)
    if not even:
        return ""
    return f"each layer further from the output, dW is {np.exp(-steps[0]):.6g} times more off"
