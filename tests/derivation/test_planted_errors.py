"""A wrong line from every family of known mistakes is found, named and mended."""

from __future__ import annotations

import pytest
from planted_errors import PLANTED, RIGHT, Planted

from gradoracle.derivation.check import check
from gradoracle.derivation.verdicts import Verdict
from gradoracle.mistakes import FAMILIES, find

# the catalogue tells of dW alone
UNTOLD = "updated-weights-for-the-gradient, squares: db2 = b2 - 0.1 * sum(dZ2, axis=1)"
EVERY = [(family, one) for family, several in PLANTED.items() for one in several]


@pytest.mark.parametrize(("family", "planted"), EVERY, ids=[str(one) for _, one in EVERY])
def test_planted_error(family: str, planted: Planted) -> None:
    """The line, the name, and a mend with which the whole text is right."""
    checked = check(planted.text())
    assert checked.first is not None
    assert [line.line.number for line in checked.wrong] == [planted.number]
    named = checked.first.mistake
    assert named is not None
    assert named.name == planted.name, named
    assert find(named.name).family == family
    assert named.formula or str(planted) == UNTOLD
    mended = check(planted.text(checked.first.mend))
    assert mended.ok, [(line.line.normal, line.verdict) for line in mended.wrong]


def test_every_family_has_three() -> None:
    assert tuple(PLANTED) == FAMILIES
    assert min(map(len, PLANTED.values())) >= 3
    assert len(EVERY) >= 45
    assert {planted.base for _, planted in EVERY} == set(RIGHT)


@pytest.mark.parametrize("base", RIGHT)
def test_right_derivations_get_no_name(base: str) -> None:
    checked = check(RIGHT[base])
    assert checked.ok
    assert all(line.mistake is None and not line.mend for line in checked.lines)


def test_an_update_before_its_use() -> None:
    """Right in itself, and named for its place."""
    lines = RIGHT["updates"].splitlines()
    update = next(line for line in lines if line.startswith("W2 ="))
    lines.remove(update)
    lines.insert(lines.index("dA1 = W2.T @ dZ2"), update)
    checked = check("\n".join(lines))
    assert checked.first is not None
    assert checked.first.verdict is Verdict.ORDER
    assert checked.first.line.normal == "dA1 = W2.T @ dZ2"
    assert checked.first.mistake is not None
    assert checked.first.mistake.name == "updated-weights-on-the-way-back"
    assert checked.first.mend == "dA1 = W2.T @ dZ2  # above line 9, which updates W2"
