"""``gradoracle.cases``: one pytest test for every case of the corpus in every dtype.

    @gradoracle.cases(level="required")
    def test_my_net(case):
        case.check(my_net)

The plugin (`gradoracle.pytest_plugin`) makes the tests and gathers what came of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TypeVar

from gradoracle.arrays import shown
from gradoracle.checking.result import Finding, Result
from gradoracle.errors import InputError, MissingExtra

MARKER = "gradoracle"

Test = TypeVar("Test", bound=Callable[..., object])


def cases(
    level: str | Collection[str] = "required",
    dtype: str | Collection[str] | None = None,
    match: str | Collection[str] | None = None,
) -> Callable[[Test], Test]:
    """Make a test function, or the methods of a class, one test a case and dtype.

    The function takes an argument ``case``, a `gradoracle.pytest_plugin.under_test.CaseUnderTest`,
    and calls ``case.check(candidate)``; a test that does not has checked nothing, and fails. Its id
    is the case's and the dtype, ``two-layer.relu-bce-float64``, whatever else was chosen.

    Parameters
    ----------
    level : str or collection of str
        Of the corpus: ``required``, ``recommended``, ``stress``; ``--gradoracle-level`` overrides
        it.
    dtype : str or collection of str, optional
        Both by default; ``--gradoracle-dtype`` narrows it.
    match : str or collection of str, optional
        Patterns of case ids such as ``two-layer.*``.

    Raises
    ------
    InputError
        If it is used without parentheses. Wrong names are told when the tests are collected.
    MissingExtra
        If pytest is not installed.
    """
    if not isinstance(level, (str, Collection)):
        raise InputError("a level", shown(level), "write @gradoracle.cases() with parentheses")
    try:
        import pytest  # imported late: the rest of the package does without
    except ImportError as error:
        raise MissingExtra("pytest", "pytest") from error

    def marked(test: Test) -> Test:
        decorated: Test = getattr(pytest.mark, MARKER)(level=level, dtype=dtype, match=match)(test)
        return decorated

    return marked


class GradientError(AssertionError):
    """A candidate is wrong, or crashed; the message is the failure block.

    Attributes
    ----------
    result : Result
    findings : list of Finding
    """

    def __init__(self, message: str, result: Result) -> None:
        super().__init__(message)
        self.result = result

    @property
    def findings(self) -> list[Finding]:
        """Everything that is wrong, as data, the first wrong tensor first."""
        return list(self.result.findings())

    def __reduce__(self) -> tuple[type[GradientError], tuple[str, Result]]:
        # the default would call GradientError(message) when a worker process sends it back
        return type(self), (str(self), self.result)
