"""How long ``gradoracle derive`` takes as a whole process: right and wrong, two layers and five.

Run from anywhere: ``python benchmarks/derive.py [--repeat N]``. Prints medians of the wall time,
and of the processor time of the same runs, which a busy machine stretches less.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import time

from machine import machine

TWO = """\
network: sizes 784-196-1, activations sigmoid sigmoid, loss binary_cross_entropy
Z1 = W1 @ X + b1
A1 = sigmoid(Z1)
Z2 = W2 @ A1 + b2
A2 = sigmoid(Z2)
J = -sum(Y * log(A2) + (1 - Y) * log(1 - A2)) / n
dZ2 = A2 - Y
dW2 = dZ2 @ A1.T / n
db2 = sum(dZ2, axis=1) / n
dZ1 = (W2.T @ dZ2) * A1 * (1 - A1)
dW1 = dZ1 @ X.T / n
db1 = sum(dZ1, axis=1) / n
"""
FIVE = """\
network: layers 5, activations tanh tanh tanh tanh sigmoid, loss binary_cross_entropy
A[0] = X
for l in range(1, L):
    Z[l] = W[l] @ A[l-1] + b[l]
    A[l] = tanh(Z[l])
Z[L] = W[L] @ A[L-1] + b[L]
A[L] = sigmoid(Z[L])
J = -sum(Y * log(A[L]) + (1 - Y) * log(1 - A[L])) / n
dZ[L] = A[L] - Y
dW[L] = dZ[L] @ A[L-1].T / n
db[L] = sum(dZ[L], axis=1) / n
for l in range(L - 1, 0, -1):
    dA[l] = W[l+1].T @ dZ[l+1]
    dZ[l] = dA[l] * (1 - A[l]**2)
    dW[l] = dZ[l] @ A[l-1].T / n
    db[l] = sum(dZ[l], axis=1) / n
"""
HELPERS = """\
network: sizes 784-196-1, activations sigmoid sigmoid, loss binary_cross_entropy
a1 = sigmoid(W1 @ X + b1)
a2 = sigmoid(W2 @ a1 + b2)
err = a2 - Y
dW2 = err @ a1.T / n
db2 = sum(err, axis=1) / n
back = (W2.T @ err) * a1 * (1 - a1)
dW1 = back @ X.T / n
db1 = sum(back, axis=1) / n
"""
ROWS = """\
network: sizes 784-196-1, activations sigmoid sigmoid, loss binary_cross_entropy
Z1 = X @ W1 + b1
A1 = sigmoid(Z1)
Z2 = A1 @ W2 + b2
A2 = sigmoid(Z2)
dZ2 = A2 - Y
dW2 = A1.T @ dZ2 / n
db2 = sum(dZ2, axis=0) / n
dZ1 = (dZ2 @ W2.T) * A1 * (1 - A1)
dW1 = X.T @ dZ1 / n
db1 = sum(dZ1, axis=0) / n
"""
RUNNING = (
    FIVE.split("dZ[L]", maxsplit=1)[0]
    + """\
delta = A[L] - Y
for l in range(L, 0, -1):
    dW[l] = delta @ A[l-1].T / n
    db[l] = sum(delta, axis=1) / n
    delta = W[l] @ delta
    delta = delta * (1 - A[l-1]**2)
"""
)
TEXTS = {  # the text, the exit status, and how long it may take
    "two layers, right": (TWO, 0, 1.0),
    "two layers, wrong": (TWO.replace("(1 - A1)", "(1 - A1**2)"), 1, 1.0),
    "two layers, wrong name": (HELPERS.replace("a2 - Y", "Y - a2"), 1, 1.0),
    "two layers, by rows": (ROWS, 1, 1.0),
    "five layers, right": (FIVE, 0, 2.0),
    "five layers, wrong": (FIVE.replace("(1 - A[l]**2)", "(1 - A[l])"), 1, 2.0),
    "five layers, wrong name": (RUNNING, 1, 2.0),
}


def seconds(text: str, status: int) -> tuple[float, float]:
    """Return wall and processor time of one process, which must end with this status."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    command = [sys.executable, "-m", "gradoracle", "derive", "-"]
    done = subprocess.run(command, input=text.encode(), stdout=subprocess.DEVNULL, check=False)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != status:
        raise SystemExit(f"exit status {done.returncode}, not {status}")
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, processor


def main() -> None:
    """Measure in turns, so that a busy moment hits all alike."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=5)
    repeat = parser.parse_args().repeat
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in TEXTS}
    for _ in range(repeat):
        for name, (text, status, _limit) in TEXTS.items():
            found[name].append(seconds(text, status))
    print(machine("numpy", "python-flint"))
    print(f"median of {repeat} runs, in turns; in brackets the processor time")
    for name, times in found.items():
        wall, processor = map(statistics.median, zip(*times, strict=True))
        print(
            f"{name:24} {wall:6.2f} s  ({processor:.2f} s), at most {TEXTS[name][2]:.0f} s wanted"
        )


if __name__ == "__main__":
    main()
