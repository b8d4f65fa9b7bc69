"""What is proven of a curve within E of z holds at every z' there; deep tails keep a bound."""

from __future__ import annotations

import numpy as np
import pytest

from gradoracle import Batch, Case, Network, Parameters
from gradoracle.activations import ACTIVATIONS
from gradoracle.judge import Verdict, judge
from gradoracle.reference import reference
from gradoracle.rounding import FORMATS, Bound, Quantity
from gradoracle.rounding.curves import prime_curve, value_curve
from gradoracle.truth.reverse import truth
from gradoracle_numpy import n_layer

NAMES = [name for name, row in ACTIVATIONS.items() if row is not None]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("make", [value_curve, prime_curve])
def test_within_E_of_z(make, name: str):  # type: ignore[no-untyped-def]
    """Also where the error takes z across 0, from either side."""
    rng = np.random.default_rng(0)
    z = rng.normal(size=500) * 10.0 ** rng.uniform(-6, 1.5, size=500)
    E = np.abs(z) * 10.0 ** rng.uniform(-6, 1, size=500)
    E = np.minimum(E, 20)
    curve = make(name)
    near = z + E * np.linspace(-1, 1, 201)[:, np.newaxis]
    jumps = make is prime_curve and name in ("relu", "leaky_relu")
    slack = 1 + 1e-9
    if not jumps:  # the jump of a derivative is kept apart
        moved = np.abs(curve.value(near) - curve.value(z)).max(axis=0)
        assert (moved <= curve.within.spread(z, E) * slack + 1e-15).all()
    if curve.terms is not None:
        assert (curve.terms(near).max(axis=0) <= curve.within.terms(z, E) * slack).all()
        steepest = np.abs(curve.prime(near)).max(axis=0)  # 1 - tanh^2 itself is off by 1e-16
        assert (steepest <= curve.within.slope(z, E) * slack + 1e-15).all()


@pytest.mark.parametrize("name", ["elu", "leaky_relu"])
def test_terms_on_the_other_side_of_zero_count(name: str):
    """z slightly above 0 has no terms; the z' that a program had may lie below."""
    z, E, u = np.array([1e-9]), np.array([1e-6]), FORMATS["float32"].u
    curve = prime_curve(name) if name == "leaky_relu" else value_curve(name)
    bound = Bound(FORMATS["float32"]).function(Quantity(z, E), curve).error
    assert bound - curve.within.spread(z, E) >= 8 * u * (0.01 if name == "leaky_relu" else 2)


def in_the_tail(z: float, y: float) -> Case:
    network = Network((1, 1), ("sigmoid",), "binary_cross_entropy")
    parameters = Parameters([np.ones((1, 1))], [np.zeros((1, 1))])
    X = np.array([[z, z / 1.25, -0.5]])
    return Case("tail", network, parameters, Batch(X, np.array([[y, 1.0, 0.25]])))


@pytest.mark.parametrize("y", [1.0, 0.5])
@pytest.mark.parametrize("z", [-300.0, -400.0, -500.0, -600.0, -700.0])
def test_dA_of_a_sigmoid_deep_in_its_tail(z: float, y: float):
    case = in_the_tail(z, y)
    known = truth(case)
    limits = reference(case, known)
    assert (limits.bound("dA1") < 1e-12 * np.abs(known.values["dA1"])).all()
    trace = dict(n_layer.implementation(case))
    assert judge(trace, known, limits).verdict is Verdict.PASS
    trace["dA1"] = trace["dA1"] * (1 + 1e-9)
    wrong = judge(trace, known, limits).first_wrong
    assert wrong is not None
    assert wrong.name == "dA1"
    assert wrong.proven
