"""What is wrong in the two texts: as the copies at hand print it, what it should be, and why.

The list of nineteen that this project began with, where that list is itself wrong or imprecise the
correction, and what was found beyond it. No verdict stands here: where an entry has lines, they are
in the files of `published`, and the program judges them; the others are no formulas.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Erratum:
    """One of them.

    Attributes
    ----------
    number : int
    text : int
        1 or 2.
    printed, mend : str
        As printed, and what it should be; a formula or words.
    reason : str
    lines : tuple of (str, tuple of str)
        Files, without ``-printed``, each with formulas in normal form; empty for words.
    correction : str
        What was wrong or imprecise in the list of nineteen, with the proof or the test of it.
    """

    number: int
    text: int
    printed: str
    mend: str
    reason: str
    lines: tuple[tuple[str, tuple[str, ...]], ...] = ()
    correction: str = ""


TWO, N, TABLE = "text1-two-layers", "text1-n-layers", "text1-dimensions"
CODE, SLIDE = "text2-network", "text2-slide"

NINETEEN = (
    Erratum(
        1,
        1,
        "`J = -(1/n) (Y log A - (1 - Y) log(1 - A))`",
        "`+` between the two terms",
        "The dA that follows is the derivative of the one with `+`. As printed J has no minimum: "
        "its derivative is negative for every A and Y, and where Y < 1 it falls without end as A "
        "goes to 1.",
        (
            (TWO, ("J = -sum(Y * log(A2) - (1 - Y) * log(1 - A2)) / n",)),
            (N, ("J = -sum(Y * log(A2) - (1 - Y) * log(1 - A2)) / n",)),
        ),
    ),
    Erratum(
        2,
        1,
        "`A[l] = g(b[l])`",
        "`A[l] = g(Z[l])`",
        "Without Z the layer does not see its input; g(b) is one column for all examples.",
        ((N, ("A[l] = g(b[l])",)),),
    ),
    Erratum(
        3,
        1,
        "`dZ[L] = dA[L] σ′(dA[L])`",
        "`dZ[L] = dA[L] * σ′(Z[L])`",
        "The derivative of A = σ(Z) is taken at Z.",
        ((N, ("dZ[L] = dA[L] * sigmoid_prime(dA[L])",)),),
    ),
    Erratum(
        4,
        1,
        "`dZ[l] = dA[l] g′(dA[l])`",
        "`dZ[l] = dA[l] * g′(Z[l])`",
        "As 3.",
        ((N, ("dZ[l] = dA[l] * g_prime(dA[l])",)),),
    ),
    Erratum(
        5,
        1,
        "`dW[l] = dZ[l] dA[l-1]`",
        "`dW[l] = dZ[l] @ A[l-1].T`",
        "∂Z/∂W holds A, not its derivative; dA[l-1] is set two lines below.",
        ((N, ("dW[L] = dZ[L] @ dA[L-1]", "dW[l] = dZ[l] @ dA[l-1]")),),
        'The list adds "(and 1/n)". That is no error here: the text says that it leaves 1/n out, '
        "and under `convention: undivided` the mended line is right without it. And: only in the "
        "first epoch is dA[l-1] undefined. From the second on a program finds that of the epoch "
        "before.",
    ),
    Erratum(
        6,
        1,
        "`db[l] = dZ[l]`",
        "`db[l] = sum(dZ[l], axis=1)`",
        "b is spread over the n examples, so its derivative is summed over them.",
        ((N, ("db[L] = dZ[L]", "db[l] = dZ[l]")),),
        '"(and 1/n)": as 5.',
    ),
    Erratum(
        7,
        1,
        "`dA[l-1] = dZ[l] W[l]`",
        "`dA[l-1] = W[l].T @ dZ[l]`",
        "Z = W A has W on the left; its adjoint is Wᵀ, on the left.",
        ((N, ("dA[L-1] = dZ[L] @ W[L]", "dA[l-1] = dZ[l] @ W[l]")),),
        "It is the right formula of another layout: with examples in rows and W out by in, "
        "dA[l-1] = dZ[l] @ W[l] passes. The error is to mix it with Z = W A, where they are "
        "columns.",
    ),
    Erratum(
        8,
        1,
        "`dW2 = (A2 - Y) A2 = dZ2 A2`",
        "`dW2 = dZ2 @ A1.T`",
        "The last factor is ∂Z2/∂W2, which is A1, as the sentence between the equations says.",
        (
            (
                TWO,
                (
                    "dW2 = ((-Y / A2 + (1 - Y) / (1 - A2)) * (A2 * (1 - A2))) @ A2",
                    "dW2 = (-Y + Y * A2 + A2 - Y * A2) @ A2",
                    "dW2 = (A2 - Y) @ A2",
                    "dW2 = dZ2 @ A2",
                ),
            ),
        ),
        "Four sides of the equation have it, not three. It is the one error of that derivation "
        "besides 1 that no layout and no charity mends: it stays for one unit and one example.",
    ),
    Erratum(
        9,
        1,
        "J of the N-layer algorithm has `A2`",
        "`A[L]`",
        "Right, but for the sign, only where L = 2; where the sizes allow it, silently wrong.",
        ((N, ("J = -sum(Y * log(A2) - (1 - Y) * log(1 - A2)) / n",)),),
    ),
    Erratum(
        10,
        1,
        "`dW1 = dZ2 W2 g′(Z1) A0 = dZ1 A0`, `dA1 = dZ2 W2`, and so in db1",
        "`dW1 = ((W2.T @ dZ2) * g′(Z1)) @ A0.T`, `dA1 = W2.T @ dZ2`, and so in db1",
        "Order and transposes, as in the text's own dimension table.",
        (
            (
                TWO,
                (
                    "dA1 = dZ2 @ W2",
                    "dZ1 = (dZ2 @ W2) * g_prime(Z1)",
                    "dW1 = (((A2 - Y) @ W2) * g_prime(Z1)) @ A0",
                    "dW1 = ((dZ2 @ W2) * g_prime(Z1)) @ A0",
                    "dW1 = dZ1 @ A0",
                    "db1 = (((A2 - Y) @ W2) * g_prime(Z1)) @ ones(n, 1)",
                    "db1 = (dZ2 @ W2) * g_prime(Z1)",
                ),
            ),
        ),
        "As 7: dZ2 W2 is right for examples in rows, and all of it for one unit and one example. "
        "For one output unit, as in the text, the transpose alone is enough: dZ2 * W2.T, spread, "
        "is W2.T @ dZ2.",
    ),
    Erratum(
        11,
        1,
        "`dW1 = dJ/dW2 = ...`, `db1 = dJ/dW2 = ...`",
        "`dJ/dW1`, `dJ/db1`",
        "A slip on the left sides; the chains after them are right but for the order.",
        (("text1-chain-rule", ("dW1 = dW2", "db1 = dW2")),),
    ),
    Erratum(
        12,
        1,
        '`db2 = dZ2` "(1, 1)", `db1 = dZ1` "(196, 1)"',
        "`sum(dZ2, axis=1)`, `sum(dZ1, axis=1)`",
        "dZ2 is (1, 11272) and dZ1 (196, 11272); the sums over the examples have these shapes.",
        ((TABLE, ("db2 = dZ2", "db1 = dZ1")),),
        "Every shape that the table names is right, these too: the program compares all of them. "
        "The note below the table has the sum; the formulas forget it.",
    ),
    Erratum(
        13,
        1,
        "`A0 = X` and `Y` in the algorithm, `A0 = Xᵀ` and `Yᵀ` in the table",
        "one orientation",
        "With one X, only one of the two can be meant.",
        (),
        "Neither is wrong in itself: both files pass at `A0 = `, the algorithm with examples in "
        "the columns of X, the table with examples in its rows.",
    ),
    Erratum(
        14,
        1,
        'sum "over all the rows" with axis=1',
        "along each row: over the columns, which are the examples",
        "axis=0 would be the sum over the rows.",
        (),
        "Words only: the formula with axis=1 is right, and with axis=0 the shapes do not fit.",
    ),
    Erratum(
        15,
        1,
        '"save A[l], W[l]"',
        "save Z[l], too",
        "dZ[l] = dA[l] g′(Z[l]) reads Z[l].",
        (),
        "Not needed for sigmoid, tanh and relu, whose derivative is a function of A: A (1 - A), "
        "1 - A², A > 0; with these the lines pass without Z. It is needed where one value of g has "
        "two slopes: silu and gelu fall and rise again, so no function of A can be g′(Z).",
    ),
    Erratum(
        16,
        2,
        "`dLdZ1 = (W2ᵀ dLdZ2) ∘ (1 - A²)`",
        "`∘ (Z1 > 0)`",
        "1 - A² is tanh′ after A = tanh(Z1); here A = relu(Z1).",
        ((CODE, ("dLdZ1 = (W2.T @ dLdZ2) * (1 - A**2)",)),),
    ),
    Erratum(
        17,
        2,
        "`Z1 = dot(X, W1).T + b1`",
        "`Z1 = W1 @ X + b1`",
        "It is W1ᵀ Xᵀ, which is neither W1 X nor its transpose.",
        ((CODE, ("Z1 = (X @ W1).T + b1",)),),
        'The list says "the shapes fit only when hidden = features". With X (features, n), which '
        "`n = X.shape[1]` and `dot(dLdZ1, X.T)` ask for, the product exists only when n = hidden,"
        " and Z1 has its shape only when features = hidden = n: the list forgets the examples. "
        "Proof: (f, n) @ (h, f) needs n = h and is (f, f); b1 (h, 1) can be added when f = h, h ="
        " 1 or f = 1; the sum is (h, n) only when f = h. Hidden = features is the condition for X"
        " (n, features).",
    ),
    Erratum(
        18,
        2,
        "`Z2 = dot(A, W2).T + b2`",
        "`Z2 = W2 @ A + b2`",
        "As 17.",
        ((CODE, ("Z2 = (A @ W2).T + b2",)),),
        '"Fits only when n = outputs" is necessary, not enough: (h, n) @ (o, h) needs n = o and is '
        "(h, h); with b2 (o, 1) it is the (o, n) that Z2 has only when h = o = n, too.",
    ),
    Erratum(
        19,
        2,
        "`E_hid,i = Σ_k E_out,k w_out,i,k`",
        "`E_hid,i = Σ_k E_out,k o_k (1 - o_k) w_out,i,k`",
        "∂E_total/∂z_k = -2 E_out,k g′(z_k): the output's own derivative is missing. Σ from i = 0 "
        "to num beside Σ from k = 1 to num: one term too many.",
        ((SLIDE, ("E_hid = w_out @ E_out",)),),
        '"Only for linear output units" has to be read as units of slope 1: the slide\'s diff_hid '
        "is -1/2 ∂E_total/∂z_hid for all weights and biases if and only if g′(z_k) = 1 at every "
        "output whose E_out,k is not 0. Proof, for one of n examples at a time: the column of an "
        "example, in both, is made of its own numbers alone, and there the two differ by "
        "o_i (1 - o_i) Σ_k E_out,k (1 - g′(z_k)) w_i,k. The biases b_k = z_k - Σ_i w_i,k o_i hold "
        "the z_k of this example, and with them E_out,k and g′(z_k), while its weights w_i,k take "
        "all values; so each of their coefficients has to vanish, and o_i (1 - o_i) is never 0. "
        "The other examples cannot be held at the same time, and need not be: they are in other "
        'columns. "Of the gradient" is the derivative by the hidden pre-activation. And "for '
        'sigmoid outputs o (1 - o) is missing" holds for E_total alone: see 25.',
    ),
)

BEYOND = (
    Erratum(
        20,
        1,
        "`J = -(1/n) (...)` without a sum, twice",
        "`-(1/n) Σ`",
        "Y log A has one entry for each example: as printed J is a row of n numbers. The sum is "
        "granted in the files.",
    ),
    Erratum(
        21,
        1,
        "`db2 = [A2 - Y][1] = dZ2`, `db1 = ...[1] = dZ1`",
        "`db2 = sum(dZ2, axis=1)`, `db1 = sum(dZ1, axis=1)`",
        "As 6, in the derivation: ∂Z/∂b is 1 for every example, a column of n ones, and a matrix "
        "times it is the sum. The first side of the first equation is right so, its second is not. "
        "Of the second equation the first side has the ones, and is wrong by 10 alone, the second "
        "by both, the third by this one alone.",
        (
            (
                TWO,
                (
                    "db2 = dZ2",
                    "db1 = (dZ2 @ W2) * g_prime(Z1)",
                    "db1 = dZ1",
                ),
            ),
        ),
    ),
    Erratum(
        22,
        1,
        "`A1 = σ(Z1)` but `g′(Z1)`; `A2 = g(Z2)` in the table, `A[L] = σ(Z[L])` in the algorithm",
        "g for the hidden layers, σ for the output",
        "One letter for two activations: the table is right only where both are the same, as in "
        "the text's experiment. With tanh for g its lines for A2 and dZ2 are wrong.",
    ),
    Erratum(
        23,
        1,
        "`dJ/dA2 dA2/dZ2 dZ2/dA1 dA1/dZ1 dZ1/dW1`",
        "`((W2.T @ (dA2 * dA2/dZ2)) * dA1/dZ1) @ X.T`",
        "The chain is right for numbers. For matrices two of the products are elementwise, and W2ᵀ "
        "stands on the left. From left to right one of the 16 choices of products fits, "
        "`((((dA2 * dA2/dZ2) * W2ᵀ) * dA1/dZ1) @ Xᵀ`, and it is right only because there is one "
        "output unit; for more, none fits.",
    ),
    Erratum(
        24,
        2,
        "`Z1 = dot(X, W1).T + b1` beside `dLdW1 = dot(dLdZ1, X.T) / n`, `n = X.shape[1]`",
        "one layout",
        "No orientation of X serves: with (features, n) the forward line does not fit, with "
        "(n, features) the backward line does not, and n is the number of features. dot(X, W).T is "
        "right for examples in rows and W in by out; all the rest is for columns and W out by in.",
    ),
    Erratum(
        25,
        2,
        "the code has the cross-entropy, the slide E_total = Σ E_out²",
        "one cost",
        "For the code's cost, summed over the examples, E_hid is right as it stands: with the "
        "cross-entropy and sigmoid outputs ∂/∂z_k = -E_out,k, so it is minus the derivative by the "
        "hidden outputs, and nothing is missing. So is diff_hid, for sigmoid hidden units. It is "
        "E_total that does not go with them. But the code's hidden units are relu: there the "
        "slide's (1 - o) o is as wrong as the code's own 1 - A² (16), and Z1 > 0 belongs.",
    ),
    Erratum(
        26,
        2,
        "`w_out,i,k` from hidden unit i to output k, but `W2` (outputs, hidden) in the code",
        "one order of the two indices",
        "No error of either: each is right in its own layout, and they do not fit together. With "
        "the code's W2 the slide's sum runs over the wrong index; the shapes fit only where hidden "
        "= outputs.",
    ),
)

ALL = (*NINETEEN, *BEYOND)
