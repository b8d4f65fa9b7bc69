"""Is correct code ever accused? Random networks, both dtypes, every implementation.

``python benchmarks/false_alarms.py [--networks 5000]``. Counts failures, and shows the largest
error in sigma and the largest share of the bound that correct code reaches.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from machine import machine

from gradoracle.implementations import load_installed
from gradoracle.judge import Verdict, judge
from gradoracle.reference import reference
from gradoracle.truth.reverse import truth

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from random_networks import random_network


def main() -> None:
    """Judge, count and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", type=int, default=5000)
    networks = parser.parse_args().networks
    implementations, _ = load_installed()
    rows = {
        (run.name, dtype): {"fail": 0, "vague": 0, "entries": 0, "sigmas": 0.0, "share": 0.0}
        for run in implementations
        for dtype in ("float64", "float32")
    }
    start = time.perf_counter()
    for seed in range(networks):
        case = random_network(seed)
        known = truth(case, processes=1)
        for dtype in ("float64", "float32"):
            rounded = case.astype(dtype)
            limits = reference(rounded, known)
            for run in implementations:
                row = rows[run.name, dtype]
                tensors = judge(run.run(rounded), known, limits).tensors
                row["fail"] += any(t.verdict is Verdict.FAIL for t in tensors)
                row["vague"] += any(t.verdict is Verdict.CANNOT_TELL for t in tensors)
                row["entries"] += sum(known.values[t.name].size for t in tensors)
                row["sigmas"] = max(row["sigmas"], *(t.sigmas for t in tensors))
                row["share"] = max(row["share"], *(t.share for t in tensors))
    print(machine("numpy", "torch", "tensorflow", "python-flint"))
    print(f"{networks:,} random networks, {time.perf_counter() - start:.0f} s")
    print(
        "implementation  dtype    networks that fail  cannot tell in part  entries      "
        "largest sigma  largest share of the bound"
    )
    for (name, dtype), row in rows.items():
        print(
            f"{name:15} {dtype:8} {row['fail']:>10} of {networks:,} {row['vague']:>16} "
            f"{row['entries']:>16,} {row['sigmas']:>13.2f} {row['share']:>15.2f}"
        )


if __name__ == "__main__":
    main()
