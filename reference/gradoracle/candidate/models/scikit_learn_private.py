"""The one place that touches what is private in scikit-learn's MLPs.

There is no public way to their gradient. ``_backprop`` fills lists that it is given; the two forms
of its signature that are known are those of 1.6 and of 1.7 to 1.9. Anything else is refused.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import sklearn

from gradoracle.arrays import Array
from gradoracle.errors import InputError

SIGNATURES = {
    ("X", "y", "sample_weight", "activations", "deltas", "coef_grads", "intercept_grads"): True,
    ("X", "y", "activations", "deltas", "coef_grads", "intercept_grads"): False,
}
KNOWN = "scikit-learn 1.6 to 1.9"


@dataclass(frozen=True, eq=False)
class Found:
    """What one call leaves behind.

    Attributes
    ----------
    loss : float
        With the alpha term.
    activations : list of numpy.ndarray
        X and A^[l], (n, n_l).
    deltas : list of numpy.ndarray
        dZ^[l] per example: not divided by n.
    coef_grads, intercept_grads : list of numpy.ndarray
        Divided by n, the alpha term included: (n_{l-1}, n_l) and (n_l,).
    """

    loss: float
    activations: list[Array]
    deltas: list[Array]
    coef_grads: list[Array]
    intercept_grads: list[Array]


Backprop = Callable[[Any, Array, Array], Found]


def backprop(model: Any) -> Backprop:
    """Return a call of ``model._backprop``, if it is one that is known.

    Raises
    ------
    InputError
        If the private method has moved or changed.
    """
    method = getattr(model, "_backprop", None)
    names = tuple(inspect.signature(method).parameters) if callable(method) else ()
    if names not in SIGNATURES:
        got = f"_backprop({', '.join(names)})" if names else "no _backprop"
        raise InputError(
            f"an MLP whose private gradient is known, {KNOWN}",
            f"{got} in {sklearn.__version__}",
            f"install {KNOWN}",
        )
    weighted = SIGNATURES[names]

    def call(model: Any, X: Array, Y: Array) -> Found:
        layers = len(model.coefs_)
        activations: list[Any] = [X, *[None] * layers]
        deltas: list[Any] = [None] * layers
        coef_grads = [np.empty_like(kernel) for kernel in model.coefs_]
        intercept_grads = [np.empty_like(bias) for bias in model.intercepts_]
        weight = (None,) if weighted else ()
        lists = (activations, deltas, coef_grads, intercept_grads)
        loss, coef_grads, intercept_grads = model._backprop(X, Y, *weight, *lists)
        return Found(float(loss), activations, deltas, coef_grads, intercept_grads)

    return call


def binarized(model: Any, y: Any) -> Array:
    """Return class labels as ``fit`` encodes them, (n, n_L).

    Raises
    ------
    InputError
        For a label that is none of ``model.classes_``.
    """
    try:
        encoded: Array = np.asarray(model._label_binarizer.transform(np.asarray(y)), dtype=float)
    except ValueError as error:
        mend = "labels as fit was given them"
        raise InputError("labels of the model's classes", str(error)[:80], mend) from error
    known = np.isin(np.asarray(y), model.classes_).all() if np.ndim(y) == 1 else True
    if not known:
        classes = ", ".join(map(str, model.classes_[:5]))
        raise InputError(f"labels among {classes}", "another one", "labels as fit was given them")
    return encoded if encoded.ndim == 2 else encoded[:, np.newaxis]
