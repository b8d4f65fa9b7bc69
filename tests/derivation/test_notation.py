"""Formulas as they stand on paper come out in the plain spelling, or are refused with the mend."""

from __future__ import annotations

import ast
import pickle
import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gradoracle.derivation.check import check
from gradoracle.derivation.limits import DEPTH, LINE_CHARACTERS, DerivationError
from gradoracle.derivation.reading import latex, notation, numpy_calls, syntax
from gradoracle.derivation.reading.claims import claims
from gradoracle.derivation.reading.notation import NotationError, plain
from gradoracle.derivation.reading.spelling import macros, signs
from gradoracle.derivation.reading.vocabulary import FUNCTIONS
from gradoracle.derivation.verdicts import Verdict

PAGE = Path(__file__).parents[2] / "docs" / "notation.md"
ROW = re.compile(r"^\| `(.*)` \| `?(.*?)`? \|$", re.MULTILINE)
_, PAPER, LATEX, NUMPY, REFUSED = PAGE.read_text(encoding="utf-8").split("\n## ")

SPELLINGS = {
    # products and signs
    "dZ1 = (W2ᵀ @ dZ2) ∘ A1 ∘ (1 − A1)": "dZ1 = (W2.T @ dZ2) * A1 * (1 - A1)",
    "dZ1 = dA1⊙A1": "dZ1 = dA1 * A1",
    "J = 2 × n": "J = 2 * n",
    "dW1 = (1/n) · dZ1": "dW1 = (1 / n) * dZ1",
    "dW1 = dZ1 · (1/n)": "dW1 = dZ1 * (1 / n)",
    "x = ‖W1‖ · W1": "x = norm(W1) * W1",
    "dZ2 = A2 – Y": "dZ2 = A2 - Y",
    "x = −−2": "x = --2",
    "x = −A1ᵀ": "x = -A1.T",
    "x = A1 ÷ 2": "x = A1 / 2",
    # side by side
    "x = 2 A1": "x = 2 * A1",
    "x = 2A1": "x = 2 * A1",
    "x = 2(a - y)": "x = 2 * (a - y)",
    "x = (a - y)2": "x = (a - y) * 2",
    "x = 2 n A1": "x = 2 * n * A1",
    "x = 0.5(a − y)²": "x = 0.5 * (a - y)**2",
    "W1 = W1 − αdW1": "W1 = W1 - alpha * dW1",
    "W1 = W1 - alpha dW1": "W1 = W1 - alpha * dW1",
    "x = 1/n Σ(Y)": "x = 1 / n * sum(Y)",
    "x = λ/n W1": "x = lam / n * W1",
    "dA = 3 ∘ 2 A1": "dA = 3 * (2 * A1)",
    "dW = λ W1 + 1/n dZ1 @ Xᵀ": "dW = lam * W1 + 1 / n * dZ1 @ X.T",
    "𝑍₁ = 𝐖₁ @ 𝙓 + 𝒃₁": "Z1 = W1 @ X + b1",
    "𝜕𝐿/𝜕𝑊₁ = 𝜎′(𝑍₁) ∘ 𝜶𝛁_𝑊₁ 𝐽": "dW1 = sigmoid_prime(Z1) * (alpha * dW1)",
    "ℎ = tanh(𝑊1 @ 𝑥)": "h = tanh(W1 @ x)",
    "dZ2 = (A2 ‐ Y ‑ 0 ‒ 𝟎) ⁄ 𝟐": "dZ2 = (A2 - Y - 0 - 0) / 2",
    "dW2 = dZ2 @ A₁⊺": "dW2 = dZ2 @ A1.T",
    "δ_2 = λ_1 δ_l + δ_hid": "delta2 = lam1 * delta[l] + delta_hid",
    # sums with limits
    "db1 = Σ_{i=1}^N dZ1": "db1 = sum(dZ1, axis=1)",
    "db1 = Σᵢ₌₁ᴺ dZ1": "db1 = sum(dZ1, axis=1)",
    "db1 = Σ^N_{n=1} dZ1": "db1 = sum(dZ1, axis=1)",
    "∂J/∂b1 = Σ_x dZ1": "db1 = sum(dZ1, axis=1)",
    "J = Σ_i Σ_k (A2 − Y)²": "J = sum((A2 - Y)**2)",
    "J = Σ_{k=1}^K Σ_{i=1}^n Y log A2 + Y": "J = sum(Y * log(A2) + Y)",
    "J = Σ_{i=1}^m Σ_{k=1}^{n₂} (A2 − Y)² + λ Σ_i Σ_j W1²": (
        "J = sum((A2 - Y)**2) + lam * sum(W1**2)"
    ),
    # transposes
    "x = A1ᵀ": "x = A1.T",
    "x = A1^T @ B": "x = A1.T @ B",
    "x = A1^{T}": "x = A1.T",
    "x = A^[1]ᵀ": "x = A1.T",
    "x = (A^[1])ᵀ": "x = (A1).T",
    "x = A^[1]T": "x = A1.T",
    "x = A^{[1]^T}": "x = A1.T",
    "x = W^{(2)^{T}} @ B^{l^⊤}": "x = W2.T @ B[l].T",
    "x = A^{[1]T}": "x = A1.T",
    "x = A¹ᵀ": "x = A1.T",
    "x = A₁ᵀ": "x = A1.T",
    "x = Wᵀ₁": "x = W1.T",
    "x = W^T_1": "x = W1.T",
    "x = (A + B)ᵀ": "x = (A + B).T",
    "x = σ(Z)ᵀ": "x = sigmoid(Z).T",
    "x = A1.T": "x = A1.T",
    # layers
    "A¹² = 1": "A12 = 1",
    "b² = 1": "b2 = 1",
    "x = A¹ @ Z³ @ A^(2) @ a^[2]": "x = A1 @ Z3 @ A2 @ a2",
    "dLdZ² = dJdW³": "dLdZ2 = dJdW3",
    "dZ² = 1": "dZ2 = 1",
    "dA₁₀ = 1": "dA10 = 1",
    "W^2 = 1": "W2 = 1",
    "W^l = 1": "W[l] = 1",
    "W^{l-1} = 1": "W[l-1] = 1",
    "W^{l − 1} = 1": "W[l-1] = 1",
    "A^(l−1) = 1": "A[l-1] = 1",
    "dW_l = 1": "dW[l] = 1",
    "dZ_L = 1": "dZ[L] = 1",
    "A_{l-1} = 1": "A[l-1] = 1",
    "A_(l-1) = 1": "A[l-1] = 1",
    "Z^[L] = 1": "Z[L] = 1",
    "Aˡ⁻¹ = 1": "A[l-1] = 1",
    "z^l = 1": "z[l] = 1",
    "a^(1) = 1": "a1 = 1",
    "δ^[l] = δ₂": "delta[l] = delta2",
    "W[2] = ½": "W2 = 1 / 2",
    "W [l] = ½": "W[l] = 1 / 2",
    "n^l = n^{l-1}": "n[l] = n[l-1]",
    "z^{L} = wᴸ @ aᴸ⁻¹": "z[L] = w[L] @ a[L-1]",
    "A² = tanh(Z²)": "A2 = tanh(Z2)",
    "a^1 = σ(w^1 @ x + b^1)": "a1 = sigmoid(w1 @ x + b1)",
    "Z³ = W³ @ A² + b³": "Z3 = W3 @ A2 + b3",
    "A² = σ²(Z²) + tanh²(Z1)": "A2 = sigmoid(Z2) + tanh(Z1)**2",
    "A¹ = g¹(Z¹) ∘ (A²)²": "A1 = g[1](Z1) * (A2)**2",
    "x = A^{[1]2} + A^{[1]^2}": "x = A1**2 + A1**2",
    # powers
    "x = A1²": "x = A1**2",
    "x = A1^2": "x = A1**2",
    "x = W^[1]²": "x = W1**2",
    "x = W₁³": "x = W1**3",
    "x = X²": "x = X**2",
    "x = (A)² + X²": "x = (A)**2 + X**2",
    "x = Y_pred²": "x = Y_pred**2",
    "x = n^2": "x = n**2",
    "x = (a − y)²": "x = (a - y)**2",
    "x = A1^{1/2}": "x = A1**(1 / 2)",
    "x = −A1²": "x = -A1**2",
    "x = A1²ᵀ": "x = (A1**2).T",
    "x = log(A)²": "x = log(A)**2",
    "x = 2^n": "x = 2**n",
    "x = e^{−n}": "x = exp(-n)",
    "x = e^(-Z1)": "x = exp(-Z1)",
    "x = e^{−Z^T}": "x = exp(-Z.T)",
    "x = e^{(Z1)ᵀ}": "x = exp((Z1).T)",
    "x = e²": "x = exp(2)",
    "x = a^b^c": "x = (a**b)**c",
    # functions
    "x = tanh′(Z1)": "x = tanh_prime(Z1)",
    "x = relu'(Z1)": "x = relu_prime(Z1)",
    "x = leaky_relu′(Z1)": "x = leaky_relu_prime(Z1)",
    "x = g′(Z1)": "x = g_prime(Z1)",
    "x = g′^[l](Z^[l])": "x = g_prime[l](Z[l])",
    "x = {g^{[1]}}'(Z^[1])": "x = g_prime[1](Z1)",
    "x = σ^[2](Z^[2])": "x = sigmoid(Z2)",
    "x = σ^[2](W2 @ A1)": "x = sigmoid(W2 @ A1)",
    "x = σ_l(Z_l)": "x = sigmoid(Z[l])",
    "x = g^[2](Z1)": "x = g[2](Z1)",
    "x = g^[l](b)": "x = g[l](b)",
    "x = g^[l]'(Z^[l])": "x = g_prime[l](Z[l])",
    "x = g'[l](Z^[l])": "x = g_prime[l](Z[l])",
    "x = g[l]'(Z^[l])": "x = g_prime[l](Z[l])",
    "x = g_l(Z_l)": "x = g[l](Z[l])",
    "x = g_1(Z_1)": "x = g[1](Z1)",
    "x = g_1'(Z_1)": "x = g_prime[1](Z1)",
    "x = g'_1(Z_1)": "x = g_prime[1](Z1)",
    "x = g1'(Z1)": "x = g_prime[1](Z1)",
    "x = g_{l-1}(Z_{l-1})": "x = g[l-1](Z[l-1])",
    "x = g⁽¹⁾(Z1)": "x = g[1](Z1)",
    "x = g¹(Z¹)": "x = g[1](Z1)",
    "x = gˡ′(Zˡ)": "x = g_prime[l](Z[l])",
    "x = g₂(Z₂)": "x = g[2](Z2)",
    "x = g′₂(Z₂)": "x = g_prime[2](Z2)",
    "x = gᴸ(Zᴸ)²": "x = g[L](Z[L])**2",
    "x = g [Z1 > 0]": "x = g(Z1 > 0)",
    "x = log A2": "x = log(A2)",
    "x = Y∘log A2 + 1": "x = Y * log(A2) + 1",
    "x = ln(A2)∘Y": "x = ln(A2) * Y",
    "x = √A1": "x = sqrt(A1)",
    "x = 1 − σ²(Z)": "x = 1 - sigmoid(Z)**2",
    "x = max(0, Z1)²": "x = max(0, Z1)**2",
    "x = ones((n, 1))²": "x = ones((n, 1))**2",
    # sums, norms, indicators
    "J = Σ(Y)": "J = sum(Y)",
    "J = Σ(Y)/n": "J = sum(Y) / n",
    "J = Σ(Y) + 1": "J = sum(Y) + 1",
    "J = Σ Y ∘ A + 1": "J = sum(Y * A) + 1",
    "J = Σ (A − Y)²/2": "J = sum((A - Y)**2 / 2)",
    "J = Σ(Y) ∘ A": "J = sum((Y) * A)",
    "J = 2 Σ_{k=1}^{n} Y": "J = 2 * sum(Y, axis=1)",
    "J = ‖W1‖": "J = norm(W1)",
    "J = ‖W1‖²": "J = norm(W1)**2",
    "J = ‖W1‖_F² + ||W2||_{F}^2": "J = norm(W1)**2 + norm(W2)**2",
    "J = λ‖W1 − W2‖²": "J = lam * norm(W1 - W2)**2",
    "J = Σ|A − Y|": "J = sum(abs(A - Y))",
    "J = ‖|A| + (‖B‖)‖": "J = norm(abs(A) + (norm(B)))",
    "x = 1[Z1 > 0] ∘ Y": "x = (Z1 > 0) * Y",
    "x = 𝟙[Z1 > 0]": "x = (Z1 > 0)",
    "x = 𝟙_{Z1 > 0}": "x = (Z1 > 0)",
    "x = 𝟙(Z1 ≠ 0)": "x = (Z1 != 0)",
    "db2 = ½ Σ dZ2": "db2 = 1 / 2 * sum(dZ2, axis=1)",
    "db² = Σ(dZ2)/n": "db2 = sum(dZ2, axis=1) / n",
    "db = Σ(dZ, axis=1)": "db = sum(dZ, axis=1)",
    "db = Σ(dZ, 0)": "db = sum(dZ, 0)",
    "∂J/∂b1 = Σ W @ dZ": "db1 = sum(W @ dZ, axis=1)",
    "dbeta = Σ dZ": "dbeta = sum(dZ)",
    "J = Σ Y ∘ A − (1 − Y) ∘ Z + λ": "J = sum(Y * A - (1 - Y) * Z) + lam",
    "J = Σ (A − Y)² + reg": "J = sum((A - Y)**2) + reg",
    "J = Σ (A − Y)² + Σ A + ‖A‖": "J = sum((A - Y)**2) + sum(A) + norm(A)",
    "J = Σ(A − Y) + A": "J = sum(A - Y) + A",
    "x = Σ Y ∘ A + Y": "x = sum(Y * A) + Y",
    "x = Y log A2": "x = Y * log(A2)",
    "x = 2 (1 − y) ln a": "x = 2 * (1 - y) * ln(a)",
    # derivatives
    "∇_W1 J = 1": "dW1 = 1",
    "∇_{W^[1]} ℒ = 2 ∇_b J": "dW1 = 2 * db",
    "x = ∇_a C ∘ Y": "x = da[L] * Y",
    "x = ∇_{A^[l]} E": "x = dA[l]",
    "∂J/∂W1 = 1": "dW1 = 1",
    "∂J / ∂W₁ = 1": "dW1 = 1",
    "∂J/∂b^[1] = 1": "db1 = 1",
    "∂L/∂Z2 = 1": "dZ2 = 1",
    "∂J/∂ŷ = 1": "dyhat = 1",
    "x = (∂J/∂W1)ᵀ": "x = (dW1).T",
    "x = ∂J/∂W1ᵀ": "x = dW1.T",
    "x = ∂J/∂Z1 @ Xᵀ/n": "x = dZ1 @ X.T / n",
    "x = dJ/dW": "x = dW",
    "x = dL/dZ2 @ A1.T": "x = dZ2 @ A1.T",
    "x = dJ / dW_1": "x = dW1",
    "x = dℒ/db": "x = db",
    # names
    "ŷ = y\u0302": "yhat = yhat",
    "d\u0302 = dŷ": "dhat = dyhat",
    "x = λ2 + dλ": "x = lam2 + dlam",
    "ŷ₁ = dŷ": "yhat1 = dyhat",
    "x = diff_hid ∘ a_1": "x = diff_hid * a_1",
    # statements
    "W1 := 2 W1": "W1 = 2 * W1",
    "W1 =: 2 W1": "W1 = 2 * W1",
    "    dZ1 = dA1∘A1": "    dZ1 = dA1 * A1",
    "dZ1 = dA1∘A1  # σ": "dZ1 = dA1 * A1",
    "dZ1\u00a0= dA1": "dZ1 = dA1",
    "(12) x = y": "x = y",
    "Z1 = W1 @ X (3)": "Z1 = W1 @ X",
    "Z1 = 2 A1 (3).": "Z1 = 2 * A1",
    "dZ2 = dA2 ∘ A2 = A2 − Y": "dZ2 = dA2 * A2 = A2 - Y",
    "W1 −= α dW1": "W1 -= alpha * dW1",
    "  for k in range(2, L − 1):": "  for k in range(2, L - 1):",
    "A1 > 0 = 2 n": "A1 > 0 = 2 * n",
}

