"""Any network in JAX, differentiated by jax.grad: gradoracle check jax_net.py:net."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)  # otherwise float64 becomes float32 without a word

ACTIVATIONS = {
    "identity": lambda z: z,
    "sigmoid": jax.nn.sigmoid,
    "tanh": jnp.tanh,
    "relu": jax.nn.relu,
    "leaky_relu": lambda z: jnp.where(z > 0, z, z / 100),  # jax.nn's derivative at 0 is 1
    "softplus": jax.nn.softplus,
    "elu": jax.nn.elu,
    "gelu": lambda z: jax.nn.gelu(z, approximate=False),
    "silu": jax.nn.silu,
    "softmax": lambda z: jax.nn.softmax(z, axis=0),
}
LOSSES = {
    "squared_error": lambda z, a, y: (a - y) ** 2,
    "half_squared_error": lambda z, a, y: (a - y) ** 2 / 2,
    "linear": lambda z, a, y: y * a,
    "binary_cross_entropy": lambda z, a, y: y * jax.nn.softplus(-z) + (1 - y) * jax.nn.softplus(z),
    "cross_entropy": lambda z, a, y: -y * jax.nn.log_softmax(z, axis=0),
}


@partial(jax.jit, static_argnames="network")
@partial(jax.value_and_grad, argnums=(0, 1))
def cost_and_gradients(parameters, X, Y, *, network):
    """J of a network, and by jax its derivatives by the (W, b) of every layer and by X."""
    A = X
    for (W, b), g in zip(parameters, network.activations, strict=True):
        Z = W @ A + b
        A = ACTIVATIONS[g](Z)
    J = jnp.sum(LOSSES[network.loss](Z, A, Y)) / network.divisor(X.shape[1])
    return J + network.l2 / 2 * sum(jnp.sum(W**2) for W, _ in parameters)


def net(case):
    """Return J, every dW and db, and dX."""
    parameters = [(case.W[layer], case.b[layer]) for layer in case.W]
    J, (layers, dX) = cost_and_gradients(parameters, case.X, case.Y, network=case.network)
    found = {"J": J, "dX": dX}
    for layer, (dW, db) in enumerate(layers, start=1):
        found |= {f"dW{layer}": dW, f"db{layer}": db}
    return {name: np.asarray(array) for name, array in found.items()}
