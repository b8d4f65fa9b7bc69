"""The networks by hand in NumPy: linear and logistic regression, 2 layers, N layers, ANN."""

from __future__ import annotations

from gradoracle.case import Case, Trace
from gradoracle_numpy import linear_regression, logistic_regression, n_layer, two_layer
from gradoracle_numpy.ann import ANN

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
    if linear_regression.suits(case.network):
        return linear_regression.implementation(case)
    if logistic_regression.suits(case.network):
        return logistic_regression.implementation(case)
    if two_layer.suits(case.network):
        return two_layer.implementation(case)
    return n_layer.implementation(case)
