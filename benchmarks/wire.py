"""What a program over the protocol costs a case, beyond the program's own time.

Run from anywhere: ``python benchmarks/wire.py [--repeat N]``. A program that answers with what was
written down before does nothing itself, so all of its time is the protocol's: two pipes, encoding
the case, reading the answer. `gradoracle.wire.serve` and an in-process run stand beside it.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from machine import machine

import gradoracle_numpy
from gradoracle import Case, corpus
from gradoracle.candidate.answer import Returned, Session
from gradoracle.candidate.python import PythonSession
from gradoracle.wire import json_lines, messages
from gradoracle.wire.python import python_session
from gradoracle.wire.session import ProgramSession

# answers from a table: id and dtype of the case -> the trace as it stands on the line
PARROT = """
import json, re, sys
answers = json.load(open(sys.argv[1]))
find = re.compile(r'"seq":(\\d+),"case":{"id":"([^"]*)","dtype":"([^"]*)"')
sys.stdout.write('{"version": 1, "name": "parrot"}\\n'); sys.stdout.flush(); sys.stdin.readline()
for line in sys.stdin:
    found = find.search(line, 0, 200)
    if not found: break
    sys.stdout.write('{"seq":%s,"trace":%s}\\n' % (found[1], answers[found[2] + found[3]]))
    sys.stdout.flush()
"""

SERVED = """
import gradoracle_numpy
def net(case): return dict(gradoracle_numpy.implementation(case))
"""


def cases() -> list[Case]:
    """Return the required level in both dtypes."""
    return [f.case.astype(dtype) for f in corpus.load("required") for dtype in f.dtypes]


def table(chosen: list[Case]) -> dict[str, str]:
    """Return the right trace of every case as JSON."""
    answers = {}
    for case in chosen:
        returned = Returned(dict(gradoracle_numpy.implementation(case)))
        trace = messages.write_answer(1, returned, None)["trace"]
        answers[case.id + str(case.dtype)] = json_lines.write({"trace": trace}).decode()[9:-2]
    return answers


def milliseconds(session: Session, chosen: list[Case]) -> list[float]:
    """Return the wall time of each case, run twice in a row as the engine does."""
    times = []
    for case in chosen:
        for _ in range(2):
            start = time.perf_counter()
            answer = session.run(case)
            times.append(1e3 * (time.perf_counter() - start))
            if not isinstance(answer, Returned):
                raise SystemExit(f"{case.id}: {answer}")
    return times


def main() -> None:
    """Measure each kind of session over the whole required level."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=5)
    repeat = parser.parse_args().repeat
    chosen = cases()
    print(machine("numpy"))
    print(f"{len(chosen)} cases, each twice, {repeat} runs; milliseconds a case")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "parrot.py").write_text(PARROT)
        (folder / "served.py").write_text(SERVED)
        (folder / "table.json").write_bytes(json_lines.write(table(chosen)))
        parrot = [sys.executable, str(folder / "parrot.py"), str(folder / "table.json")]
        sessions: dict[str, Callable[[], Session]] = {
            "a program that does nothing": lambda: ProgramSession(parrot),
            "a NumPy function, served": lambda: python_session(f"{folder / 'served.py'}:net"),
            "a NumPy function, in process": lambda: PythonSession(
                lambda case: dict(gradoracle_numpy.implementation(case))
            ),
        }
        for label, opened in sessions.items():
            start = time.perf_counter()
            session = opened()
            started = 1e3 * (time.perf_counter() - start)
            times = [t for _ in range(repeat) for t in milliseconds(session, chosen)]
            start = time.perf_counter()
            session.close()
            ended = 1e3 * (time.perf_counter() - start)
            tail = statistics.quantiles(times, n=100)[98]
            print(
                f"{label:30} median {statistics.median(times):6.2f}   mean "
                f"{statistics.mean(times):6.2f}   99 % {tail:6.2f}   "
                f"start {started:5.0f}   end {ended:4.0f}"
            )


if __name__ == "__main__":
    main()
