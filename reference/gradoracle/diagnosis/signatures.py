"""Relations of a wrong array to the truth that hold in every entry, whatever the cause."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from gradoracle.arrays import Array
from gradoracle.diagnosis.reading import Reading


@dataclass(frozen=True)
class Signature:
    """A relation of one array to its truth.

    Attributes
    ----------
    array : str
    kind : str
        The relation: ``ratio``, ``zero``, ``transposed``, ``permuted``, ``plus W``, ``wrong axis``
        or ``float32``.
    labels : frozenset of str
        What its number may stand for, e.g. ``n`` and ``11``; one of them must be common to all
        arrays for the relation to be one.
    text : str
        One line.
    value : float
        Of a ratio; NaN of another relation.
    """

    array: str
    kind: str
    labels: frozenset[str]
    text: str
    value: float = math.nan

    def shared(self, other: Signature) -> frozenset[str]:
        """Return the labels of a relation that holds on two cases; empty if they are two.

        An order is another one with another number of examples or units.
        """
        if self.kind != other.kind:
            return frozenset()
        if self.kind == "permuted":
            same = {_ordered(label) for label in self.labels} == set(map(_ordered, other.labels))
            return self.labels if same else frozenset()
        return self.labels & other.labels

    def narrowed(self, labels: frozenset[str]) -> Signature:
        """Return the same with fewer labels."""
        if self.kind != "ratio":
            return replace(self, labels=labels)
        stands = _symbols(labels)
        about = f", which {'may be' if ' or ' in stands else 'is'} {stands}" if stands else ""
        text = f"{self.array}: {self.value:.6g} times the truth{about}"
        return replace(self, labels=labels, text=text)


def signatures(reading: Reading) -> Iterator[Signature]:
    """Yield the relations of each wrong array, the most telling of each first."""
    for name in reading.wrong:
        for relation in RELATIONS:
            found = relation(reading, name)
            if found is not None:
                yield found
                break


def common(found: list[Signature], reading: Reading) -> Signature | None:
    """Return the one relation that all wrong arrays have to the truth, if there is one."""
    kinds = {signature.kind for signature in found}
    if {signature.array for signature in found} != set(reading.wrong) or len(kinds) != 1:
        return None
    labels = frozenset.intersection(*(signature.labels for signature in found))
    several = any(reading.truth[name].size > 1 for name in reading.wrong)
    if not labels or not (several or _symbols(labels)):  # one number is some multiple of another
        return None
    names = ", ".join(reading.wrong)
    first = found[0]
    if first.kind == "ratio":
        stands = _symbols(labels)
        about = f", which may be {stands}" if stands else ""
        text = f"{names}: {first.value:.6g} times the truth{about}"
    else:
        text = f"{names}: {first.text.removeprefix(first.array).strip()}"
    return replace(first, array=names, labels=labels, text=text)


def _ordered(label: str) -> str:
    """Return what is in another order."""
    return label.split(" [")[0]


def ratio(reading: Reading, name: str) -> Signature | None:
    """A constant other than 1; its own error is that of the entry that fixes it best."""
    got, truth, visible = _numbers(reading, name)
    if got is None or not truth.any():
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        uncertain = np.where(truth != 0, visible / np.abs(truth), np.inf)
    at = np.unravel_index(int(np.argmin(uncertain)), truth.shape)
    r, error = float(got[at] / truth[at]), float(uncertain[at])
    if r == 0 or not math.isfinite(r) or abs(r - 1) <= 2 * error:
        return None
    if (np.abs(got - r * truth) > abs(r) * (visible + np.abs(truth) * error)).any():
        return None
    labels = _known_ratios(reading, r, abs(r) * 2 * error) | {f"{r:.6g}"}
    return Signature(
        name, "ratio", frozenset(labels), f"{name} is {_times(labels, r)} times the truth", r
    )


def _known_ratios(reading: Reading, r: float, error: float) -> set[str]:
    """Return what a ratio may stand for on this case."""
    n, k = reading.case.n, reading.case.network.sizes[-1]
    table = {
        "-1": -1.0, "2": 2.0, "1/2": 0.5, "-2": -2.0, "-1/2": -0.5,
        "n": n, "1/n": 1 / n, "k": k, "1/k": 1 / k, "n k": n * k, "1/(n k)": 1 / (n * k),
        "2 n": 2 * n, "2/n": 2 / n, "2 k": 2 * k, "2/k": 2 / k, "n/(n-1)": n / max(n - 1, 1),
        "(n-1)/n": (n - 1) / n, "-n": -n, "-1/n": -1 / n,
    }  # fmt: skip
    # with one or two outputs k is nothing but a plain number; nor is n with one or two examples
    plain = {letter for letter, size in (("k", k), ("n", n)) if size <= 2}
    return {
        label
        for label, value in table.items()
        if value != 1 and abs(r - value) <= error and not plain.intersection(label)
    }


def _times(labels: frozenset[str] | set[str], r: float) -> str:
    stands = _symbols(labels)
    return f"{r:.6g} ({stands})" if stands else f"{r:.6g}"


def _symbols(labels: frozenset[str] | set[str]) -> str:
    """Return what a ratio may stand for, the shortest two; empty if it is only a number."""
    symbols = sorted((t for t in labels if any(c in "nk" for c in t)), key=lambda t: (len(t), t))
    return " or ".join(symbols[:2])


def _shortest(labels: frozenset[str] | set[str]) -> str:
    return " or ".join(sorted(labels, key=lambda t: (any(c.isdigit() for c in t), len(t), t))[:2])


def zero(reading: Reading, name: str) -> Signature | None:
    """All zeros where the truth is not."""
    got = reading.arrays[name]
    if got.any() or got.shape != reading.truth[name].shape:
        return None
    return Signature(name, "zero", frozenset({"0"}), f"{name} is 0 everywhere, the truth is not")


def transposed(reading: Reading, name: str) -> Signature | None:
    """The truth's transpose."""
    got, truth = reading.arrays[name], reading.truth[name]
    if got.ndim != 2 or got.shape != truth.T.shape or min(got.shape) < 2:
        return None
    if not _agrees(reading, name, np.asarray(got.T, dtype=np.float64), truth):
        return None
    return Signature(
        name, "transposed", frozenset({"T"}), f"{name} is transposed, and right as such"
    )


