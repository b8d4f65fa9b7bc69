"""docs/diagnosis.md, from what benchmarks/diagnosis.py measured: ``python diagnosis_page.py``."""

from __future__ import annotations

import ast
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from gradoracle import corpus, diagnosis, mistakes
from gradoracle.mistakes import steps
from gradoracle.mistakes.alike import ALIKE, Alike

JSON = Path(__file__).parent / "diagnosis.json"
ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "diagnosis.md"
NAMES = ROOT / "tests" / "diagnosis" / "wild" / "names.json"

# why a mistake is not named everywhere: all of them must be here, and no other
_PAPER = (
    "right on paper; its own rounding reaches as far as its error there, so the right formula "
    "would explain the numbers as well: it is said to round as coarsely, and not named"
)
_SIDES = (
    "factors half-way between two {0} numbers go to either side: there its own rounding is as "
    "large as its error in some array"
)
_OVERFLOW = (
    "J, or every gradient, is infinite or NaN whichever it was: rightly listed together, but "
    "declared to be the same in float64 alone"
)
EXPLAINED = {
    "tanh-by-sigmoid": _PAPER,
    "tanh-of-exponentials": _PAPER,
    "sigmoid-by-tanh": _PAPER,
    "softplus-overflows": _PAPER,
    "cross-entropy-not-fused": f"{_PAPER}; where a probability is 0 or 1, {_OVERFLOW}",
    "float32-in-forward-pass": _SIDES.format("float32"),
    "float16-in-forward-pass": _SIDES.format("float16"),
    "noise-left-on": "beside pixels of 255 the noise of 0.01 is, in db2, no more than rounding",
    "updated-weights-on-the-way-back": "the step moves dX by hardly more than float32 rounds it",
    "derivative-at-the-cotangent": "listed beside another: relu's derivative of dA is 1 wherever "
    "dA is positive, and with one example it may be so; or no number is left",
    "class-number-for-one-hot": "listed beside another: whatever is alike for all outputs goes "
    "back through a softmax as 0",
    **dict.fromkeys(
        ("logsumexp-without-shift", "loss-from-probabilities", "sigmoid-of-two-exponentials",
         "softmax-diagonal-lost", "softmax-kronecker-lost", "softmax-mean-not-weighted",
         "softmax-mean-over-examples", "softmax-off-diagonal-sign", "softmax-without-shift",
         "softplus-loss-overflows"), _OVERFLOW),
}  # fmt: skip


def measured() -> dict[str, Any]:
    """Return what was measured; nothing if it was not."""
    return dict(json.loads(JSON.read_text(encoding="utf-8"))) if JSON.exists() else {}


def fingerprint() -> str:
    """Return a digest of what the figures depend on.

    The numbers of the corpus; names and places of the mistakes; the code of the diagnosis and of
    the pass, without comments and docstrings. What a mistake does is not in it: the test that runs
    a sample of the trials anew is there for that.
    """
    room = Path(diagnosis.__file__).parent
    rooms = (path for path in sorted(room.glob("*.py")) if path.name != "__init__.py")
    code = [_code(path) for path in (*rooms, Path(steps.__file__))]
    names = [f"{mistake.name} {mistake.place}" for mistake in mistakes.all()]
    text = "\n".join([corpus.packaged().sha256, *names, *code])
    return hashlib.sha256(text.encode()).hexdigest()


def _code(path: Path) -> str:
    """Return the lines of a module that do anything."""
    text = path.read_text(encoding="utf-8")
    lines, dropped = text.splitlines(), set[int]()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            dropped |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    kept = (line.split("  #")[0].rstrip() for i, line in enumerate(lines, 1) if i not in dropped)
    return "\n".join(line for line in kept if line and not line.lstrip().startswith("#"))


def page(found: Mapping[str, Any]) -> str:
    """Return docs/diagnosis.md."""
    trust, speed = found["trust"], found["speed"]
    right = json.loads(NAMES.read_text(encoding="utf-8"))
    parts = [
        HEAD.format(**found),
        WAYS,
        _table(WAY_ROW, (_way(way, counts) for way, counts in trust["ways"].items())),
        MISSES,
        _table(MISS_ROW, _misses(trust["misses"])),
        SAME,
        _table(SAME_ROW, (_same(row, trust["alike"]) for row in ALIKE)),
        WILD.format(**_wild_counts(found["wild"], right)),
        _table(WILD_ROW, (_wild(row, right) for row in found["wild"])),
        STRANGE.format(**found["strange"]),
        SPEED,
        _table(
            SPEED_ROW, (_speed(label, speed[label]) for label in ("alone", "with a second case"))
        ),
        LARGE,
        _table(LARGE_ROW, (list(row.values()) for row in speed["large"])),
        COVERED.format(**found),
    ]
    return "\n\n".join(parts) + "\n"


