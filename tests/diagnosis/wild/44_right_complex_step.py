"""right: no backward pass at all; every parameter is moved by an imaginary 1e-30 in turn."""

import numpy as np

STEP = 1e-30


def loss(case, W, b):
    a = case.X.astype(complex)
    for k in range(1, case.L + 1):
        z = W[k] @ a + b[k]
        a = np.tanh(z)
    big = np.where(z.real > 0, z, 0)
    return np.sum(big + np.log(np.exp(-big) + np.exp(z - big)) - case.Y * z) / case.n


def net(case):
    W = {k: case.W[k].astype(complex) for k in range(1, case.L + 1)}
    b = {k: case.b[k].astype(complex) for k in range(1, case.L + 1)}
    out = {"J": float(loss(case, W, b).real)}
    for letter, parameters in (("W", W), ("b", b)):
        for k, array in parameters.items():
            gradient = np.empty(array.shape, case.dtype)
            for index in np.ndindex(*array.shape):
                array[index] += 1j * STEP
                gradient[index] = loss(case, W, b).imag / STEP
                array[index] = array[index].real
            out[f"d{letter}{k}"] = gradient
    return out


def supports(case):
    *hidden, last = case.network.activations
    if last != "sigmoid" or case.network.loss != "binary_cross_entropy":
        return "sigmoid with BCE"
    if any(g != "tanh" for g in hidden) or case.network.reduction != "mean" or case.network.l2:
        return "tanh, mean"
    return max(case.network.sizes) < 20 or "small ones"


net.supports = supports
