"""odd: the error is discounted by 0.9 for each layer that it has passed, like a reward."""

import numpy as np

GAMMA = 0.9


def net(case):
    hs, zs = [case.X], []
    for k in range(1, case.L + 1):
        zs.append(case.W[k] @ hs[-1] + case.b[k])
        hs.append(np.maximum(zs[-1], 0))
    p = 1 / (1 + np.exp(-zs[-1]))
    out = {"J": np.sum(np.logaddexp(0, zs[-1]) - case.Y * zs[-1]) / case.n}
    d = (p - case.Y) / case.n
    for k in range(case.L, 0, -1):
        out[f"dW{k}"] = d @ hs[k - 1].T
        out[f"db{k}"] = d.sum(axis=1, keepdims=True)
        if k > 1:
            d = GAMMA * (case.W[k].T @ d) * (zs[k - 2] > 0)
    return out


def supports(case):
    c = case.network
    if set(c.activations[:-1]) != {"relu"} or c.loss != "binary_cross_entropy":
        return "relu hidden layers, BCE"
    return (c.reduction == "mean" and c.l2 == 0) or "mean"


net.supports = supports
