"""The forward pass and the losses of the contract, as formulas in the layout of a text."""

from __future__ import annotations

import re

from gradoracle.derivation.reading.header import Header

LOSSES = {
    "squared_error": "sum((A - Y)**2)",
    "half_squared_error": "sum((A - Y)**2) / 2",
    "binary_cross_entropy": "-sum(Y * log(A) + (1 - Y) * log(1 - A))",
    "cross_entropy": "-sum(Y * log(A))",
    "linear": "sum(Y * A)",
}
# the derivative of each by A, before the division
BY_OUTPUT = {
    "squared_error": "2 * ({A} - {Y})",
    "half_squared_error": "({A} - {Y})",
    "binary_cross_entropy": "(-{Y} / {A} + (1 - {Y}) / (1 - {A}))",
    "cross_entropy": "(-{Y} / {A})",
    "linear": "{Y}",
}


def forward_text(header: Header, reduction: str, L: int) -> list[tuple[str, str]]:
    """Return the forward pass of the contract in the layout of the text, name by name."""
    found = []
    for layer in range(1, L + 1):
        W, A = f"W{layer}", f"A{layer - 1}"
        if header.rows:
            linear = f"{A} @ {W}.T" if header.out_by_in else f"{A} @ {W}"
        else:
            linear = f"{W} @ {A}" if header.out_by_in else f"{W}.T @ {A}"
        found.append((f"Z{layer}", f"{linear} + b{layer}" if header.biases else linear))
        found.append((f"A{layer}", f"{header.activation(layer, L)}(Z{layer})"))
    if header.loss:
        loss = re.sub(r"\bA\b", f"A{L}", LOSSES[header.loss])
        J = f"({loss}) / ({divisor(reduction, L)})"
        if header.l2:
            J += f" + lam / 2 * ({' + '.join(f'sum(W{layer}**2)' for layer in range(1, L + 1))})"
        found.append(("J", J))
    return found


def divisor(reduction: str, L: int) -> str:
    """Return N as it is written."""
    return {"mean": "n", "sum": "1", "mean_all": f"n * n{L}"}[reduction]
