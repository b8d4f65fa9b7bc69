"""The derivative of softplus is taken as s (1 - s) instead of the sigmoid s itself."""

import numpy as np


def softplus(z):
    return np.logaddexp(0, z)


def softplus_grad(z):
    s = 1 / (1 + np.exp(-z))
    return s * (1 - s)


def logistic_grad(z):
    s = 1 / (1 + np.exp(-z))
    return s * (1 - s)


def net(case):
    """Examples in rows, as in every other code of ours; turned at the borders."""
    x, y = case.X.T, case.Y.T
    kernel = {k: case.W[k].T for k in (1, 2)}
    offset = {k: case.b[k].ravel() for k in (1, 2)}
    n = len(x)
    u1 = x @ kernel[1] + offset[1]
    v1 = 1 / (1 + np.exp(-u1))
    u2 = v1 @ kernel[2] + offset[2]
    v2 = softplus(u2)
    residual = v2 - y
    e2 = 2 / n * residual * softplus_grad(u2)
    back = e2 @ kernel[2].T
    e1 = back * logistic_grad(u1)
    return {
        "J": np.square(residual).sum() / n,
        "dZ2": e2.T.copy(),
        "dW2": (v1.T @ e2).T,
        "db2": e2.sum(axis=0).reshape(-1, 1),
        "dA1": back.T.copy(),
        "dZ1": e1.T.copy(),
        "dW1": (x.T @ e1).T,
        "db1": e1.sum(axis=0).reshape(-1, 1),
    }


def supports(case):
    n = case.network
    if n.activations != ("sigmoid", "softplus") or n.loss != "squared_error":
        return "sigmoid, softplus, squared error"
    return n.reduction == "mean" or "mean"


net.supports = supports
