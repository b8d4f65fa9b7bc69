"""What a check costs: the whole process, a program's case, the report files, and what peers take.

Run from anywhere: ``python benchmarks/check.py [--repeat N]``; torch and jax are needed. Prints
Markdown tables of medians. The peers are in ``peers.py``, the conversation with a program in
``wire.py``.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import peers
from machine import machine

import gradoracle_numpy
import wire
from gradoracle import Case, corpus
from gradoracle.arrays import DTYPES
from gradoracle.candidate.python import PythonSession
from gradoracle.checking.api import fill, header
from gradoracle.checking.report import Report
from gradoracle.report.outputs import write
from gradoracle.wire import json_lines
from gradoracle.wire.session import ProgramSession

HEAVY = ("flint", "torch", "tensorflow", "keras", "jax", "sklearn")
FORMS = ("json", "junit", "html", "markdown")

# as wire.SERVED, and it writes down what its process has imported
SPY = """
import sys
from pathlib import Path
import gradoracle_numpy
def net(case):
    trace = dict(gradoracle_numpy.implementation(case))
    roots = sorted({name.split(".")[0] for name in sys.modules})
    Path(__file__).with_name("modules.txt").write_text(" ".join(roots))
    return trace
"""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def clock(work: Callable[[], object]) -> float:
    """Return the seconds that some work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def python(*arguments: str, **environment: str) -> str:
    """Run a fresh Python that must succeed; return what it wrote to standard error."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("GRADORACLE_")}
    done = subprocess.run(
        [sys.executable, *arguments],
        env=clean | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"python {' '.join(arguments)} ended with {done.returncode}:{done.stderr}")
    return done.stderr


def whole_process(folder: Path, repeat: int) -> str:
    """Time ``gradoracle check`` of a NumPy function from outside, beside a yardstick."""
    (folder / "net.py").write_text(wire.SERVED)
    commands = {
        '`python -c "import numpy"`': ("-c", "import numpy"),
        "`gradoracle check net.py:net`": ("-m", "gradoracle", "check", str(folder / "net.py:net")),
    }
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for _ in range(repeat):
        for name, arguments in commands.items():
            before = os.times()
            wall = clock(lambda arguments=arguments: python(*arguments))
            after = os.times()
            busy = after.children_user + after.children_system
            found[name].append((wall, busy - before.children_user - before.children_system))
    rows = []
    for name, times in found.items():
        walls, processor = zip(*times, strict=True)
        figures = (statistics.median(walls), min(walls), statistics.median(processor))
        rows.append((name, *(f"{figure:.2f} s" for figure in figures)))
    return table(("whole process", f"median of {repeat}", "least", "processor time, median"), rows)


def imported(folder: Path) -> str:
    """Look for what is heavy in the process of the command and in the one of the candidate."""
    (folder / "spy.py").write_text(SPY)
    target = str(folder / "spy.py:net")
    noted = python("-m", "gradoracle", "check", target, PYTHONPROFILEIMPORTTIME="1")
    lines = [line for line in noted.splitlines() if line.startswith("import time:")]
    roots = {
        "the command": {line.split("|")[-1].strip().split(".")[0] for line in lines},
        "the candidate's process": set((folder / "modules.txt").read_text().split()),
    }
    for process, names in roots.items():
        if not {"numpy", "gradoracle"} <= names:  # seeing nothing must not look like a pass
            raise SystemExit(f"nothing is known of what {process} imports")
    rows = [(p, *("yes" if h in names else "no" for h in HEAVY)) for p, names in roots.items()]
    return table(("imported by", *HEAVY), rows)


def over_the_wire(folder: Path, chosen: list[Case], repeat: int) -> str:
    """Time the conversation with a program that only looks its answers up."""
    (folder / "parrot.py").write_text(wire.PARROT)
    (folder / "table.json").write_bytes(json_lines.write(wire.table(chosen)))
    program = [sys.executable, str(folder / "parrot.py"), str(folder / "table.json")]
    session = ProgramSession(program)
    try:
        runs = [t for _ in range(repeat) for t in wire.milliseconds(session, chosen)]
    finally:
        session.close()
    cases = [first + second for first, second in zip(runs[::2], runs[1::2], strict=True)]
    rows = [
        (name, f"{statistics.median(t):.2f} ms", f"{statistics.mean(t):.2f} ms")
        for name, t in (("one run", runs), ("a case, which is run twice", cases))
    ]
    return table(("a program that only looks its answers up", "median", "mean"), rows)


def report_of(candidate: Callable[[Case], dict[str, object]]) -> Report:
    """Check a candidate on the required level; nothing is blocked, so that all results are full."""
    session, cases = PythonSession(candidate), corpus.load("required")
    report = Report(header(session, "net.py:net", cases, tuple(DTYPES), partial=False))
    fill(report, session, cases, blocking=False)
    return report


def wrong(case: Case) -> dict[str, object]:
    """Return a trace with the sign of dW1 turned."""
    trace = dict(gradoracle_numpy.implementation(case))
    return trace | {"dW1": -trace["dW1"]}


def report_files(folder: Path, repeat: int) -> str:
    """Time the files of a report in which all is right and of one in which every case fails."""
    reports = {
        "right": report_of(lambda case: dict(gradoracle_numpy.implementation(case))),
        "wrong": report_of(wrong),
    }
    rows = []
    for label, report in reports.items():
        total = [0.0] * (repeat + 1)  # the first time imports the writers
        for form in FORMS:
            path = folder / f"{label}.{form}"
            work = lambda form=form, path=path, report=report: write(report, **{form: path})  # noqa: E731
            times = [clock(work) for _ in range(repeat + 1)]
            total = [t + more for t, more in zip(total, times, strict=True)]
            size = path.stat().st_size / 1e3
            rows.append((f"{label}, {form}", *_milliseconds(times), f"{size:,.0f} kB"))
        counted = ", ".join(f"{n} {outcome}" for outcome, n in report.counts.items() if n)
        rows.append((f"{label}, all four: {counted}", *_milliseconds(total), ""))
    return table(("report", "the first time", f"median of {repeat} more", "size"), rows)


def _milliseconds(times: list[float]) -> tuple[str, str]:
    return f"{1e3 * times[0]:.0f} ms", f"{1e3 * statistics.median(times[1:]):.0f} ms"


def main() -> None:
    """Print every table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=5)
    repeat = parser.parse_args().repeat
    chosen = wire.cases()
    print(machine("numpy", "torch", "jax"))
    if hasattr(os, "getloadavg"):
        print(f"load {os.getloadavg()[0]:.1f} before; {len(chosen)} cases with both dtypes counted")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(f"\n{whole_process(folder, repeat)}", flush=True)
        print(f"\n{imported(folder)}", flush=True)
        print(f"\n{over_the_wire(folder, chosen, repeat)}", flush=True)
        print(f"\n{report_files(folder, repeat)}", flush=True)
    print(f"\n{table(*peers.seconds(repeat))}", flush=True)
    print(f"\n{table(*peers.seen())}")


if __name__ == "__main__":
    main()
