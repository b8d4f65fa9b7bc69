"""A program's harness, tested before any network: numbers there and back, and one product."""

from __future__ import annotations

import math
import struct
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gradoracle.wire.conversation import Conversation, Wire
from gradoracle.wire.faults import CouldNotStart, Fault
from gradoracle.wire.limits import Limits
from gradoracle.wire.messages import read_smoke, write_smoke

VALUES = {
    "a": math.pi,
    "b": -math.e,
    "tiny": math.ulp(0.0),
    "huge": sys.float_info.max,
    "third": 1 / 3,
    "minus_zero": -0.0,
    "nan": math.nan,
}
EXPECTED = {**VALUES, "product": VALUES["a"] * VALUES["b"]}


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Attributes
    ----------
    name : str
    ok : bool
    detail : str
        One line.
    """

    name: str
    ok: bool
    detail: str


def smoke(
    command: Sequence[str],
    *,
    wire: Wire = "json",
    limits: Limits = Limits(),  # noqa: B008 -- frozen
    lint: bool = False,
) -> Iterator[Check]:
    """Yield what a program's harness does right and wrong, as it is found out.

    Raises
    ------
    InputError
        If there is no such program.
    CouldNotStart
        If it crashes, or does not speak the protocol.
    """
    talk = Conversation(command, wire, limits, lint=lint)
    try:
        greeting = talk.start()
        about = greeting.about
        dtypes = " and ".join(about.dtypes)
        yield Check("start", True, " ".join(filter(None, (about.name, about.language, dtypes))))
        request = write_smoke(1, VALUES, talk.numbers(greeting))
        yield from _compared(read_smoke(talk.ask(request, limits.seconds), 1))
        code = talk.leave()
        how = "killed: it went on after stop" if code is None else f"exit status {code}"
        yield Check("stop", code == 0, how)
    except Fault as fault:
        from gradoracle.candidate.answer import Crashed

        context = talk.kill()
        crashed = Crashed(fault.kind, fault.reason, fault.context or context)
        raise CouldNotStart(str(talk), crashed) from None
    finally:
        talk.close()


def _compared(got: dict[str, float]) -> Iterator[Check]:
    for name, expected in EXPECTED.items():
        if name not in got:
            yield Check(name, False, f"expected {expected!r}, got nothing")
            continue
        value = got[name]
        same = _bits(value) == _bits(expected) or (math.isnan(value) and math.isnan(expected))
        detail = f"{value!r}" if same else f"expected {expected!r}, got {value!r}"
        yield Check(name, same, detail)
    for name in got:
        if name not in EXPECTED:
            yield Check(name, False, "was not asked for")


def _bits(value: float) -> bytes:
    return struct.pack("<d", value)