REFUSALS = {
    # the text: column from 1, part of the message
    "dW2 = dZ2 A1ᵀ": (11, "write @ for the matrix product or ∘ (*) for the elementwise one"),
    "dW2 = dZ2 A1.T": (11, "write @"),
    "x = (a)(b)": (8, "write @"),
    "x = W1(A - Y)": (7, "write @"),
    "x = [A2 − Y][A2]": (13, "write @"),
    "x = W log A2": (7, "write @"),
    "x = Y log A2ᵀ": (7, "write @"),
    "x = dZ1 · A1": (9, "two matrices"),
    "x = dZ1 × A1": (9, "two matrices"),
    "x = 1/2n": (8, "in two ways"),
    "x = 1/n m": (9, "in two ways"),
    "x = Y/A2 (1 − Y)": (10, "in two ways"),
    "x = log 2 n": (5, "write log(2)"),
    "x = W1'": (7, "write ᵀ or .T"),
    "x = W1′": (7, "write ᵀ or .T"),
    "x = (A)′": (8, "write ᵀ or .T"),
    "x = log′(A)": (8, "derivative of an activation"),
    "x = g′′(Z)": (7, "derivative of an activation"),
    "x = σ^[2](Z1)": (5, "the one of layer 2 in sigmoid(Z1)"),
    "x = tanh^[l](Z^[l-1])": (5, "leave the layer out"),
    "x = σ[l](Z)": (5, "only g has a layer: g[l](...); leave it out: sigmoid(...)"),
    "x = g₁^[2](Z)": (7, "g with 1 and 2"),
    "x = g²(Z1)": (6, "write g[2](...) for the layer"),
    "x = log₂ Y": (8, "write log(...) / log(2)"),
    "x = maxᵢ Y": (8, "write max(...)"),
    "x = (W)^[1]": (8, "a layer above a name"),
    "x = f'(Z1) ∘ Y": (6, "the activation is g'(...)"),
    "x = ½ np.softplus(Y)": (7, "leave np. out: softplus(...)"),
    "x = Z^l_j": (8, "one entry"),
    "x = σ^T(Z)": (6, "before the transpose"),
    "x = σ + 1": (7, "an argument: sigmoid(...)"),
    "x = 1 − A²": (10, "write A2 or A^[2] for the layer, A**2 for the square"),
    "dA² = a²": (8, "got a², which can be either"),
    "dZ¹ = dA¹ ∘ (1 − A²)": (19, "write A2"),
    "x = Z^2": (6, "write Z2 or Z^[2]"),
    "x = (z^{2})": (7, "write z2"),
    "x = A²ᵀ": (6, "write A2"),
    "x = W^{l-1^T}": (13, "write W^{[l-1]T}"),
    "x = e^{Z'}": (9, "write ᵀ or .T"),
    "x = {g}": (8, "an argument: g(...)"),
    "x = {g}'": (9, "an argument: g_prime(...)"),
    "{g^": (4, "a layer, a power or T"),
    "= A2 - Y": (1, "put it on the line before: a = b = c"),
    "x = W⁻¹": (6, "an inverse has no place"),
    "x = A1⁻¹": (7, "1 / A1"),
    "x = (A)^{-1}": (8, "1 / A1"),
    "x = W₁^[2]": (7, "one layer"),
    "x = W1^[2]": (7, "one layer"),
    "x = X^[1]": (6, "A0 is X"),
    "x = X^(1)": (6, "one example"),
    "x = y^(i)": (6, "one example"),
    "x = Z^{[1](i)}": (8, "one layer number"),
    "x = w_{1,2}": (6, "whole matrices"),
    "x = A^{}": (7, "a layer, a power or T"),
    "x = A^{2": (7, "not closed"),
    "x = A^": (7, "a layer, a power or T"),
    "x = A^+": (7, "a layer, a power or T"),
    "x = ∂A1/∂Z1": (6, "a derivative of J"),
    "x = ∂J/dW1": (8, "expected ∂"),
    "x = ∂²J/∂W²": (6, "a derivative of J"),
    "x = J(W1)": (5, "write J"),
    "x = Σ_k Y": (5, "without limits"),
    "x = Σ_{i=1}^n Y @ A": (5, "matrix product"),
    "x = ‖W‖_2": (8, "Frobenius"),
    "x = ‖W": (7, "expected ‖"),
    "x = 𝟙 @ Y": (5, "ones(n, 1)"),
    "db = Σₖ dZ": (6, "got Σ_k; mend"),
    "db = Σ_k_i dZ": (6, "without limits"),
    "J = Σ_i^2 Y": (5, "without limits"),
    "x = (2 A": (9, "expected )"),
    "x = 2 A)": (8, "end of the formula"),
    "x = λ λ lambda": (9, "λ is lam"),
    "∘ = 2": (1, "expected a number"),
    "x = ∇J": (5, "write dW1 for the gradient by W1"),
    "x = ∇_W Y": (9, "the gradient of J"),
    "x = Y, y = X": (8, "one formula a line"),
    "Z = X ⇒ A = Z": (7, "leave it out"),
    "x = A • Y": (7, "write ∘ (*)"),
    "x = ∇_2 J": (7, "a name below ∇"),
    "x = ∇_{W J": (10, "expected }"),
    "x = a ⊗ b": (7, "outer(a, b)"),
    "x = a + … + b": (9, "every term"),
    "x ≈ 2": (3, "write ="),
    "А1 = 2": (1, "CYRILLIC CAPITAL LETTER A А; mend: it looks like the Latin letter A"),
    "Α1 = 2": (1, "GREEK CAPITAL LETTER ALPHA"),
    "x = о": (5, "CYRILLIC SMALL LETTER O"),
    "x = Ｗ1": (5, "FULLWIDTH LATIN CAPITAL LETTER W"),
    "x = １": (5, "type 1"),
    "x\u200b = 2": (2, "U+200B ZERO WIDTH SPACE; mend: delete it"),
    "x = \u202e2": (5, "RIGHT-TO-LEFT OVERRIDE"),
    "x = 2  # \u202e": (10, "RIGHT-TO-LEFT OVERRIDE"),
    "x = \u30002": (5, "type a space"),
    "x = a\ufeff": (6, "ZERO WIDTH NO-BREAK SPACE"),
    "x = \x00": (5, "U+0000"),
    "x = W1’": (7, "RIGHT SINGLE QUOTATION MARK"),
    "x = é": (5, "LATIN SMALL LETTER E WITH ACUTE"),
    "x = 😀": (5, "U+1F600"),
    "x = " + "2 " * LINE_CHARACTERS: (LINE_CHARACTERS + 1, "2,000 characters"),
    "x = " + "(" * 60 + "2" + ")" * 60: (5 + DEPTH, "at most 50"),
    "x = " + "√" * 60 + "2": (5 + DEPTH, "at most 50"),
}


