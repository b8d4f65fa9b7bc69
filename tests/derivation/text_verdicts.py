"""The verdict on every line of the published derivations as they are printed.

One line each: the verdict, then the formula in normal form, in the order of the file.
"""
# ruff: noqa: E501

from __future__ import annotations

PRINTED = {
    "text1-linear-regression": """
        definition            z = b + x1 * w1 + x2 * w2
        definition            J = sum((z - y)**2) / (2 * n)
        undefined name        w1 = w1 - alpha * dw1
        undefined name        w2 = w2 - alpha * dw2
        undefined name        b = b - alpha * db
    """,
    "text1-logistic-regression": """
        right                 Z1 = W1 @ X + b1
        right                 A1 = sigmoid(Z1)
        undefined name        W1 = W1 - alpha * dW1
        undefined name        b1 = b1 - alpha * db1
    """,
    "text1-chain-rule": """
        right                 dA2 = -Y / A2 + (1 - Y) / (1 - A2)
        helper                dA2_dZ2 = A2 * (1 - A2)
        helper                dZ2_dW2 = A1.T
        helper                dZ2_db2 = ones(n, 1)
        helper                dZ2_dA1 = W2.T
        helper                dA1_dZ1 = A1 * (1 - A1)
        helper                dZ1_dW1 = X.T
        helper                dZ1_db1 = ones(n, 1)
        right                 dW2 = (dA2 * dA2_dZ2) @ dZ2_dW2
        right                 db2 = (dA2 * dA2_dZ2) @ dZ2_db2
        shapes do not fit     dW1 = dW2
        right                 dW1 = ((dZ2_dA1 @ (dA2 * dA2_dZ2)) * dA1_dZ1) @ dZ1_dW1
        shapes do not fit     db1 = dW2
        right                 db1 = ((dZ2_dA1 @ (dA2 * dA2_dZ2)) * dA1_dZ1) @ dZ1_db1
        right                 W1 = W1 - alpha * dW1
        right                 b1 = b1 - alpha * db1
        right                 W2 = W2 - alpha * dW2
        right                 b2 = b2 - alpha * db2
    """,
    "text1-two-layers": """
        right                 Z1 = W1 @ X + b1
        right                 A1 = sigmoid(Z1)
        right                 Z2 = W2 @ A1 + b2
        right                 A2 = sigmoid(Z2)
        wrong                 J = -sum(Y * log(A2) - (1 - Y) * log(1 - A2)) / n
        right                 dZ2 = A2 - Y
        shapes do not fit     dW2 = ((-Y / A2 + (1 - Y) / (1 - A2)) * (A2 * (1 - A2))) @ A2
        shapes do not fit     dW2 = (-Y + Y * A2 + A2 - Y * A2) @ A2
        shapes do not fit     dW2 = (A2 - Y) @ A2
        shapes do not fit     dW2 = dZ2 @ A2
        right                 db2 = (A2 - Y) @ ones(n, 1)
        shapes do not fit     db2 = dZ2
        shapes do not fit     dA1 = dZ2 @ W2
        shapes do not fit     dZ1 = (dZ2 @ W2) * g_prime(Z1)
        shapes do not fit     dW1 = (((A2 - Y) @ W2) * g_prime(Z1)) @ A0
        shapes do not fit     dW1 = ((dZ2 @ W2) * g_prime(Z1)) @ A0
        shapes do not fit     dW1 = dZ1 @ A0
        shapes do not fit     db1 = (((A2 - Y) @ W2) * g_prime(Z1)) @ ones(n, 1)
        shapes do not fit     db1 = (dZ2 @ W2) * g_prime(Z1)
        shapes do not fit     db1 = dZ1
        fed by a wrong line   W1 = W1 - alpha * dW1
        fed by a wrong line   b1 = b1 - alpha * db1
        fed by a wrong line   W2 = W2 - alpha * dW2
        fed by a wrong line   b2 = b2 - alpha * db2
    """,
    "text1-n-layers": """
        right                 A0 = X
        fed by a wrong line   Z[l] = W[l] @ A[l-1] + b[l]
        shapes do not fit     A[l] = g(b[l])
        fed by a wrong line   Z[L] = W[L] @ A[L-1] + b[L]
        fed by a wrong line   A[L] = sigmoid(Z[L])
        shapes do not fit     J = -sum(Y * log(A2) - (1 - Y) * log(1 - A2)) / n
        fed by a wrong line   dA[L] = -Y / A[L] + (1 - Y) / (1 - A[L])
        wrong                 dZ[L] = dA[L] * sigmoid_prime(dA[L])
        undefined name        dW[L] = dZ[L] @ dA[L-1]
        shapes do not fit     db[L] = dZ[L]
        shapes do not fit     dA[L-1] = dZ[L] @ W[L]
        wrong                 dZ[l] = dA[l] * g_prime(dA[l])
        undefined name        dW[l] = dZ[l] @ dA[l-1]
        shapes do not fit     db[l] = dZ[l]
        shapes do not fit     dA[l-1] = dZ[l] @ W[l]
        fed by a wrong line   W[l] = W[l] - alpha * dW[l]
        fed by a wrong line   b[l] = b[l] - alpha * db[l]
    """,
    "text1-dimensions": """
        right                 A0 = X_table.T
        right                 Z1 = W1 @ A0 + b1
        right                 A1 = g(Z1)
        right                 Z2 = W2 @ A1 + b2
        right                 A2 = g(Z2)
        right                 dA2 = -Y_table.T / A2 + (1 - Y_table.T) / (1 - A2)
        right                 dZ2 = dA2 * g_prime(Z2)
        right                 dW2 = dZ2 @ A1.T
        shapes do not fit     db2 = dZ2
        right                 dA1 = W2.T @ dZ2
        right                 dZ1 = dA1 * g_prime(Z1)
        right                 dW1 = dZ1 @ A0.T
        shapes do not fit     db1 = dZ1
    """,
    "text2-network": """
        shapes do not fit     Z1 = (X @ W1).T + b1
        fed by a wrong line   A = relu(Z1)
        shapes do not fit     Z2 = (A @ W2).T + b2
        fed by a wrong line   Y_pred = sigmoid(Z2)
        fed by a wrong line   L = 1 / n * sum(-Y * log(Y_pred) - (1 - Y) * log(1 - Y_pred))
        fed by a wrong line   dLdZ2 = Y_pred - Y
        fed by a wrong line   dLdW2 = 1 / n * (dLdZ2 @ A.T)
        fed by a wrong line   dLdb2 = 1 / n * sum(dLdZ2, axis=1)
        wrong                 dLdZ1 = (W2.T @ dLdZ2) * (1 - A**2)
        fed by a wrong line   dLdW1 = 1 / n * (dLdZ1 @ X.T)
        fed by a wrong line   dLdb1 = 1 / n * sum(dLdZ1, axis=1)
    """,
    "text2-slide": """
        definition            E_out = d_out - out
        definition            E_total = sum(E_out**2)
        wrong                 E_hid = w_out @ E_out
        fed by a wrong line   diff_hid = E_hid * (1 - o_hid) * o_hid
    """,
    "other-gradient-without-mean": """
        right                 Z1 = X @ W1 + b1
        right                 a1 = tanh(Z1)
        right                 Z2 = a1 @ W2 + b2
        right                 probs = exp(Z2) / sum(exp(Z2), axis=1)
        definition            J = 1 / n * (-sum(Y * log(probs)) + lam / 2 * (sum(W1**2) + sum(W2**2)))
        right                 delta3 = probs - Y
        wrong                 dW2 = a1.T @ delta3 + lam * W2
        wrong                 db2 = sum(delta3, axis=0)
        right                 delta2 = (delta3 @ W2.T) * (1 - a1**2)
        wrong                 dW1 = X.T @ delta2 + lam * W1
        wrong                 db1 = sum(delta2, axis=0)
        fed by a wrong line   W1 = W1 - alpha * dW1
        fed by a wrong line   b1 = b1 - alpha * db1
        fed by a wrong line   W2 = W2 - alpha * dW2
        fed by a wrong line   b2 = b2 - alpha * db2
    """,
    "other-updated-weights": """
        right                 A1 = sigmoid(W1 @ X + b1)
        right                 A2 = sigmoid(W2 @ A1 + b2)
        right                 output_deltas = A2 * (1 - A2) * (A2 - Y)
        right                 W2 = W2 - alpha * (output_deltas @ A1.T)
        right                 b2 = b2 - alpha * sum(output_deltas, axis=1)
        used after its update hidden_deltas = A1 * (1 - A1) * (W2.T @ output_deltas)
        fed by a wrong line   W1 = W1 - alpha * (hidden_deltas @ X.T)
        fed by a wrong line   b1 = b1 - alpha * sum(hidden_deltas, axis=1)
    """,
    "other-softmax-diagonal": """
        right                 Z1 = X @ W1 + b1
        right                 A1 = relu(Z1)
        right                 Z2 = A1 @ W2 + b2
        right                 A2 = softmax(Z2)
        definition            J = mean(-Y * log(A2) - (1 - Y) * log(1 - A2))
        right                 dA2 = -(Y / A2) + (1 - Y) / (1 - A2)
        wrong                 dZ2 = dA2 * A2 * (1 - A2)
        fed by a wrong line   dW2 = A1.T @ dZ2
        fed by a wrong line   db2 = sum(dZ2, axis=0)
        fed by a wrong line   dA1 = dZ2 @ W2.T
        fed by a wrong line   dZ1 = dA1 * where(Z1 >= 0, 1, 0)
        fed by a wrong line   dW1 = X.T @ dZ1
        fed by a wrong line   db1 = sum(dZ1, axis=0)
    """,
    "other-three-errors": """
        right                 h_pre = b1 + W1 @ X
        right                 h = 1 / (1 + exp(-h_pre))
        right                 o_pre = b2 + W2 @ h
        right                 o = 1 / (1 + exp(-o_pre))
        definition            e = 1 / n2 * sum((o - l)**2)
        wrong                 delta_o = o - l
        fed by a wrong line   W2 = W2 - (alpha * delta_o) @ h.T
        fed by a wrong line   b2 = b2 - alpha * sum(delta_o, axis=1)
        used after its update delta_h = (W2.T @ delta_o) * (h * (1 - h))
        fed by a wrong line   W1 = W1 - (alpha * delta_h) @ X.T
        fed by a wrong line   b1 = b1 - alpha * sum(delta_h, axis=1)
    """,
    "other-tanh": """
        right                 Z1 = W1 @ X + b1
        right                 A1 = tanh(Z1)
        right                 Z2 = W2 @ A1 + b2
        right                 A2 = sigmoid(Z2)
        right                 dZ2 = A2 - Y
        right                 dW2 = 1 / n * (dZ2 @ A1.T)
        right                 db2 = 1 / n * sum(dZ2, axis=1)
        right                 dZ1 = (W2.T @ dZ2) * (1 - A1**2)
        right                 dW1 = 1 / n * (dZ1 @ X.T)
        right                 db1 = 1 / n * sum(dZ1, axis=1)
    """,
    "other-four-equations": """
        right                 z[l] = w[l] @ a[l-1] + b[l]
        right                 a[l] = sigmoid(z[l])
        right                 delta[L] = da[L] * sigmoid_prime(z[L])
        right                 delta[l] = (w[l+1].T @ delta[l+1]) * sigmoid_prime(z[l])
        right                 db[l] = delta[l]
        right                 dw[l] = delta[l] @ a[l-1].T
    """,
}

