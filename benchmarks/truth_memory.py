"""The memory that a whole truth takes, in both of its processes.

The largest resident size of each (VmHWM) counts the pages of shared libraries once in either, so
their sum is an upper bound; the proportional sizes (PSS) of both, added up while they run, count
them once. The `ru_maxrss` of a child says neither: before it is a program of its own it counts
the pages of its parent. Linux only. Usage:

    python benchmarks/truth_memory.py MNIST_DIR
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from machine import machine

from gradoracle.builtin_cases import digit_cases
from gradoracle.data import open_digits
from gradoracle.truth.reverse import truth

EVERY = 0.25  # seconds


class Memory:
    """The memory of this process and its children while the block runs.

    Attributes
    ----------
    largest : dict of int to int
        The largest resident size of each process so far, in bytes, by its id.
    together : int
        The largest sum of proportional sizes that was seen.
    """

    def __init__(self) -> None:
        self.largest: dict[int, int] = {}
        self.together = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()

    def __str__(self) -> str:
        own = self.largest[os.getpid()]
        others = sum(self.largest.values()) - own
        return (
            f"{own / 1e9:.2f} GB and {others / 1e9:.2f} GB in a second process at most, "
            f"{self.together / 1e9:.2f} GB together at one time"
        )

    def _watch(self) -> None:
        while not self._stop.wait(EVERY):
            together = 0
            for process in (os.getpid(), *_children()):
                try:
                    largest = _kilobytes(process, "status", "VmHWM:")
                    together += _kilobytes(process, "smaps_rollup", "Pss:") * 1024
                except (OSError, StopIteration):  # it has just ended
                    continue
                self.largest[process] = max(largest * 1024, self.largest.get(process, 0))
            self.together = max(self.together, together)


def _children() -> list[int]:
    """Return the processes that any thread of this one has started, and that are still there."""
    tasks = Path("/proc/self/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]


def _kilobytes(process: int, file: str, name: str) -> int:
    lines = Path(f"/proc/{process}/{file}").read_text("utf-8").splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1])


def main() -> None:
    """Prove the truth of 784-196-1 at n = 11,272, and print what it took."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("folder", help="of MNIST's IDX files")
    case = digit_cases(open_digits(options.parse_args().folder))[0]
    print(machine("numpy", "python-flint"))

    def progress(done: int, of: int) -> None:
        print(f"\r{done:,} of {of:,} examples", end="", file=sys.stderr, flush=True)

    start = time.perf_counter()
    with Memory() as memory:
        found = truth(case, progress)
    seconds = time.perf_counter() - start
    entries = sum(array.size for array in found.values.values())
    print(file=sys.stderr)
    print(f"{case.network}, n = {case.n:,}: {entries - found.undecided:,} of {entries:,} decided")
    print(f"{seconds:.1f} s; {memory}")


if __name__ == "__main__":
    main()