def _table(head: str, rows: Iterable[Iterable[object]]) -> str:
    names = head.split(" | ")
    lines = [names, ["---"] * len(names), *([str(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |".replace("| --- ", "|---").replace("---|", "---|")
                     for cells in lines)  # fmt: skip


def _way(way: str, counts: Mapping[str, int]) -> list[str]:
    total = counts["trials"]
    kinds = [counts.get(k, 0) for k in ("first", "alike", "listed", "not named", "false")]
    return [way, *(f"{n:,}" for n in (total, *kinds)), f"{share(counts):.2%}"]


def share(counts: Mapping[str, int]) -> float:
    """Return how much of the trials is named right, or by a mistake with the same numbers."""
    return (counts.get("first", 0) + counts.get("alike", 0)) / counts["trials"]


def _misses(rows: Iterable[Mapping[str, Any]]) -> Iterator[list[str]]:
    """Yield a row for each mistake that is missed somewhere, the most often missed first."""
    several: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        several[row["mistake"]].append(row)
    for name, some in sorted(several.items(), key=lambda item: (-len(item[1]), item[0])):
        kinds = Counter(row["kind"] for row in some)
        said = ", ".join(f"{kind} {count}" for kind, count in kinds.most_common())
        dtypes = ", ".join(sorted({row["way"].split(",")[0] for row in some}))
        cases = sorted({row["case"] for row in some})
        shown = ", ".join(cases[:3]) + (f" and {len(cases) - 3} more" if len(cases) > 3 else "")
        yield [name, said, dtypes, shown, EXPLAINED.get(name, "?")]


def _same(row: Alike, counts: Mapping[str, int]) -> list[str]:
    names = set(row.mistakes)
    met = sum(count for pair, count in counts.items() if set(pair.split(" as ")) <= names)
    return [", ".join(row.mistakes), row.returned, row.where, row.why, f"{met:,}"]


def _wild_counts(rows: Iterable[Mapping[str, str]], right: Mapping[str, str]) -> dict[str, int]:
    counts: Counter[str] = Counter(named=0, false=0)
    for row in rows:
        kind = row["about"].split(":")[0]
        kind = kind if kind in ("right", "odd") else "wrong"
        counts[kind] += 1
        if row["named"]:
            counts["named" if _bare(row["told"]) == right.get(row["program"]) else "false"] += 1
    return dict(counts)


def _wild(row: Mapping[str, str], right: Mapping[str, str]) -> list[str]:
    about = " ".join(row["about"].split())
    told = row["told"] or row["verdict"]
    judged = "right" if row["named"] and _bare(told) == right.get(row["program"]) else ""
    return [row["program"], about, told, judged or ("false" if row["named"] else "")]


def _bare(told: str) -> str:
    """Return the names without their layers."""
    return " and ".join(part.split(" at layer ")[0] for part in told.split(" and "))


def _speed(label: str, row: Mapping[str, Any]) -> list[str]:
    seconds = [f"{row[key]:.2f} s" for key in ("median", "p99", "max")]
    return [label, f"{row['failures']:,}", *seconds, row["slowest"], str(row["above 0.3"])]


HEAD = """# The diagnosis, and how far it can be trusted

When a gradient is wrong, `gradoracle check` looks for what explains it: each of {mistakes} known
mistakes ([gallery](mistakes.md)) at each layer, run on that very case, then two of them at once. A
name is given only if it explains *every* number that was returned, the right ones too, within its
own measured rounding, and does so again on a second case where the candidate can be run on one. A
relation of all wrong arrays to the truth (a constant ratio, an order, a transpose) is said without
a name, and is looked for on other cases as well. Otherwise the answer is "no known mistake explains
this", with the facts that are certain.

<!-- Written by `make pages`, from what benchmarks/diagnosis.py measured. -->

Measured on {machine}; corpus {corpus}, {cases} required cases, {seconds:,} s in all."""

WAYS = """\
## Known mistakes

Every mistake, at every layer, on every required case where the judge sees it, as a program that
makes it; "everything" is the whole trace. All trials were run. *First*: the mistake is the first
name, at its layer. *Alike*: the first name is a mistake that is declared to have the same numbers
there (table below), and the right one is listed beside it. Both count as *right*. *Listed*: the
same without being declared. *False*: names are given, and the right one is not among them."""

WAY_ROW = "trace | trials | first | alike | listed | not named | false | right"

MISSES = """\
## The misses

Refusing a name costs a look at the facts; a false name costs an afternoon."""

MISS_ROW = "mistake | what came instead | in | on | why"

SAME = """\
## The same numbers

No two mistakes are the same on every case. These are where it says so; they are listed together.
The tests prove each row by running it, and that no two are missing which are the same wherever both
can be made. *Met* counts the trials above in which the first name is another one of the row."""

SAME_ROW = "mistakes | returned | where | why | met"

WILD = """\
## Programs by somebody who had not read the catalogue

{wrong} wrong programs: {named} named right, {false} falsely. {odd} odd ones, of which no mistake is
known, must get no name; {right} right ones must pass. What is wrong is said by their author; that a
name fits was judged by somebody who has read both
([names.json](../tests/diagnosis/wild/names.json)), and the tests hold every name to it."""

WILD_ROW = "program | what is wrong | what it is told | the name is"

STRANGE = """\
## Wrong traces outside the catalogue

{traces:,} traces: right ones with arrays spoilt (sparse, dense, low rank, scaled, signs, powers),
and three mistakes at once. Names given: {names}. The tests assert it."""

SPEED = """\
## Speed

A failure on a case that was not seen before, explained by a mistake or a relation: nothing is kept
from an earlier one. Seconds of one processor."""

SPEED_ROW = "failure | measured | median | 99 % | longest | on | above 0.3 s"

LARGE = """\
Networks of 784-196-1 on n images, where one pass takes as long as a hundred small ones: wall time,
with a budget of 5 s. It is kept to within one step; what is not tried by then is not named."""

LARGE_ROW = "n | returned | failures | named | longest, s"

COVERED = """\
## When these figures are stale

Fingerprint `{fingerprint}`:
of the numbers of the corpus, the names and places of the mistakes, and the code of the diagnosis
and of the pass without comments and docstrings. A test fails when it is another one, when this page
is not what the measurements say, and when a sample of the trials, run anew, comes out otherwise.
`make pages` measures again and writes the page."""


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(measured()), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
