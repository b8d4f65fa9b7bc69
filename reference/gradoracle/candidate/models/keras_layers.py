"""What is read from a Keras model: its layers by their classes, its loss as compile finds it."""

from __future__ import annotations

from collections.abc import Iterator
from types import FunctionType
from typing import Any

import keras
import numpy as np

from gradoracle.arrays import DTYPES, Array, shown
from gradoracle.candidate.models.reading import Activation, Dense, Objective, unreadable
from gradoracle.errors import InputError

FUNCTIONS: dict[Any, str] = {
    keras.activations.linear: "identity",
    keras.activations.sigmoid: "sigmoid",
    keras.activations.tanh: "tanh",
    keras.activations.relu: "relu",
    keras.activations.softplus: "softplus",
    keras.activations.elu: "elu",
    keras.activations.gelu: "gelu",  # the exact form by default
    keras.activations.silu: "silu",
    keras.activations.softmax: "softmax",
}
LAYERS: dict[type, tuple[str, dict[str, object]]] = {  # the name, and what its settings must be
    keras.layers.ReLU: ("relu", {"negative_slope": 0.0, "max_value": None, "threshold": 0.0}),
    keras.layers.LeakyReLU: ("leaky_relu", {"negative_slope": 0.01}),
    keras.layers.ELU: ("elu", {"alpha": 1.0}),
    keras.layers.Softmax: ("softmax", {"axis": -1}),
}
NOTHING = (keras.layers.InputLayer, keras.layers.Identity, keras.layers.Dropout)
LOSSES: dict[type, str] = {
    keras.losses.MeanSquaredError: "squared_error",
    keras.losses.BinaryCrossentropy: "binary_cross_entropy",
    keras.losses.CategoricalCrossentropy: "cross_entropy",
    keras.losses.SparseCategoricalCrossentropy: "cross_entropy",
}
CLASSES: dict[Any, type] = {  # what compile makes of a function, or of its name
    keras.losses.mean_squared_error: keras.losses.MeanSquaredError,
    keras.losses.binary_crossentropy: keras.losses.BinaryCrossentropy,
    keras.losses.categorical_crossentropy: keras.losses.CategoricalCrossentropy,
    keras.losses.sparse_categorical_crossentropy: keras.losses.SparseCategoricalCrossentropy,
}
CONTRACT = {
    "squared_error": "mse",
    "binary_cross_entropy": "binary_crossentropy",
    "cross_entropy": "categorical_crossentropy",
}
LOSS_SETTINGS = {"label_smoothing": 0.0, "ignore_class": None}


def is_plain(model: Any) -> bool:
    """Whether it is what Keras makes itself, whose call and compute_loss are Keras's own."""
    kind = type(model)
    functional = kind.__name__ == "Functional" and kind.__module__.startswith("keras.")
    return kind is keras.Sequential or functional


def operations(model: Any) -> list[Any]:
    """Return what the model computes, in order, after a look that it is a chain."""
    parts = list(_flattened(model))
    if len(set(map(id, parts))) < len(parts):
        raise unreadable("a layer used twice", "a layer of its own for each step")
    return parts


def _flattened(model: Any) -> Iterator[Any]:
    """Yield the operations of a model and of the models in it."""
    if not model.built:
        raise InputError("a built model", "one without weights", "model.build((None, n_0))")
    if not is_plain(model):
        raise unreadable(_called(model))
    patched = [name for name in ("call", "compute_loss", "__call__") if name in vars(model)]
    if patched:
        raise unreadable(f"{_called(model)} with a {patched[0]} of its own", "a plain model")
    sequential = type(model) is keras.Sequential
    parts = list(model.layers if sequential else model.operations)
    if not sequential:
        ends = [*(op.output for op in parts), model.outputs]
        for tensor, operation in zip(ends[:-1], [*parts[1:], None], strict=True):
            after = model.outputs if operation is None else operation.input
            if after is not tensor and (not isinstance(after, list) or after != [tensor]):
                what = "the output" if operation is None else _called(operation)
                raise unreadable(f"branches at {what}", "one layer after the other, each used once")
    for operation in parts:
        inner = isinstance(operation, keras.Model)
        yield from _flattened(operation) if inner else [operation]


def steps(layer: Any) -> Iterator[Dense | Activation]:
    """Yield what a layer is in the contract: a dense layer, an activation, both, or nothing."""
    where, kind = _called(layer), type(layer)
    if getattr(layer, "activity_regularizer", None) is not None:
        raise unreadable(f"{where} with an activity_regularizer", "leave it out")
    if kind is keras.layers.Dense:
        yield _dense(layer, where)
        yield Activation(where, _function(layer.activation, where))
    elif kind is keras.layers.Activation:
        yield Activation(where, _function(layer.activation, where))
    elif kind in LAYERS:
        name, settings = LAYERS[kind]
        for key, wanted in settings.items():
            value = getattr(layer, key)
            if value != wanted:
                mend = f"{key}={wanted}"
                raise unreadable(f"{where} with {key}={shown(value)}", mend)
        yield Activation(where, name)
    elif kind is keras.layers.Flatten and len(layer.input.shape) == 2:
        return
    elif kind not in NOTHING:
        raise unreadable(where)


