"""Derivations to render: a right one, wrong ones, one in loops, one that tries to break out."""

from __future__ import annotations

from functools import cache

import gradoracle

HEADER = "network: sizes 784-196-1, activations sigmoid sigmoid, loss binary_cross_entropy\n"
RIGHT = f"""{HEADER}
Z1 = W1 @ X + b1
A1 = sigmoid(Z1)
Z2 = W2 @ A1 + b2
A2 = sigmoid(Z2)
J = -sum(Y * log(A2) + (1 - Y) * log(1 - A2)) / n
dZ2 = A2 - Y
dW2 = dZ2 @ A1.T / n
db2 = sum(dZ2, axis=1) / n
dZ1 = (W2.T @ dZ2) * A1 * (1 - A1)
dW1 = dZ1 @ X.T / n
db1 = sum(dZ1, axis=1) / n
"""
LOOPS = """\
title: N layers
network: layers L, activations relu sigmoid, loss binary_cross_entropy
A[0] = X
for l in range(1, L):
    Z[l] = W[l] @ A[l-1] + b[l]
    A[l] = relu(Z[l])
Z[L] = W[L] @ A[L-1] + b[L]
A[L] = sigmoid(Z[L])
dZ[L] = A[L] - Y
for l in range(L - 1, 0, -1):
    dA[l] = W[l+1].T @ dZ[l+1]
    dZ[l] = dA[l] * (1 - A[l]**2)
    dW[l] = dZ[l] @ A[l-1].T / n
    db[l] = sum(dZ[l], axis=1) / n
"""
OWN = """\
inputs: x (1, n), y (1, n), w (1, 1)
means: E = J
z = w * x
E = sum((z - y)**2) / n
dw = 2 * sum((z - y) * x) / n
"""
HOSTILE = "<script>alert(1)</script> </style></code>\"' onload=x ``` | [a](javascript:b) &amp; end"
TEXTS = {
    "right": RIGHT,
    "shapes": RIGHT.replace("dZ2 @ A1.T", "dZ2 @ A1"),
    "two wrong": RIGHT.replace("dZ2 = A2 - Y", "dZ2 = Y - A2").replace("* (1 - A1)", "* A1"),
    "undefined": RIGHT.replace("@ X.T", "@ foo.T"),
    "loops": LOOPS,
    "own formulas": OWN,
    "helpers alone": f"{HEADER}foo = 3 * Z1\n",
    "paper": RIGHT.replace("A1 = sigmoid(Z1)", "A₁ = σ(Z₁)").replace(  # noqa: RUF001
        "dZ2 = A2 - Y", "dZ2 = dA2 ∘ A2 ∘ (1 - A2) = A2 - Y"
    ),
    "hostile": f"title: {HOSTILE}\nsource: {HOSTILE}\n{RIGHT}".replace("A2 - Y", f"A2 # {HOSTILE}"),
}


@cache
def derived(name: str) -> gradoracle.Derivation:
    """Return a sample, checked."""
    return gradoracle.derive(TEXTS[name])
