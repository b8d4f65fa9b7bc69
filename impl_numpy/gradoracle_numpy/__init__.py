"""The networks by hand in NumPy: linear and logistic regression, 2 layers, N layers, ANN."""

from __future__ import annotations

from gradoracle.case import Case, Trace
from gradoracle_numpy import linear_regression, logistic_regression, n_layer, two_layer
#from gradoracle_numpy.ann import ANN

__all__ = ["ANN", "implementation"]


def implementation(case: Case) -> Trace:
    """Run the most specific hand-written network that suits the case.

    Parameters
    ----------
    case : gradoracle.Case

    Returns
    -------
    gradoracle.Trace
        The whole trace, in the dtype of the case.
    """
    for module in (linear_regression, logistic_regression, two_layer):
        if module.suits(case.network):
            return module.implementation(case)
    return n_layer.implementation(case)