def _function(function: Any, where: str) -> str:
    if function not in FUNCTIONS:
        name = getattr(function, "__name__", type(function).__name__)
        slope = "; keras.layers.LeakyReLU(negative_slope=0.01)" if name == "leaky_relu" else ""
        raise unreadable(f"{where} with {name}", f"{', '.join(FUNCTIONS.values())}{slope}")
    return FUNCTIONS[function]


def _dense(layer: Any, where: str) -> Dense:
    for setting in ("bias_regularizer", "lora_enabled", "quantization_mode"):
        if getattr(layer, setting, None):
            raise unreadable(f"{where} with {setting}", "the contract has no such term")
    if not layer.use_bias:
        mend = "use_bias=True; a bias of 0 changes no number"
        raise unreadable(f"{where} without a bias", mend)
    if layer.compute_dtype != layer.variable_dtype or layer.compute_dtype not in DTYPES:
        mend = "dtype='float32' or 'float64', for all layers"
        raise unreadable(f"{where} with dtype policy {layer.dtype_policy.name}", mend)
    return Dense(where, kernel(layer), bias(layer))


def kernel(layer: Any) -> Array:
    """W, (n_l, n_{l-1})."""
    return np.array(layer._kernel.numpy().T, order="C")


def bias(layer: Any) -> Array:
    """b, (n_l, 1)."""
    values: Array = layer.bias.numpy()[:, np.newaxis].copy()
    return values


def l2_of(dense: list[Any]) -> float:
    """Return the contract's strength: Keras's l2(s) is s times the sum of squares, not s / 2."""
    strengths = {}
    for layer in dense:
        regularizer, strength = layer.kernel_regularizer, 0.0
        if type(regularizer) in (keras.regularizers.L2, keras.regularizers.L1L2):
            if getattr(regularizer, "l1", 0):
                raise unreadable(f"{_called(layer)} with an l1 term", "keras.regularizers.l2 alone")
            strength = float(regularizer.l2)
        elif regularizer is not None:
            name = type(regularizer).__name__
            raise unreadable(f"{_called(layer)} with {name}", "keras.regularizers.l2 alone")
        strengths[_called(layer)] = float(np.float32(strength))  # Keras keeps no more of it
    if len(set(strengths.values())) > 1:
        said = ", ".join(f"{strength:g} in {name}" for name, strength in strengths.items())
        raise unreadable(f"l2 of different strengths: {said}", "the same l2 on every kernel")
    return 2 * next(iter(strengths.values()))


def compiled_loss(model: Any) -> Any:
    """Return the loss that a model was compiled with, as an object."""
    loss = getattr(model, "loss", None)
    if loss is None:
        mend = "model.compile(loss='mse'), or --loss mse"
        raise InputError("a compiled Keras model, or a loss", "neither", mend)
    weights = (model.get_compile_config() or {}).get("loss_weights")
    if weights is not None and np.ravel(weights).tolist() != [1]:
        raise InputError("no loss_weights", shown(weights), "leave them out")
    if isinstance(loss, list | tuple) and len(loss) == 1:
        loss = loss[0]
    return instance(loss, keras.config.floatx())


def instance(loss: Any, dtype: str) -> Any:
    """Return an object for a loss, which may be a function, or a name of Keras or the contract."""
    try:
        found = keras.losses.get(CONTRACT.get(loss, loss) if isinstance(loss, str) else loss)
    except (ValueError, TypeError) as error:
        raise _refused(shown(loss)) from error
    kind = CLASSES.get(found) if isinstance(found, FunctionType) else None
    return found if kind is None else kind(dtype=dtype)


def objective_of(loss: Any, outputs: int) -> Objective:
    """Return what a loss object is in the contract."""
    if type(loss) not in LOSSES:
        raise _refused(getattr(loss, "__name__", type(loss).__name__))
    said, config = type(loss).__name__, loss.get_config()
    for setting, usual in LOSS_SETTINGS.items():
        if config.get(setting, usual) != usual:
            mend = f"leave {setting} out: the contract has no such loss"
            raise InputError(f"{said} without {setting}", f"{setting}={config[setting]}", mend)
    if config.get("axis", -1) != -1:
        raise InputError(f"{said} over the last axis", f"axis={config['axis']}", "axis=-1")
    name, reduction = LOSSES[type(loss)], loss.reduction
    over_outputs = name != "cross_entropy"  # Keras takes the mean over them first
    if reduction == "sum" and (outputs == 1 or not over_outputs):
        mapped = "sum"
    elif reduction in ("sum_over_batch_size", "mean", "mean_with_sample_weight"):
        mapped = "mean_all" if over_outputs else "mean"
    else:
        mean = f", which with {outputs} outputs is a sum of means" if reduction == "sum" else ""
        raise InputError(
            f"{said} with reduction sum_over_batch_size",
            f"{reduction!r}{mean}",
            "reduction='sum_over_batch_size'",
        )
    logits = bool(config.get("from_logits", False))
    sparse = type(loss) is keras.losses.SparseCategoricalCrossentropy
    return Objective(said, name, mapped, logits, "classes" if sparse else "soft")


def _refused(said: str) -> InputError:
    names = [loss.__name__ for loss in LOSSES]
    return InputError(f"a loss out of {', '.join(names)}", said, "take one of these")


def _called(operation: Any) -> str:
    return f"{type(operation).__name__} {operation.name!r}"