@pytest.mark.parametrize(("paper", "text"), SPELLINGS.items())
def test_it_is_understood(paper: str, text: str) -> None:
    assert plain(paper).text == text


@pytest.mark.parametrize(("paper", "text"), [*ROW.findall(PAPER), *ROW.findall(LATEX)])
def test_the_page_says_what_happens(paper: str, text: str) -> None:
    translate = latex.plain if latex.is_latex(paper) else plain
    assert translate(paper).text == text


@pytest.mark.parametrize(("written", "text"), ROW.findall(NUMPY))
def test_the_page_says_what_numpy_is(written: str, text: str) -> None:
    ((target, formula),) = claims(written)
    assert f"{syntax.show(target)} = {syntax.show(formula)}" == text


def test_the_page_lists_what_is_called_of_numpy() -> None:
    said = re.findall(r"\w+", NUMPY)
    for name in (*numpy_calls.CALLED, *numpy_calls.METHODS, *numpy_calls.LIBRARIES):
        assert name in said


def test_the_text_of_the_page_is_right() -> None:
    found = check(PAGE.read_text(encoding="utf-8"), markdown=True)
    assert found.ok
    assert [line.verdict for line in found.lines] == [Verdict.RIGHT] * len(found.lines)
    assert len(found.lines) == 6


