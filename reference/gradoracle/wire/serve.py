"""``python -m gradoracle.wire.serve TARGET [--OPTION VALUE ...]``: a Python candidate as a program.

It speaks the protocol of `docs/wire.md` with a few fields more, which the schemas describe. So the
command line can hold Python candidates to the same limits as any program.
"""

from __future__ import annotations

import faulthandler
import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, cast

from gradoracle.candidate.answer import Session
from gradoracle.candidate.python import crash
from gradoracle.candidate.repeat import run_twice
from gradoracle.errors import GradoracleError
from gradoracle.wire import json_lines, messages
from gradoracle.wire.faults import CouldNotStart
from gradoracle.wire.greeting import write_crashed_start, write_greeting, write_refusal


def serve(
    target: str,
    options: dict[str, object],
    asked: BinaryIO,
    said: BinaryIO,
    seconds: float | None = None,
) -> None:
    """Answer until `stop`, or the end of what is asked.

    Parameters
    ----------
    target : str
    options : dict
        For `gradoracle.candidate.opening.open_candidate`.
    asked, said : file
        Of bytes; nothing else reads or writes them.
    seconds : float, optional
        The limit on a case: shortly before, where it hangs is written to standard error.
    """
    own = os.getpid()
    session: Session | None = None
    folder: Path | None = None
    for line in asked:
        request = json_lines.read(line)
        if request["cmd"] == "stop":
            break
        if request["cmd"] == "start":
            folder = Path(str(request["folder"]))
            session, greeting = _opened(target, options, folder)
            answer = json_lines.write(greeting)
        else:
            if seconds is not None:
                faulthandler.dump_traceback_later(0.9 * seconds)
            answer = _run(session, request, folder)
            faulthandler.cancel_dump_traceback_later()
        if os.getpid() != own:  # a child that the candidate forked came out of it, too
            os._exit(0)
        said.write(answer)
        said.flush()
    if session is not None:
        session.close()


def _opened(
    target: str, options: dict[str, object], folder: Path
) -> tuple[Session | None, messages.Document]:
    """Import the candidate and open it; return what to say of it."""
    from gradoracle.candidate.opening import open_candidate
    from gradoracle.wire.target import load

    try:
        session = open_candidate(load(target), **options)
    except CouldNotStart as error:
        return None, write_crashed_start(error.crashed)
    except GradoracleError as error:
        return None, write_refusal(error)
    except (Exception, SystemExit) as error:
        return None, write_crashed_start(crash(error))
    return session, write_greeting(session.about, folder)


def _run(session: Session | None, request: messages.Document, folder: Path | None) -> bytes:
    seq = cast("int", request["seq"])
    if session is None:
        return json_lines.write({"seq": seq, "errored": "run before start"})
    try:
        answer = run_twice(session, messages.read_case(request["case"], folder))
        return json_lines.write(messages.write_answer(seq, answer, folder))
    except BaseException as error:  # KeyboardInterrupt too: Ctrl-C is not for this process
        return json_lines.write(messages.write_answer(seq, crash(error), folder))


def private_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Take standard input and output away from the candidate.

    What it prints goes to standard error, from C as well, and it reads the end of a file.
    """
    asked, said = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    with suppress(AttributeError, ValueError):
        sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    return os.fdopen(asked, "rb"), os.fdopen(said, "wb")


def end_with_parent() -> None:
    """Do not outlive the process that asks, should it be killed while the candidate computes."""
    if sys.platform.startswith("linux"):
        import ctypes
        import signal

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG, 1 in linux/prctl.h


def hold_memory(most: int) -> None:
    """Let an allocation beyond this fail at once, where the system can count what is writable.

    Not RLIMIT_AS: CUDA, the JVM and others reserve far more addresses than they use.
    """
    if sys.platform.startswith("linux"):
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def read_options(words: Sequence[str]) -> dict[str, object]:
    """Read ``--name value`` pairs; a value is JSON, or else a text."""
    options: dict[str, object] = {}
    for name, value in zip(words[::2], words[1::2], strict=True):
        try:
            options[name.removeprefix("--").replace("-", "_")] = json.loads(value)
        except ValueError:
            options[name.removeprefix("--").replace("-", "_")] = value
    return options


def main() -> None:
    """Serve the candidate that the command line names."""
    target, *words = sys.argv[1:]
    options = read_options(words)
    asked, said = private_pipes()
    end_with_parent()
    faulthandler.enable()  # a crash in C leaves Python's own stack on standard error
    memory, seconds = options.pop("memory", None), options.pop("seconds", None)
    if isinstance(memory, int):
        hold_memory(memory)
    with suppress(BrokenPipeError):
        serve(target, options, asked, said, seconds if isinstance(seconds, float) else None)


if __name__ == "__main__":
    main()
