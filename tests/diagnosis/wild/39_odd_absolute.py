"""odd: the error is carried back through the absolute values of the weights."""

import numpy as np


def net(case):
    out, a = {}, {0: case.X}
    for k in range(1, case.L + 1):
        z = out[f"Z{k}"] = case.W[k] @ a[k - 1] + case.b[k]
        a[k] = out[f"A{k}"] = 1 / (1 + np.exp(-z))
    out["J"] = np.sum(np.logaddexp(0, z) - case.Y * z) / case.n
    dz = (a[case.L] - case.Y) / case.n
    for k in range(case.L, 0, -1):
        out[f"dZ{k}"] = dz
        out[f"dW{k}"] = dz @ a[k - 1].T
        out[f"db{k}"] = dz.sum(axis=1, keepdims=True)
        if k > 1:
            out[f"dA{k - 1}"] = np.abs(case.W[k]).T @ dz
            dz = out[f"dA{k - 1}"] * a[k - 1] * (1 - a[k - 1])
    return out


def supports(case):
    c = case.network
    if set(c.activations) != {"sigmoid"} or c.loss != "binary_cross_entropy":
        return "sigmoids, BCE"
    return (c.reduction == "mean" and c.l2 == 0) or "mean"


net.supports = supports
