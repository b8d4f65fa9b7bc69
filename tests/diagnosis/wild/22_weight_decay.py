"""The weight decay is added to the bias gradients as well."""

import numpy as np

DIVISOR = {
    "mean": lambda y: y.shape[1],
    "sum": lambda y: 1,
    "mean_all": lambda y: y.size,
}


def net(case):
    net_ = case.network
    N, lam = DIVISOR[net_.reduction](case.Y), float(net_.l2)
    theta = [(case.W[k], case.b[k]) for k in range(1, case.L + 1)]
    zs, hs = [], [case.X]
    for (W, b), g in zip(theta, net_.activations, strict=True):
        zs.append(W @ hs[-1] + b)
        hs.append({"relu": relu, "tanh": np.tanh, "sigmoid": sigmoid, "identity": same}[g](zs[-1]))
    if net_.loss == "binary_cross_entropy":
        data = np.sum(np.logaddexp(0, zs[-1]) - case.Y * zs[-1]) / N
    else:
        data = np.sum((hs[-1] - case.Y) ** 2) / (2 * N)
    penalty = lam / 2 * sum(np.sum(W * W) for W, _ in theta)

    grads = {"J": data + penalty}
    d = (hs[-1] - case.Y) / N
    for k in range(case.L, 0, -1):
        W, b = theta[k - 1]
        grads[f"dW{k}"] = d @ hs[k - 1].T + lam * W
        grads[f"db{k}"] = d.sum(axis=1, keepdims=True) + lam * b
        d = W.T @ d
        if k > 1:
            d = d * ((zs[k - 2] > 0) if net_.activations[k - 2] == "relu" else 1 - hs[k - 1] ** 2)
    return grads


def relu(z):
    return np.maximum(z, 0)


def same(z):
    return z


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def supports(case):
    a, loss = case.network.activations, case.network.loss
    if set(a[:-1]) - {"relu", "tanh"}:
        return "relu or tanh below"
    pairs = (("sigmoid", "binary_cross_entropy"), ("identity", "half_squared_error"))
    return (a[-1], loss) in pairs or "BCE or half squared error"


net.supports = supports
