"""The networks in TensorFlow: the forward pass written out, every gradient from a GradientTape.

Nothing here differentiates by hand and nothing uses the NumPy formulas, so the numbers are an
independent witness. CPU, eager; float64 and float32 as the case says.
"""

from __future__ import annotations

from collections.abc import Callable

from gradoracle.case import Case, Trace
from gradoracle.errors import MissingExtra
from gradoracle_tf.quiet import quiet_start

try:
    with quiet_start():
        import tensorflow as tf  # noqa: F401  (the modules below import it themselves)
except ModuleNotFoundError as missing:
    if missing.name != "tensorflow":  # TensorFlow is there, but something it needs is not
        raise
    raise MissingExtra("tensorflow", "tensorflow") from missing

from gradoracle_tf import linear_regression, logistic_regression, n_layer, two_layer
from gradoracle_tf.ann import ANN

__all__ = ["ANN", "implementation"]


def implementation(case: Case) -> Trace:
    """Run the most specific of the networks that suits the case.

    Parameters
    ----------
    case : gradoracle.Case

    Returns
    -------
    gradoracle.Trace
        The whole trace, in the dtype of the case.
    """
    special = (linear_regression, logistic_regression, two_layer)
    run: Callable[[Case], Trace] = next(
        (network.implementation for network in special if network.suits(case.network)),
        n_layer.implementation,
    )
    return run(case)