@pytest.mark.parametrize(("paper", "mend"), ROW.findall(REFUSED))
def test_the_page_says_what_is_refused(paper: str, mend: str) -> None:
    with pytest.raises(NotationError) as caught:
        (latex.plain if latex.is_latex(paper) else plain)(paper)
    assert caught.value.mend == mend


def test_the_page_has_every_sign() -> None:
    for table in (signs.OPERATORS, signs.NAMES, signs.RAISED, signs.LOWERED, signs.FRACTIONS):
        assert [sign for sign in table if f"{sign}" not in PAPER] == []
    tables = (macros.SIGNS, macros.GREEK, macros.WORDS, macros.FRACTIONS, macros.HATS, macros.ONES)
    words = [name for table in tables for name in table if name.isalpha()]
    words += [*macros.UPRIGHT, *macros.FONTS, *macros.SCRIPTS, *macros.DROPPED]
    assert [name for name in words if not re.search(rf"\\{name}(?![a-zA-Z])", LATEX)] == []
    assert [name for name in macros.ENVIRONMENTS if f"`{name}`" not in LATEX] == []


@pytest.mark.parametrize(("paper", "column", "message"), [(k, *v) for k, v in REFUSALS.items()])
def test_it_is_refused_where_it_stands(paper: str, column: int, message: str) -> None:
    with pytest.raises(NotationError) as caught:
        plain(paper)
    assert message in str(caught.value)
    assert caught.value.column == column
    assert caught.value.mend


