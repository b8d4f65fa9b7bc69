"""silu is z times sigmoid(z); its derivative is taken as the product of the two derivatives."""

import math

import numpy as np


def _sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def _silu(z: np.ndarray) -> np.ndarray:
    return z * _sigmoid(z)


def _silu_derivative(z: np.ndarray) -> np.ndarray:
    return 1 * (_sigmoid(z) * _sigmoid(-z))


def net(case) -> dict:
    divisor = case.n * math.prod(case.Y.shape[:1] if case.network.reduction == "mean_all" else ())
    Z1 = case.W[1] @ case.X + case.b[1]
    A1 = _silu(Z1)
    Z2 = case.W[2] @ A1 + case.b[2]
    peak = Z2.max(axis=0, keepdims=True)
    exponentials = np.exp(Z2 - peak)
    A2 = exponentials / exponentials.sum(axis=0, keepdims=True)
    log_partition = peak + np.log(exponentials.sum(axis=0, keepdims=True))
    J = (case.Y * (log_partition - Z2)).sum() / divisor

    dZ2 = (A2 - case.Y) / divisor
    dW2 = dZ2 @ A1.T
    db2 = dZ2.sum(axis=1, keepdims=True)
    dZ1 = (case.W[2].T @ dZ2) * _silu_derivative(Z1)
    dW1 = dZ1 @ case.X.T
    db1 = dZ1.sum(axis=1, keepdims=True)
    return {"J": J, "dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2, "A1": A1, "A2": A2}


def supports(case) -> bool | str:
    if case.network.activations != ("silu", "softmax"):
        return "silu and softmax"
    if case.network.loss != "cross_entropy" or case.network.l2:
        return "cross-entropy without L2"
    return case.network.reduction in ("mean", "mean_all") or "means"


net.supports = supports
