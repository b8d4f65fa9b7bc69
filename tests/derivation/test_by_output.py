"""dA of the output, which a text may leave to the loss: the printed function computes it."""

from __future__ import annotations

import re

import pytest
from judged_texts import judged
from test_to_numpy import run

from gradoracle.checking.report import Report
from gradoracle.derivation.as_numpy.code import numpy_code
from gradoracle.derivation.as_numpy.drawn import check_drawn
from gradoracle.derivation.check import check
from gradoracle.status import Status

SOFTPLUS = """
network: sizes 5-4-3, activations softplus softplus, loss squared_error, reduction {reduction}
Z1 = W1 @ X + b1
A1 = softplus(Z1)
Z2 = W2 @ A1 + b2
A2 = softplus(Z2)
dZ2 = dA2 * softplus_prime(Z2)
dW2 = dZ2 @ A1.T
db2 = sum(dZ2, axis=1)
dA1 = W2.T @ dZ2
dZ1 = dA1 * softplus_prime(Z1)
dW1 = dZ1 @ X.T
db1 = sum(dZ1, axis=1)
"""
LOOP = """
network: layers L, activations softplus softplus, loss squared_error
means: a[l] = A[l]
for l in range(1, L + 1):
    Z[l] = W[l] @ a[l-1] + b[l]
    a[l] = softplus(Z[l])
for l in range(L, 0, -1):
    dZ[l] = da[l] * softplus_prime(Z[l])
    dW[l] = dZ[l] @ a[l-1].T
    db[l] = sum(dZ[l], axis=1)
    da[l-1] = W[l].T @ dZ[l]
"""
BY_N = {"mean": "n", "sum": "", "mean_all": "(n * n2)"}


def drawn(text: str, reduction: str = "mean") -> Report:
    """Check the function that a text is printed as on a network that is drawn."""
    assert judged(text).ok
    net = run(numpy_code(check(text)).text)["net"]
    net.__module__ = __name__  # where a file is, which this was never written to
    return check_drawn(net, "5-4-3", ("softplus",) * 2, "squared_error", reduction)


@pytest.mark.parametrize("reduction", BY_N)
def test_it_is_that_of_the_reduction(reduction: str) -> None:
    assert drawn(SOFTPLUS.format(reduction=reduction), reduction).ok


def test_it_is_n_times_in_a_text_that_divides_at_the_end() -> None:
    text = SOFTPLUS.format(reduction="mean")
    late = re.sub(r"(d[Wb]\d = .*)", r"\1 / n", text)
    assert drawn(late).ok


def test_it_stands_before_a_loop_that_reads_it_in_names_of_the_text() -> None:
    code = numpy_code(check(LOOP)).text
    assert code.index("da[L] = 2 * (A[L] - Y) / n") < code.index("dZ[l] = da[l]")
    assert drawn(LOOP).ok


def test_a_changed_one_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    from gradoracle.derivation.as_numpy import by_output

    wrong = {**by_output.BY_OUTPUT, "squared_error": "({A} - {Y})"}
    monkeypatch.setattr(by_output, "BY_OUTPUT", wrong)
    assert drawn(SOFTPLUS.format(reduction="sum"), "sum").status is Status.WRONG