def test_the_tables_are_large_enough() -> None:
    assert len(SPELLINGS) + len(ROW.findall(PAPER)) >= 120
    assert len(REFUSALS) >= 40


def test_a_refusal_is_one_of_the_derivation_and_survives_a_process() -> None:
    with pytest.raises(DerivationError) as caught:
        plain("x = A B")
    again = pickle.loads(pickle.dumps(caught.value))  # noqa: S301, as a worker process does
    assert isinstance(again, NotationError)
    assert (str(again), again.column) == (str(caught.value), caught.value.column)


def test_columns_point_into_the_line_of_the_user() -> None:
    line = "dZ1 = W₂ᵀ @ dZ2 ∘ σ′(Z1)"
    read = plain(line)
    assert read.text == "dZ1 = W2.T @ dZ2 * sigmoid_prime(Z1)"
    assert len(read.columns) == len(read.text) + 1
    for word in ("dZ1", "dZ2", "Z1)"):
        at = read.text.rindex(word)
        assert read.columns[at] == line.rindex(word)
    assert line[read.columns[read.text.index("sigmoid")]] == "σ"
    assert line[read.columns[read.text.index("*")]] == "∘"
    assert read.columns[-1] == len(line)


# plain text is left alone

NAMES = st.sampled_from(
    [
        "X",
        "Y",
        "W1",
        "b2",
        "Z1",
        "A1",
        "dZ1",
        "dW2",
        "db1",
        "dA1",
        "n",
        "N",
        "L",
        "lam",
        "alpha",
        "diff_hid",
        "a",
        "out",
        "_x1",
    ]
)
NUMBERS = st.sampled_from(["2", "0.5", "1e-3", "2.", ".5", "1_000"])
INDEXED = st.builds(
    "{}[{}]".format,
    st.sampled_from(["W", "b", "Z", "A", "dW", "db", "dZ", "dA", "delta", "z"]),
    st.sampled_from(["l", "l-1", "L", "2", "1+l", "2*k"]),
)
UNARY = st.sampled_from(sorted(name for name, (least, *_) in FUNCTIONS.items() if least == 1))


