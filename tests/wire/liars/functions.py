"""Python candidates that lie or break on one case, and are right on every other."""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import gradoracle_numpy
from gradoracle import Case

BAD = "two-layer.relu-bce"

Trace = dict[str, Any]


def right(case: Case) -> Trace:
    return dict(gradoracle_numpy.implementation(case))


def liar(lie: Callable[[Case, Trace], object]) -> Callable[[Case], object]:
    """Make a candidate that lies about one case."""

    def candidate(case: Case) -> object:
        trace = right(case)
        return lie(case, trace) if case.id == BAD else trace

    candidate.__name__ = lie.__name__
    return candidate


def without(trace: Trace, name: str) -> Trace:
    return {key: value for key, value in trace.items() if key != name}


@liar
def raises(case: Case, trace: Trace) -> object:
    sys.stdout.write("about to raise\n")
    raise ZeroDivisionError("as said")


@liar
def calls_exit(case: Case, trace: Trace) -> object:
    sys.exit(3)


@liar
def leaves(case: Case, trace: Trace) -> object:
    os._exit(3)


@liar
def kills_itself(case: Case, trace: Trace) -> object:
    os.kill(os.getpid(), signal.SIGKILL)
    return trace


@liar
def segfaults(case: Case, trace: Trace) -> object:
    faulthandler._sigsegv()  # type: ignore[attr-defined]
    return trace


@liar
def hangs(case: Case, trace: Trace) -> object:
    time.sleep(1000)
    return trace


@liar
def hangs_ignoring_sigterm(case: Case, trace: Trace) -> object:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    time.sleep(1000)
    return trace


def fork(*, leave: bool) -> None:
    """Leave a child behind that holds every pipe; in a session of its own, without a parent."""
    child = os.fork()
    if child == 0:
        if leave:
            os.setsid()
            if os.fork():
                os._exit(0)
        time.sleep(1000)
        os._exit(0)
    if leave:
        os.waitpid(child, 0)


@liar
def forks(case: Case, trace: Trace) -> object:
    fork(leave=False)
    return trace


@liar
def forks_a_daemon(case: Case, trace: Trace) -> object:
    fork(leave=True)
    return trace


@liar
def forks_and_leaves(case: Case, trace: Trace) -> object:
    fork(leave=True)
    fork(leave=False)
    os._exit(3)


@liar
def forks_and_both_return(case: Case, trace: Trace) -> object:
    os.fork()
    return trace


@liar
def floods_stderr(case: Case, trace: Trace) -> object:
    chunk = b"x" * 2**20
    for _ in range(1024):
        os.write(2, chunk)
    os.write(2, b"\nthe end of the flood\n")
    raise ValueError("after the flood")


@liar
def prints(case: Case, trace: Trace) -> object:
    sys.stdout.write('{"seq": 1, "skipped": "no"}\n')
    os.write(1, b"from below\n")
    os.system("echo from a shell")  # noqa: S605
    assert sys.stdin.read() == ""
    return trace


@liar
def nan(case: Case, trace: Trace) -> object:
    return trace | {"dW1": np.full_like(trace["dW1"], np.nan)}


@liar
def infinity(case: Case, trace: Trace) -> object:
    return trace | {"J": float("inf")}


@liar
def missing(case: Case, trace: Trace) -> object:
    return without(trace, "db1")


@liar
def extra(case: Case, trace: Trace) -> object:
    return trace | {"dw1": trace["dW1"], 7: trace["dW1"]}


@liar
def misshapen(case: Case, trace: Trace) -> object:
    return trace | {"db1": np.ravel(trace["db1"])}


@liar
def endless_axes(case: Case, trace: Trace) -> object:
    return trace | {"db1": np.zeros((1, 2, 3, 1)), "dW1": np.zeros((0, 3))}


@liar
def of_objects(case: Case, trace: Trace) -> object:
    return trace | {"dW1": np.asarray(trace["dW1"]).astype(object)}


@liar
def of_integers(case: Case, trace: Trace) -> object:
    return trace | {"dW1": np.asarray(trace["dW1"]).astype(int)}


@liar
def in_the_other_dtype(case: Case, trace: Trace) -> object:
    other = np.float32 if case.dtype == np.float64 else np.float64
    return trace | {"dW1": np.asarray(trace["dW1"]).astype(other)}


@liar
def no_array(case: Case, trace: Trace) -> object:
    return trace | {"dW1": np.asarray(trace["dW1"]).tolist()}


@liar
def no_mapping(case: Case, trace: Trace) -> object:
    return list(trace.values())


@liar
def writes_to_its_inputs(case: Case, trace: Trace) -> object:
    case.X[0, 0] += 1
    return trace


@liar
def returns_its_inputs(case: Case, trace: Trace) -> object:
    return trace | {"dX": case.X}


@liar
def not_deterministic(case: Case, trace: Trace) -> object:
    return trace | {"J": float(trace["J"]) * next(FACTORS)}


FACTORS = iter([1.0, 1 + 2.0**-52] * 2)


@liar
def needs_20_gb(case: Case, trace: Trace) -> object:
    return trace | {"dW1": np.ones(20 * 2**30, dtype=np.uint8)}


@liar
def grows(case: Case, trace: Trace) -> object:
    """Take 20 MB at a time, in children, so that no limit on one process sees it."""
    for _ in range(1000):
        if os.fork() == 0:
            held = bytearray(b"x") * (20 * 2**20)
            time.sleep(1000)
            os._exit(len(held))
        time.sleep(0.02)
    return trace
