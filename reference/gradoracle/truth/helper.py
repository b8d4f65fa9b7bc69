"""A second process that sweeps half of the chunks of a large case.

Balls are computed under Python's lock, so threads do not help. `multiprocessing` would either
fork a process that may hold the threads of a framework, or import the main module of the caller
again; a process of its own, which reads from a pipe what to do, needs neither.
"""

from __future__ import annotations

import contextlib
import os
import pickle  # both ends of the pipe are ours
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO, Self

from flint import arb, arb_mat

from gradoracle.case import Case
from gradoracle.network import Parameters
from gradoracle.truth.propagation import Matrices
from gradoracle.truth.sweep import Chunk, Part, Sweep

_PROGRAM = (
    "import sys; sys.path[:] = sys.argv[1:]; from gradoracle.truth.helper import serve; serve()"
)


class Helper:
    """The caller's end: begin a sweep, fetch its parts in order, end it.

    Parameters
    ----------
    case : Case
        Its parameters are sent once. Used as a context manager, which ends the process.
    """

    def __init__(self, case: Case) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - this very interpreter and package
            [sys.executable, "-c", _PROGRAM, *sys.path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._to: Any = self._process.stdin
        self._from: Any = self._process.stdout
        self._send((case.network, dict(case.W), dict(case.b), case.N))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._process.kill()
        self._process.wait()
        self._from.close()
        with contextlib.suppress(BrokenPipeError):  # what is still in the buffer has no reader
            self._to.close()

    def begin(self, bits: int, chunks: Iterable[Chunk], names: Sequence[str]) -> None:
        """Start a sweep over some chunks of examples, which may be made as they are sent."""
        self._send((bits, list(names)))
        for chunk in chunks:
            self._send(chunk)
        self._send(None)

    def part(self) -> Part:
        """Wait for the next chunk."""
        part: Part = self._receive()
        return part

    def end(self) -> tuple[Matrices, str]:
        """Wait for the sums of the sweep, or the reason why they are not complete."""
        shapes, reason = self._receive()
        sums: Matrices = {}
        for name, (rows, columns) in shapes.items():
            entries = [arb(*ball) for _ in range(rows) for ball in self._receive()]
            sums[name] = arb_mat(rows, columns, entries)
        return sums, reason

    def _send(self, message: object) -> None:
        try:
            pickle.dump(message, self._to, protocol=5)
            self._to.flush()
        except BrokenPipeError:
            raise _lost() from None

    def _receive(self) -> Any:
        try:
            return pickle.load(self._from)  # noqa: S301 - our own bytes
        except (EOFError, pickle.UnpicklingError):
            raise _lost() from None


def serve() -> None:
    """The other end: read the parameters, then sweep what is asked for until the pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the caller ends this process
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # nothing else may write into the pipe
    network, W, b, N = pickle.load(source)  # noqa: S301 - our own bytes
    parameters = Parameters(W, b)
    while True:
        try:
            bits, names = pickle.load(source)  # noqa: S301 - our own bytes
        except EOFError:
            return
        sweep = Sweep(network, parameters, N, bits)
        chunks = deque(iter(lambda: pickle.load(source), None))  # noqa: S301 - our own bytes
        while chunks:  # none is kept when it is done
            _write(sink, sweep.chunk(chunks.popleft(), names))
        _write(sink, ({n: (M.nrows(), M.ncols()) for n, M in sweep.sums.items()}, sweep.reason))
        for M in sweep.sums.values():
            for row in _packed_rows(M):
                _write(sink, row)


def _write(sink: BinaryIO, message: object) -> None:
    pickle.dump(message, sink, protocol=5)
    sink.flush()


def _packed_rows(M: arb_mat) -> Iterator[list[tuple[tuple[int, int], tuple[int, int]]]]:
    """Yield the balls of each row as integers: mantissa and exponent of midpoint and radius.

    As Python's integers they are six times as large as in python-flint: all rows at once would
    be the most memory that either process ever holds.
    """
    entries, columns = M.entries(), M.ncols()
    for start in range(0, len(entries), columns):
        row = entries[start : start + columns]
        yield [(_man_exp(v.mid()), _man_exp(v.rad())) for v in row]


def _man_exp(x: arb) -> tuple[int, int]:
    mantissa, exponent = x.man_exp()
    return int(mantissa), int(exponent)


def _lost() -> ChildProcessError:
    return ChildProcessError(
        "the second process of truth() ended early, perhaps for want of memory; "
        "mend: truth(case, processes=1)"
    )
