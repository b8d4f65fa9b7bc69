"""The kill matrix: which case kills which known mistake, in which dtype, at which layers.

``python -m gradoracle.mistakes.matrix --write docs/kill-matrix.md`` runs every mistake at every
layer of every required case in both dtypes, and writes the page. What required cases cannot see is
declared in `gradoracle.mistakes.unseen`, and what each of them is there for in ``catches.json``;
the tests check that both are true.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

from gradoracle import corpus
from gradoracle.mistakes.catalogue import CATALOGUE
from gradoracle.mistakes.kills import DTYPES, Seen, everywhere
from gradoracle.mistakes.mistake import FAMILIES, Mistake
from gradoracle.mistakes.unseen import IN_SECOND_CALL, NEAR, UNNAMED, UNSEEN

CATCHES = Path(__file__).parent / "catches.json"


@dataclass(frozen=True)
class Catch:
    """A mistake that a case is there for, and the dtypes in which it kills it for sure.

    Attributes
    ----------
    mistake : str
    dtypes : tuple of str
        Both, unless it says ``in float64`` or ``in float32`` behind the name.
    """

    mistake: str
    dtypes: tuple[str, ...] = DTYPES

    @classmethod
    def read(cls, text: str) -> Catch:
        """Read ``NAME`` or ``NAME in DTYPE``."""
        name, _, dtype = text.partition(" in ")
        return cls(name, (dtype,) if dtype else DTYPES)

    def __str__(self) -> str:
        """Return what `read` reads."""
        return self.mistake if self.dtypes == DTYPES else f"{self.mistake} in {self.dtypes[0]}"


@cache
def catches() -> Mapping[str, tuple[Catch, ...]]:
    """Return for every required case the mistakes that it is there for."""
    read = json.loads(CATCHES.read_text(encoding="utf-8"))
    return {case: tuple(map(Catch.read, texts)) for case, texts in read.items()}


def fingerprint() -> str:
    """Return a digest of the corpus and of the names of the mistakes, of which the page speaks."""
    names = "\n".join(f"{mistake.name} {mistake.place}" for mistake in CATALOGUE)
    text = f"{corpus.packaged().sha256}\n{names}\n{CATCHES.read_text(encoding='utf-8')}"
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Matrix:
    """What became of mistakes wherever they could be made.

    Attributes
    ----------
    seen : sequence of Seen
    sizes : mapping of str to int
        How many numbers a case has, parameters and batch; in the order of the corpus.
    threshold : float
        The excess above which a mistake counts as killed.
    """

    seen: Sequence[Seen]
    sizes: Mapping[str, int]
    threshold: float = 1.0
    _by: dict[tuple[str, str], list[Seen]] = field(default_factory=dict)

    @classmethod
    def of(cls, frozen: Iterable[corpus.Frozen], mistakes: Iterable[Mistake]) -> Matrix:
        """Run mistakes on cases."""
        items = tuple(frozen)
        sizes = {f.case.id: _size(f) for f in items}
        return cls(tuple(everywhere(items, mistakes)), sizes)

    @cached_property
    def by_mistake(self) -> Mapping[str, Mapping[str, list[Seen]]]:
        """By the mistake, then by the case."""
        found: dict[str, dict[str, list[Seen]]] = {}
        for one in self.seen:
            found.setdefault(one.mistake, {}).setdefault(one.case, []).append(one)
        return found

    def at(self, mistake: str, case: str = "", dtype: str = "") -> list[Seen]:
        """Return what became of a mistake, in one case or in all."""
        cases = self.by_mistake.get(mistake, {})
        lists = [cases.get(case, [])] if case else cases.values()
        return [one for each in lists for one in each if dtype in ("", one.dtype)]

    def killed(self, one: Seen) -> bool:
        """Whether a mistake is found out there."""
        return one.excess > self.threshold

    def cell(self, mistake: str, case: str) -> str:
        """Return one character: `LEGEND` says what it means."""
        places = self.at(mistake, case)
        if not places:
            return "."
        kills = [one for one in places if self.killed(one)]
        if not kills:
            return "-"
        if any(one.call > 1 for one in kills):
            return "2"
        return "#" if len(kills) == len(places) else "+"

    def killers(self, mistake: str) -> list[str]:
        """Return the cases that kill a mistake, in every dtype they can be asked in."""
        first = [case for case in self.sizes if self.cell(mistake, case) in "#+2"]
        both = [
            case
            for case in first
            if all(
                any(self.killed(one) for one in self.at(mistake, case, dtype))
                for dtype in {one.dtype for one in self.at(mistake, case)}
            )
        ]
        return both or first

    def clearest(self, mistake: str) -> str:
        """Return the case that kills it at most places by the widest margin; the smaller one."""

        def margin(case: str) -> tuple[float, int]:
            return -min(one.excess for one in self.at(mistake, case)), self.sizes[case]

        return min(self.killers(mistake), key=margin, default="")

    def smallest(self, mistake: str) -> str:
        """Return the smallest case that kills it."""
        return min(self.killers(mistake), key=self.sizes.__getitem__, default="")

    def share(self, mistake: str, dtype: str, *, answer: bool = False) -> tuple[int, int]:
        """Return at how many places it is killed, by J, dW and db alone, and how many there are."""
        places = self.at(mistake, dtype=dtype)
        excesses = [one.answer if answer else one.excess for one in places]
        return sum(excess > self.threshold for excess in excesses), len(places)

    def surviving(self, mistake: str) -> list[str]:
        """Return the cases where it can be made and changes nothing beyond rounding."""
        return [case for case in self.sizes if self.cell(mistake, case) == "-"]


def required() -> Matrix:
    """Return the matrix of all mistakes and all required cases."""
    return Matrix.of(corpus.load("required"), CATALOGUE)


def _size(frozen: corpus.Frozen) -> int:
    case = frozen.case
    return sum(a.size for a in (*case.W.values(), *case.b.values(), case.X, case.Y))


def page(matrix: Matrix) -> str:
    """Return docs/kill-matrix.md."""
    parts = [HEAD.format(**_figures(matrix)), UNSEEN_TABLE + "\n" + "\n".join(_unseen())]
    parts += [UNNAMED_HEAD + "\n" + "\n".join(f"| {n} | {why} |" for n, why in UNNAMED.items())]
    parts += ["## Every mistake", MISTAKE_HEAD]
    for family in FAMILIES:
        names = [mistake.name for mistake in CATALOGUE if mistake.family == family]
        rows = [mistake_row(matrix, name) for name in names]
        parts += [f"### {family[0].upper()}{family[1:]}", MISTAKE_TABLE + "\n" + "\n".join(rows)]
    parts += ["## Every required case", CASE_HEAD]
    parts += [CASE_TABLE + "\n" + "\n".join(case_row(matrix, case) for case in matrix.sizes)]
    parts += ["## The matrix", LEGEND, _grid(matrix)]
    return "\n\n".join(parts) + "\n"


def _figures(matrix: Matrix) -> dict[str, str | int | float]:
    return {
        "rows": "\n".join(_summary(matrix, dtype) for dtype in DTYPES),
        "mistakes": len(CATALOGUE),
        "cases": len(matrix.sizes),
        "version": corpus.packaged().version,
        "fingerprint": fingerprint(),
        "unseen": len(UNSEEN),
        "near": NEAR,
    }


def _summary(matrix: Matrix, dtype: str) -> str:
    names = [mistake.name for mistake in CATALOGUE]
    shares = [matrix.share(name, dtype) for name in names]
    answers = [matrix.share(name, dtype, answer=True)[0] for name in names]
    declared = sum(unseen.by(dtype) not in ("", IN_SECOND_CALL) for unseen in UNSEEN)
    return (
        f"| {dtype} | {sum(n for _, n in shares):,} | {sum(k for k, _ in shares):,} "
        f"| {sum(answers):,} | {len(names) - declared} of {len(names)} |"
    )


def _unseen() -> list[str]:
    return [
        f"| {u.mistake} | {u.float64 or 'by required cases'} | {u.float32 or 'by required cases'} "
        f"| {u.reason} |"
        for u in UNSEEN
    ]


def mistake_row(matrix: Matrix, name: str) -> str:
    """Return the line of a mistake."""
    survives = matrix.surviving(name)
    can = len(matrix.by_mistake.get(name, {}))
    cells = [
        name,
        *(_of(matrix.share(name, dtype)) for dtype in DTYPES),
        *(_of(matrix.share(name, dtype, answer=True)) for dtype in DTYPES),
        f"{sum(matrix.cell(name, case) in '#+2' for case in matrix.sizes)} of {can}",
        matrix.clearest(name) or "—",
        matrix.smallest(name) or "—",
        _few(survives),
    ]
    return f"| {' | '.join(cells)} |"


def _of(share: tuple[int, int]) -> str:
    return f"{share[0]} of {share[1]}" if share[1] else "—"


def _few(cases: Sequence[str]) -> str:
    if len(cases) > 3:
        return f"{len(cases)} cases"
    return ", ".join(cases)


def case_row(matrix: Matrix, case: str) -> str:
    """Return the line of a case."""
    kills = sum(matrix.cell(mistake.name, case) in "#+" for mistake in CATALOGUE)
    can = sum(matrix.cell(mistake.name, case) != "." for mistake in CATALOGUE)
    return f"| {case} | {kills} of {can} | {', '.join(map(str, catches()[case]))} |"


def _grid(matrix: Matrix) -> str:
    """Return the matrix itself: a line for a mistake, a column for a case."""
    cases = list(matrix.sizes)
    width = max(len(mistake.name) for mistake in CATALOGUE)
    tens = "".join(f"{i + 1:<10d}" if i % 10 == 0 else "" for i in range(len(cases)))
    lines = [f"{'':{width}} {tens}".rstrip()]
    for mistake in CATALOGUE:
        row = "".join(matrix.cell(mistake.name, case) for case in cases)
        lines.append(f"{mistake.name:{width}} {row}")
    return "```text\n" + "\n".join(lines) + "\n```"


HEAD = """# The kill matrix

