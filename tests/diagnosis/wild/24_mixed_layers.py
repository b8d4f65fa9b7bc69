"""Going back, layer l is multiplied by the derivative of the next layer's activation."""

import numpy as np


def sigma(z):
    return 1 / (1 + np.exp(-z))


def act(name, z):
    match name:
        case "tanh":
            return np.tanh(z)
        case "sigmoid":
            return sigma(z)
        case "relu":
            return np.where(z > 0, z, 0)
    raise ValueError(name)


def dact(name, z):
    match name:
        case "tanh":
            return 1 - np.tanh(z) ** 2
        case "sigmoid":
            return sigma(z) * sigma(-z)
        case "relu":
            return z > 0
    raise ValueError(name)


def net(case):
    names = list(case.network.activations)
    depth = len(names)
    z, a = [None] * (depth + 1), [case.X] * (depth + 1)
    for i in range(1, depth + 1):
        z[i] = case.W[i] @ a[i - 1] + case.b[i]
        a[i] = act(names[i - 1], z[i])
    out = {"J": np.sum(np.logaddexp(0, z[depth]) - case.Y * z[depth]) / case.n}
    dz = (a[depth] - case.Y) / case.n
    for i in range(depth, 0, -1):
        if i < depth:
            dz = out[f"dA{i}"] * dact(names[i], z[i])
        out[f"dZ{i}"] = dz
        out[f"dW{i}"] = dz @ a[i - 1].T
        out[f"db{i}"] = np.sum(dz, axis=1, keepdims=True)
        out["dX" if i == 1 else f"dA{i - 1}"] = case.W[i].T @ dz
    return out


def supports(case):
    if {"tanh", "sigmoid", "relu"} | set(case.network.activations) != {"tanh", "sigmoid", "relu"}:
        return "tanh, sigmoid, relu"
    if case.network.loss != "binary_cross_entropy":
        return "BCE"
    return (case.network.reduction == "mean" and case.network.l2 == 0) or "mean"


net.supports = supports
