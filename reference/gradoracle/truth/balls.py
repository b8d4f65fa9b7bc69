"""The activations and losses on balls: real numbers with a proven radius (python-flint's arb).

The forms are chosen for relative accuracy, not for speed: no value cancels in the saturated tails,
so one working precision serves every case of ordinary size. Every function takes the
pre-activation z; the branch at a kink is taken only where the ball decides it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flint import arb

Ball = arb
Column = Sequence[Ball]

_ONE = arb(1)  # a ball already: converting the Python number costs as much as the division


class UndecidedError(ArithmeticError):
    """A ball straddles a kink at this precision; a higher one may decide."""


def _above_zero(z: Ball) -> bool:
    """Decide on which side of a kink z lies; an exact 0 counts as below, as the contract says."""
    if z > 0:
        return True
    if z < 0 or z.is_zero():
        return False
    raise UndecidedError(f"pre-activation {z.str(5)} may lie on either side of the kink at 0")


def sigmoid(z: Ball) -> Ball:
    """1 / (1 + e^-z), below 0 as e^z / (1 + e^z): no power of e that leaves the range of arb."""
    if z < 0:
        e = z.exp()
        return e / (_ONE + e)
    return _ONE / (_ONE + (-z).exp())


def sigmoid_prime(z: Ball) -> Ball:
    """e^-|z| / (1 + e^-|z|)^2, the same on both sides of 0."""
    e = (z if z < 0 else -z).exp()
    s = _ONE + e
    return e / (s * s)


def tanh_prime(z: Ball) -> Ball:
    """sech(z)^2."""
    return z.sech() ** 2


def relu(z: Ball) -> Ball:
    """max(z, 0)."""
    return z if _above_zero(z) else arb(0)


def relu_prime(z: Ball) -> Ball:
    """1 above 0, else 0."""
    return arb(1) if _above_zero(z) else arb(0)


def leaky_relu(z: Ball) -> Ball:
    """Return z above 0, else z / 100."""
    return z if _above_zero(z) else z / 100


def leaky_relu_prime(z: Ball) -> Ball:
    """1 above 0, else 1/100."""
    return arb(1) if _above_zero(z) else arb(1) / 100


def softplus(z: Ball) -> Ball:
    """log(1 + e^z), with the large part of a positive z taken out."""
    return z + (-z).exp().log1p() if z > 0 else z.exp().log1p()


def elu(z: Ball) -> Ball:
    """Return z above 0, else e^z - 1; continuous, so an undecided ball gets the hull of both."""
    if z > 0:
        return z
    return z.expm1() if z < 0 else z.union(z.expm1())


def elu_prime(z: Ball) -> Ball:
    """1 above 0, else e^z; continuous as well."""
    if z > 0:
        return arb(1)
    return z.exp() if z < 0 else arb(1).union(z.exp())


def normal_cdf(z: Ball) -> Ball:
    """erfc(-z / sqrt 2) / 2."""
    return (-z / arb(2).sqrt()).erfc() / 2


def gelu(z: Ball) -> Ball:
    """Return z Phi(z)."""
    return z * normal_cdf(z)


def gelu_prime(z: Ball) -> Ball:
    """Phi(z) + z phi(z)."""
    return normal_cdf(z) + z * (-z * z / 2).exp() / (2 * arb.pi()).sqrt()


def silu(z: Ball) -> Ball:
    """Return z sigma(z)."""
    return z * sigmoid(z)


def silu_prime(z: Ball) -> Ball:
    """sigma(z) (1 + z sigma(-z))."""
    return sigmoid(z) * (1 + z * sigmoid(-z))


def softmax(column: Column) -> list[Ball]:
    """e^{z_i} / sum_k e^{z_k} of one example."""
    shift = max(column, key=float)
    powers = [(z - shift).exp() for z in column]
    total = sum(powers, arb(0))
    return [power / total for power in powers]


def softmax_vjp(a: Column, da: Column) -> list[Ball]:
    """a_i (da_i - sum_k a_k da_k) of one example."""
    mean = sum((p * d for p, d in zip(a, da, strict=True)), arb(0))
    return [p * (d - mean) for p, d in zip(a, da, strict=True)]


ELEMENTWISE: dict[str, tuple[Callable[[Ball], Ball], Callable[[Ball], Ball]]] = {
    "identity": (lambda z: z, lambda z: arb(1)),
    "sigmoid": (sigmoid, sigmoid_prime),
    "tanh": (arb.tanh, tanh_prime),
    "relu": (relu, relu_prime),
    "leaky_relu": (leaky_relu, leaky_relu_prime),
    "softplus": (softplus, sigmoid),
    "elu": (elu, elu_prime),
    "gelu": (gelu, gelu_prime),
    "silu": (silu, silu_prime),
}


def loss_of_column(loss: str, z: Column, a: Column, y: Column) -> Ball:
    """The loss of one example, summed over outputs; the cross-entropies from the logits."""
    pairs = list(zip(a, y, strict=True))
    if loss == "squared_error":
        return sum(((p - t) ** 2 for p, t in pairs), arb(0))
    if loss == "half_squared_error":
        return sum(((p - t) ** 2 / 2 for p, t in pairs), arb(0))
    if loss == "linear":
        return sum((t * p for p, t in pairs), arb(0))
    if loss == "binary_cross_entropy":
        return sum(
            (t * softplus(-v) + (1 - t) * softplus(v) for v, t in zip(z, y, strict=True)), arb(0)
        )
    shift = max(z, key=float)
    logsumexp = shift + sum(((v - shift).exp() for v in z), arb(0)).log()
    return sum((t * (logsumexp - v) for v, t in zip(z, y, strict=True)), arb(0))


def cotangent(loss: str, z: Column, a: Column, y: Column) -> list[Ball]:
    """Derivative of the loss of one example by each a; the probability form for cross-entropies.

    1 - a stands as sigma(-z): the same number, without the cancellation.
    """
    if loss == "squared_error":
        return [2 * (p - t) for p, t in zip(a, y, strict=True)]
    if loss == "half_squared_error":
        return [p - t for p, t in zip(a, y, strict=True)]
    if loss == "linear":
        return list(y)
    if loss == "binary_cross_entropy":
        return [-t / p + (1 - t) / sigmoid(-v) for v, p, t in zip(z, a, y, strict=True)]
    return [-t / p for p, t in zip(a, y, strict=True)]


def fused_output_error(loss: str, z: Column, a: Column, y: Column) -> list[Ball]:
    """Return a - y of one example, for the cross-entropies: as a (1 - y) - y (1 - a)."""
    if loss == "binary_cross_entropy":
        rest = [sigmoid(-v) for v in z]
    else:
        rest = [sum((q for k, q in enumerate(a) if k != i), arb(0)) for i in range(len(a))]
    return [p * (1 - t) - t * r for p, t, r in zip(a, y, rest, strict=True)]
