"""In the loop over the examples the gradient is assigned, not added: only the last one counts."""

import math

import numpy as np


def net(case):
    n0, n1 = case.network.sizes[:2]
    W1, b1, W2, b2 = case.W[1], case.b[1], case.W[2], case.b[2]
    n2 = case.network.sizes[2]
    n = case.n
    dW1, db1 = np.zeros_like(W1), np.zeros_like(b1)
    dW2, db2 = np.zeros_like(W2), np.zeros_like(b2)
    total = 0.0
    for s in range(n):
        h = [
            math.tanh(sum(W1[i, j] * case.X[j, s] for j in range(n0)) + b1[i, 0]) for i in range(n1)
        ]
        o = [sum(W2[q, i] * h[i] for i in range(n1)) + b2[q, 0] for q in range(n2)]
        err = [o[q] - case.Y[q, s] for q in range(n2)]
        total += sum(e * e for e in err) / 2
        for q in range(n2):
            db2[q, 0] = err[q] / n
            for i in range(n1):
                dW2[q, i] = err[q] * h[i] / n
        for i in range(n1):
            back = sum(W2[q, i] * err[q] for q in range(n2)) * (1 - h[i] ** 2)
            db1[i, 0] = back / n
            for j in range(n0):
                dW1[i, j] = back * case.X[j, s] / n
    return {"J": float(total / n), "dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}


def supports(case):
    spec = (case.network.activations, case.network.loss, case.network.reduction, case.network.l2)
    return spec == (("tanh", "identity"), "half_squared_error", "mean", 0) or "tanh regression"


net.supports = supports