def larger(smaller: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from(["@", "+", "-", "*", "/", "**", ">", "<", ">=", "<=", "==", "!="])
    space = st.sampled_from(["", " ", "  "])
    return st.one_of(
        st.builds("{0}{3}{1}{3}{2}".format, smaller, operators, smaller, space),
        st.builds("({})".format, smaller),
        st.builds("-{}".format, smaller),
        st.builds("({}).T".format, smaller),
        st.builds("{}({})".format, UNARY, smaller),
        st.builds(
            "{}({}, axis={}, keepdims=True)".format,
            st.sampled_from(["sum", "mean"]),
            smaller,
            st.sampled_from("01"),
        ),
        st.builds("where({}, {},{})".format, smaller, smaller, smaller),
        st.builds("ones(({}, 1))".format, st.sampled_from(["n", "L"])),
    )


FORMULAS = st.recursive(st.one_of(NAMES, NUMBERS, INDEXED), larger, max_leaves=12)
LOOPS = st.sampled_from(["for l in range(L, 0, -1):", "for l in range(1, L + 1):", "", "   # σ"])


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        FORMULAS,
        LOOPS,
        st.builds(
            "{} {} {}".format, st.one_of(NAMES, INDEXED), st.sampled_from(["=", "-="]), FORMULAS
        ),
        st.builds("  {} = {}  # ∘ {}".format, NAMES, FORMULAS, NAMES),
    )
)
def test_plain_text_comes_back_character_for_character(line: str) -> None:
    read = plain(line)
    assert read.text == line
    assert read.columns == tuple(range(len(line) + 1))


