"""Check a derivation: read it, choose how it is to be taken, judge every line on every network."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from flint import ctx

from gradoracle.derivation import limits
from gradoracle.derivation.agreement import PRECISIONS, factors, relation
from gradoracle.derivation.definition import Reading, Truth, goals_of, truth
from gradoracle.derivation.header import Header, read_header
from gradoracle.derivation.judgement import Outcome, judge
from gradoracle.derivation.limits import DerivationError
from gradoracle.derivation.networks import Given, given, settings
from gradoracle.derivation.source import Line, Source, read
from gradoracle.derivation.steps import Step, steps
from gradoracle.derivation.syntax import show
from gradoracle.derivation.verdicts import ORDER, Checked, LineVerdict, Verdict
from gradoracle.network import REDUCTIONS
from gradoracle.truth.balls import UndecidedError

NOTHING = "the true value is 0 in every network, as J does not depend on it: nothing is tested"
UNUSED = "no judged line uses it, so nothing tests it; means: {} = dW1 would tie it to a derivative"
MANY = 10**6  # digits of what is exactly the same


@dataclass(frozen=True, eq=False)
class Judged:
    """One network with the outcome of every step."""

    given: Given
    truth: Truth
    outcomes: list[Outcome]


def check(text: str, name: str = "derivation", *, markdown: bool = False) -> Checked:
    """Check a derivation line by line.

    Parameters
    ----------
    text : str
        As in `gradoracle.derivation.source`.
    name : str
        What to call it in reports.
    markdown : bool
        Whether only the fenced blocks of the text count.

    Returns
    -------
    Checked

    Raises
    ------
    DerivationError
        For what cannot be read, with line and column.
    """
    start = time.perf_counter()
    with limits.within(limits.SECONDS):
        source = read(text, markdown=markdown)
        header = read_header(source)
        networks = [given(header, setting) for setting in settings(header)]
        reading = choose(header, source, networks[0])
        judged = [judged_on(header, source, one, reading) for one in networks]
        found = verdicts(source.lines, judged, reading)
        try:
            lines = explained(header, source, judged, found, reading)
        except DerivationError:  # the time is over: the verdicts hold without a mend
            lines = found
    notes = tuple(_notes(header, reading, lines, judged))
    told = tuple(str(one.given.setting) for one in judged if _counts(one))
    return Checked(name, header, reading, lines, told, notes, time.perf_counter() - start)


def readings(header: Header) -> list[Reading]:
    """Return how a text may be taken, the most usual way first."""
    reductions = (header.reduction,) if header.reduction else REDUCTIONS
    if not header.loss:
        reductions = (header.reduction or "mean",)
    conventions = (header.convention,) if header.convention else ("plain", "per-example")
    both = [Reading(reduction, how) for reduction in reductions for how in conventions]
    same = ("sum", "per-example")  # where nothing is divided there is no convention
    return [one for one in both if (one.reduction, one.convention) != same] or both


def choose(header: Header, source: Source, one: Given) -> Reading:
    """Return the reading under which the J of a text, and then most of its lines, are right.

    A text is in the per-example convention if its dA and dZ are, whatever its dW and db are: a
    missing division is then found there. A J that is wrong says nothing about the reduction: the
    usual one holds, lest a wrong J excuse what follows.
    """
    several = readings(header)
    if len(several) == 1:
        return several[0]
    scores = {
        reading: _score(header, judged_on(header, source, one, reading)) for reading in several
    }
    has_J = any(line.target.base in goals_of(header) for line in source.lines)
    if has_J and not any(score[0] for score in scores.values()):
        several = [reading for reading in several if reading.reduction == several[0].reduction]
    return max(several, key=scores.__getitem__)  # the first of equals


def _score(header: Header, judged: Judged) -> tuple[int, int, int]:
    """Count what is right: lines of J, lines of dA and dZ, and lines at all."""
    truth = judged.truth
    right = [o for o in judged.outcomes if o.right_alone and o.verdict.is_judged]
    passed = [o.step.key for o in right if o.verdict is Verdict.RIGHT]
    between = [
        key
        for key in passed
        if key in truth.derivatives and not truth.trace_of(key) & truth.by_parameters
    ]
    return sum(o.step.key in goals_of(header) for o in right), len(between), len(right)


def judged_on(header: Header, source: Source, one: Given, reading: Reading) -> Judged:
    """Judge every step on one network, in balls fine enough to decide."""
    written = steps(source.lines, one.numbers)
    for bits in PRECISIONS:
        try:
            with ctx.workprec(bits):
                true = truth(header, one, written, reading)
                found = Judged(one, true, judge(header, true, written))
        except UndecidedError as error:
            if bits == PRECISIONS[-1]:
                raise DerivationError(
                    "a J that compares numbers that differ",
                    str(error),
                    "x > x has no answer in balls",
                    line_of_J(header, written),
                ) from None
            continue
        if not any(outcome.finer for outcome in found.outcomes):
            break
    return found


def line_of_J(header: Header, written: Sequence[Step]) -> int:
    """Return the line that sets J last, or that of the network."""
    lines = [step.line.number for step in written if step.key in goals_of(header)]
    return lines[-1] if lines and not header.loss else header.at.get("network", 1)


def _counts(one: Judged) -> bool:
    return one.given.setting.kind != "ones are two"


def verdicts(
    lines: Sequence[Line], judged: Sequence[Judged], reading: Reading
) -> tuple[LineVerdict, ...]:
    """Bring the outcomes of all networks together, line by line."""
    found: dict[int, list[tuple[Judged, Outcome]]] = defaultdict(list)
    for one in judged:
        for outcome in one.outcomes:
            found[id(outcome.step.line)].append((one, outcome))
    told = tuple(_verdict(line, found[id(line)], reading) for line in lines)
    if not any(one.verdict.is_judged for one in told):
        return told
    used = {id(line) for one in judged for line in _used(one.outcomes)}
    return tuple(one if id(one.line) in used else _untested(one) for one in told)


def _used(outcomes: Sequence[Outcome]) -> Iterator[Line]:
    """Yield the lines that are judged, and those that one of them is made of."""
    wanted: set[str] = set()
    for outcome in reversed(outcomes):
        step = outcome.step
        if outcome.verdict is Verdict.HELPER and step.key not in wanted:
            continue
        yield step.line
        wanted.discard(step.key)
        wanted |= set(step.uses)


def _untested(told: LineVerdict) -> LineVerdict:
    """Say that nothing tests a line that only sets a name of the text's own."""
    if told.verdict is not Verdict.HELPER:
        return told
    return replace(told, verdict=Verdict.UNDECIDED, detail=UNUSED.format(show(told.line.target)))


