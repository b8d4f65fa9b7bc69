"""The error is divided by the number of examples again at each layer it is carried back."""

import numpy as np


def net(case):
    L, m = case.L, case.X.shape[1]
    A, Z = {0: case.X}, {}
    for k in range(1, L + 1):
        Z[k] = case.W[k] @ A[k - 1] + case.b[k]
        A[k] = np.tanh(Z[k]) if case.network.activations[k - 1] == "tanh" else logistic(Z[k])
    out = {"J": (np.logaddexp(0, Z[L]) - case.Y * Z[L]).sum() / m}
    dZ = (A[L] - case.Y) / m
    for k in range(L, 0, -1):
        out[f"Z{k}"], out[f"A{k}"], out[f"dZ{k}"] = Z[k], A[k], dZ
        out[f"dW{k}"] = dZ @ A[k - 1].T
        out[f"db{k}"] = dZ.sum(axis=1, keepdims=True)
        if k > 1:
            dA = case.W[k].T @ dZ / m
            out[f"dA{k - 1}"] = dA
            if case.network.activations[k - 2] == "tanh":
                dZ = dA * (1 - A[k - 1] ** 2)
            else:
                dZ = dA * A[k - 1] * (1 - A[k - 1])
    return out


def logistic(z):
    return 1 / (1 + np.exp(-z))


def supports(case):
    kinds = case.network.activations
    if not {"tanh", "sigmoid"} >= set(kinds) or case.network.loss != "binary_cross_entropy":
        return "tanh and sigmoid with BCE"
    return (case.network.reduction == "mean" and case.network.l2 == 0) or "plain mean"


net.supports = supports
