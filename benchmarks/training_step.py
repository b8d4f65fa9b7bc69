"""One readable NumPy training step on MNIST's 5 and 8, against its two large matrix products.

The step is `gradoracle_numpy.ANN`'s: forward, cost, backward, update of 784-196-1 with sigmoids.
The products are W1 @ X and dZ1 @ X.T, each measured alone between the steps. Usage:

    python benchmarks/training_step.py [--repeat 40] [--examples 11272] [--data DIR]

Without MNIST the pixels are random: no value changes what is computed.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from collections.abc import Callable

import numpy as np

from gradoracle.arrays import DTYPES, Array, DType
from gradoracle.classification import initial_parameters
from gradoracle.data import binary, load
from gradoracle_numpy.ann import ANN

SIZES = (784, 196, 1)
LIMITS = {"float32": 1.3, "float64": 1.7}


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--repeat", type=int, default=40)
    options.add_argument("--examples", type=int, default=11_272)
    options.add_argument("--data", default=os.environ.get("GRADORACLE_MNIST"))
    chosen = options.parse_args()

    print(f"{'x'.join(map(str, SIZES))}, medians of {chosen.repeat} interleaved repetitions")
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, {machine()}")
    print(f"{'dtype':8} {'W1 @ X':>9} {'dZ1 @ X.T':>10} {'step':>9} {'ratio':>6} {'goal':>6}")
    for name, dtype in DTYPES.items():
        X, Y = examples(chosen.data, chosen.examples, dtype)
        first, second, step = medians(work(X, Y, dtype), chosen.repeat)
        ratio = step / (first + second)
        times = f"{first * 1e3:6.1f} ms {second * 1e3:7.1f} ms {step * 1e3:6.1f} ms"
        print(f"{name:8} {times} {ratio:6.2f} {LIMITS[name]:6.1f}")


def examples(folder: str | None, n: int, dtype: DType) -> tuple[Array, Array]:
    """Return X (784, n) and Y (1, n): MNIST's, or random where there is no folder."""
    if folder:
        train, _ = binary(load(folder), 5, 8, dtype)
        return train.X, train.Y
    rng = np.random.default_rng(0)
    return rng.random((SIZES[0], n)).astype(dtype), rng.integers(0, 2, (1, n)).astype(dtype)


def work(X: Array, Y: Array, dtype: DType) -> list[Callable[[], object]]:
    """Return the two products and the step, ready to be called."""
    ann = ANN(SIZES[1:])
    parameters = ann.named(initial_parameters(SIZES, dtype, 0))
    step = ann.stepper(X, Y)
    store = ann.forward(X, parameters)
    W1, dZ1 = parameters["W1"], ann.backward(store, Y)["dZ1"]
    return [lambda: W1 @ X, lambda: dZ1 @ X.T, lambda: step(parameters)]


def medians(work: list[Callable[[], object]], repeat: int) -> list[float]:
    """Return the median seconds of each piece of work; all take turns."""
    seconds = np.empty((repeat + 1, len(work)))  # the first round warms up
    for turn in range(repeat + 1):
        for index, piece in enumerate(work):
            start = time.perf_counter()
            piece()
            seconds[turn, index] = time.perf_counter() - start
    return [float(median) for median in np.median(seconds[1:], axis=0)]


def machine() -> str:
    """Name the processor, the cores and the BLAS."""
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    processor = platform.processor() or platform.machine()
    return f"{processor}, {os.cpu_count()} cores, {blas['name']} {blas['version']}"


if __name__ == "__main__":
    main()
