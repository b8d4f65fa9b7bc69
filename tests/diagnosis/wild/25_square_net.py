"""The error is carried back through W, not through its transpose."""

import numpy as np


def net(case):
    W, b, X, Y, L = case.W, case.b, case.X, case.Y, case.L
    f = {"tanh": np.tanh, "sigmoid": lambda z: 1 / (1 + np.exp(-z))}
    df = {"tanh": lambda a: 1 - a * a, "sigmoid": lambda a: a - a * a}
    g = (None, *case.network.activations)
    A = {0: X}
    for k in range(1, L + 1):
        Z = W[k] @ A[k - 1] + b[k]
        A[k] = f[g[k]](Z)
    m = X.shape[1]
    result = {"J": np.sum(np.logaddexp(0, Z) - Y * Z) / m}
    delta = (A[L] - Y) / m
    k = L
    while True:
        result[f"dZ{k}"] = delta
        result[f"dW{k}"] = delta @ A[k - 1].T
        result[f"db{k}"] = delta @ np.ones((m, 1), dtype=X.dtype)
        if k == 1:
            return result
        result[f"dA{k - 1}"] = W[k] @ delta
        delta = result[f"dA{k - 1}"] * df[g[k - 1]](A[k - 1])
        k -= 1


def supports(case):
    n = case.network
    if len(set(n.sizes[1:])) > 1:
        return "all layers equally wide"
    if set(n.activations) - {"tanh", "sigmoid"} or n.loss != "binary_cross_entropy":
        return "tanh, sigmoid, BCE"
    return (n.reduction == "mean" and n.l2 == 0) or "mean"


net.supports = supports
