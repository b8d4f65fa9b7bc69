"""gelu is the tanh approximation, forwards and backwards, instead of the exact erf form."""

import math

import numpy as np

C = math.sqrt(2 / math.pi)


def gelu(x):
    return 0.5 * x * (1 + np.tanh(C * (x + 0.044715 * x**3)))


def gelu_grad(x):
    t = np.tanh(C * (x + 0.044715 * x**3))
    return 0.5 * (1 + t) + 0.5 * x * (1 - t**2) * C * (1 + 3 * 0.044715 * x**2)


def expit(x):
    return 1 / (1 + np.exp(-x))


F = {"gelu": gelu, "tanh": np.tanh, "sigmoid": expit}
DF = {
    "gelu": gelu_grad,
    "tanh": lambda x: 1 - np.tanh(x) ** 2,
    "sigmoid": lambda x: expit(x) * expit(-x),
}


def net(case):
    acts, out = case.network.activations, {"A0": case.X}
    for k, g in enumerate(acts, start=1):
        out[f"Z{k}"] = case.W[k] @ out[f"A{k - 1}"] + case.b[k]
        out[f"A{k}"] = F[g](out[f"Z{k}"])
    K = len(acts)
    out["J"] = np.sum(np.logaddexp(0, out[f"Z{K}"]) - case.Y * out[f"Z{K}"]) / case.n
    out[f"dZ{K}"] = (out[f"A{K}"] - case.Y) / case.n
    for k in range(K, 0, -1):
        out[f"dW{k}"] = out[f"dZ{k}"] @ out[f"A{k - 1}"].T
        out[f"db{k}"] = out[f"dZ{k}"].sum(axis=1, keepdims=True)
        if k > 1:
            out[f"dA{k - 1}"] = case.W[k].T @ out[f"dZ{k}"]
            out[f"dZ{k - 1}"] = out[f"dA{k - 1}"] * DF[acts[k - 2]](out[f"Z{k - 1}"])
    del out["A0"]
    return out


def supports(case):
    if not set(case.network.activations) <= set(F):
        return "gelu, tanh, sigmoid"
    if case.network.loss != "binary_cross_entropy" or case.network.l2:
        return "BCE"
    return case.network.reduction == "mean" or "mean"


net.supports = supports
