"""right: dZ and dA are derivatives per example, and the 1/m comes in at dW and db."""

import numpy as np


def net(case):
    L, m = case.L, case.X.shape[1]
    v = {"A0": case.X}
    for k in range(1, L + 1):
        v[f"Z{k}"] = case.W[k] @ v[f"A{k - 1}"] + case.b[k]
        z = v[f"Z{k}"]
        v[f"A{k}"] = np.tanh(z) if case.network.activations[k - 1] == "tanh" else sigmoid(z)
    v["J"] = np.sum(np.logaddexp(0, z) - case.Y * z) / m
    v[f"dZ{L}"] = v[f"A{L}"] - case.Y
    for k in range(L, 0, -1):
        v[f"dW{k}"] = 1 / m * v[f"dZ{k}"] @ v[f"A{k - 1}"].T
        v[f"db{k}"] = 1 / m * np.sum(v[f"dZ{k}"], axis=1, keepdims=True)
        if k > 1:
            a = v[f"A{k - 1}"]
            v[f"dA{k - 1}"] = case.W[k].T @ v[f"dZ{k}"]
            slope = 1 - a**2 if case.network.activations[k - 2] == "tanh" else a * (1 - a)
            v[f"dZ{k - 1}"] = v[f"dA{k - 1}"] * slope
    return {name: value for name, value in v.items() if name != "A0"}


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def supports(case):
    c = case.network
    if set(c.activations) - {"tanh", "sigmoid"} or c.loss != "binary_cross_entropy":
        return "tanh, sigmoid, BCE"
    return (c.reduction == "mean" and c.l2 == 0) or "mean"


net.supports = supports
