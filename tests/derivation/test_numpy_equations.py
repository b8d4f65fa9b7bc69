"""Equations for every layer printed as loops that run, whatever order they are written in."""

from __future__ import annotations

import pytest
from judged_texts import judged
from test_to_numpy import run

from gradoracle.checking.report import Report
from gradoracle.derivation.as_numpy import ordered
from gradoracle.derivation.as_numpy.code import numpy_code
from gradoracle.derivation.as_numpy.drawn import check_drawn
from gradoracle.errors import InputError
from gradoracle.status import Status

HEADER = "network: layers L, activations tanh sigmoid, loss binary_cross_entropy\n"
FORWARD = "Z[l] = W[l] @ A[l-1] + b[l]\nA[l] = g[l](Z[l])\n"
OUTPUT = "dZ[L] = A[L] - Y\n"
DELTA = "dZ[l] = (W[l+1].T @ dZ[l+1]) * (1 - A[l]**2)\n"
BY_A = "dZ[l] = dA[l] * g_prime[l](Z[l])\n"
BACK = "dA[l-1] = W[l].T @ dZ[l]\n"
NEXT = "dA[l] = W[l+1].T @ dZ[l+1]\n"
GRADIENTS = "dW[l] = dZ[l] @ A[l-1].T / n\ndb[l] = sum(dZ[l], axis=1) / n\n"
UPDATES = "W[l] = W[l] - alpha * dW[l]\nb[l] = b[l] - alpha / n * sum(dZ[l], axis=1)\n"
OUTPUT_BY_A = "dA[L] = (A[L] - Y) / (A[L] * (1 - A[L]))\n"

ORDERS = {
    "as they run": FORWARD + OUTPUT + DELTA + GRADIENTS,
    "gradients first": FORWARD + OUTPUT + GRADIENTS + DELTA,
    "A above Z": "A[l] = g[l](Z[l])\nZ[l] = W[l] @ A[l-1] + b[l]\n" + OUTPUT + DELTA + GRADIENTS,
    "dA and dZ of a layer in turn": FORWARD + OUTPUT_BY_A + NEXT + BY_A + GRADIENTS,
    "dA below the dZ that needs it": FORWARD + OUTPUT_BY_A + BY_A + NEXT + GRADIENTS,
    "dA of the layer below": FORWARD + OUTPUT_BY_A + GRADIENTS + BACK + BY_A,
    "dA of the output left to the loss": FORWARD + GRADIENTS + BY_A + NEXT,
    "updates last": GRADIENTS + BY_A + BACK + FORWARD + UPDATES,
    "a loop of the text above them": "for l in range(1, L + 1):\n    Z[l] = W[l] @ A[l-1] + b[l]\n"
    "    A[l] = g[l](Z[l])\n" + OUTPUT + GRADIENTS + DELTA,
    "a helper of every layer": FORWARD
    + OUTPUT
    + "dZ[l] = err[l] * (1 - A[l]**2) + 0 * err[l+1]\n".replace(" + 0 * err[l+1]", "").replace(
        "err[l]", "err[l+1]"
    )
    + "err[l] = W[l].T @ dZ[l]\n"
    + GRADIENTS,
}


def drawn(text: str) -> Report:
    """Check the function that a text is printed as on a network of three layers."""
    checked = judged(text)
    assert checked.ok
    net = run(numpy_code(checked).text)["net"]
    net.__module__ = __name__  # where a file is, which this was never written to
    return check_drawn(net, "5-4-3-2", ("tanh", "tanh", "sigmoid"), "binary_cross_entropy")


@pytest.mark.parametrize("name", ORDERS)
def test_every_order_is_printed_so_that_it_runs(name: str) -> None:
    assert drawn(HEADER + ORDERS[name]).ok


def body(text: str) -> str:
    return numpy_code(judged(HEADER + text)).text


def test_lines_that_run_as_they_stand_stay_so() -> None:
    code = body(ORDERS["as they run"])
    loops = [line.strip() for line in code.splitlines() if line.startswith("    for l in")]
    assert loops == [
        "for l in range(1, L + 1):",
        "for l in range(L - 1, 0, -1):",
        "for l in range(L, 0, -1):",
    ]


def test_lines_that_need_each_other_share_a_loop_over_the_layers_of_all() -> None:
    code = body(ORDERS["dA below the dZ that needs it"])
    loop = (
        "    for l in range(L - 1, 0, -1):\n"
        "        dA[l] = W[l + 1].T @ dZ[l + 1]\n"
        "        dZ[l] = dA[l] * tanh_prime(Z[l])\n"
        "    dA[0] = W[1].T @ dZ[1]\n"
    )
    assert loop in code
    assert code.index("    dZ[L] = A[L] - Y\n") < code.index(loop)


def test_a_changed_line_of_a_common_loop_fails() -> None:
    code = body(ORDERS["dA of the output left to the loss"])
    changes = {"dZ[L] = A[L] - Y": "dZ[L] = Y - A[L]", "* tanh_prime(Z": "/ tanh_prime(Z"}
    for right, wrong in changes.items():
        assert right in code
        net = run(code.replace(right, wrong))["net"]
        net.__module__ = __name__
        found = check_drawn(net, "5-4-3-2", ("tanh", "tanh", "sigmoid"), "binary_cross_entropy")
        assert found.status is Status.WRONG


CROSSED = (  # x needs y of the layers from the other end, and y needs x so, too
    "y1 = 1\nx[l] = y[L+1-l]\ny[l] = x[L+2-l] + 0 * y[l-1]\n"
    + FORWARD
    + OUTPUT
    + DELTA
    + GRADIENTS.replace("dZ[l] @", "(x[l] * dZ[l]) @")
)


def test_what_no_loops_run_through_is_refused_in_one_line() -> None:
    with pytest.raises(InputError, match=r"got line 3 .*; mend: write the loops out, in the order"):
        body(CROSSED)


def test_loops_that_give_something_else_are_never_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    true = ordered.common_loop
    monkeypatch.setattr(ordered, "common_loop", lambda *given: true(*given)[::-1])
    with pytest.raises(InputError, match="write the loops out"):
        body(ORDERS["dA and dZ of a layer in turn"])
