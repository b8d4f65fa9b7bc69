"""The last layer is computed without adding its bias."""

import numpy as np

FORWARD = {
    "tanh": np.tanh,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "relu": lambda z: z * (z > 0),
}
SLOPE = {
    "tanh": lambda z: 1 - np.tanh(z) ** 2,
    "sigmoid": lambda z: 1 / (2 + np.exp(z) + np.exp(-z)),
    "relu": lambda z: z > 0,
}


def descend(case, k, a, out):
    """Go down to the loss and come back with dJ/da."""
    W, b = case.W[k], case.b[k]
    if k == case.L:
        z = W @ a
        p = 1 / (1 + np.exp(-z))
        out["J"] = (np.logaddexp(0, z) - case.Y * z).sum() / case.n
        delta = (p - case.Y) / case.n
        out[f"A{k}"] = p
    else:
        g = case.network.activations[k - 1]
        z = W @ a + b
        out[f"A{k}"] = FORWARD[g](z)
        delta = descend(case, k + 1, out[f"A{k}"], out) * SLOPE[g](z)
    out[f"Z{k}"], out[f"dZ{k}"] = z, delta
    out[f"dW{k}"], out[f"db{k}"] = delta @ a.T, delta.sum(axis=1, keepdims=True)
    return W.T @ delta


def net(case):
    out = {}
    out["dX"] = descend(case, 1, case.X, out)
    return out


def supports(case):
    n = case.network
    if n.loss != "binary_cross_entropy" or any(g not in FORWARD for g in n.activations):
        return "tanh, sigmoid, relu; BCE"
    return (n.reduction == "mean" and n.l2 == 0) or "plain mean"


net.supports = supports
