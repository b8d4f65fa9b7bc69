"""How a conversation breaks off."""

from __future__ import annotations

from gradoracle.candidate.answer import Crashed
from gradoracle.errors import GradoracleError


class Fault(Exception):
    """The conversation cannot go on; the session turns it into a `Crashed`.

    Parameters
    ----------
    kind : str
        One of `gradoracle.candidate.answer.CRASHES`.
    reason : str
        One line.
    context : str
        Several lines, where the other side sent some.
    """

    def __init__(self, kind: str, reason: str, context: str = "") -> None:
        self.kind = kind
        self.reason = reason
        self.context = context
        super().__init__(f"{kind}: {reason}")


def protocol(reason: str) -> Fault:
    """Return the fault of an answer that is not as the protocol says."""
    return Fault("protocol", reason)


class CouldNotStart(GradoracleError):
    """A candidate was started and did not come so far as to take a case: exit status 3.

    Parameters
    ----------
    what : str
        The candidate, as the user typed it.
    crashed : Crashed
        How it ended.
    """

    def __init__(self, what: str, crashed: Crashed) -> None:
        self.what = what
        self.crashed = crashed
        super().__init__(f"{what} could not be started: {crashed.kind}: {crashed.reason}")

    def __reduce__(self) -> tuple[type[CouldNotStart], tuple[str, Crashed]]:
        return type(self), (self.what, self.crashed)
