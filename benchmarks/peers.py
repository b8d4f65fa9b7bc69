"""Peers that do the same job on the same networks: torch's ``gradcheck``, jax's ``check_grads``.

Both compare derivatives with finite differences; `gradoracle.check` compares them with the proven
truth. All get the same dozen networks, in float64, and the derivatives by every W, b and X. A wrong
gradient is put into a function of the framework's own kind; gradoracle and gradcheck judge the very
same one. Used by ``check.py``.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial

import jax
import jax.numpy as jnp
import jax.test_util
import torch
from wrong_gradients import (
    WRONG,
    Spoil,
    jax_cost,
    leaves,
    right,
    spoiled_jax,
    spoiled_torch,
    torch_cost,
    values,
)

import gradoracle
import gradoracle_torch
from gradoracle import Case, corpus
from gradoracle.arrays import Array

PATTERNS = ("two-layer.*", "n-layer.*", "depth.*")
CASES = [frozen.case for frozen in corpus.load("required", PATTERNS)]

Table = tuple[Sequence[str], list[Sequence[str]]]


def gradoracle_passes(case: Case, spoil: Spoil = right, wrong_relu: bool = False) -> bool:
    """Let gradoracle judge J and the derivatives of a torch function."""

    def candidate(given: Case) -> dict[str, Array]:
        variables = leaves(given)
        J = spoiled_torch(given, spoil, wrong_relu)(*variables)
        found = torch.autograd.grad(J, variables)
        named = {f"d{n}": d.numpy() for n, d in zip(values(given), found, strict=True)}
        return {"J": J.detach().numpy(), **named}

    return gradoracle.check(candidate, match=case.id, dtype="float64").ok


def gradcheck_passes(
    case: Case, spoil: Spoil = right, wrong_relu: bool = False, **tolerance: float
) -> bool:
    """Let torch's gradcheck compare with central differences."""
    function = spoiled_torch(case, spoil, wrong_relu)
    return torch.autograd.gradcheck(function, leaves(case), raise_exception=False, **tolerance)


def check_grads_passes(
    case: Case, spoil: Spoil = right, wrong_relu: bool = False, **tolerance: float
) -> bool:
    """Let jax's check_grads compare along a direction; a custom_vjp has reverse mode only."""
    function = spoiled_jax(case, spoil, wrong_relu)
    given = tuple(map(jnp.asarray, values(case).values()))
    try:
        jax.test_util.check_grads(function, given, order=1, modes=("rev",), **tolerance)
    except AssertionError:
        return False
    return True


def tightest(passes: Callable[..., bool]) -> float:
    """Return the least power of ten as atol and rtol at which every right gradient passes."""
    best = 1e-1
    for exponent in range(2, 16):
        if not all(passes(case, atol=10.0**-exponent, rtol=10.0**-exponent) for case in CASES):
            break
        best = 10.0**-exponent
    return best


def seen() -> Table:
    """Return on how many networks each checker sees each wrong gradient."""
    checkers: dict[str, Callable[..., bool]] = {"gradoracle": gradoracle_passes}
    for name, passes in (("gradcheck", gradcheck_passes), ("check_grads", check_grads_passes)):
        finest = tightest(passes)
        checkers[name] = passes
        checkers[f"{name} at {finest:.0e}"] = partial(passes, atol=finest, rtol=finest)
    columns = [_column(passes) for passes in checkers.values()]
    labels = ["nothing: falsely accused", *WRONG, "the derivative of tanh behind relu"]
    return ("what is wrong", *checkers), list(zip(labels, *columns, strict=True))


def _column(passes: Callable[..., bool]) -> list[str]:
    """Count the networks in which a checker sees something: first of right, then of wrong ones."""
    with_relu = [case for case in CASES if "relu" in case.network.activations]
    tries = [(CASES, spoil, False) for spoil in (right, *WRONG.values())]
    return [
        f"{sum(not passes(case, spoil, wrong_relu) for case in cases)} of {len(cases)}"
        for cases, spoil, wrong_relu in (*tries, (with_relu, right, True))
    ]


def seconds(repeat: int) -> Table:
    """Time each checker on right gradients, all networks in turns; the first time stands apart."""

    def ours() -> None:
        report = gradoracle.check(gradoracle_torch.implementation, match=PATTERNS, dtype="float64")
        if not report.ok:
            raise SystemExit(str(report))

    def gradcheck(**options: bool) -> None:
        for case in CASES:
            torch.autograd.gradcheck(torch_cost(case), leaves(case), **options)

    def check_grads() -> None:
        for case in CASES:
            given = tuple(map(jnp.asarray, values(case).values()))
            jax.test_util.check_grads(jax_cost(case), given, order=1, modes=("rev",))

    work: dict[str, Callable[[], None]] = {
        "gradoracle.check, every array of the trace, twice": ours,
        "torch.autograd.gradcheck": gradcheck,
        "torch.autograd.gradcheck, fast_mode": partial(gradcheck, fast_mode=True),
        "jax.test_util.check_grads, reverse mode": check_grads,
    }
    times: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(repeat + 1):
        for name, check in work.items():
            start = time.perf_counter()
            check()
            times[name].append(1e3 * (time.perf_counter() - start) / len(CASES))
    rows = [
        (name, f"{found[0]:.1f} ms", f"{statistics.median(found[1:]):.1f} ms")
        for name, found in times.items()
    ]
    return ("a network", "the first time", f"median of {repeat} more"), rows