ON_PAPER = {"**": "**", "*": " ∘ ", "-": " − ", ".T": "ᵀ", ">=": "≥", "<=": "≤", "!=": "≠"}
IN_LATEX = {"**": "**", "*": r" \odot ", ".T": r"^\top ", ">=": r"\geq ", "<=": r"\leq "}


@settings(max_examples=300, deadline=None)
@given(FORMULAS)
def test_the_signs_of_paper_change_no_grouping(formula: str) -> None:
    line = re.sub(r"\*\*|\*|e-3|-|\.T|[><!]=", lambda s: ON_PAPER.get(s[0], s[0]), formula)
    assert same(plain(f"x ≔ {line}").text, f"x = {formula}")


@settings(max_examples=300, deadline=None)
@given(FORMULAS.filter(lambda formula: not re.search("diff_hid|out|_x1|1_000", formula)))
def test_the_macros_of_latex_change_no_grouping(formula: str) -> None:
    line = re.sub(r"\*\*|\*|\.T|[><]=", lambda s: IN_LATEX.get(s[0], s[0]), formula)
    assert same(latex.plain(rf"$x = {line}$").text, f"x = {formula}")


def same(text: str, other: str) -> bool:
    """Return whether two plain formulas have one syntax tree, W[2] being W2."""
    lines = (re.sub(r"(\w)\[(\d)\]", r"\1\2", line) for line in (text, other))
    trees = (ast.parse(re.sub(r"\b2\.(?!\d)", "2", line)) for line in lines)
    first, second = (ast.dump(tree) for tree in trees)
    return first == second


