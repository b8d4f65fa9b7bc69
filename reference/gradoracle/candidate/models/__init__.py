"""Model objects as candidates: what they are is read off them, their own gradients are judged.

A torch module, a Keras model or one of scikit-learn's MLPs becomes a session that brings its own
case. Which framework an object belongs to is told by its type; no framework is imported to find
out, because an object of a framework cannot exist before that framework was imported.
"""

from __future__ import annotations

import sys
from typing import Any

from gradoracle.arrays import shown
from gradoracle.candidate.models.session import ModelSession
from gradoracle.errors import InputError

__all__ = ["session_of"]

FRAMEWORKS = {"torch": "torch", "keras": "keras", "tf_keras": "keras", "sklearn": "scikit-learn"}


def session_of(
    candidate: object,
    *,
    loss: str | None = None,
    X: Any = None,
    Y: Any = None,
    n: int | None = None,
    seed: int = 0,
    dtype: str | None = None,
    device: str | None = None,
    compiled: bool = False,
    autocast: bool = False,
) -> ModelSession | None:
    """Return a session for a model object; None for anything else.

    Parameters
    ----------
    candidate : object
        A torch module, a Keras model, an MLPClassifier or MLPRegressor; or a pair (model, loss).
    loss : str, optional
        A loss by its framework's name or the contract's; for what does not carry one.
    X, Y : array, optional
        The user's batch as the framework has it, one example a row: X (n, n_0), Y (n, n_L), (n,)
        for a single output, or the classes (n,). Both or neither; drawn at random if neither.
    n : int, optional
        Examples of a random batch; a power of two that is none of the layer sizes by default.
    seed : int
        Of the random batch.
    dtype : str, optional
        Must be that of the model, which is what is judged.
    device : str, optional
        Run a copy of a torch model there.
    compiled : bool
        Run torch.compile(model), or a Keras model in a tf.function as ``fit`` does.
    autocast : bool
        Run a float32 torch model under torch.autocast, products in bfloat16.

    Raises
    ------
    InputError
        For a model that cannot be read, naming what in it.
    """
    model, objective = _parted(candidate)
    framework = _framework(model)
    if framework is None:
        return None
    if isinstance(model, type):
        name = model.__name__
        raise InputError("a model object", f"the class {name}", f"make one: {name}(...)")
    if objective is not None and loss is not None:
        raise InputError("one loss", "a pair (model, loss) and loss=", "leave one out")
    settings = {"device": device, "compiled": compiled, "autocast": autocast}
    reading = _read(framework, model, loss if objective is None else objective, settings)
    if dtype is not None and dtype != reading.dtype:
        raise InputError(
            f"the dtype of the model, {reading.dtype}",
            shown(dtype),
            "a model object is judged as it is: make the model in that dtype",
        )
    return ModelSession(reading, X=X, Y=Y, n=n, seed=seed)


def _parted(candidate: object) -> tuple[object, object]:
    """Split a pair (model, loss)."""
    if isinstance(candidate, tuple | list) and len(candidate) == 2:
        return candidate[0], candidate[1]
    return candidate, None


def _framework(model: object) -> str | None:
    """Tell whose model this is by the modules of its classes; None if it is nobody's."""
    classes = (model if isinstance(model, type) else type(model)).__mro__
    packages = {cls.__module__.partition(".")[0] for cls in classes}
    for package, framework in FRAMEWORKS.items():
        if package in packages and package in sys.modules and _is_model(classes):
            return framework
    return None


def _is_model(classes: tuple[type, ...]) -> bool:
    """Whether one of the classes is the base class of its framework's models."""
    names = {(cls.__module__.partition(".")[0], cls.__name__) for cls in classes}
    bases = {("torch", "Module"), ("keras", "Model"), ("tf_keras", "Model")}
    estimator = ("sklearn", "BaseEstimator") in names
    # what can be called is a candidate of its own, whatever else it is
    return bool(names & bases) or (estimator and not any("__call__" in vars(c) for c in classes))


def _read(framework: str, model: Any, loss: Any, settings: dict[str, Any]) -> Any:
    """Import the reader of one framework, whose objects prove that it is installed."""
    if framework == "torch":
        from gradoracle.candidate.models.torch_module import read as read_torch

        return read_torch(model, loss, **settings)
    if framework == "keras":
        from gradoracle.candidate.models.keras_model import read as read_keras

        return read_keras(model, loss, **settings)
    from gradoracle.candidate.models.scikit_learn import read as read_scikit

    return read_scikit(model, loss, **settings)
