"""The proven gradient of 784-196-1 beside other ways to a trustworthy gradient, in one run.

Sigmoids, binary cross-entropy, random inputs; 154,057 parameters at n = 32 unless said otherwise.
What would take minutes is measured on a sample and extrapolated, and says so. Usage:

    python benchmarks/truth.py [--repeat 3] [--mnist DIR]
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
import scipy.differentiate
from machine import machine
from truth_memory import Memory

from gradoracle.arrays import Array
from gradoracle.builtin_cases import build, digit_cases
from gradoracle.case import Case
from gradoracle.data import open_digits
from gradoracle.finite_difference import Objective
from gradoracle.truth.directional import check_directions
from gradoracle.truth.rational import exact_trace, outside
from gradoracle.truth.reverse import Truth, truth
from gradoracle.truth.second_route import certify

SIZES = (784, 196, 1)
Times = tuple[float, float]  # elapsed, and processor time
PACKAGES = ("numpy", "scipy", "python-flint", "mpmath")


@dataclass(frozen=True)
class Row:
    """One way, the seconds it takes (all processes' processor time too), and its error."""

    way: str
    seconds: float
    processor: float
    error: str
    note: str = ""

    def __str__(self) -> str:
        times = f"{_duration(self.seconds):>9} {_duration(self.processor):>9}"
        return f"{self.way:44} {times}  {self.error:42} {self.note}"


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--repeat", type=int, default=3, help="the best of so many runs counts")
    options.add_argument("--mnist", help="folder of MNIST's IDX files: all 11,272 examples as well")
    chosen = options.parse_args()

    print(f"{'-'.join(map(str, SIZES))}, best of {chosen.repeat}")
    print(machine(*PACKAGES))
    print(f"{'':44} {'elapsed':>9} {'processor':>9}  error")
    for row in rows(chosen.repeat, chosen.mnist):
        print(row, flush=True)


def rows(repeat: int, mnist: str | None) -> Iterator[Row]:
    """Yield the ways, the proven ones first."""
    case = large(32)
    proven = truth(case)
    yield from balls(case, repeat, mnist)
    yield directions(case, repeat)
    yield series(repeat)
    yield rationals(repeat)
    yield many_digits(case)
    yield complex_step(case, proven, repeat)
    yield central_differences(case, proven)


def large(n: int) -> Case:
    """Return the case of the table with n examples."""
    return build("truth.large", SIZES, ("sigmoid", "sigmoid"), "binary_cross_entropy", n=n)


def balls(case: Case, repeat: int, mnist: str | None) -> Iterator[Row]:
    """The truth of whole traces: every Z, A, dA, dZ, dX as well."""
    for one in (case, large(1024)):
        seconds, found = best(lambda one=one: truth(one), repeat)
        yield Row(f"balls, whole trace, n = {one.n:,}", *seconds, _decided(found))
    if mnist is not None:
        digits = digit_cases(open_digits(mnist))[0]
        with Memory() as memory:
            seconds, found = best(lambda: truth(digits), 1)
        yield Row(f"balls, whole trace, n = {digits.n:,}", *seconds, _decided(found), str(memory))


def directions(case: Case, repeat: int) -> Row:
    """One directional derivative, the reverse pass it is compared with included."""
    seconds, found = best(lambda: check_directions(case, directions=1), repeat)
    return Row(
        "balls, one random direction",
        *seconds,
        f"blind below {found.blind_below:.0e}",
        f"{found.agreeing} of 1 agrees, escape probability {found.escapes:.1e}",
    )  # fmt: skip


def series(repeat: int) -> Row:
    """Every entry of a small trace by the second route."""
    small = build("truth.small", (5, 7, 3), ("tanh", "softmax"), "cross_entropy", n=11)
    found = truth(small)
    seconds, certificate = best(lambda: certify(small, found), repeat)
    return Row("series of the definition, 5-7-3, n = 11", *seconds, "proven", str(certificate))


def rationals(repeat: int) -> Row:
    """The exact trace of a network of the large one's size."""
    case = build("truth.exact", (784, 196, 10), ("relu", "identity"), "squared_error", n=8)
    found = truth(case)
    seconds, exact = best(lambda: exact_trace(case), repeat)
    wrong = len(outside(exact, found))
    note = f"{wrong} entries outside the balls"
    return Row("exact rationals, 784-196-10 relu, n = 8", *seconds, "0", note)


def many_digits(case: Case, hidden: int = 10) -> Row:
    """Reverse pass with 50 digits of mpmath on some hidden units; the work is linear in them."""
    W1, b1, W2, b2, X, Y = (
        [[mpmath.mpf(v) for v in row] for row in array.tolist()]
        for array in (case.W[1][:hidden], case.b[1][:hidden], case.W[2][:, :hidden], case.b[2],
                      case.X, case.Y)
    )  # fmt: skip
    sigmoid = lambda z: 1 / (1 + mpmath.exp(-z))  # noqa: E731
    columns = list(zip(*X, strict=True))

    def gradient() -> None:
        A1 = [
            [sigmoid(mpmath.fdot(w, x) + b) for x in columns]
            for w, (b,) in zip(W1, b1, strict=True)
        ]
        A2 = [sigmoid(mpmath.fdot(W2[0], a) + b2[0][0]) for a in zip(*A1, strict=True)]
        dZ2 = [(a - y) / case.n for a, y in zip(A2, Y[0], strict=True)]
        for w, a in zip(W2[0], A1, strict=True):
            dZ1 = [w * d * s * (1 - s) for d, s in zip(dZ2, a, strict=True)]
            _ = mpmath.fdot(dZ2, a), [mpmath.fdot(dZ1, x) for x in X], mpmath.fsum(dZ1)

    with mpmath.workdps(50):
        seconds, _ = best(gradient, 1)
    seconds = _scaled(seconds, SIZES[1] / hidden)
    return Row(
        "mpmath, 50 digits, by hand", *seconds, "not rigorous", _from(hidden, "hidden units")
    )


def complex_step(case: Case, proven: Truth, repeat: int, entries: int = 20) -> Row:
    """Im J(theta + i h e_k) / h with h = 1e-200, a full forward pass for each parameter."""
    h, rng = 1e-200, np.random.default_rng(0)
    some = list(
        zip(rng.integers(0, SIZES[1], entries), rng.integers(0, SIZES[0], entries), strict=True)
    )

    def J(W1: Array) -> complex:
        A1 = 1 / (1 + np.exp(-(W1 @ case.X + case.b[1])))
        Z2 = case.W[2] @ A1 + case.b[2]
        return complex(np.mean(np.log1p(np.exp(Z2)) - case.Y * Z2))

    def derivatives() -> list[float]:
        found = []
        for i, k in some:
            W1 = case.W[1].astype(complex)
            W1[i, k] += h * 1j
            found.append(J(W1).imag / h)
        return found

    seconds, found = best(derivatives, repeat)
    error = _error(found, [proven.values["dW1"][at] for at in some], proven)
    each = _scaled(seconds, 1 / entries)
    note = f"{_from(entries, 'parameters')}; {_duration(each[0])} one direction"
    return Row("complex step, every parameter", *_scaled(each, _count(case)), error, note)


def central_differences(case: Case, proven: Truth, entries: int = 20) -> Row:
    """scipy.differentiate.derivative, two evaluations a parameter, a full forward pass each."""
    objective = Objective(case)
    chosen = np.random.default_rng(0).integers(0, SIZES[0] * SIZES[1], entries)

    def J(t: Array, p: Array) -> Array:
        found = np.empty(np.broadcast_shapes(t.shape, p.shape))
        steps, parameters = np.broadcast_arrays(t, p)
        for at in np.ndindex(found.shape):
            theta = objective.theta.copy()
            theta[int(parameters[at])] += steps[at]
            found[at] = objective(theta)
        return found

    def derivatives() -> Array:
        options = {"order": 2, "maxiter": 1, "initial_step": 1e-4}
        found = scipy.differentiate.derivative(J, np.zeros(entries), args=(chosen,), **options)
        return np.asarray(found.df)

    seconds, found = best(derivatives, 1)
    error = _error(found.tolist(), proven.values["dW1"].ravel()[chosen].tolist(), proven)
    total = _scaled(seconds, _count(case) / entries)
    return Row("SciPy central differences, h = 1e-4", *total, error, _from(entries, "parameters"))


def best(work: Callable[[], Any], repeat: int) -> tuple[Times, Any]:
    """Return the least times of some runs, and what the last one returned."""
    times = []
    for _ in range(repeat):
        start = np.array([time.perf_counter(), _processor_time()])
        found = work()
        times.append(np.array([time.perf_counter(), _processor_time()]) - start)
    elapsed, processor = np.min(times, axis=0).tolist()
    return (elapsed, processor), found


def _processor_time() -> float:
    """Seconds of this process, and of those that it has waited for."""
    children = os.times()
    return time.process_time() + children.children_user + children.children_system


def _scaled(seconds: Times, factor: float) -> Times:
    return seconds[0] * factor, seconds[1] * factor


def _decided(found: Truth) -> str:
    entries = sum(array.size for array in found.values.values())
    return f"{entries - found.undecided:,} of {entries:,} correctly rounded"


def _error(found: list[float], true: list[float], proven: Truth) -> str:
    largest = float(np.abs(proven.values["dW1"]).max())
    return f"{np.abs(np.subtract(found, true)).max() / largest:.0e} of max |dW1|"


def _count(case: Case) -> int:
    return sum(W.size for W in case.W.values()) + sum(b.size for b in case.b.values())


def _from(count: int, what: str) -> str:
    return f"extrapolated from {count} {what}"


def _duration(seconds: float) -> str:
    if seconds < 1:
        return f"{seconds * 1e3:.1f} ms"
    return f"{seconds:.2f} s" if seconds < 120 else f"{seconds / 60:.1f} min"


if __name__ == "__main__":
    main()
