"""The rounding decision against exact fractions."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import numpy as np
import pytest
from flint import arb, arb_mat, ctx
from truth_cases import ends, fraction, rounded

from gradoracle.truth import nearest as module
from gradoracle.truth.nearest import half_ulp, nearest


def awkward_midpoints(count: int) -> list[arb]:
    """Midpoints of at most 120 bits: near ties, near powers of two, subnormal, near overflow."""
    draw = random.Random(0)  # noqa: S311 - not for secrets
    found = []
    with ctx.workprec(300):
        for _ in range(count):
            bits = draw.choice([1, 2, 52, 53])
            m = arb(draw.getrandbits(bits) | 1 << (bits - 1))
            tail = draw.choice([0, 0, 1, -1, 2, 3])  # quarters of a unit in the last place
            nudge = draw.choice([0, 0, 1, -1]) * arb(2) ** -draw.randint(3, 60)
            scale = draw.choice([-1074, -1073, -1022, -950, -905, -60, 0, 800, 850, 1024 - bits])
            x = (m + arb(tail) / 4 + nudge) * arb(2) ** scale
            found.append(-x if draw.random() < 0.5 else x)
    return found


def test_python_flint_rounds_a_midpoint_to_nearest_with_ties_to_even():
    for x in awkward_midpoints(3000):
        assert float(x) + 0.0 == rounded(fraction(x))


@pytest.mark.parametrize("relative_radius", [None, -125, -100, -88, -70, -54, -20])
def test_decisions_are_those_of_the_exact_ends(relative_radius: int | None):
    midpoints = awkward_midpoints(1500)
    balls = midpoints
    if relative_radius is not None:
        balls = [arb(x, (abs(x) * arb(2) ** relative_radius).mid()) for x in midpoints]
    with ctx.workprec(128):
        found = nearest(arb_mat(len(balls), 1, balls))
    undecided = 0
    for ball, value, radius, decided in zip(
        balls, found.values[:, 0], found.radii[:, 0], found.decided[:, 0], strict=True
    ):
        low, high = ends(ball)
        same = rounded(low) == rounded(high)
        if decided:
            assert same
            assert value == rounded(low)
            if math.isfinite(value):
                assert radius <= half_ulp(np.array(value))
        elif same:  # the ends of a ball are found to 128 bits, outwards
            width = (abs(low) + abs(high)) * Fraction(2) ** -126
            assert rounded(low - width) != rounded(high + width)
        undecided += not decided
        if math.isfinite(value):
            v, r = Fraction(float(value)), Fraction(float(radius))
            assert low >= v - r
            assert high <= v + r
            assert (radius == 0) == (low == high == v)
    assert undecided == 0 if relative_radius is None else undecided > 20


def test_what_is_decided_in_numpy_is_decided_the_same_one_by_one():
    with ctx.workprec(128):
        entries = [x for x in awkward_midpoints(2000) if not x.is_zero()]
        entries += [arb(k) / 3 * arb(2) ** (k % 1500 - 700) for k in range(1, 2000)]
        found = nearest(arb_mat(len(entries), 1, entries))
        for ball, *fast in zip(
            entries, found.values[:, 0], found.radii[:, 0], found.decided[:, 0], strict=True
        ):
            assert tuple(fast) == module.nearest_of_one(ball)


def test_zeros():
    zeros = {
        "exact": arb(0),
        "tiny": arb(2) ** -3000,
        "tiny, negative": -(arb(2) ** -1080) / 3,
        "half the smallest": arb(2) ** -1075,
        "around 0": arb(0, 1) * arb(2) ** -1076,
        "too wide": arb(0, 1) * arb(2) ** -1074,
    }
    with ctx.workprec(128):
        found = nearest(arb_mat(len(zeros), 1, list(zeros.values())))
    assert (found.values == 0).all()
    assert not np.signbit(found.values).any()
    assert found.radii[:, 0].tolist()[:-1] == [0.0, *4 * [2.0**-1074]]
    assert found.decided[:, 0].tolist() == [*5 * [True], False]


def test_what_is_no_float():
    with ctx.workprec(128):
        largest = arb(2) ** 1024 - arb(2) ** 971
        tie = arb(2) ** 1024 - arb(2) ** 970
        found = nearest(arb_mat(5, 1, [arb("inf"), arb("nan"), -tie, largest, arb(tie, 1.0)]))
    assert found.values[2] == -np.inf
    assert found.decided[:, 0].tolist()[1:4] == [False, True, True]
    assert found.values[3] == np.finfo(float).max
    assert found.radii[3] == 0
    assert np.isnan(found.values[1])
    assert not found.decided[4]


def test_ties_that_are_exact_and_ties_that_are_not():
    with ctx.workprec(128):
        tie = arb(1) + arb(2) ** -53
        found = nearest(arb_mat(2, 1, [tie, arb(tie, 2.0**-120)]))
    assert found.decided[:, 0].tolist() == [True, False]
    assert (abs(found.values - 1) <= 2.0**-52).all()
    assert found.values[0] == 1  # even
    assert found.radii[0] == 2.0**-53
    assert 2.0**-53 < found.radii[1] < 2.0**-52
