"""What a session leaves behind, whatever happens: nothing."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from families import nobody_stays

from gradoracle import Batch, Case, Network, Parameters, corpus
from gradoracle.candidate.answer import Crashed, Returned
from gradoracle.errors import InputError
from gradoracle.wire.limits import Limits
from gradoracle.wire.process import Process
from gradoracle.wire.python import python_session
from gradoracle.wire.session import ProgramSession

PROGRAM = Path(__file__).parent / "liars" / "program.py"
BAD = corpus.find("two-layer.relu-bce").case


@pytest.fixture(autouse=True)
def _nobody_stays(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with nobody_stays(monkeypatch):
        yield


def large(case_id: str, dtype: str) -> Case:
    """Return a case whose W1 and X go by file, or take a megabyte of text."""
    draw = np.random.default_rng(5)
    sizes, n = (200, 100, 1), 60
    W = [draw.standard_normal((m, k)) / 8 for k, m in pairwise(sizes)]
    parameters = Parameters(W, [np.zeros((m, 1)) for m in sizes[1:]])
    batch = Batch(draw.standard_normal((200, n)), draw.integers(0, 2, (1, n)).astype(float))
    network = Network(sizes, ("relu", "sigmoid"), "binary_cross_entropy")
    return Case(case_id, network, parameters, batch).astype(dtype)


def test_a_large_case_goes_by_file_both_ways(tmp_path: Path, dtype: str) -> None:
    (tmp_path / "mirror.py").write_text(
        "def net(case):\n"
        "    dW1, dW2, dX = case.W[1].copy(), case.W[2].copy(), case.X.copy()\n"
        "    return {'J': 0.0, 'dW1': dW1, 'dX': dX, 'dW2': dW2}\n"
    )
    case = large("by.file", dtype)
    with python_session(f"{tmp_path / 'mirror.py'}:net") as session:
        answer = session.run(case)
        assert isinstance(answer, Returned)
        for name, sent in (("dW1", case.W[1]), ("dX", case.X), ("dW2", case.W[2])):
            assert answer.trace[name].dtype == case.dtype
            assert answer.trace[name].tobytes() == sent.tobytes()


def test_a_program_that_does_not_read_blocks_nobody() -> None:
    start = time.monotonic()
    command = [sys.executable, str(PROGRAM), "hangs"]
    with ProgramSession(command, limits=Limits(seconds=0.7)) as session:
        assert isinstance(session.run(BAD), Crashed)
        deaf = (
            'import sys,time; print(\'{"version": 1, "name": "deaf"}\', flush=True); time.sleep(99)'
        )
    with ProgramSession([sys.executable, "-c", deaf], limits=Limits(seconds=0.7)) as session:
        answer = session.run(large("not.read", "float64"))
    assert isinstance(answer, Crashed)
    assert answer.kind == "timeout"
    assert time.monotonic() - start < 10


def test_no_thread_and_no_pipe_is_left_after_many_crashes() -> None:
    import psutil

    me = psutil.Process()
    with ProgramSession([sys.executable, str(PROGRAM), "exits"]) as session:
        session.run(BAD)
        threads, files = threading.active_count(), len(me.open_files())
        handles = me.num_fds() if sys.platform != "win32" else 0
        for _ in range(10):
            assert isinstance(session.run(BAD), Crashed)
        # ten crashes must not leave ten of anything; one may just be on its way out
        assert threading.active_count() <= threads + 3
        assert len(me.open_files()) <= files + 3
        if sys.platform != "win32":
            assert me.num_fds() <= handles + 3


def test_a_program_that_does_not_stop_is_ended() -> None:
    stays = (
        "import sys,time,signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        'print(\'{"version": 1, "name": "stays"}\', flush=True)\n'
        "while True: print('x' * 1000, flush=True)"
    )
    start = time.monotonic()
    ProgramSession([sys.executable, "-c", stays]).close()
    assert time.monotonic() - start < 6


@pytest.mark.skipif(sys.platform == "win32", reason="no such signal on Windows")
def test_ctrl_c_in_the_middle_of_a_case_ends_the_program() -> None:
    script = (
        "import sys\n"
        "from gradoracle import corpus\n"
        "from gradoracle.wire.session import ProgramSession\n"
        f"session = ProgramSession([sys.executable, {str(PROGRAM)!r}, 'hangs'])\n"
        "print('ready', flush=True)\n"
        "try:\n"
        "    session.run(corpus.find('two-layer.relu-bce').case)\n"
        "except KeyboardInterrupt:\n"
        "    session.close()\n"
        "    print('closed', flush=True)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        time.sleep(0.5)
        child.send_signal(signal.SIGINT)
        assert child.stdout.read() == "closed\n"
        assert child.wait(10) == 0


def test_only_the_end_of_standard_error_is_kept() -> None:
    code = "import sys; sys.stderr.write('a' * 10**6 + 'the end'); sys.exit(1)"
    process = Process([sys.executable, "-c", code], Limits(stderr=10))
    time.sleep(0.3)
    assert process.leave(b"") in (0, 1)
    assert process.kill() == "aaathe end"


@pytest.mark.parametrize("limit", [{"seconds": 0}, {"memory": -1}, {"start": "1"}, {"line": None}])
def test_a_limit_that_is_none_is_refused(limit: dict[str, float]) -> None:
    with pytest.raises(InputError, match="a limit on"):
        Limits(**limit)  # type: ignore[arg-type]


def test_the_session_is_light_to_import() -> None:
    code = "import sys, gradoracle.wire.python; print(*sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in out.stdout.split()}
    assert not loaded & {"jsonschema", "scipy", "flint", "click", "rich", "torch", "tensorflow"}
