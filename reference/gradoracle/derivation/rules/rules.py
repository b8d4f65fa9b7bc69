"""The rules that each backward line is an instance of, in the names of the text.

What comes out of the rules is held against the truth: rules that do not give it are not told.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from flint import ctx

from gradoracle.derivation import limits
from gradoracle.derivation.judging.agreement import PRECISIONS
from gradoracle.derivation.limits import DerivationError
from gradoracle.derivation.rules.forward import forward
from gradoracle.derivation.rules.reads import Run
from gradoracle.derivation.rules.ruled import RULED, Ruled
from gradoracle.derivation.rules.words import words
from gradoracle.derivation.truth.definition import truth
from gradoracle.derivation.truth.networks import given, settings
from gradoracle.derivation.truth.steps import Step, steps
from gradoracle.derivation.verdicts import Checked, LineVerdict, Verdict
from gradoracle.truth.balls import UndecidedError


def with_rules(checked: Checked) -> Checked:
    """Return a checked derivation with the rules of each backward line that is right in itself.

    They stand in `LineVerdict.rules`.
    """
    lines = list(checked.lines)
    try:
        with limits.within(max(limits.SECONDS - checked.seconds, 1.0)), ctx.workprec(PRECISIONS[0]):
            runs = list(_runs(checked))
            for at, verdict in enumerate(lines):
                if _has_rules(verdict):
                    several = (_rules(run, verdict) for run in runs)
                    lines[at] = replace(verdict, rules=tuple(next(filter(None, several), ())))
    except (DerivationError, UndecidedError):  # the time is over: the verdicts hold without rules
        pass
    return replace(checked, lines=tuple(lines))


def _has_rules(verdict: LineVerdict) -> bool:
    """Whether a line may have rules: a helper has, if it is a derivative."""
    right = verdict.backward and verdict.verdict in RULED
    return right or verdict.verdict is Verdict.HELPER


def _runs(checked: Checked) -> Iterator[Run]:
    """Yield networks of distinct sizes, those of most layers first."""
    header, lines = checked.header, [verdict.line for verdict in checked.lines]
    own = frozenset(line.target.base for line in lines)
    distinct = [setting for setting in settings(header) if setting.kind == "distinct"]
    for setting in sorted(distinct, key=lambda setting: -setting.L):
        one = given(header, setting, own)
        text = steps(lines, one.numbers)
        yield Run(checked, truth(header, one, text, checked.reading), text)


def _is_part(run: Run, verdict: LineVerdict, step: Step) -> bool:
    """Whether a line begins what a line below goes on with: ``dZ1 = dZ1 * ...``."""
    return verdict.verdict is Verdict.HELPER and step.key in run.truth.values


def _rules(run: Run, verdict: LineVerdict) -> list[str]:
    """Return the rules of a line; nothing if there are none, or it does not run there."""
    rounds = [at for at, step in enumerate(run.text) if step.line is verdict.line]
    if not rounds or _is_part(run, verdict, run.text[rounds[0]]):
        return []
    at = rounds[len(rounds) // 2]
    loop = verdict.line.loop.name if verdict.line.loop else "L"
    apart = {
        run.text[one].numbers.get(loop, 0) - run.text[at].numbers.get(loop, 0) for one in rounds
    }
    made_of = forward(run.checked.header, run.checked.reading, run.truth, run.text, apart)
    sets = run.set_by(at)
    return words(Ruled(run, made_of, at, sets)) if made_of and sets else []