# formula, as in PRINTED: why, for the wrong lines whose reason is a sentence of the program
REASONS = {
    "text1-two-layers": {
        "dW2 = dZ2 @ A2": "(1, 7) @ (1, 7)",
        "db2 = dZ2": "gives (1, 7), where db2 is (1, 1)",
        "dW1 = dZ1 @ A0": "(5, 7) @ (3, 7)",
    },
    "text1-n-layers": {
        "A[l] = g(b[l])": "gives (5, 1), where A1 is (5, 7)",
        "dW[L] = dZ[L] @ dA[L-1]": "dA2 is used before line 18 sets it",
        "dA[L-1] = dZ[L] @ W[L]": "(2, 7) @ (2, 4)",
    },
    "text1-chain-rule": {"dW1 = dW2": "gives (1, 5), where dW1 is (5, 3)"},
    "text1-logistic-regression": {
        "W1 = W1 - alpha * dW1": "dW1 is never defined; right for the true dW1"
    },
    "text2-network": {
        "Z1 = (X @ W1).T + b1": "(3, 7) @ (5, 3)",
        "Z2 = (A @ W2).T + b2": "(5, 7) @ (4, 5)",
    },
    "other-gradient-without-mean": {
        "dW2 = a1.T @ delta3 + lam * W2": "it is n times the truth",
        "db1 = sum(delta2, axis=0)": "it is n times the truth",
    },
    "other-three-errors": {
        "delta_h = (W2.T @ delta_o) * (h * (1 - h))": "right for the W2 of the forward pass, but "
        "updated before: W2 (line 14); and fed by delta_o (line 13)",
    },
}

