"""Networks in torch and jax, with the derivative that a user wants checked made wrong on purpose.

J is a function of W1, b1, ... WL, bL and X; its backward pass is autograd's own but for what is
spoiled: dW1, entry by entry, or relu's derivative. Used by ``peers.py``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import torch

import gradoracle_numpy
from gradoracle import Case
from gradoracle.arrays import Array
from gradoracle_torch.activations import ACTIVATIONS
from gradoracle_torch.losses import LOSSES_OF_A, LOSSES_OF_Z

sys.path.append(str(Path(__file__).parents[1] / "examples" / "python"))
import jax_net  # it switches jax to float64

# by what each entry of dW1 is multiplied, from ones and the place of its largest entry
Spoil = Callable[[Array, tuple[int, ...]], Array]


def _one_entry(factor: float) -> Spoil:
    def spoil(ones: Array, at: tuple[int, ...]) -> Array:
        ones[at] = factor
        return ones

    return spoil


def right(ones: Array, at: tuple[int, ...]) -> Array:  # noqa: ARG001
    """Return ones: nothing is wrong."""
    return ones


WRONG: dict[str, Spoil] = {
    "the sign of dW1": lambda ones, at: -ones,
    "the largest entry of dW1 is NaN": _one_entry(np.nan),
    "the largest entry of dW1 times 1 + 1e-3": _one_entry(1 + 1e-3),
    "the largest entry of dW1 times 1 + 1e-6": _one_entry(1 + 1e-6),
    "the largest entry of dW1 times 1 + 1e-9": _one_entry(1 + 1e-9),
}


def factor(case: Case, spoil: Spoil) -> Array:
    """Return what dW1 is multiplied by."""
    dW1 = gradoracle_numpy.implementation(case)["dW1"]
    at = np.unravel_index(int(np.argmax(np.abs(dW1))), dW1.shape)
    return spoil(np.ones_like(dW1), tuple(map(int, at)))


def values(case: Case) -> dict[str, Array]:
    """Return everything that J is differentiated by, dW1 first."""
    layers = {
        f"{name}{i}": array[i] for i in case.W for name, array in (("W", case.W), ("b", case.b))
    }
    return layers | {"X": case.X}


class TanhPrimeRelu(torch.autograd.Function):
    """The derivative of tanh, 1 - a^2, behind relu."""

    @staticmethod
    def forward(ctx, z):  # noqa: D102
        a = torch.relu(z)
        ctx.save_for_backward(a)
        return a

    @staticmethod
    def backward(ctx, da):  # noqa: D102
        (a,) = ctx.saved_tensors
        return da * (1 - a * a)


class Spoiled(torch.autograd.Function):
    """J with a backward pass of its own: autograd's, dW1 multiplied by a factor."""

    @staticmethod
    def forward(ctx, cost, factor, *given):  # noqa: D102
        ctx.save_for_backward(*given)
        ctx.cost, ctx.factor = cost, factor
        return cost(*given)

    @staticmethod
    def backward(ctx, dJ):  # noqa: D102
        with torch.enable_grad():
            leaves = [value.detach().requires_grad_() for value in ctx.saved_tensors]
            dW1, *others = torch.autograd.grad(ctx.cost(*leaves), leaves)
        return None, None, dJ * dW1 * ctx.factor, *(dJ * d for d in others)


def torch_cost(case: Case, wrong_relu: bool = False) -> Callable[..., torch.Tensor]:
    """Return J as a function of W1, b1, ... WL, bL, X."""
    network, Y = case.network, torch.from_numpy(case.Y.copy())
    activations = ACTIVATIONS | ({"relu": TanhPrimeRelu.apply} if wrong_relu else {})

    def cost(*given: torch.Tensor) -> torch.Tensor:
        *layers, A = given
        for g, W, b in zip(network.activations, layers[::2], layers[1::2], strict=True):
            Z = W @ A + b
            A = activations[g](Z.T).T
        if network.loss in LOSSES_OF_Z:
            return LOSSES_OF_Z[network.loss](Z.T, Y.T) / case.N
        return LOSSES_OF_A[network.loss](A.T, Y.T) / case.N

    return cost


def leaves(case: Case) -> list[torch.Tensor]:
    """Return the values as variables of torch."""
    return [torch.from_numpy(v.copy()).requires_grad_() for v in values(case).values()]


def spoiled_torch(case: Case, spoil: Spoil, wrong_relu: bool = False) -> Callable:
    """Return J with a wrong backward pass."""
    return partial(
        Spoiled.apply, torch_cost(case, wrong_relu), torch.from_numpy(factor(case, spoil))
    )


tanh_prime_relu = jax.custom_vjp(jax.nn.relu)
tanh_prime_relu.defvjp(
    lambda z: (jax.nn.relu(z), jax.nn.relu(z)), lambda a, da: (da * (1 - a * a),)
)


def jax_cost(case: Case, wrong_relu: bool = False) -> Callable[..., jax.Array]:
    """Return J as a function of W1, b1, ... WL, bL, X."""
    network = case.network
    activations = jax_net.ACTIVATIONS | ({"relu": tanh_prime_relu} if wrong_relu else {})

    def cost(*given: jax.Array) -> jax.Array:
        *layers, A = given
        for g, W, b in zip(network.activations, layers[::2], layers[1::2], strict=True):
            Z = W @ A + b
            A = activations[g](Z)
        return jnp.sum(jax_net.LOSSES[network.loss](Z, A, case.Y)) / case.N

    return cost


def spoiled_jax(case: Case, spoil: Spoil, wrong_relu: bool = False) -> Callable:
    """Return J with a wrong backward pass."""
    cost, by = jax_cost(case, wrong_relu), factor(case, spoil)
    function = jax.custom_vjp(cost)

    def backward(given: tuple[jax.Array, ...], dJ: jax.Array) -> tuple[jax.Array, ...]:
        dW1, *others = jax.grad(cost, argnums=tuple(range(len(given))))(*given)
        return dJ * dW1 * by, *(dJ * d for d in others)

    function.defvjp(lambda *given: (cost(*given), given), backward)
    return function
