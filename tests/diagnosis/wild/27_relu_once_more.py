"""Going back, relu is applied to the gradient itself: its sign decides, not that of z."""

import numpy as np


def relu(x):
    return np.maximum(x, 0)


def net(case):
    n = case.X.shape[1]
    z1 = case.W[1] @ case.X + case.b[1]
    a1 = relu(z1)
    z2 = case.W[2] @ a1 + case.b[2]

    zmax = np.amax(z2, axis=0)
    e = np.exp(z2 - zmax)
    total = e.sum(axis=0)
    probs = e / total
    J = np.sum(case.Y * (zmax + np.log(total) - z2)) / n

    g2 = (probs - case.Y) / n
    ga1 = case.W[2].T @ g2
    g1 = relu(ga1)
    return {
        "Z1": z1,
        "A1": a1,
        "Z2": z2,
        "A2": probs,
        "J": J,
        "dZ2": g2,
        "dA1": ga1,
        "dZ1": g1,
        "dW2": g2 @ a1.T,
        "db2": g2.sum(axis=1, keepdims=True),
        "dW1": g1 @ case.X.T,
        "db1": g1.sum(axis=1, keepdims=True),
    }


def supports(case):
    k = case.network
    if k.activations == ("relu", "softmax") and k.loss == "cross_entropy":
        return (k.reduction == "mean" and not k.l2) or "mean"
    return "relu, softmax, cross-entropy"


net.supports = supports
