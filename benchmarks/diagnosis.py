"""How far can the diagnosis be trusted, and how long does it take? Measured, and kept as JSON.

``python benchmarks/diagnosis.py [--if-stale]`` runs four things, in some twenty minutes on two
cores, and writes ``benchmarks/diagnosis.json``, of which `diagnosis_page.py` makes the page:

- trust: every known mistake, at every layer, on every required case where it shows, in both dtypes,
  with everything returned and with J, dW and db alone;
- wild: programs by somebody who has not read the catalogue;
- strange: 1,000 wrong traces that no known mistake makes;
- speed: a failure on a case that was not seen before, and on a large one.

``--every K`` takes every K-th trial, prints the misses, and writes nothing.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import groupby
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from diagnosis_page import JSON, fingerprint, measured
from machine import machine

ROOT = Path(__file__).parent.parent
KEPT = ROOT / "build" / "diagnosis"
TESTS = ROOT / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "diagnosis")]
from diagnosis_trials import WAYS, diagnosed, outcome, trials  # noqa: E402 - tests are no package
from strange_traces import thousand  # noqa: E402
from wild_programs import FILES, load_program, wild_diagnosis  # noqa: E402

from gradoracle import corpus, mistakes  # noqa: E402
from gradoracle.diagnosis.diagnose import diagnose  # noqa: E402
from gradoracle.diagnosis.explaining import explanation  # noqa: E402
from gradoracle.diagnosis.hypotheses import space  # noqa: E402
from gradoracle.diagnosis.reading import readings  # noqa: E402
from gradoracle.mistakes import find  # noqa: E402
from gradoracle.mistakes.steps import run  # noqa: E402
from gradoracle.reference import reference  # noqa: E402
from random_networks import images  # noqa: E402

PROCESSES = 2
BUDGET = 5.0  # seconds, as by default
COLD = 199  # every so many-th trial is timed
LARGE = ("gradient-without-mean", "bias-gradient-missing", "weight-gradient-negated",
         "derivative-dropped", "tanh-derivative-on-relu")  # fmt: skip


def main() -> None:
    """Measure, and write the file."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--if-stale", action="store_true")
    options = parser.parse_args()
    if options.every > 1:
        show(trust(options.every))
        return
    if options.if_stale and measured().get("fingerprint") == fingerprint():
        return
    start = time.perf_counter()
    found = {
        "fingerprint": fingerprint(),
        "machine": machine("numpy", "scipy"),
        "corpus": corpus.packaged().version,
        "cases": len(corpus.load("required")),
        "mistakes": len(mistakes.all()),
        "trust": trust(),
        "wild": list(wild()),
        "strange": strange(),
        "speed": speed(),
    }
    found["seconds"] = round(time.perf_counter() - start)
    JSON.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    show(found["trust"])


def trust(every: int = 1) -> dict[str, Any]:
    """Return for each way how many trials there were, what became of them, and the misses."""
    counts: dict[str, Counter[str]] = {str(way): Counter() for way in WAYS}
    sets: Counter[str] = Counter()
    misses: list[dict[str, Any]] = []
    of_case = partial(_of_case, every=every, code=fingerprint())
    with ProcessPoolExecutor(PROCESSES) as pool:
        ids = [frozen.case.id for frozen in corpus.load("required")]
        for rows in pool.map(of_case, ids):
            for row in rows:
                counts[row["way"]][row["kind"]] += 1
                if row["kind"] == "alike":
                    sets[f"{row['mistake']} as {row['said'].split(' at layer')[0]}"] += 1
                elif row["kind"] != "first":
                    misses.append(row)
    ways = {way: {"trials": sum(kinds.values()), **kinds} for way, kinds in counts.items()}
    return {"ways": ways, "alike": dict(sorted(sets.items())), "misses": misses}


