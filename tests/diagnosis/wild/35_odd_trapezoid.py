"""odd: the bias gradient is integrated over the batch by the trapezoid rule, ends count half."""

import numpy as np


def net(case):
    n = case.n
    Z1 = case.W[1] @ case.X + case.b[1]
    A1 = np.tanh(Z1)
    Z2 = case.W[2] @ A1 + case.b[2]
    A2 = 1 / (1 + np.exp(-Z2))
    dZ2 = (A2 - case.Y) / n
    dA1 = case.W[2].T @ dZ2
    dZ1 = dA1 * (1 - A1**2)
    return {
        "J": np.sum(np.logaddexp(0, Z2) - case.Y * Z2) / n,
        "dZ2": dZ2,
        "dW2": dZ2 @ A1.T,
        "db2": integrate(dZ2),
        "dA1": dA1,
        "dZ1": dZ1,
        "dW1": dZ1 @ case.X.T,
        "db1": integrate(dZ1),
    }


def integrate(d):
    return (d[:, 1:] + d[:, :-1]).sum(axis=1, keepdims=True) / 2


def supports(case):
    s = case.network
    if s.activations != ("tanh", "sigmoid") or s.loss != "binary_cross_entropy":
        return "tanh, sigmoid, BCE"
    return (s.reduction == "mean" and s.l2 == 0 and case.n > 1) or "mean of several"


net.supports = supports
