"""The networks in PyTorch: the forward pass written out, every gradient from autograd.

Nothing here differentiates by hand and nothing uses the NumPy formulas, so the numbers are an
independent witness. CPU; float64 and float32 as the case says.
"""

from __future__ import annotations

from collections.abc import Callable

from gradoracle.case import Case, Trace
from gradoracle.errors import MissingExtra

try:
    import torch  # noqa: F401  (the modules below import it themselves)
except ModuleNotFoundError as missing:
    if missing.name != "torch":  # torch is there, but something it needs is not
        raise
    raise MissingExtra("torch", "torch") from missing

from gradoracle_torch import linear_regression, logistic_regression, n_layer, two_layer
from gradoracle_torch.ann import ANN

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
