"""Is every known mistake named, and named right? A row a way of asking; the misses one by one.

``python benchmarks/diagnosis.py [--every K] [--rerun]``: each mistake at each layer on each
required case where it is visible, as a program that makes it; with ``--rerun`` the diagnosis may
run that program again on a second case. ``--every K`` takes every K-th trial. Listed is what is
named beside a mistake with the same numbers in what was returned.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "diagnosis"))
from diagnosis_trials import WAYS, Trial, outcome, trials
from machine import machine

from gradoracle import mistakes


def main() -> None:
    """Print the table, then the misses."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--rerun", action="store_true")
    options = parser.parse_args()
    print(machine("numpy"))
    print(f"{len(mistakes.all())} mistakes")
    heads = ("trials", "first", "listed", "named", "slowest", "median")
    print(f"{'':28} " + " ".join(f"{head:>{8 if i > 2 else 7}}" for i, head in enumerate(heads)))
    missed: dict[str, list[tuple[Trial, str]]] = {}
    for way in WAYS:
        counts: Counter[str] = Counter()
        seconds = []
        for trial in trials(way, options.every):
            start = time.perf_counter()
            said = outcome(trial, rerun=options.rerun)
            seconds.append(time.perf_counter() - start)
            counts[said.split()[0]] += 1
            if said != "right":
                missed.setdefault(str(way), []).append((trial, said))
        total = sum(counts.values())
        seconds.sort()
        named = (counts["right"] + counts["listed"]) / total
        print(
            f"{way!s:28} {total:7,} {counts['right']:7,} {counts['listed']:7,} {named:8.2%} "
            f"{seconds[-1]:7.2f}s {seconds[len(seconds) // 2]:7.3f}s",
            flush=True,
        )
    show(missed)


def show(missed: Mapping[str, list[tuple[Trial, str]]]) -> None:
    """Print the misses of each way."""
    for way, some in missed.items():
        print(f"\n{way}: misses")
        for trial, said in some:
            print(f"  {trial}: {said}")


if __name__ == "__main__":
    main()
