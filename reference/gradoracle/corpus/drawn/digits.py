"""Real handwritten digits, 5 against 8: the embedded UCI images, 64 pixels each."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradoracle.case import Case
from gradoracle.corpus.drawing import build, enlivened, remade
from gradoracle.data import binary, embedded

EACH = 3  # images of a 5, and of an 8


def digits() -> Iterator[Case]:
    """Yield the seed networks on them, and a softmax network with one-hot labels."""
    train, _ = binary(embedded())
    chosen = np.sort(np.concatenate([np.flatnonzero(train.Y[0] == y)[:EACH] for y in (0, 1)]))
    X, Y = train.X[:, chosen], train.Y[:, chosen]
    for hidden in ("sigmoid", "relu"):
        case = build(
            f"digits.64-4-1.{hidden}-bce",
            (64, 4, 1),
            (hidden, "sigmoid"),
            "binary_cross_entropy",
            n=X.shape[1],
            needs=[f"two-layer.{hidden}-bce"],
            catches="anything that shows only on real images: blank pixels, inputs of one sign",
        )
        yield enlivened(remade(case, X=X, Y=Y))
    case = build(
        "digits.64-3-2.relu-ce",
        (64, 3, 2),
        ("relu", "softmax"),
        "cross_entropy",
        n=X.shape[1],
        level="recommended",
        needs=["two-layer.relu-ce"],
        catches="two classes by softmax that are taken for one by sigmoid",
    )
    yield enlivened(remade(case, X=X, Y=np.vstack([1 - Y, Y])))
