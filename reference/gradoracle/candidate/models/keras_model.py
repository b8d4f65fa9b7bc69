"""A Keras model as a candidate: TensorFlow's tape on the user's model and its compiled loss.

The model is called with ``training=False``; J is its own ``compute_loss``, kernel regularisers
included. The pass is eager, or in a tf.function, as ``fit`` runs it, where ``compiled`` says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from gradoracle.arrays import Array
from gradoracle.candidate.models.keras_layers import (
    bias,
    compiled_loss,
    instance,
    is_plain,
    kernel,
    l2_of,
    objective_of,
    operations,
    steps,
)
from gradoracle.candidate.models.reading import (
    Reading,
    chained,
    refuse_setting,
    unreadable,
    with_output,
)
from gradoracle.errors import InputError
from gradoracle.network import Parameters
from gradoracle_tf.settings import pinned_settings


def read(
    model: Any,
    loss: Any,
    *,
    device: str | None = None,
    compiled: bool = False,
    autocast: bool = False,
) -> Reading:
    """Read a model and the loss it was compiled with, or the one that is given.

    Raises
    ------
    InputError
    """
    if device is not None or autocast:
        raise refuse_setting("device" if device is not None else "autocast", "Keras")
    if keras.backend.backend() != "tensorflow":
        backend = keras.backend.backend()
        raise InputError("Keras on TensorFlow", f"on {backend}", "KERAS_BACKEND=tensorflow")
    if not is_plain(model):
        name = type(model).__name__
        raise unreadable(f"{name}, a class of its own", "keras.Sequential, or keras.Model(x, y)")
    parts = list(operations(model))
    dense = [layer for layer in parts if type(layer) is keras.layers.Dense]
    parameters, activations = chained([step for layer in parts for step in steps(layer)])
    given = None if loss is None else instance(loss, str(parameters.dtype))
    objective = objective_of(compiled_loss(model) if given is None else given, parameters.sizes[-1])
    l2 = l2_of(dense)
    notes = ["run with training=False"] + (["in a tf.function, as fit runs it"] * compiled)
    if str(parameters.dtype) == "float64" and keras.config.floatx() != "float64":
        mend = "keras.config.set_floatx('float64') before compile"
        if l2:
            raise unreadable("a float64 model with l2 while Keras adds J up in float32", mend)
        clips = objective.loss != "squared_error" and not objective.logits
        also = ", and clips probabilities to [1e-7, 1 - 1e-7]" if clips else ""
        notes.append(f"Keras computes J of this float64 model in float32{also}; {mend}")
    if str(parameters.dtype) == "float64" and "gelu" in activations:
        notes.append("TensorFlow's gelu is off by 5e-9 in float64: its 1/sqrt 2 is a float32")
    return Reading(
        name=type(model).__name__,
        release=f"Keras {keras.__version__} on TensorFlow {tf.__version__}",
        parameters=parameters,
        activations=with_output(activations, objective),
        objective=objective,
        trace=Run(model, given, dense, objective.logits, compiled),
        now=lambda: Parameters([kernel(d) for d in dense], [bias(d) for d in dense]),
        l2=l2,
        notes=tuple(notes),
    )


@dataclass(frozen=True, eq=False)
class Run:
    """One pass under a tape.

    Attributes
    ----------
    model : keras.Model
    loss : callable (labels, output) -> tensor, or None for the compiled one
    dense : list of keras.layers.Dense
        In the order of computation.
    logits : bool
        Whether the output is Z^[L]; it is A^[L] otherwise.
    compiled : bool
    """

    model: Any
    loss: Callable[[Any, Any], Any] | None
    dense: list[Any]
    logits: bool
    compiled: bool

    def __call__(self, X: Array, labels: Any) -> dict[str, Array]:
        """Return J, dW, db, dX and what is known of the output, in the contract's layout."""
        with pinned_settings():
            tensors = self._in_graph_or_not(tf.constant(X), tf.constant(labels))
        return {name: _column_form(name, tensor, X) for name, tensor in tensors.items()}

    @cached_property
    def _in_graph_or_not(self) -> Callable[[Any, Any], dict[str, Any]]:
        graph: Callable[[Any, Any], dict[str, Any]] = tf.function(self._pass)  # traced once
        return graph if self.compiled else self._pass

    def _pass(self, X: Any, labels: Any) -> dict[str, Any]:
        variables = {"X": X}
        for number, layer in enumerate(self.dense, start=1):
            variables |= {f"W{number}": layer._kernel.value, f"b{number}": layer.bias.value}
        with tf.GradientTape() as tape:
            tape.watch(list(variables.values()))
            output = self.model(X, training=False)
            if self.loss is None:
                J = self.model.compute_loss(x=X, y=labels, y_pred=output, training=False)
            else:
                J = tf.add_n([self.loss(labels, output), *self.model.losses])
        known = {"J": J}
        if not self.logits:
            known[f"A{len(self.dense)}"] = output
            variables[f"A{len(self.dense)}"] = output
        gradients = tape.gradient(J, variables)
        return known | {f"d{name}": g for name, g in gradients.items() if g is not None}


def _column_form(name: str, tensor: Any, like: Array) -> Array:
    values: Array = tensor.numpy()
    if name == "J":
        return np.array(values, dtype=like.dtype)  # float32 becomes float64 exactly, and is judged
    return values[:, np.newaxis].copy() if name.startswith("db") else np.array(values.T, order="C")