ONLY_SQUARE = {  # lines that fit where sizes are equal, and are wrong there without a word
    "text1-two-layers": {"dW1 = dZ1 @ A0"},
    "text1-n-layers": {
        "J = -sum(Y * log(A2) - (1 - Y) * log(1 - A2)) / n",
        "dA[L-1] = dZ[L] @ W[L]",
        "dA[l-1] = dZ[l] @ W[l]",
    },
    "text2-network": {"Z1 = (X @ W1).T + b1", "Z2 = (A @ W2).T + b2"},
}

FIRST = {  # the known mistake and the mend of the first wrong line; "" where the program has none
    "text1-linear-regression": ("", ""),
    "text1-logistic-regression": ("", "W1 = W1 - alpha * ((A1 - Y) @ X.T) / n"),
    "text1-chain-rule": ("", "dW1 = ((W2.T @ (A2 - Y)) * A1 * (1 - A1)) @ X.T"),
    "text1-two-layers": (
        "minus-between-the-terms",
        "J = -sum(Y * log(A2) + (1 - Y) * log(1 - A2)) / n",
    ),
    "text1-n-layers": ("activation-of-the-bias", "A[l] = g(Z[l])"),
    "text1-dimensions": ("bias-gradient-not-summed", "db2 = sum(dZ2, axis=1)"),
    "text2-network": ("activations-times-weights", "Z1 = W1 @ X + b1"),
    "text2-slide": (
        "error-passed-on-without-derivative",
        "E_hid = -w_out @ ((out - d_out) * out * (1 - out))",
    ),
    "other-gradient-without-mean": ("", "dW2 = (a1.T @ delta3 + lam * W2) / n"),
    "other-updated-weights": (
        "updated-weights-on-the-way-back",
        "hidden_deltas = A1 * (1 - A1) * (W2.T @ output_deltas)  # above line 9, which updates W2",
    ),
    "other-softmax-diagonal": (
        "softmax-diagonal-only",
        "dZ2 = A2 * (dA2 - sum(A2 * dA2, axis=1))",
    ),
    "other-three-errors": ("", "delta_o = 2 * (o - l) * o * (1 - o) / n2"),
}
