"""What went wrong with a request, in one line that says how to mend it."""

from __future__ import annotations


class GradoracleError(Exception):
    """Base of every error this project raises on purpose."""


class InputError(GradoracleError, ValueError):
    """A request that cannot be served as it stands: exit status 2.

    Parameters
    ----------
    expected : str
        What the contract asks for.
    got : str
        What came instead.
    mend : str
        How to put it right, as code or a command where that is possible.
    """

    def __init__(self, expected: str, got: str, mend: str) -> None:
        self.expected = expected
        self.got = got
        self.mend = mend
        super().__init__(f"expected {expected}; got {got}; mend: {mend}")

    def __reduce__(self) -> tuple[type[InputError], tuple[str, str, str]]:
        # the default would call InputError(message) when a worker process sends it back
        return type(self), (self.expected, self.got, self.mend)


class NothingCheckedError(InputError):
    """A request that selects nothing to check: exit status 5."""


class MissingExtra(GradoracleError, ImportError):
    """An optional package that was asked for is not installed: exit status 2.

    Parameters
    ----------
    package : str
        The package that could not be imported.
    extra : str
        The extra of this distribution that installs it.
    """

    def __init__(self, package: str, extra: str) -> None:
        self.package = package
        self.extra = extra
        super().__init__(
            f'{package} is not installed; mend: python -m pip install "gradoracle[{extra}]"'
        )

    def __reduce__(self) -> tuple[type[MissingExtra], tuple[str, str]]:
        return type(self), (self.package, self.extra)
