"""odd: the hidden error of each example is paired with the input of the example before it."""

import numpy as np


def net(case):
    n = case.n
    a1 = case.W[1] @ case.X + case.b[1]
    h = np.maximum(a1, 0)
    a2 = case.W[2] @ h + case.b[2]
    a2_max = a2.max(axis=0)
    e = np.exp(a2 - a2_max)
    p = e / e.sum(axis=0)
    d2 = (p - case.Y) / n
    d1 = (case.W[2].T @ d2) * (a1 > 0)
    return {
        "J": np.sum(case.Y * (a2_max + np.log(e.sum(axis=0)) - a2)) / n,
        "dW2": d2 @ h.T,
        "db2": d2.sum(axis=1, keepdims=True),
        "dW1": d1 @ np.roll(case.X, 1, axis=1).T,
        "db1": d1.sum(axis=1, keepdims=True),
    }


def supports(case):
    c = case.network
    if c.activations != ("relu", "softmax") or c.loss != "cross_entropy":
        return "relu, softmax"
    return (c.reduction == "mean" and c.l2 == 0) or "mean"


net.supports = supports
