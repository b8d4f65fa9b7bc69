"""Ctrl-C that nothing on the way can lose.

An extension module that is being initialised turns KeyboardInterrupt into ImportError; a weak
reference's callback drops it. So it is remembered that the signal came.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

OTHERS = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]

_seen = False  # a signal handler is the process' own, and so is this


def stop_if_interrupted() -> None:
    """Raise the KeyboardInterrupt that came and was turned into something else, or dropped."""
    if _seen:
        raise KeyboardInterrupt


@contextmanager
def remembered() -> Iterator[None]:
    """Remember Ctrl-C inside the block: whatever exception leaves it is then KeyboardInterrupt.

    So are requests to end from elsewhere: a CI that cancels, a terminal that closes.
    A handler that is not Python's own stays: SIGINT is ignored on purpose, or the caller's.
    """
    global _seen
    _seen = False
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    hook = sys.unraisablehook

    def unraisable(error: sys.UnraisableHookArgs) -> None:
        if not isinstance(error.exc_value, KeyboardInterrupt):
            hook(error)

    try:
        signal.signal(signal.SIGINT, _interrupt)
    except ValueError:  # only the main thread may
        yield
        return
    sys.unraisablehook = unraisable
    others = [n for n in OTHERS if signal.getsignal(n) is signal.SIG_DFL]
    for number in others:
        signal.signal(number, _interrupt)
    try:
        yield
    except BaseException:
        stop_if_interrupted()
        raise
    finally:
        sys.unraisablehook = hook
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for number in others:
            signal.signal(number, signal.SIG_DFL)


def _interrupt(number: int, frame: FrameType | None) -> None:
    global _seen
    _seen = True
    signal.default_int_handler(number, frame)
