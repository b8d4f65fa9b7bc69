"""Find what explains a wrong trace; a name is given only if every number bears it out."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from gradoracle.arrays import unit_roundoff
from gradoracle.case import Case
from gradoracle.diagnosis.diagnosis import Diagnosis, Kind, Partial
from gradoracle.diagnosis.explaining import agreeing, explanation, rough, share_of, tells
from gradoracle.diagnosis.facts import facts
from gradoracle.diagnosis.hypotheses import Hypothesis, Prediction, Space, space
from gradoracle.diagnosis.pairs import explaining_pairs
from gradoracle.diagnosis.reading import Reading, readings
from gradoracle.diagnosis.second import Rerun, confirm, confirm_relation
from gradoracle.diagnosis.signatures import common, signatures
from gradoracle.reference import Known, Reference

PARTIALS = 3  # shown at most
COARSE = 2  # shown at most


def diagnose(
    trace: Mapping[str, object],
    case: Case,
    known: Known,
    reference: Reference,
    *,
    rerun: Rerun | None = None,
    budget: float = 5.0,
) -> Diagnosis:
    """Find what explains a wrong trace: signatures, single mistakes, then pairs of them.

    Parameters
    ----------
    trace : mapping of str to array
        What a candidate returned, laid out as the contract has it.
    case : Case
        In the candidate's dtype.
    known : Known
        The truth of that case.
    reference : Reference
        What rounding may do to a right program there.
    rerun : callable (Case) -> trace or None, optional
        The candidate on another case; None where it does not do that case, which costs nothing. It
        may raise where the candidate crashes, after which few other cases are tried.
    budget : float
        Seconds; the search for pairs ends there, and that for single mistakes too.

    Returns
    -------
    Diagnosis
        With names only if one mistake, or two in different steps, give every number that was
        returned, the right ones too, within a tolerance that is derived from their own rounding,
        and do so again on a second case where the candidate can be run on one.
    """
    start = time.perf_counter()
    found = _diagnosed(trace, case, known, reference, rerun, start + budget)
    return replace(found, seconds=time.perf_counter() - start)


def _diagnosed(
    trace: Mapping[str, object],
    case: Case,
    known: Known,
    reference: Reference,
    rerun: Rerun | None,
    until: float,
) -> Diagnosis:
    read = readings(trace, case, known, reference)
    plain = read[0]
    if not plain.wrong:
        return Diagnosis("none", facts=("no number that was returned is wrong",))
    related = list(signatures(plain))
    certain = facts(plain, related)
    if any(name not in plain.arrays for name in trace):
        return Diagnosis("none", facts=(*certain, "not everything that was returned is an array"))
    hypotheses = space(case)
    refuted: list[str] = []
    singles = _singles(hypotheses, read, until)
    named = _named("mistake", singles, plain, rerun)
    if named.names:
        return replace(named, facts=certain)
    refuted += [_refuted(singles, named)] if singles else _as_coarse(hypotheses, plain, until)
    tried = time.perf_counter() < until
    if not tried:
        refuted.append("the time ran out before every known mistake had been tried")
    relation = common(related, plain)
    if relation is not None:
        again = confirm_relation(relation, plain, rerun)
        if again.relation is not None:
            return Diagnosis(
                "signature",
                formula=again.relation.text,
                worst=1.0,
                confirmed=again.confirmed,
                on=again.on,
                facts=_told(certain, refuted),
            )
        refuted.append(f"{relation.text} on this case, but not on {again.on}")
    partial = _partial(hypotheses, plain, until)  # before pairs, which take all the time there is
    for reading in read:
        pairs = {
            hypothesis: found[0]
            for hypothesis in explaining_pairs(hypotheses, reading, until)
            if (found := explanation(hypotheses, hypothesis, reading)) is not None
        }
        named = _named("pair", pairs, reading, rerun)
        if named.names:
            return replace(named, facts=certain)
        refuted += [_refuted(pairs, named)] if pairs else []
    if tried and time.perf_counter() > until:
        refuted.append("the time ran out before every two known mistakes had been tried together")
    return Diagnosis("none", partial=partial, facts=_told(certain, refuted))


def _told(certain: Sequence[str], tried: Sequence[str]) -> tuple[str, ...]:
    """Put what was tried behind the first fact, which says what is wrong: few are shown."""
    return (*certain[:1], *tried, *certain[1:])


def _singles(hypotheses: Space, read: Sequence[Reading], until: float) -> dict[Hypothesis, float]:
    """Return the single mistakes that explain every entry, each with its worst share.

    Those come first that do so at the first call of the program, then as plain derivatives, then
    by fit: a program that adds its gradients up has three times the truth at its third call, and a
    sum over three examples at its first.
    """
    candidates: dict[Hypothesis, list[Reading]] = {}
    for reading in sorted(read, key=lambda reading: reading.factor):
        for hypothesis in hypotheses.near(reading) if reading.wrong else ():
            candidates.setdefault(hypothesis, []).append(reading)
    found: dict[Hypothesis, tuple[int, int, float]] = {}
    for hypothesis, several in candidates.items():
        if time.perf_counter() > until:
            break
        for reading in several:
            explained = explanation(hypotheses, hypothesis, reading, until)
            if explained is not None:
                worst, prediction = explained
                found.setdefault(hypothesis, (prediction.call, reading.factor, worst))
    ordered = sorted(found.items(), key=lambda item: item[1][:2])
    return {hypothesis: worst for hypothesis, (_, _, worst) in ordered}


def _named(
    kind: Kind, explaining: Mapping[Hypothesis, float], reading: Reading, rerun: Rerun | None
) -> Diagnosis:
    """Return the explanations that a second case leaves; without names if it leaves none."""
    if not explaining:
        return Diagnosis("none")
    second = confirm(list(explaining), reading, rerun)
    if not second.left:
        return Diagnosis("none", confirmed=False, on=second.on)
    best = second.left[0]
    return Diagnosis(
        kind,
        names=tuple(hypothesis.name for hypothesis in second.left),
        formula=best.formula(reading.case),
        mend=best.mend(reading.case),
        code=best.code(reading.case),
        worst=explaining[best],
        confirmed=second.confirmed,
        on=second.on,
    )


def _as_coarse(hypotheses: Space, reading: Reading, until: float) -> list[str]:
    """Name what is wrong by rounding alone, and as much; so may be a right formula."""
    found: list[str] = []
    for hypothesis in hypotheses.near(reading):
        if time.perf_counter() > until or len(found) == COARSE:
            break
        if next(agreeing(hypotheses, hypothesis, reading, until), None) is not None:
            formula = hypothesis.formula(reading.case)
            found.append(f"{hypothesis} rounds as coarsely here: {formula}")
    return found


def _refuted(explaining: Mapping[Hypothesis, float], named: Diagnosis) -> str:
    return f"{next(iter(explaining))} would explain this case, but not {named.on}"


def _partial(hypotheses: Space, reading: Reading, until: float) -> tuple[Partial, ...]:
    """Return what explains whole wrong arrays and contradicts nothing that is right, best first."""
    u = unit_roundoff(reading.case.dtype)
    total = sum(flags.size and int(flags.sum()) for flags in reading.wrong.values())
    likely: list[tuple[int, Prediction, list[str]]] = []
    for hypothesis in hypotheses.by_fit(reading):
        if time.perf_counter() > until:
            break
        for prediction in hypotheses.predict(hypothesis)[:1]:
            if all(rough(prediction, reading, name, u) for name in reading.right):
                there = [name for name in reading.wrong if name in prediction.arrays]
                names = [name for name in there if rough(prediction, reading, name, u)]
                entries = sum(int(reading.wrong[name].sum()) for name in names)
                likely += [(entries, prediction, names)] if names else []
    likely.sort(key=lambda item: -item[0])
    found: list[Partial] = []
    for _, prediction, names in likely[: 3 * PARTIALS]:
        wholly = [n for n in names if _wholly(hypotheses, prediction, reading, n, until)]
        if wholly and len(found) < PARTIALS:
            ((name, layer),) = prediction.hypothesis.name
            share = sum(int(reading.wrong[n].sum()) for n in wholly) / total
            rest = tuple(n for n in reading.wrong if n not in wholly)
            found.append(Partial(name, layer, share, tuple(wholly), rest))
    return tuple(found)


def _wholly(
    hypotheses: Space, prediction: Prediction, reading: Reading, name: str, until: float
) -> bool:
    """Whether it explains every entry of one wrong array."""
    tolerances = hypotheses.tolerances(prediction, reading, until)
    share = share_of(prediction, tolerances, reading, name) if tolerances else None
    return (
        share is not None
        and bool((share <= 1).all())
        and tells(prediction, tolerances, reading, name)
    )
