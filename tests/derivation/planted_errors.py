"""Right derivations, and in each of them one line that a known mistake has made wrong."""
# ruff: noqa: E501, a formula stands on one line

from __future__ import annotations

from dataclasses import dataclass

TWO_LAYERS = """\
network: sizes 784-196-1, activations sigmoid sigmoid, loss binary_cross_entropy, reduction mean
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
SQUARES = """\
network: sizes d-h-o, activations tanh sigmoid, loss squared_error, reduction mean
Z1 = W1 @ X + b1
A1 = tanh(Z1)
Z2 = W2 @ A1 + b2
A2 = sigmoid(Z2)
J = sum((A2 - Y)**2) / n
dA2 = 2 * (A2 - Y) / n
dZ2 = dA2 * A2 * (1 - A2)
dW2 = dZ2 @ A1.T
db2 = sum(dZ2, axis=1)
dA1 = W2.T @ dZ2
dZ1 = dA1 * (1 - A1**2)
dW1 = dZ1 @ X.T
db1 = sum(dZ1, axis=1)
dX = W1.T @ dZ1
"""
SOFTMAX = """\
network: sizes d-h-k, activations relu softmax, loss cross_entropy, reduction mean
Z1 = W1 @ X + b1
A1 = relu(Z1)
Z2 = W2 @ A1 + b2
A2 = softmax(Z2)
J = -sum(Y * log(A2)) / n
dA2 = -Y / A2
dZ2 = A2 * (dA2 - sum(A2 * dA2, axis=0))
dW2 = dZ2 @ A1.T / n
db2 = sum(dZ2, axis=1) / n
dZ1 = (W2.T @ dZ2) * (Z1 > 0)
dW1 = dZ1 @ X.T / n
db1 = sum(dZ1, axis=1) / n
"""
DECAYED = """\
network: sizes a-b-c-d, activations relu tanh sigmoid, loss binary_cross_entropy, reduction mean, l2 lam
Z1 = W1 @ X + b1
A1 = relu(Z1)
Z2 = W2 @ A1 + b2
A2 = tanh(Z2)
Z3 = W3 @ A2 + b3
A3 = sigmoid(Z3)
J = -sum(Y * log(A3) + (1 - Y) * log(1 - A3)) / n + lam / 2 * (sum(W1**2) + sum(W2**2) + sum(W3**2))
dZ3 = (A3 - Y) / n
dW3 = dZ3 @ A2.T + lam * W3
db3 = sum(dZ3, axis=1)
dZ2 = (W3.T @ dZ3) * (1 - A2**2)
dW2 = dZ2 @ A1.T + lam * W2
db2 = sum(dZ2, axis=1)
dZ1 = (W2.T @ dZ2) * (Z1 > 0)
dW1 = dZ1 @ X.T + lam * W1
db1 = sum(dZ1, axis=1)
"""
LOOP = """\
network: layers L, activations relu sigmoid, loss binary_cross_entropy, reduction mean
for l in range(1, L):
    Z[l] = W[l] @ A[l-1] + b[l]
    A[l] = g(Z[l])
Z[L] = W[L] @ A[L-1] + b[L]
A[L] = sigmoid(Z[L])
J = -sum(Y * log(A[L]) + (1 - Y) * log(1 - A[L])) / n
dZ[L] = A[L] - Y
dW[L] = dZ[L] @ A[L-1].T / n
db[L] = sum(dZ[L], axis=1) / n
dA[L-1] = W[L].T @ dZ[L]
for l in range(L-1, 0, -1):
    dZ[l] = dA[l] * g_prime(Z[l])
    dW[l] = dZ[l] @ A[l-1].T / n
    db[l] = sum(dZ[l], axis=1) / n
    dA[l-1] = W[l].T @ dZ[l]
