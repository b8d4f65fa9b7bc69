"""Leaky relu has the derivative of the ordinary relu: zero where z is negative."""

import numpy as np


def sig(z):
    return 1 / (1 + np.exp(-z))


ACTIVATIONS = {
    "leaky_relu": (lambda z: np.where(z > 0, z, z / 100), lambda z: z > 0),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "sigmoid": (sig, lambda z: sig(z) * sig(-z)),
}


def net(case):
    g = [ACTIVATIONS[name] for name in case.network.activations]
    a, z = [case.X], []
    for i in range(case.L):
        z += [case.W[i + 1] @ a[i] + case.b[i + 1]]
        a += [g[i][0](z[i])]

    if case.network.loss == "binary_cross_entropy":
        J = (np.logaddexp(0, z[-1]) - case.Y * z[-1]).sum() / case.n
        dz = (a[-1] - case.Y) / case.n
    else:
        J = ((a[-1] - case.Y) ** 2).sum() / case.n
        dz = 2 * (a[-1] - case.Y) / case.n * g[-1][1](z[-1])
    out = {"J": J}
    for i in reversed(range(case.L)):
        out[f"dZ{i + 1}"] = dz
        out[f"dW{i + 1}"] = dz @ a[i].T
        out[f"db{i + 1}"] = dz.sum(axis=1, keepdims=True)
        if i:
            out[f"dA{i}"] = case.W[i + 1].T @ dz
            dz = out[f"dA{i}"] * g[i - 1][1](z[i - 1])
    return out


def supports(case):
    n = case.network
    if not set(n.activations) <= set(ACTIVATIONS):
        return "leaky_relu, tanh, sigmoid"
    if n.loss not in ("binary_cross_entropy", "squared_error"):
        return "BCE and squared error"
    return (n.reduction == "mean" and n.l2 == 0) or "mean"


net.supports = supports
