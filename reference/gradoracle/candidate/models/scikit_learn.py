"""scikit-learn's MLPs as candidates: the gradients that ``fit`` descends along."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import sklearn
from sklearn.neural_network import MLPClassifier, MLPRegressor

from gradoracle.arrays import Array, shown
from gradoracle.candidate.answer import Conventions
from gradoracle.candidate.models.reading import (
    Dense,
    Objective,
    Reading,
    chained,
    refuse_setting,
    unreadable,
)
from gradoracle.candidate.models.scikit_learn_private import Backprop, backprop, binarized
from gradoracle.errors import InputError
from gradoracle.network import Parameters

ACTIVATIONS = {"identity": "identity", "logistic": "sigmoid", "tanh": "tanh", "relu": "relu"}
# by output activation: the loss, its reduction, and what scikit-learn calls it
OBJECTIVES = {
    "identity": Objective("squared_error", "half_squared_error", "mean_all", labels="hard"),
    "logistic": Objective("log_loss", "binary_cross_entropy", "mean", labels="hard"),
    "softmax": Objective("log_loss", "cross_entropy", "mean", labels="hard"),
}
OUTPUTS = {"identity": "identity", "logistic": "sigmoid", "softmax": "softmax"}


def read(
    model: Any,
    loss: Any,
    *,
    device: str | None = None,
    compiled: bool = False,
    autocast: bool = False,
) -> Reading:
    """Read a fitted MLP: its loss follows from its output, its l2 is alpha / n.

    Raises
    ------
    InputError
    """
    name = type(model).__name__
    if type(model) not in (MLPClassifier, MLPRegressor):
        mend = "its last step, pipeline[-1], on what the steps before it return"
        raise InputError(
            "an MLPClassifier or MLPRegressor", name, mend if hasattr(model, "steps") else "one"
        )
    for setting, value in {"device": device, "compiled": compiled, "autocast": autocast}.items():
        if value:
            raise refuse_setting(setting, "scikit-learn")
    if loss is not None:
        raise InputError(f"{name} with the loss it has", shown(loss), "leave the loss out")
    if not hasattr(model, "coefs_"):
        raise InputError("a fitted model", f"an untrained {name}", "model.fit(X, y)")
    if model.out_activation_ not in OBJECTIVES:
        raise InputError("loss squared_error", f"{model.loss} of {name}", "loss='squared_error'")
    parameters = _parameters(model)
    hidden = (ACTIVATIONS[model.activation],) * (len(parameters.W) - 1)
    outputs = parameters.sizes[-1]
    notes = []
    if isinstance(model, MLPRegressor) and outputs > 1:
        notes.append(
            f"known: with {outputs} outputs MLPRegressor's gradient is {outputs} times that of "
            "its loss, which is a mean over examples and outputs"
        )
    return Reading(
        name=name,
        release=f"scikit-learn {sklearn.__version__}",
        parameters=parameters,
        activations=(*hidden, OUTPUTS[model.out_activation_]),
        objective=OBJECTIVES[model.out_activation_],
        trace=Run(model, backprop(model)),
        now=lambda: _parameters(model),
        l2=float(parameters.dtype.type(model.alpha)),  # NumPy casts it so
        l2_over_n=True,
        encode=None if isinstance(model, MLPRegressor) else lambda Y: binarized(model, Y),
        conventions=Conventions(per_example=True),
        notes=tuple(notes),
    )


@dataclass(frozen=True, eq=False)
class Run:
    """One call of the private method.

    Attributes
    ----------
    model : MLPClassifier or MLPRegressor
    backprop : Backprop
    """

    model: Any
    backprop: Backprop

    def __call__(self, X: Array, labels: Any) -> dict[str, Array]:
        """Return J, A, dZ (per example), dW and db in the contract's layout."""
        found = self.backprop(self.model, X, labels)
        trace: dict[str, Array] = {"J": np.array(found.loss, dtype=X.dtype)}
        for layer, array in enumerate(found.activations[1:], start=1):
            trace[f"A{layer}"] = array.T.copy()
        for layer, array in enumerate(found.deltas, start=1):
            trace[f"dZ{layer}"] = array.T.copy()
        for layer, array in enumerate(found.coef_grads, start=1):
            trace[f"dW{layer}"] = array.T.copy()
        for layer, array in enumerate(found.intercept_grads, start=1):
            trace[f"db{layer}"] = array[:, np.newaxis].copy()
        return trace


def _parameters(model: Any) -> Parameters:
    steps = [
        Dense(f"coefs_[{i}]", np.array(kernel.T, order="C"), bias[:, np.newaxis].copy())
        for i, (kernel, bias) in enumerate(zip(model.coefs_, model.intercepts_, strict=True))
    ]
    if any(step.W.dtype.kind != "f" for step in steps):
        raise unreadable("coefs_ that are not real numbers")
    return chained(steps)[0]
