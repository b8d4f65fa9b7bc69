"""From the decorator and pytest's options to the tests of one function."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from gradoracle import corpus
from gradoracle.arrays import DTYPES
from gradoracle.checking.api import chosen_dtypes
from gradoracle.errors import GradoracleError, NothingCheckedError
from gradoracle.known import dtypes_of
from gradoracle.pytest_plugin.under_test import CaseUnderTest, under_test
from gradoracle.testing import MARKER


@dataclass(frozen=True)
class Wanted:
    """What one decorator asks for, the options of the command line applied."""

    level: str | Collection[str]
    dtypes: tuple[str, ...]
    match: str | Collection[str] | None
    cases: tuple[CaseUnderTest, ...] = ()

    @property
    def partial(self) -> bool:
        """Whether some of the required level is left out."""
        required = self.level == "required" or "required" in self.level
        return not required or bool(self.match) or len(self.dtypes) < len(DTYPES)


def parametrise(metafunc: pytest.Metafunc) -> Wanted | None:
    """Make a decorated function one test a case and dtype; return what it asks for.

    Raises
    ------
    pytest.Collector.CollectError
        With one line, if nothing is left to check, or a name is none.
    """
    node = metafunc.definition
    marks = list(node.iter_markers(MARKER))
    own = [mark for mark in node.own_markers if mark.name == MARKER]
    if not marks or (not own and "case" not in metafunc.fixturenames):
        return None  # the other methods of a decorated class
    try:
        if len(own) > 1:
            raise NothingCheckedError(
                "one @gradoracle.cases a test", f"{len(own)}", "match=('one.*', 'other.*')"
            )
        wanted = _wanted(marks[0].kwargs, metafunc.config)
        wanted = replace(wanted, cases=tuple(_tests(wanted)))
    except GradoracleError as error:
        raise pytest.Collector.CollectError(f"{node.nodeid}: gradoracle.cases: {error}") from None
    ids = [f"{case.id}-{case.dtype}" for case in wanted.cases]
    metafunc.parametrize("case", wanted.cases, ids=ids)
    return wanted


def _wanted(given: Mapping[str, Any], config: pytest.Config) -> Wanted:
    levels: Sequence[str] = config.getoption("gradoracle_level")
    only: Sequence[str] = config.getoption("gradoracle_dtype")
    asked = chosen_dtypes(given["dtype"])
    dtypes = tuple(name for name in asked if not only or name in only)
    if not dtypes:
        raise NothingCheckedError(
            f"--gradoracle-dtype out of {', '.join(asked)}, the decorator's",
            ", ".join(only),
            "leave this test out with -k, or the option",
        )
    return Wanted(levels or given["level"], dtypes, given["match"])


def _tests(wanted: Wanted) -> Iterator[CaseUnderTest]:
    """Yield the cases in the order of the corpus, both dtypes of one after another."""
    nothing = True
    for item in corpus.load(wanted.level, wanted.match):
        for dtype in dtypes_of(item, wanted.dtypes):
            nothing = False
            yield under_test(item, dtype)
    if nothing:
        raise NothingCheckedError(
            f"a case that can be asked in {' or '.join(wanted.dtypes)}", "none", "add a dtype"
        )
