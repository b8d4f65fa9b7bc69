"""The built-in cases: the frozen corpus, and the seed networks on handwritten digits."""

from __future__ import annotations

from collections.abc import Collection

from gradoracle import corpus
from gradoracle.case import Case
from gradoracle.corpus.drawing import build
from gradoracle.data import Digits, binary

__all__ = ["build", "builtin", "digit_cases"]


def builtin(level: str | Collection[str] | None = "required") -> list[Case]:
    """Return the cases of the frozen corpus at some levels, in its order.

    Parameters
    ----------
    level : str or collection of str, optional
        ``required``, ``recommended``, ``stress``; None is all of them.
    """
    return [frozen.case for frozen in corpus.load(level)]


def digit_cases(digits: Digits) -> list[Case]:
    """Return the seed networks on the training images of 5 and 8, a quarter as many hidden units.

    MNIST gives the 784-196-1 network of the texts, all 154,057 parameters; the embedded 8x8 set
    gives 64-16-1. Labels are 0 for a 5 and 1 for an 8.
    """
    train, _ = binary(digits)
    inputs = train.X.shape[0]
    sizes = (inputs, inputs // 4, 1)
    stem = f"{digits.name.lower().replace(' ', '-')}.{'-'.join(map(str, sizes))}"
    cases = []
    for hidden in ("sigmoid", "relu"):
        case_id = f"{stem}.{hidden}-bce"
        drawn = build(case_id, sizes, (hidden, "sigmoid"), "binary_cross_entropy", n=1)
        cases.append(
            Case(
                case_id,
                drawn.network,
                drawn.parameters,
                train,
                f"anything that shows only on real images ({digits.name}, 5 against 8)",
            )
        )
    return cases