def _of_case(case: str, every: int, code: str) -> list[dict[str, Any]]:
    """Return a row for each trial on one case; kept in build/, for a run that was cut short."""
    kept = KEPT / f"{code[:12]}-{every}" / f"{case}.json"
    if kept.exists():
        return list(json.loads(kept.read_text(encoding="utf-8")))
    found = []
    for trial in trials(every, only=case):
        said = outcome(trial, budget=BUDGET)
        found.append(
            {
                "way": str(trial.way),
                "mistake": trial.mistake.name,
                "layer": trial.layer,
                "case": case,
                "kind": said.kind,
                "said": said.said,
            }
        )
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(found), encoding="utf-8")
    return found


def wild() -> Iterator[dict[str, str]]:
    """Yield what each program says of itself, and what it is told."""
    for name in FILES:
        program = load_program(name)
        verdict, said = wild_diagnosis(program, budget=BUDGET)
        told = "" if said is None else said.name or str(said)
        about = (program.__doc__ or "").strip()
        named = said is not None and bool(said.names)
        yield {"program": name, "about": about, "verdict": str(verdict), "told": told,
               "named": "yes" if named else ""}  # fmt: skip


def strange() -> dict[str, int]:
    """Return how many wrong traces there were, and how many got a name of a single mistake."""
    made = named = 0
    for case, known, limits, one in thousand():
        made += 1
        named += any(
            explanation(space(case), hypothesis, reading) is not None
            for reading in readings(one.trace, case, known, limits)
            for hypothesis in space(case).near(reading)
        )
    return {"traces": made, "names": named}


def speed() -> dict[str, Any]:
    """Return processor seconds of failures on cases that were not seen before."""
    found: dict[str, Any] = {}
    for rerun, label in ((False, "alone"), (True, "with a second case")):
        times: list[tuple[float, str]] = []
        for trial in trials(COLD, WAYS[:2], part=3):
            space.cache_clear()
            start = time.process_time()
            said = diagnosed(trial, rerun=rerun)
            if said.kind in ("mistake", "signature"):
                times.append((time.process_time() - start, trial.case.id))
        seconds = np.array([second for second, _ in times])
        found[label] = {
            "failures": len(times),
            "median": round(float(np.median(seconds)), 3),
            "p99": round(float(np.quantile(seconds, 0.99)), 3),
            "max": round(float(seconds.max()), 3),
            "above 0.3": int((seconds > 0.3).sum()),
            "slowest": max(times)[1],
        }
    found["large"] = [row for n in (32, 1024) for row in large(n)]
    return found


def large(n: int) -> Iterator[dict[str, Any]]:
    """Yield the wall time of failures of 784-196-1 on n images; float64 stands in for the truth."""
    case = images(n, 196, "relu", "random")
    values = {name: np.asarray(array, dtype=float) for name, array in run(case).items()}
    known, case = SimpleNamespace(values=values, radii={}), case.astype("float32")
    limits = reference(case, known)
    rows = []
    for name in LARGE:
        mistake = find(name)
        for layer in mistake.layers(case)[:1]:
            for way in WAYS[2:]:
                trace = way.of(mistake.run(case, layer))
                start = time.perf_counter()
                said = diagnose(trace, case, known, limits, budget=BUDGET)
                named = any(name == part[0] for parts in said.names for part in parts)
                rows.append((time.perf_counter() - start, way.returned, named))
    for returned, some in groupby(sorted(rows, key=lambda row: row[1]), key=lambda row: row[1]):
        seconds = [(second, named) for second, _, named in some]
        yield {"n": n, "returned": returned, "failures": len(seconds),
               "named": sum(named for _, named in seconds),
               "max": round(max(second for second, _ in seconds), 2)}  # fmt: skip


def show(found: dict[str, Any]) -> None:
    """Print the counts and the misses."""
    for way, counts in found["ways"].items():
        print(f"{way:28} {counts}")
    for row in found["misses"]:
        print(f"  {row}")


if __name__ == "__main__":
    main()
