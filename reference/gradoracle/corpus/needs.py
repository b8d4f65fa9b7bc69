"""What a case needs: other cases, of no later level, and never itself in a roundabout way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from gradoracle.case import LEVELS, Case
from gradoracle.corpus.place import Place


def check_each(case: Case, levels: Mapping[str, str], place: Place) -> None:
    """Check that the needs of a case are other cases, of no later level.

    Parameters
    ----------
    case : Case
    levels : mapping of str to str
        The level of every case there is, by its id.
    place : Place
        Of the case.

    Raises
    ------
    InputError
        Naming the need.
    """
    for i, need in enumerate(case.needs):
        here = place.at("needs").entry(i)
        if need == case.id:
            raise here.error("another case", "the case itself")
        if need not in levels:
            raise here.error("the id of a case of the corpus", repr(need)[:80])
        if LEVELS.index(levels[need]) > LEVELS.index(case.level):
            expected = f"a case of no later level than {case.level}"
            raise here.error(expected, f"{need}, which is {levels[need]}")


def circle(
    case_id: str, needs_of: Callable[[str], Sequence[str]], settled: set[str]
) -> Sequence[str]:
    """Follow needs to their ends; return those that come back to where they began, if any do.

    Parameters
    ----------
    case_id : str
        Where to begin.
    needs_of : callable (id) -> ids
    settled : set of str
        Ids known to lead to an end; those that are found to are added.
    """
    path, ahead = [case_id], [iter(needs_of(case_id))]
    while path:
        need = next(ahead[-1], None)
        if need is None:
            settled.add(path.pop())
            ahead.pop()
        elif need in path:
            return [*path[path.index(need) :], need]
        elif need not in settled:
            path.append(need)
            ahead.append(iter(needs_of(need)))
    return []
