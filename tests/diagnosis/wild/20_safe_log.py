"""The logarithms of the loss get an epsilon of 1e-8, so the cost is not the cost."""

import numpy as np

EPS = 1e-8


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def net(case):
    ps, h = [], case.X
    for k in range(1, case.L + 1):
        z = case.W[k] @ h + case.b[k]
        ps.append((h, z))
        h = np.maximum(z, 0) if k < case.L else sigmoid(z)
    y_hat = h
    z = ps[-1][1]
    cost = -np.sum(case.Y * np.log(y_hat + EPS) + (1 - case.Y) * np.log(sigmoid(-z) + EPS)) / case.n
    grads = {"J": cost}
    dz = (y_hat - case.Y) / case.n
    for k in range(case.L, 0, -1):
        h, _ = ps[k - 1]
        grads[f"dZ{k}"] = dz
        grads[f"dW{k}"] = dz @ h.T
        grads[f"db{k}"] = np.sum(dz, axis=1, keepdims=True)
        if k > 1:
            dz = np.where(ps[k - 2][1] > 0, case.W[k].T @ dz, 0)
    return grads


def supports(case):
    net_ = case.network
    good = net_.activations[-1] == "sigmoid" and not set(net_.activations[:-1]) - {"relu"}
    good = good and net_.loss == "binary_cross_entropy" and net_.reduction == "mean"
    return (good and net_.l2 == 0) or "relu and a sigmoid, mean BCE"


net.supports = supports
