"""The 2-layer network by hand, every equation of the derivation in its order.

Hidden layer sigmoid (the first text) or relu (the second text), output sigmoid, binary
cross-entropy. One example per column; the 1/n is included in every derivative, where the texts
leave it out of dA and dZ and divide at dW and db (the per-example convention).

Sources: the first text's 2-layer derivation and dimension table; the second text's functions
``forward_propagation`` and ``backward_propagation``. The equations below are the corrected ones.
"""

from __future__ import annotations

import numpy as np

from gradoracle.activations import relu, relu_prime, sigmoid, sigmoid_prime_from_a, softplus
from gradoracle.arrays import Array
from gradoracle.case import Case, Trace
from gradoracle.losses import probability_form_resolves
from gradoracle.network import Network


def suits(network: Network) -> bool:
    """Tell whether the network is one of the texts' two: sigmoid-sigmoid or relu-sigmoid."""
    return (
        network.L == 2
        and network.activations in (("sigmoid", "sigmoid"), ("relu", "sigmoid"))
        and (network.loss, network.reduction, network.l2) == ("binary_cross_entropy", "mean", 0.0)
    )


def implementation(case: Case) -> Trace:
    """Run one case that `suits` and return the whole trace.

    Shapes: X (n_0, n); W1 (n_1, n_0); b1 (n_1, 1); Z1, A1 (n_1, n); W2 (n_2, n_1); b2 (n_2, 1);
    Z2, A2, Y (n_2, n). Each dV has the shape of V.
    """
    X, Y, n = case.X, case.Y, case.n
    W1, b1, W2, b2 = case.W[1], case.b[1], case.W[2], case.b[2]
    hidden = case.activation(1)

    # forward
    Z1 = W1 @ X + b1
    A1 = relu(Z1) if hidden == "relu" else sigmoid(Z1)
    Z2 = W2 @ A1 + b2
    A2 = sigmoid(Z2)
    J = binary_cross_entropy(Z2, Y) / n

    # backward: the output layer, with sigmoid and loss fused
    dZ2 = (A2 - Y) / n
    dW2 = dZ2 @ A1.T
    db2 = dZ2.sum(axis=1, keepdims=True)

    # backward: the hidden layer
    dA1 = W2.T @ dZ2
    dZ1 = dA1 * (relu_prime(Z1) if hidden == "relu" else sigmoid_prime_from_a(A1))
    dW1 = dZ1 @ X.T
    db1 = dZ1.sum(axis=1, keepdims=True)
    dX = W1.T @ dZ1

    arrays = {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2, "J": J, "dZ2": dZ2, "dW2": dW2, "db2": db2}
    arrays |= {"dA1": dA1, "dZ1": dZ1, "dW1": dW1, "db1": db1, "dX": dX}
    if probability_form_resolves(case.network.loss, A2):
        arrays["dA2"] = (-Y / A2 + (1 - Y) / (1 - A2)) / n
    return Trace(arrays, case.network)


def binary_cross_entropy(Z: Array, Y: Array) -> Array:
    """Return -sum of y log sigma(z) + (1-y) log(1 - sigma(z)), from the logits Z (n_2, n).

    log sigma(z) = -softplus(-z) and log(1 - sigma(z)) = -softplus(z): finite for every z, where
    the printed form in A2 is inf or nan once A2 rounds to 0 or 1.
    """
    terms: Array = Y * softplus(-Z) + (1 - Y) * softplus(Z)
    return np.asarray(terms.sum())
