"""The derivative of tanh is taken as 1 - z**2, of the pre-activation, not of its tanh."""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def d_tanh(x):
    return 1 - x**2


def net(case):
    X, Y = case.X, case.Y
    m = X.shape[1]
    W1, b1, W2, b2 = case.W[1], case.b[1], case.W[2], case.b[2]
    Z1 = np.dot(W1, X) + b1
    A1 = np.tanh(Z1)
    Z2 = np.dot(W2, A1) + b2
    A2 = sigmoid(Z2)
    J = np.sum(np.logaddexp(0, Z2) - Y * Z2) / m
    dZ2 = (A2 - Y) / m
    dW2 = np.dot(dZ2, A1.T)
    db2 = np.sum(dZ2, axis=1, keepdims=True)
    dA1 = np.dot(W2.T, dZ2)
    dZ1 = dA1 * d_tanh(Z1)
    dW1 = np.dot(dZ1, X.T)
    db1 = np.sum(dZ1, axis=1, keepdims=True)
    return {
        "Z1": Z1,
        "A1": A1,
        "Z2": Z2,
        "A2": A2,
        "J": J,
        "dZ2": dZ2,
        "dW2": dW2,
        "db2": db2,
        "dA1": dA1,
        "dZ1": dZ1,
        "dW1": dW1,
        "db1": db1,
    }


def supports(case):
    n = case.network
    ok = n.activations == ("tanh", "sigmoid") and n.loss == "binary_cross_entropy"
    return (ok and n.reduction == "mean" and not n.l2) or "tanh, sigmoid, BCE, mean"


net.supports = supports
