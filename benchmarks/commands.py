"""How long a user waits: imports and the main commands, each in a fresh process.

Run from anywhere: ``python benchmarks/commands.py [--repeat N]``. Prints medians of wall time.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time

from machine import machine

COMMANDS = {
    "import numpy": ["-c", "import numpy"],
    "import gradoracle": ["-c", "import gradoracle"],
    "gradoracle verify --impl numpy": ["-m", "gradoracle", "verify", "--impl", "numpy"],
    "gradoracle verify": ["-m", "gradoracle", "verify"],
}


def seconds(arguments: list[str]) -> float:
    """Return the wall time of one process that must succeed."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GRADORACLE_")}
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, env=environment
    )
    return time.perf_counter() - start


def main() -> None:
    """Measure in turns, so that a busy moment hits all alike."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=5)
    repeat = parser.parse_args().repeat
    found: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(repeat):
        for name, arguments in COMMANDS.items():
            found[name].append(seconds(arguments))
    print(machine("numpy", "scipy", "torch", "tensorflow", "python-flint"))
    print(f"median of {repeat} runs, in turns")
    for name, times in found.items():
        print(f"{name:32} {statistics.median(times):7.2f} s   (least {min(times):.2f} s)")
    beyond = statistics.median(found["import gradoracle"]) - statistics.median(
        found["import numpy"]
    )
    print(f"{'import beyond numpy':32} {beyond:7.2f} s")


if __name__ == "__main__":
    main()
