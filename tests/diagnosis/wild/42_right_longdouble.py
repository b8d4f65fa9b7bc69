"""right: everything in long double, cast at the end; any activation written in terms of a."""

import numpy as np


def net(case):
    wide = np.longdouble
    X, Y = case.X.astype(wide), case.Y.astype(wide)
    W = {k: case.W[k].astype(wide) for k in range(1, case.L + 1)}
    b = {k: case.b[k].astype(wide) for k in range(1, case.L + 1)}
    lam, N = wide(float(case.network.l2)), case.N
    a, z = {0: X}, {}
    for k in W:
        z[k] = W[k] @ a[k - 1] + b[k]
        a[k] = FUNCTIONS[case.network.activations[k - 1]](z[k])
    top = case.L
    out = {}
    if case.network.loss == "binary_cross_entropy":
        J = np.sum(np.logaddexp(wide(0), z[top]) - Y * z[top]) / N
        d = (a[top] - Y) / N
    else:
        J = np.sum((a[top] - Y) ** 2) / (2 * N)
        d = (a[top] - Y) / N * OF_A[case.network.activations[-1]](a[top])
    out["J"] = J + lam / 2 * sum(np.sum(w**2) for w in W.values())
    for k in range(top, 0, -1):
        out[f"dZ{k}"] = d
        out[f"dW{k}"] = d @ a[k - 1].T + lam * W[k]
        out[f"db{k}"] = d.sum(axis=1, keepdims=True)
        da = W[k].T @ d
        if k > 1:
            out[f"dA{k - 1}"] = da
            d = da * OF_A[case.network.activations[k - 2]](a[k - 1])
    out["dX"] = da
    return {name: np.asarray(value).astype(case.dtype) for name, value in out.items()}


FUNCTIONS = {
    "identity": lambda z: z.copy(),
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "softplus": lambda z: np.logaddexp(np.longdouble(0), z),
}
OF_A = {
    "identity": np.ones_like,
    "sigmoid": lambda y: y * (1 - y),
    "tanh": lambda y: (1 - y) * (1 + y),
    "softplus": lambda y: -np.expm1(-y),
}


def supports(case):
    if set(case.network.activations) - set(FUNCTIONS):
        return "identity, sigmoid, tanh, softplus"
    known = ("binary_cross_entropy", "half_squared_error")
    return case.network.loss in known or "two losses"


net.supports = supports