{mistakes} known mistakes ([gallery](mistakes.md)) at every layer where they can be made, on each of
the {cases} required cases, in both dtypes, each trace judged as `gradoracle check` judges it:
*killed* where the judge says fail.

| dtype | places | killed | by J, dW, db alone | mistakes killed by a required case |
|---|---|---|---|---|
{rows}

This page is written by `python -m gradoracle.mistakes.matrix --write docs/kill-matrix.md`; the
tests compute every kill anew, and fail if it is stale. Corpus {version}, fingerprint
`{fingerprint}`.

## What required cases do not kill at once

{unseen} mistakes, in one dtype at least, each for a reason. Every other one exceeds on a required
case what rounding may do there by more than a factor of {near:g}, in both dtypes; a smaller factor,
which no machine need repeat, is counted below and not relied on. Mistakes that have the same
numbers somewhere are listed [with the diagnosis](diagnosis.md)."""

UNSEEN_TABLE = """| mistake | killed in float64 | in float32 | why |
|---|---|---|---|"""

UNNAMED_HEAD = """\
## What is killed and not named

A file of `gradoracle mistakes NAME --code` fails `gradoracle check`, which says NAME, or one that
has the same numbers there; but of these it says that something is wrong, where, and no name.

| mistake | why |
|---|---|"""

MISTAKE_HEAD = """\
A *place* is a layer of a case. The *clearest* case is the one with the widest margin at the worst
of its places, the *smallest* the one with the fewest numbers; both kill in both dtypes where any
case does. In the *answer* columns only J, dW and db count, which is all that many programs return.
The last column names the cases where it can be made and changes nothing beyond rounding."""

MISTAKE_TABLE = """| mistake | float64 | float32 | answer, float64 | answer, float32 | cases | clearest | smallest | survives |
|---|---|---|---|---|---|---|---|---|"""  # noqa: E501 - a line of the page

CASE_HEAD = """\
Every required case names the mistakes that it is there for, and kills each of them in both dtypes
unless it says in which; *kills* counts all that it kills, of those that can be made there."""

CASE_TABLE = """| case | kills | is there for |
|---|---|---|"""

LEGEND = """\
A column for each required case, in the order of the table above, numbered from 1. `#` killed at
every layer in both dtypes; `+` killed, but not at every layer or in one dtype only; `2` right in
the first call, wrong in the second; `-` can be made and changes nothing beyond rounding; `.` cannot
be made there."""


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, required=True, metavar="FILE")
    parser.parse_args().write.write_text(page(required()), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
