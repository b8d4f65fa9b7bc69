"""The truth of a case in each dtype: read where it is frozen, proven where it is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from gradoracle.arrays import Array
from gradoracle.case import Case
from gradoracle.corpus import Frozen
from gradoracle.reference import Known

Say = Callable[[str], None]


def dtypes_of(item: Frozen | Case, dtypes: Sequence[str]) -> list[str]:
    """Return those of the dtypes that a case can be asked in."""
    return [name for name in dtypes if isinstance(item, Case) or name in item.dtypes]


def case_of(item: Frozen | Case) -> Case:
    """Return the case itself."""
    return item if isinstance(item, Case) else item.case


def in_dtypes(
    item: Frozen | Case, dtypes: Sequence[str], say: Say = lambda text: None
) -> Iterator[tuple[Case, Known]]:
    """Yield a case in each dtype with its truth, which is proven once if the numbers allow."""
    if isinstance(item, Frozen):
        for name in dtypes_of(item, dtypes):
            yield item.case.astype(name), item.truth
        return
    known: tuple[Case, Known] | None = None
    for name in dtypes:
        rounded = item.astype(name)
        if known is None or not _same_numbers(known[0], rounded):
            known = rounded, _prove(rounded, say)
        yield rounded, known[1]


def _same_numbers(a: Case, b: Case) -> bool:
    """Whether two roundings of one case hold the same real numbers."""

    def same(x: Array, y: Array) -> bool:
        return bool(np.array_equal(x.astype(np.float64), y.astype(np.float64)))

    return (
        all(same(a.W[layer], b.W[layer]) and same(a.b[layer], b.b[layer]) for layer in a.W)
        and same(a.X, b.X)
        and same(a.Y, b.Y)
    )


def _prove(case: Case, say: Say) -> Known:
    from gradoracle.truth.reverse import (
        truth,  # imported late: frozen cases need no ball arithmetic
    )

    say(f"{case.id}: proving the truth")
    return truth(
        case, lambda done, of: say(f"{case.id}: proving the truth, {done:,} of {of:,} examples")
    )
