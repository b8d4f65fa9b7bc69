"""Any network in HIPS autograd, examples in rows: gradoracle check autograd_net.py:net."""

import autograd.numpy as np
from autograd import grad

from gradoracle import Conventions
from gradoracle.layout import rows

ACTIVATIONS = {
    "identity": lambda z: z,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "relu": lambda z: np.where(z > 0, z, 0),
    "leaky_relu": lambda z: np.where(z > 0, z, z / 100),
    "softplus": lambda z: np.logaddexp(0, z),
}
LOSSES = {
    "squared_error": lambda z, a, y: (a - y) ** 2,
    "half_squared_error": lambda z, a, y: (a - y) ** 2 / 2,
    "linear": lambda z, a, y: y * a,
    "binary_cross_entropy": lambda z, a, y: np.logaddexp(0, z) - y * z,
}


def cost(parameters, X, Y, network):
    """J of a network; parameters are a list of (kernel, b), one pair a layer."""
    A = X
    for (kernel, b), g in zip(parameters, network.activations, strict=True):
        Z = A @ kernel + b
        A = ACTIVATIONS[g](Z)
    J = np.sum(LOSSES[network.loss](Z, A, Y)) / network.divisor(len(X))
    return J + network.l2 / 2 * sum(np.sum(kernel**2) for kernel, _ in parameters)


def net(case):
    """Return J, every dW and db, each in the layout of the parameter in rows."""
    data = rows(case)
    parameters = [(data.kernels[layer], data.b[layer]) for layer in data.kernels]
    found = {"J": cost(parameters, data.X, data.Y, case.network)}
    gradients = grad(cost)(parameters, data.X, data.Y, case.network)
    for layer, (kernel, b) in enumerate(gradients, start=1):
        found |= {f"dW{layer}": kernel, f"db{layer}": b}
    return found


def supports(case):
    """Return True, or what it does not do."""
    missing = {*case.network.activations, case.network.loss} - {*ACTIVATIONS, *LOSSES}
    return not missing or f"no {', '.join(sorted(missing))}"


net.conventions = Conventions(layout="rows")
net.supports = supports