def explained(
    header: Header,
    source: Source,
    judged: Sequence[Judged],
    lines: tuple[LineVerdict, ...],
    reading: Reading,
) -> tuple[LineVerdict, ...]:
    """Add which known mistake the first wrong line makes, and how every wrong line is mended."""
    if not any(line.verdict.is_wrong for line in lines):
        return lines
    from gradoracle.derivation import mending, naming  # they hold all known mistakes

    first = next(line for line in lines if line.verdict.is_wrong)
    counted = [one for one in judged if _counts(one)]
    mistake = naming.named(header, source.lines, counted, first.line, reading)
    named = [replace(line, mistake=mistake) if line is first else line for line in lines]
    return tuple(mending.mended(header, judged, named, reading))


def _verdict(line: Line, several: list[tuple[Judged, Outcome]], reading: Reading) -> LineVerdict:
    counted = [(one, o) for one, o in several if _counts(one)]
    key = show(line.target)
    if not counted:
        note = "in no network did this line run"
        return LineVerdict(line, key, Verdict.UNDECIDED, notes=(note,))
    worst = max((o for _, o in counted), key=lambda o: ORDER.index(o.verdict)).verdict
    networks = len({id(one) for one, _ in counted})
    if all(o.nothing for _, o in counted):
        return LineVerdict(line, key, Verdict.UNDECIDED, networks=networks, detail=NOTHING)
    if not worst.is_wrong:
        digits = min((o.digits for _, o in counted), default=0)
        detail = next((o.detail for _, o in counted if o.verdict is worst), "")
        ones = _only_for_ones(several) if all(o.right_alone for _, o in counted) else []
        notes = [*ones, *_spread(counted)]
        convention = _convention(*counted[0], reading) if worst is Verdict.RIGHT else ""
        return LineVerdict(line, key, worst, digits, networks, (), convention, detail, tuple(notes))
    at = [(one, o) for one, o in counted if o.verdict is worst]
    one, outcome = at[0]
    rounds = tuple(dict.fromkeys(o.step.round for j, o in at if j is one and o.step.round))
    expected, got = _numbers(outcome)
    return LineVerdict(
        line,
        key,
        worst,
        networks=networks,
        rounds=rounds,
        detail=outcome.detail or _relation(at),
        notes=tuple(_where_they_fit(worst, counted)),
        expected=expected,
        got=got,
    )