def permuted(reading: Reading, name: str) -> Signature | None:
    """The truth with its rows or columns in another order."""
    got, truth, visible = _numbers(reading, name)
    if got is None or got.ndim != 2:
        return None
    below = "inputs" if name.startswith("dW") else "examples"
    for axis, what in ((1, below), (0, "units")):
        a, b = np.moveaxis(got, axis, 0), np.moveaxis(truth, axis, 0)
        room = np.moveaxis(visible, axis, 0)
        if len(a) < 2 or len(a) ** 2 * a[0].size > 10**7:
            continue
        same = (np.abs(a[:, None] - b[None]) <= room[None]).all(axis=2)
        if (same.sum(axis=1) == 1).all() and (same.sum(axis=0) == 1).all():
            order = [int(i) for i in np.argmax(same, axis=1)]
            shown = ", ".join(map(str, order[:8])) + (", ..." if len(order) > 8 else "")
            return Signature(
                name,
                "permuted",
                frozenset({f"{what} {order}"}),
                f"{name} is right but for the order of the {what}: {shown}",
            )
    return None


def plus_weights(reading: Reading, name: str) -> Signature | None:
    """A difference proportional to W."""
    got, truth, visible = _numbers(reading, name)
    if got is None or not name.startswith("dW"):
        return None
    W = np.asarray(reading.case.W[int(name[2:])], dtype=np.float64)
    difference = got - truth
    if W.size < 2 or not W.any():
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        uncertain = np.where(W != 0, visible / np.abs(W), np.inf)
    at = np.unravel_index(int(np.argmin(uncertain)), W.shape)
    c, error = float(difference[at] / W[at]), float(uncertain[at])
    if c == 0 or (np.abs(difference - c * W) > visible + np.abs(W) * error).any():
        return None
    l2, N = reading.case.network.l2, reading.case.N
    known = {"l2": l2, "-l2": -l2, "2 l2": 2 * l2, "-2 l2": -2 * l2, "l2/N - l2": l2 / N - l2}
    labels = {t for t, v in known.items() if l2 and abs(c - v) <= error} | {f"{c:.6g}"}
    said = _shortest(labels)
    return Signature(
        name, "plus W", frozenset(labels), f"{name} less the truth is {said} times W{name[2:]}"
    )


def wrong_axis(reading: Reading, name: str) -> Signature | None:
    """A bias gradient that is the other sum of dZ, or dZ itself."""
    if not name.startswith("db"):
        return None
    got = np.asarray(reading.arrays[name], dtype=np.float64)
    dZ = reading.known_dZ(int(name[2:]))
    room = float(np.max(reading.allowances[name].visible))
    for text, value in (
        ("summed over the units instead of the examples", dZ.sum(axis=0)),
        ("dZ, not summed over the examples", dZ),
    ):
        fits = got.size == value.size != reading.truth[name].size
        if fits and (np.abs(got.reshape(-1) - value.reshape(-1)) <= room).all():
            return Signature(name, "wrong axis", frozenset({text}), f"{name} is {text}")
    return None


def float32_sized(reading: Reading, name: str) -> Signature | None:
    """An error in float64 of the size that a right program's has in float32.

    Of 2^29 times what float64 allows, and more than 2^14.5 times: halfway in the logarithm.
    """
    got, truth, visible = _numbers(reading, name)
    if got is None or reading.case.dtype != np.float64:
        return None
    error = np.abs(got - truth)
    wrong = reading.wrong[name] & (visible > 0)
    if not wrong.any() or (error > visible * 2.0**29).any():
        return None
    if float(np.max(error[wrong] / visible[wrong])) < 2.0**14.5:
        return None
    text = f"{name} is wrong by no more than float32's rounding: a step leaves float64"
    return Signature(name, "float32", frozenset({"float32"}), text)


RELATIONS: tuple[Callable[[Reading, str], Signature | None], ...] = (
    ratio,
    zero,
    transposed,
    permuted,
    plus_weights,
    wrong_axis,
    float32_sized,
)


def _numbers(reading: Reading, name: str) -> tuple[Array | None, Array, Array]:
    """Return got, truth and what would not have been seen; got is None where they do not fit."""
    got, truth = reading.arrays[name], reading.truth[name]
    visible = np.broadcast_to(reading.allowances[name].visible, truth.shape)
    if got.shape != truth.shape or not np.isfinite(got).all() or not np.isfinite(visible).all():
        return None, truth, visible
    return np.asarray(got, dtype=np.float64), truth, visible


def _agrees(reading: Reading, name: str, got: Array, truth: Array) -> bool:
    visible = np.broadcast_to(reading.allowances[name].visible, truth.shape)
    return bool((np.abs(got - truth) <= visible).all())
