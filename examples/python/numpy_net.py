"""Two layers by hand in NumPy: gradoracle check numpy_net.py:two_layer."""

import numpy as np


def two_layer(case):
    """Relu, then a sigmoid with the cross-entropy; one example a column."""
    X, Y, W1, b1, W2, b2 = case.X, case.Y, case.W[1], case.b[1], case.W[2], case.b[2]
    n = X.shape[1]
    Z1 = W1 @ X + b1
    A1 = np.maximum(Z1, 0)
    Z2 = W2 @ A1 + b2
    A2 = 1 / (1 + np.exp(-Z2))
    J = np.sum(np.logaddexp(0, Z2) - Y * Z2) / n
    dZ2 = (A2 - Y) / n
    dW2 = dZ2 @ A1.T
    db2 = np.sum(dZ2, axis=1, keepdims=True)
    dA1 = W2.T @ dZ2
    dZ1 = dA1 * (Z1 > 0)
    dW1 = dZ1 @ X.T
    db1 = np.sum(dZ1, axis=1, keepdims=True)
    names = ["Z1", "A1", "Z2", "A2", "J", "dZ2", "dW2", "db2", "dA1", "dZ1", "dW1", "db1"]
    return dict(zip(names, (Z1, A1, Z2, A2, J, dZ2, dW2, db2, dA1, dZ1, dW1, db1), strict=True))


def supports(case):
    """Return True, or what it does not do."""
    network = case.network
    if network.activations != ("relu", "sigmoid") or network.loss != "binary_cross_entropy":
        return "relu, sigmoid and binary_cross_entropy only"
    return (network.reduction == "mean" and network.l2 == 0) or "the mean without l2 only"


two_layer.supports = supports