def _convention(one: Judged, outcome: Outcome, reading: Reading) -> str:
    """Say that a right line is N times the derivative of J."""
    key = outcome.step.key
    scaled = reading.convention == "undivided"
    if reading.convention == "per-example":
        scaled = not one.truth.trace_of(key) & one.truth.by_parameters
    if not scaled or key not in one.truth.derivatives or reading.reduction == "sum":
        return ""
    return "n n_L times" if reading.reduction == "mean_all" else "n times"


def _only_for_ones(several: list[tuple[Judged, Outcome]]) -> list[str]:
    """Say that a line is right for a single unit only."""
    for one, outcome in several:
        if not _counts(one) and outcome.verdict.is_judged and not outcome.right_alone:
            sizes = one.given.setting.sizes
            ones = [s for s, size in enumerate(sizes) if size == 2]
            where = " and ".join(f"n_{s} = 1" for s in ones) if ones else "sizes are 1"
            return [
                f"right only because {where}" + (f": {outcome.detail}" if outcome.detail else "")
            ]
    return []


def _spread(counted: list[tuple[Judged, Outcome]]) -> list[str]:
    return [text for _, outcome in counted[:1] for text in outcome.spread]


def _where_they_fit(worst: Verdict, counted: list[tuple[Judged, Outcome]]) -> list[str]:
    """Say what becomes of shapes that do not fit where sizes are equal."""
    fitting = [o for _, o in counted if o.verdict is not Verdict.SHAPES]
    if worst is not Verdict.SHAPES or not fitting:
        return []
    right = all(o.verdict is Verdict.RIGHT for o in fitting)
    return [f"where the sizes are equal it fits, and is {'right' if right else 'silently wrong'}"]


def _numbers(outcome: Outcome) -> tuple[str, str]:
    value, true = outcome.value, outcome.truth
    if value is None or true is None or value.shape != true.shape:
        return "", ""
    i, j = outcome.worst
    place = f"{outcome.step.key}[{i}, {j}] = " if value.size > 1 else f"{outcome.step.key} = "
    return place + f"{float(true[i, j].mid()):.6g}", f"{float(value[i, j].mid()):.6g}"


def _relation(at: list[tuple[Judged, Outcome]]) -> str:
    """Return how the wrong values are made of the true ones, if the same way everywhere."""
    found = set()
    telling = [pair for pair in at if pair[0].given.setting.kind == "distinct"]
    for one, outcome in telling or at:
        if outcome.value is None or outcome.truth is None:
            return ""
        setting = one.given.setting
        with ctx.workprec(PRECISIONS[0]):
            found.add(relation(outcome.value, outcome.truth, factors(setting.n, setting.sizes[-1])))
    text = found.pop() if len(found) == 1 else ""
    return f"it is {text}" if text else ""


def _notes(
    header: Header, reading: Reading, lines: Sequence[LineVerdict], judged: Sequence[Judged]
) -> list[str]:
    """Say how what the text leaves open was taken."""
    found = []
    if header.loss and not header.reduction:
        words = {
            "mean": "the mean over the examples, summed over outputs",
            "sum": "the sum over examples and outputs",
            "mean_all": "the mean over examples and outputs",
        }[reading.reduction]
        found.append(f"J is taken as {words}")
    if any(line.convention for line in lines) and reading.convention == "per-example":
        found.append("dA, dZ and dX are n times the derivative of J: the per-example convention")
    if reading.convention == "undivided":
        found.append("every derivative is n times that of J: the text leaves the division out")
    if missing := _missing(judged[0]):
        found.append(f"not given, in the network {judged[0].given.setting}: {', '.join(missing)}")
    return found


def _missing(one: Judged) -> list[str]:
    """Return the derivatives by parameters that a text leaves out, if it gives some."""
    given: set[str] = set()
    for outcome in one.outcomes:
        key = outcome.step.key
        given |= {key, f"d{key}"} | one.truth.made_of.get(key, frozenset())
    wanted = [f"d{key}" for key in one.given.values if key in one.truth.parameters]
    missing = [key for key in wanted if key not in given]
    return missing if len(missing) < len(wanted) else []
