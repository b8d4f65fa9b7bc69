"""The value of a line, or the verdict that it has none."""

from __future__ import annotations

from collections.abc import Mapping

from gradoracle.derivation.judging.outcomes import Evaluated
from gradoracle.derivation.limits import DerivationError
from gradoracle.derivation.reading.header import Header
from gradoracle.derivation.truth.evaluate import UndefinedError
from gradoracle.derivation.truth.matrices import Matrix, ShapeError
from gradoracle.derivation.truth.meanings import scope_of
from gradoracle.derivation.truth.steps import Step
from gradoracle.derivation.verdicts import Verdict
from gradoracle.truth.balls import UndecidedError


def evaluated(
    header: Header, step: Step, values: Mapping[str, Matrix], set_on: Mapping[str, int]
) -> Evaluated:
    """Evaluate a formula, or say why there is no value.

    Parameters
    ----------
    header : Header
    step : Step
    values : mapping of str to Matrix
        What it may read.
    set_on : mapping of str to int
        The lines that set names.

    Raises
    ------
    DerivationError
        For a reason that is no verdict: the time is over.
    """
    scope = scope_of(header, values, step.numbers)
    try:
        value = scope.value(step.line.formula)
        return Evaluated(value, tuple(scope.notes.spread), branches=scope.notes.branches)
    except ShapeError as error:
        return Evaluated(None, (), str(error), Verdict.SHAPES)
    except UndefinedError as error:
        where = f", line {set_on[error.name]}" if error.name in set_on else ""
        return Evaluated(None, (), f"{error.name} has no value{where}", Verdict.UNDECIDED)
    except UndecidedError as error:
        why = f"compares what does not differ: {error}"
        return Evaluated(None, (), why, Verdict.UNDECIDED, finer=True)
    except DerivationError as error:
        raise error.on_line(step.line.number) from None