def test_a_changed_grouping_is_seen() -> None:
    assert not same("x = a * (b @ c)", "x = a * b @ c")
    assert not same("x = -a**2", "x = (-a)**2")
    assert same("x = W[2] * (b)", "x = W2 * b")


@pytest.mark.parametrize(
    "line",
    [
        "import os",
        "x = __class__.__bases__",
        'x = "text"',
        "x = [a for a in b]",
        "x = lambda: 2",
        "x = y.shape[0]",
        "x = a if b else c",
        "x = f(*y)",
        "x = tanh[3](Z3)",
        "x = 0x10 % 3",
        "x = (",
        "x = 2 +",
        "",
    ],
)
def test_what_is_ascii_and_no_formula_is_left_to_the_reader_of_the_plain_spelling(
    line: str,
) -> None:
    assert plain(line).text == line


SIGNS = [
    *signs.OPERATORS,
    *signs.NAMES,
    *signs.RAISED,
    *signs.LOWERED,
    *signs.ACCENTS,
    *"()[]{}^_'=+-*/@,.;:|>#! \t",
    *[
        "W1",
        "dZ1",
        "A",
        "X",
        "2",
        "3.",
        "J",
        "dJ",
        "d",
        "e",
        "l",
        "L",
        "n",
        "log",
        "exp",
        "sum",
        "g",
        "axis",
        "T",
        ".T",
        "for",
        "in",
        "1[",
        "**",
        ":=",
        "x̂",
        "ŷ",
        "½",
    ],
]


@settings(max_examples=600, deadline=None)
@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(SIGNS), max_size=40).map("".join)))
@example("Σ⁰Σ")
@example("Σ^")
@example("x^{" * 200)
@example("x = a^{b^{c^{" * 15 + "d" + "}" * 45)
@example("‖" * 300)
@example("Σ" * 40 + "(" * 40)
def test_there_is_an_answer_or_a_refusal_with_a_place(text: str) -> None:
    columns, kept = [], True
    try:
        read = plain(text)
    except NotationError as refusal:
        columns = [refusal.column - 1]
    else:
        columns = [*read.columns]
        kept = len(columns) == len(read.text) + 1 and (read.text == text or read.text.isascii())
    assert kept
    assert all(0 <= column <= len(text) for column in columns)


def test_what_is_understood_is_plain_already() -> None:
    for text in SPELLINGS.values():
        assert plain(text).text == text


def test_the_module_shows_its_face() -> None:
    assert sorted(notation.__all__) == notation.__all__