"""
ROWS = """\
network: sizes d-h-o, activations sigmoid sigmoid, loss binary_cross_entropy, reduction mean
layout: rows
Z1 = X @ W1 + b1
A1 = sigmoid(Z1)
Z2 = A1 @ W2 + b2
A2 = sigmoid(Z2)
J = -sum(Y * log(A2) + (1 - Y) * log(1 - A2)) / n
dZ2 = (A2 - Y) / n
dW2 = A1.T @ dZ2
db2 = sum(dZ2, axis=0)
dZ1 = (dZ2 @ W2.T) * A1 * (1 - A1)
dW1 = X.T @ dZ1
db1 = sum(dZ1, axis=0)
"""
UPDATES = """\
network: sizes d-h-o, activations sigmoid sigmoid, loss binary_cross_entropy, reduction mean
Z1 = W1 @ X + b1
A1 = sigmoid(Z1)
Z2 = W2 @ A1 + b2
A2 = sigmoid(Z2)
dZ2 = A2 - Y
dW2 = dZ2 @ A1.T / n
db2 = sum(dZ2, axis=1) / n
dA1 = W2.T @ dZ2
dZ1 = dA1 * A1 * (1 - A1)
dW1 = dZ1 @ X.T / n
db1 = sum(dZ1, axis=1) / n
W2 = W2 - alpha * dW2
b2 = b2 - alpha * db2
W1 = W1 - alpha * dW1
b1 = b1 - alpha * db1
"""
OWN_NAMES = """\
network: sizes f-h-o, activations relu sigmoid, loss binary_cross_entropy, reduction mean
means: A = A1, Y_pred = A2, E = J, dEdZ2 = dZ2, dEdW2 = dW2, dEdb2 = db2
means: minus_error = -dZ1, dEdW1 = dW1, dEdb1 = db1
Z1 = W1 @ X + b1
A = relu(Z1)
Z2 = W2 @ A + b2
Y_pred = sigmoid(Z2)
E = -sum(Y * log(Y_pred) + (1 - Y) * log(1 - Y_pred)) / n
dEdZ2 = Y_pred - Y
dEdW2 = dEdZ2 @ A.T / n
dEdb2 = sum(dEdZ2, axis=1) / n
minus_error = -(W2.T @ dEdZ2) * (Z1 > 0)
dEdW1 = -minus_error @ X.T / n
dEdb1 = -sum(minus_error, axis=1) / n
"""
RIGHT = {
    "two layers": TWO_LAYERS,
    "squares": SQUARES,
    "softmax": SOFTMAX,
    "decayed": DECAYED,
    "loop": LOOP,
    "rows": ROWS,
    "updates": UPDATES,
    "own names": OWN_NAMES,
}


@dataclass(frozen=True)
class Planted:
    """A wrong line in a right derivation.

    Attributes
    ----------
    name : str
        The mistake.
    base : str
        A key of `RIGHT`.
    line : str
        What stands in the place of the line that sets the same name.
    at : int
        Which of several such lines, from 0.
    """

    name: str
    base: str
    line: str
    at: int = 0

    def __str__(self) -> str:
        return f"{self.name}, {self.base}: {self.line.strip()}"

    @property
    def number(self) -> int:
        """The number of the line."""
        target = self.line.split("=")[0].strip()
        lines = RIGHT[self.base].splitlines()
        found = [i for i, line in enumerate(lines, 1) if line.split("=")[0].strip() == target]
        return found[self.at]

    def text(self, line: str = "") -> str:
        """Return the derivation with the wrong line, or another one in its place."""
        lines = RIGHT[self.base].splitlines()
        old = lines[self.number - 1]
        indent = old[: len(old) - len(old.lstrip())]
        lines[self.number - 1] = indent + (line or self.line)
        return "\n".join(lines)


PLANTED = {
    "scale and reduction": (
        Planted("weight-gradient-without-mean", "two layers", "dW2 = dZ2 @ A1.T"),
        Planted("weight-gradient-averaged-twice", "squares", "dW1 = dZ1 @ X.T / n"),
        Planted("product-of-means", "two layers", "dW2 = mean(dZ2, axis=1) @ mean(A1, axis=1).T"),
        Planted("gradient-at-the-mean-example", "squares", "Z1 = W1 @ mean(X, axis=1) + b1"),
        Planted("loss-not-averaged", "decayed", "J = -sum(Y * log(A3) + (1 - Y) * log(1 - A3)) + lam / 2 * (sum(W1**2) + sum(W2**2) + sum(W3**2))"),
        Planted("loss-averaged-over-outputs", "squares", "J = mean((A2 - Y)**2)"),
        Planted("divided-by-n-minus-one", "squares", "dA2 = 2 * (A2 - Y) / (n - 1)"),
        Planted("averaged-again-in-every-layer", "squares", "dA1 = W2.T @ dZ2 / n"),
        Planted("weight-gradient-without-mean", "rows", "dW2 = n * A1.T @ dZ2"),
        Planted("weight-gradient-without-mean", "loop", "dW[l] = dZ[l] @ A[l-1].T"),
    ),
    "sign": (
        Planted("error-reversed", "two layers", "dZ2 = Y - A2"),
        Planted("error-reversed", "rows", "dZ2 = (Y - A2) / n"),
        Planted("hidden-delta-negated", "loop", "dZ[l] = -dA[l] * g_prime(Z[l])"),
        Planted("weight-gradient-negated", "decayed", "dW2 = -dZ2 @ A1.T + lam * W2"),
        Planted("bias-gradient-negated", "squares", "db1 = -sum(dZ1, axis=1)"),
        Planted("minus-between-the-terms", "two layers", "J = -sum(Y * log(A2) - (1 - Y) * log(1 - A2)) / n"),
        Planted("sigmoid-derivative-with-plus", "two layers", "dZ1 = (W2.T @ dZ2) * A1 * (1 + A1)"),
        Planted("tanh-derivative-with-plus", "squares", "dZ1 = dA1 * (1 + A1**2)"),
        Planted("sigmoid-without-the-minus", "two layers", "A1 = 1 / (1 + exp(Z1))"),
        Planted("loss-without-its-minus", "softmax", "J = sum(Y * log(A2)) / n"),
    ),
    "transposes, order and layers": (
        Planted("activation-not-transposed", "two layers", "dW2 = dZ2 @ A1 / n"),
        Planted("weight-gradient-transposed", "rows", "dW1 = dZ1.T @ X"),
        Planted("elementwise-product-for-weights", "two layers", "dW1 = dZ1 * X / n"),
        Planted("weight-gradient-from-own-activation", "loop", "dW[l] = dZ[l] @ A[l].T / n"),
        Planted("weight-gradient-from-pre-activation", "decayed", "dW3 = dZ3 @ Z2.T + lam * W3"),
        Planted("weight-gradient-from-cotangent", "squares", "dW1 = dZ1 @ (W1.T @ dZ1).T"),
        Planted("weights-not-transposed", "squares", "dA1 = W2 @ dZ2"),
        Planted("delta-times-weights", "loop", "dA[l-1] = dZ[l] @ W[l]"),
        Planted("elementwise-product-backward", "squares", "dA1 = W2.T * dZ2"),
        Planted("weights-of-the-layer-above", "decayed", "dZ1 = (W3.T @ dZ2) * (Z1 > 0)"),
        Planted("error-passed-on-without-derivative", "squares", "dA1 = W2.T @ dA2"),
        Planted("weights-not-transposed", "rows", "dZ1 = (dZ2 @ W2) * A1 * (1 - A1)"),
        Planted("pre-activation-fed-forward", "decayed", "Z3 = W3 @ Z2 + b3"),
        Planted("weights-transposed-forward", "two layers", "Z1 = W1.T @ X + b1"),
        Planted("derivative-inside-the-product", "two layers", "dZ1 = W2.T @ (dZ2 * A1 * (1 - A1))"),
        Planted("weight-gradient-without-derivative", "squares", "dW1 = dA1 @ X.T"),
        Planted("updated-weights-on-the-way-back", "updates", "dA1 = (W2 - alpha * dW2).T @ dZ2"),
    ),
    "activation derivatives": (
        Planted("tanh-derivative-on-relu", "own names", "minus_error = -(W2.T @ dEdZ2) * (1 - A**2)"),
        Planted("sigmoid-derivative-on-relu", "softmax", "dZ1 = (W2.T @ dZ2) * A1 * (1 - A1)"),
        Planted("derivative-dropped", "rows", "dZ1 = dZ2 @ W2.T"),
        Planted("derivative-at-the-activation", "two layers", "dZ1 = (W2.T @ dZ2) * sigmoid_prime(A1)"),
        Planted("derivative-at-the-cotangent", "squares", "dZ1 = dA1 * tanh_prime(dA1)"),
        Planted("derivative-at-the-cotangent", "two layers", "dZ1 = (W2.T @ dZ2) * sigmoid_prime(W2.T @ dZ2)"),
        Planted("tanh-derivative-not-squared", "decayed", "dZ2 = (W3.T @ dZ3) * (1 - A2)"),
        Planted("activation-for-its-derivative", "squares", "dZ2 = dA2 * A2"),
        Planted("pre-activation-for-the-derivative", "loop", "dZ[l] = dA[l] * Z[l]"),
        Planted("relu-mask-reversed", "softmax", "dZ1 = (W2.T @ dZ2) * (Z1 < 0)"),
        Planted("activation-applied-twice", "squares", "A1 = tanh(tanh(Z1))"),
        Planted("activation-forgotten", "two layers", "A1 = Z1"),
    ),
    "loss and output layer": (
        Planted("two-of-the-square-forgotten", "squares", "dA2 = (A2 - Y) / n"),
        Planted("loss-with-a-half", "squares", "J = sum((A2 - Y)**2) / (2 * n)"),
        Planted("target-forgotten", "squares", "dA2 = 2 * A2 / n"),
        Planted("fused-delta-times-derivative", "two layers", "dZ2 = (A2 - Y) * A2 * (1 - A2)"),
        Planted("delta-from-logits", "rows", "dZ2 = (Z2 - Y) / n"),
        Planted("squared-error-reported", "two layers", "J = sum((A2 - Y)**2) / n"),
        Planted("loss-of-the-positive-class-reported", "loop", "J = -sum(Y * log(A[L])) / n"),
        Planted("root-of-the-loss-reported", "squares", "J = sqrt(sum((A2 - Y)**2) / n)"),
        Planted("delta-of-the-decision", "two layers", "dZ2 = (A2 > 0.5) - Y"),
    ),
    "bias": (
        Planted("bias-forgotten", "two layers", "Z1 = W1 @ X"),
        Planted("bias-subtracted", "rows", "Z2 = A1 @ W2 - b2"),
        Planted("bias-gradient-not-summed", "squares", "db2 = dZ2"),
        Planted("bias-gradient-not-summed", "loop", "db[l] = dZ[l] / n"),
        Planted("bias-gradient-over-the-units", "squares", "db1 = sum(dZ1, axis=0)"),
        Planted("bias-gradient-over-the-units", "rows", "db1 = sum(dZ1, axis=1)"),
        Planted("activation-of-the-bias", "loop", "A[l] = g(b[l])"),
        Planted("bias-gradient-without-mean", "two layers", "db1 = sum(dZ1, axis=1)"),
        Planted("bias-gradient-averaged-twice", "squares", "db1 = mean(dZ1, axis=1)"),
        Planted("bias-gradient-summed-to-a-number", "squares", "db1 = sum(dZ1)"),
        Planted("bias-gradient-without-derivative", "squares", "db1 = sum(dA1, axis=1)"),
    ),
    "regularisation": (
        Planted("decay-missing-in-gradient", "decayed", "dW1 = dZ1 @ X.T"),
        Planted("decay-gradient-keeps-half", "decayed", "dW2 = dZ2 @ A1.T + lam / 2 * W2"),
        Planted("decay-gradient-doubled", "decayed", "dW3 = dZ3 @ A2.T + 2 * lam * W3"),
        Planted("decay-sign", "decayed", "dW2 = dZ2 @ A1.T - lam * W2"),
        Planted("decay-gradient-over-n", "decayed", "dW2 = dZ2 @ A1.T + lam / n * W2"),
        Planted("decay-in-bias-gradient", "decayed", "db2 = sum(dZ2, axis=1) + lam * b2"),
        Planted("decay-not-differentiated", "decayed", "dW3 = dZ3 @ A2.T + lam / 2 * W3**2"),
        Planted("decay-missing-in-cost", "decayed", "J = -sum(Y * log(A3) + (1 - Y) * log(1 - A3)) / n"),
    ),
    "softmax": (
        Planted("softmax-over-examples", "softmax", "A2 = softmax(Z2, axis=1)"),
        Planted("softmax-over-everything", "softmax", "A2 = exp(Z2) / sum(exp(Z2))"),
        Planted("softmax-twice", "softmax", "A2 = softmax(softmax(Z2))"),
        Planted("softmax-diagonal-only", "softmax", "dZ2 = dA2 * A2 * (1 - A2)"),
        Planted("softmax-diagonal-lost", "softmax", "dZ2 = -A2 * sum(A2 * dA2, axis=0)"),
        Planted("softmax-mean-over-examples", "softmax", "dZ2 = A2 * (dA2 - sum(A2 * dA2, axis=1))"),
        Planted("softmax-mean-not-weighted", "softmax", "dZ2 = A2 * (dA2 - sum(dA2, axis=0))"),
        Planted("softmax-slope-after-fused", "softmax", "dZ2 = (A2 - Y) * A2 * (1 - A2)"),
        Planted("softmax-kronecker-lost", "softmax", "dZ2 = A2 * sum((1 - A2) * dA2, axis=0)"),
    ),
    "numerics and dtype": (  # roundings are no formulas; what is meant to avoid them is
        Planted("log-with-epsilon", "two layers", "J = -sum(Y * log(A2 + 1e-8) + (1 - Y) * log(1 - A2 + 1e-8)) / n"),
        Planted("cotangent-with-epsilon", "softmax", "dA2 = -Y / (A2 + 1e-8)"),
        Planted("sigmoid-hard", "two layers", "A1 = maximum(0, minimum(1, Z1 / 6 + 1 / 2))"),
        Planted("gradient-clipped", "decayed", "dW3 = maximum(-0.1, minimum(0.1, dZ3 @ A2.T + lam * W3))"),
    ),
    "state and aliasing": (  # what a program keeps between two calls is no formula; the order is
        Planted("updated-weights-for-the-gradient", "squares", "dW1 = W1 - 0.1 * dZ1 @ X.T"),
        Planted("learning-rate-in-the-gradient", "squares", "dW2 = 0.1 * dZ2 @ A1.T"),
        Planted("updated-weights-for-the-gradient", "squares", "db2 = b2 - 0.1 * sum(dZ2, axis=1)"),
        Planted("cotangent-added-to-the-last", "squares", "dA1 = dA2 + W2.T @ dZ2"),
    ),
    "labels and shapes": (
        Planted("labels-inverted", "two layers", "dZ2 = A2 - (1 - Y)"),
        Planted("labels-minus-one-to-one", "two layers", "J = -sum((2 * Y - 1) * log(A2) + (1 - (2 * Y - 1)) * log(1 - A2)) / n"),
        Planted("batch-transposed", "squares", "Z1 = W1 @ X.T + b1"),
        Planted("label-smoothing-left-on", "softmax", "J = -sum((0.9 * Y + 0.1 / n2) * log(A2)) / n"),
    ),
    "data": (
        Planted("pixels-scaled-going-forward", "two layers", "Z1 = W1 @ (X / 255) + b1"),
        Planted("pixels-scaled-going-back", "rows", "dW1 = (X / 255).T @ dZ1"),
        Planted("centred-going-back", "squares", "dW1 = dZ1 @ (X - mean(X, axis=1)).T"),
        Planted("standardised-again", "squares", "Z1 = W1 @ ((X - mean(X, axis=1)) / sqrt(mean((X - mean(X, axis=1))**2, axis=1))) + b1"),
    ),
}  # fmt: skip
