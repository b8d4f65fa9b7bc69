"""The units that the bound allows are those that textbook compositions need at most."""

from __future__ import annotations

import numpy as np
import pytest
from compositions import (
    PRIMES,
    SOFTMAXES,
    VALUES,
    Form,
    Running,
    exp,
    given,
    log,
    log1p,
    logsumexp,
    shifted,
    total,
)

from gradoracle.activations import elementwise, softmax
from gradoracle.arrays import Array
from gradoracle.losses import LOSSES
from gradoracle.rounding import FORMATS, Bound
from gradoracle.rounding.curves import prime_curve, value_curve
from gradoracle.rounding.quantity import Curve, exact

Z = np.concatenate([np.linspace(-30, 30, 6001), np.linspace(-700, 700, 1401)])
FORMS = [
    (kind, name, form)
    for kind, table in (("value", VALUES), ("prime", PRIMES))
    for name, forms in table.items()
    for form in forms
]


def curve_of(kind: str, name: str) -> Curve:
    return value_curve(name) if kind == "value" else prime_curve(name)


@pytest.mark.parametrize(("kind", "name", "form"), FORMS)
def test_a_composition_that_uses_every_unit_is_within_the_bound(kind: str, name: str, form: Form):
    curve = curve_of(kind, name)
    z = Z[Z < 0] if name == "elu" else Z
    bound = Bound(FORMATS["float64"]).function(exact(z), curve).error
    with np.errstate(over="ignore"):
        needed = form(given(z)).units * FORMATS["float64"].u
    assert (needed <= bound * (1 + 1e-12)).all()


@pytest.mark.parametrize(
    ("kind", "name", "least"),
    [("value", "sigmoid", 8), ("value", "softplus", 8), ("prime", "sigmoid", 8),
     ("prime", "tanh", 8), ("prime", "silu", 8), ("prime", "softplus", 19)],
)  # fmt: skip
def test_eight_units_are_not_enough(kind: str, name: str, least: int):
    """Or the units above 8 would be there for nothing."""
    g, forms = elementwise(name), (VALUES if kind == "value" else PRIMES)[name]
    slope, terms = (g.prime, g.terms) if kind == "value" else (g.second, g.prime_terms)
    assert terms is not None
    with np.errstate(over="ignore"):
        worst = np.max([f(given(Z)).units for f in forms], axis=0)
        needed = (worst - np.abs(Z * slope(Z))) / terms(Z)
    assert least < needed.max() <= curve_of(kind, name).within.units * (1 + 1e-9)


def bce_terms(z: Array, y: float) -> Running:
    """max(z, 0) - z y + log1p(e^-|z|), as frameworks evaluate it."""
    return (given(np.maximum(z, 0)) - given(z) * y) + log1p(exp(given(-np.abs(z))))


@pytest.mark.parametrize("y", [0.0, 0.3, 1.0])
def test_binary_cross_entropy_near_zero(y: float):
    z = np.linspace(-40, 40, 2001)[np.newaxis]
    size = 2 * np.abs(z) + np.log1p(np.exp(-np.abs(z)))
    value, model = (
        LOSSES["binary_cross_entropy"].terms(z, z, np.full_like(z, y)),
        Bound(FORMATS["float64"]),
    )
    bound = model.combine(value, exact(z), np.zeros_like(z), 0.25, size, 2).error
    needed = bce_terms(z, y).units * model.form.u
    assert (needed <= bound).all()
    assert (needed > 8 * model.form.u * size).any(), "8 units were enough"


def logits(k: int, offset: float) -> Array:
    """Columns of many sizes and some of zeros, moved by a number that changes no softmax."""
    rng = np.random.default_rng(k)
    z = rng.normal(size=(k, 200)) * 10.0 ** rng.uniform(-2, 2, size=200)
    z[:, -10:] = 0.0
    return np.asarray(z + offset)


def one_hot(k: int) -> Array:
    return np.asarray(np.eye(k)[np.random.default_rng(k).integers(0, k, 200)].T)


@pytest.mark.parametrize("k", [2, 3, 10, 100])
@pytest.mark.parametrize("offset", [0.0, 100.0, -800.0, 1e6])
@pytest.mark.parametrize("form", SOFTMAXES)
def test_softmax_and_its_fused_error(k: int, offset: float, form: Form):
    z, y, model = logits(k, offset), one_hot(k), Bound(FORMATS["float64"])
    a = form(given(z))
    allowed = model.softmax(exact(z), softmax(z))
    assert (a.units * model.form.u <= allowed.error).all()
    dZ = a - given(y)
    assert (dZ.units * model.form.u <= model.fused_error(allowed, y).error).all()


@pytest.mark.parametrize("k", [2, 3, 10, 100])
@pytest.mark.parametrize("offset", [0.0, 100.0, -800.0, 1e6])
@pytest.mark.parametrize("common", [True, False])
def test_cross_entropy(k: int, offset: float, common: bool):
    """y (log sum e^s - s), and y (logsumexp(z) - z), which rounds at the size of z."""
    z, y, model = logits(k, offset), one_hot(k), Bound(FORMATS["float64"])
    s = shifted(given(z))
    terms = logsumexp(given(z)) - given(z) if common else log(total(exp(s))) - s
    J = total(given(y) * terms)
    size = 4 * np.abs(z).max(axis=0, keepdims=True) + np.log(k) + 1
    column = model.combine_columns(J.value[np.newaxis], exact(z), y * 0, 1.0, size, 2)
    assert (J.units * model.form.u <= column.error).all()


def test_a_sum_of_two_terms_rounds_with_one_example_too():
    """-y/a + (1 - y)/(1 - a) is rounded although nothing is divided by N = 1."""
    from gradoracle import Batch, Case, Network, Parameters
    from gradoracle.reference import reference
    from gradoracle.truth.reverse import truth

    network = Network((1, 1), ("sigmoid",), "binary_cross_entropy")
    parameters = Parameters([np.ones((1, 1))], [np.zeros((1, 1))])
    case = Case("one.example", network, parameters, Batch(np.ones((1, 1)), np.full((1, 1), 0.5)))
    known = truth(case)
    limits = reference(case, known)
    a, E, u = known.values["A1"], limits.bound("A1"), limits.form.u
    parts = 0.5 * (E / a / (a - E) + E / (1 - a) / (1 - a - E))
    divisions = 2 * u * 0.5 * (1 / a + 1 / (1 - a))
    assert limits.bound("dA1") >= parts + divisions + u * np.abs(known.values["dA1"])
