"""A second case: what explains one wrong trace by accident does not explain another one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gradoracle import corpus
from gradoracle.arrays import unit_roundoff
from gradoracle.case import Case
from gradoracle.corpus import Frozen
from gradoracle.diagnosis.explaining import differs, explanation
from gradoracle.diagnosis.hypotheses import Hypothesis, Prediction, space
from gradoracle.diagnosis.reading import Reading, readings
from gradoracle.diagnosis.signatures import Signature, common, signatures
from gradoracle.reference import reference

Rerun = Callable[[Case], Mapping[str, object] | None]

CRASHES = 3  # of the candidate on other cases, after which no more are tried
LOOKED_AT = 30  # similar cases among which the second one is looked for
SECOND_RUNS = 3  # cases on which it is run: the first to confirm, the others to tell names apart
RELATION_RUNS = 6  # of a candidate whose wrong cases are not known beforehand


@dataclass(frozen=True, eq=False)
class Confirmation:
    """What second cases left of some explanations.

    Attributes
    ----------
    left : tuple of Hypothesis
    confirmed : bool or None
        None if the candidate could be run on no case that shows any of them.
    on : str
        The first such case.
    """

    left: tuple[Hypothesis, ...]
    confirmed: bool | None
    on: str


def confirm(
    explanations: Sequence[Hypothesis], reading: Reading, rerun: Rerun | None
) -> Confirmation:
    """Run the candidate on other cases that show the mistakes; keep those that explain them too.

    The first case shows as many of them as any does; the others are chosen to tell apart those
    that are left.
    """
    left = tuple(explanations)
    if rerun is None:
        return Confirmation(left, None, "")
    names = list(reading.arrays)
    on, runs, crashed, borne_out = "", 0, 0, False
    for other in _telling(left, reading.case, names):
        if crashed >= CRASHES or runs >= SECOND_RUNS or not left or (borne_out and len(left) < 2):
            break
        shown = {h: _shown(h, reading.case, other, names) for h in left}
        if borne_out and not _tells_apart(shown, names, other):
            continue
        try:
            answer = rerun(other)
        except Exception:  # a candidate that was written for one case may do anything on another
            crashed += 1
            continue
        if answer is None:
            continue
        runs += 1
        known = corpus.truth_of(other.id)
        read = readings(answer, other, known, reference(other, known))
        left = tuple(h for h in left if _agrees(shown[h], other, read))
        if not left:
            return Confirmation((), False, on or other.id)
        if read[0].wrong:
            on, borne_out = on or other.id, True
    return Confirmation(left, True if borne_out else None, on)


@dataclass(frozen=True, eq=False)
class Again:
    """What second cases left of a relation to the truth.

    Attributes
    ----------
    relation : Signature or None
        With what its number may stand for on all of them; None if it did not hold again.
    confirmed : bool or None
        None if the candidate was wrong on no other case.
    on : str
        The first other case where it was wrong.
    """

    relation: Signature | None
    confirmed: bool | None
    on: str


def confirm_relation(relation: Signature, reading: Reading, rerun: Rerun | None) -> Again:
    """Run the candidate on other cases until it is wrong on `SECOND_RUNS`; there it must hold too.

    Those come first whose number of examples is another one: it tells n from a plain number.
    """
    left, on, runs, wrong, crashed = relation, "", 0, 0, 0
    others = similar(reading.case)[:LOOKED_AT] if rerun is not None else []
    for item in sorted(others, key=lambda item: item.case.n == reading.case.n):
        if rerun is None or crashed >= CRASHES or runs >= RELATION_RUNS or wrong >= SECOND_RUNS:
            break
        other = item.case.astype(str(reading.case.dtype))
        try:
            answer = rerun(other)
        except Exception:  # a candidate that was written for one case may do anything on another
            crashed += 1
            continue
        if answer is None:
            continue
        runs += 1
        read = readings(answer, other, item.truth, reference(other, item.truth))
        if not read[0].wrong:
            continue
        wrong, on = wrong + 1, on or other.id
        found = common(list(signatures(read[0])), read[0])
        labels = left.shared(found) if found is not None else frozenset()
        if not labels:
            return Again(None, False, other.id)
        left = left.narrowed(labels)
    return Again(left, True if wrong else None, on)


def _telling(
    explanations: Sequence[Hypothesis], case: Case, names: Sequence[str]
) -> Iterator[Case]:
    """Yield the similar cases that show a mistake, those first that show more of them surely."""
    found = []
    for item in similar(case)[:LOOKED_AT]:
        other = item.case.astype(str(case.dtype))
        shown = [_shown(h, case, other, names) for h in explanations]
        unseen, unsure = sum(not s.visible for s in shown), sum(s.hidden for s in shown)
        if unseen == unsure == 0:
            yield other  # without a look at the others: mostly this one is enough
        elif unseen < len(shown):
            found.append((unseen, unsure, other))
    found.sort(key=lambda one: one[:2])  # likeness decides what is left
    yield from (other for _, _, other in found)


def similar(case: Case) -> list[Frozen]:
    """Return the required cases in the order of their likeness to a case, itself left out."""

    def unlike(item: Frozen) -> tuple[object, ...]:
        other, a, b = item.case, case.network, item.case.network
        return (
            a.loss != b.loss,
            not set(a.activations) <= set(b.activations),
            a.activations != b.activations,
            (a.l2 > 0) != (b.l2 > 0),
            a.reduction != b.reduction,
            abs(case.L - other.L),
            other.n == 1 or 1 in b.sizes[:-1],
            sum(w.size for w in other.W.values()),
        )

    found = [f for f in corpus.load("required") if f.case.id != case.id]
    return sorted((f for f in found if str(case.dtype) in f.dtypes), key=unlike)


@dataclass(frozen=True, eq=False)
class _Shown:
    """What a hypothesis may return on another case.

    Attributes
    ----------
    visible : list of Prediction
        Those of its readings that are not right there.
    hidden : bool
        Whether another reading says that the program is right there.
    """

    visible: list[Prediction]
    hidden: bool


def _shown(hypothesis: Hypothesis, case: Case, other: Case, names: Sequence[str]) -> _Shown:
    u = unit_roundoff(other.dtype)
    right = space(other).predict(Hypothesis(()))[0].arrays
    returned = [_renamed(name, case, other) for name in names]
    present = [name for name in returned if name in right]
    visible, hidden = [], False
    for there in hypothesis.on(case, other):
        predictions = space(other).predict(there)[:1]
        if predictions and differs(right, predictions[0].arrays, present, u):
            visible.append(predictions[0])
        else:
            hidden = True
    return _Shown(visible, hidden)


def _renamed(name: str, case: Case, other: Case) -> str:
    """Return an array's name, its layer counted from the output."""
    head = name.rstrip("0123456789")
    return f"{head}{int(name[len(head) :]) - case.L + other.L}" if head != name else name


def _agrees(shown: _Shown, other: Case, read: Sequence[Reading]) -> bool:
    """Whether one of the readings of a hypothesis explains another trace, wrong or right."""
    if not read[0].wrong:
        return shown.hidden
    return any(
        explanation(space(other), prediction.hypothesis, reading) is not None
        for prediction in shown.visible
        for reading in read
        if reading.wrong
    )


def _tells_apart(shown: Mapping[Hypothesis, _Shown], names: Sequence[str], other: Case) -> bool:
    """Whether two of the explanations differ on another case in what they may return."""
    u = unit_roundoff(other.dtype)
    if not all(one.visible for one in shown.values()):
        return True
    first, *rest = (one.visible for one in shown.values())
    present = [name for name in first[0].arrays if name.rstrip("0123456789") in _heads(names)]
    return any(
        all(differs(a.arrays, b.arrays, present, u) for a in first for b in others)
        for others in rest
    )


def _heads(names: Sequence[str]) -> set[str]:
    return {name.rstrip("0123456789") for name in names}
