"""What the corpus covers, and that the frozen inputs are those that are drawn."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from gradoracle import corpus
from gradoracle.activations import ACTIVATIONS
from gradoracle.case import LEVELS, Case
from gradoracle.corpus.document import to_document
from gradoracle.corpus.drawn import drawn
from gradoracle.corpus.freeze import check_needs
from gradoracle.corpus.frozen import Frozen
from gradoracle.errors import InputError
from gradoracle.losses import LOSSES

FROZEN = {frozen.case.id: frozen for frozen in corpus.load()}
DRAWN = {case.id: case for case in drawn()}


def of(stem: str) -> list[Frozen]:
    found = [frozen for name, frozen in FROZEN.items() if name.startswith(stem)]
    assert found, stem
    return found


def test_three_levels_are_filled() -> None:
    count = Counter(frozen.case.level for frozen in FROZEN.values())
    assert set(count) == set(LEVELS)
    assert min(count.values()) >= 25


def test_every_allowed_pair_and_every_activation_alone_and_hidden() -> None:
    pairs = {(f.case.network.activations[-1], f.case.network.loss) for f in of("pair.")}
    allowed = {
        (name, loss)
        for loss, row in LOSSES.items()
        for name in ACTIVATIONS
        if row.output in (None, name)
    }
    assert pairs == allowed
    assert len(allowed) == 32
    for stem in ("alone.", "hidden.", "deep."):
        assert {f.case.activation(1) for f in of(stem)} == set(ACTIVATIONS)
    assert all(f.case.L == 1 and f.case.network.loss == "linear" for f in of("alone."))


def test_depths_widths_and_batches() -> None:
    assert {f.case.L for f in of("depth.")} == {*range(1, 13), 20}
    cases = [frozen.case for frozen in FROZEN.values()]
    assert any(case.n == 1 for case in cases)
    assert any(1 in case.network.sizes[1:-1] for case in cases)
    assert any(case.network.sizes == (4, 4, 4, 4) for case in cases)
    assert any(case.n in case.network.sizes[1:-1] for case in cases)
    distinct = [c for c in cases if len({*c.network.sizes, c.n}) == c.L + 2]
    assert len(distinct) >= 60
    assert sum(all(v.all() for v in case.b.values()) for case in cases) >= 150


def test_every_loss_has_every_reduction_and_l2() -> None:
    networks = [frozen.case.network for frozen in FROZEN.values()]
    for reduction in ("mean", "sum", "mean_all"):
        assert {n.loss for n in networks if n.reduction == reduction} == set(LOSSES)
        assert any(n.l2 for n in networks if n.reduction == reduction)


@pytest.mark.parametrize("size", [40, 100, 800])
def test_saturation_reaches_its_size(size: int) -> None:
    for frozen in of("saturated."):
        if frozen.case.id.endswith(f".{size}"):
            assert size <= np.abs(frozen.truth.values["Z1"]).max() <= size + 5


def test_logits_of_the_right_side() -> None:
    Z = corpus.truth_of("logits.right").values["Z1"]
    assert 16 < Z.min() < 18
    assert 36 < Z.max() < 38


def test_gradients_reach_both_ends() -> None:
    tiny = np.abs(corpus.truth_of("scale.cotangent-tiny").values["dW1"])
    huge = np.abs(corpus.truth_of("scale.cotangent-huge").values["dW1"])
    assert 1e-31 < tiny.max() < 1e-29
    assert 1e29 < huge.max() < 1e32
    assert np.abs(corpus.truth_of("scale.vanishing").values["dW1"]).max() < 1e-25


@pytest.mark.parametrize("case_id", [f for f in FROZEN if f.startswith(("kink.", "origin."))])
def test_pre_activations_are_exactly_zero_in_any_order(case_id: str) -> None:
    case = FROZEN[case_id].case
    values = corpus.truth_of(case_id).values
    zeros = sum(int((values[f"Z{layer}"] == 0).sum()) for layer in case.W)
    assert zeros >= 3
    assert ("convention" in case.flags) == case_id.startswith("kink.")
    if case_id != "kink.blank-example":  # there every term is 0
        unit, largest = 2.0**-4, np.abs(case.W[1]) @ np.abs(case.X) + np.abs(case.b[1])
        assert all(((a / 2.0**-2) % 1 == 0).all() for a in (case.W[1], case.X))
        assert ((case.b[1] / unit) % 1 == 0).all()
        assert largest.max() <= unit * 2**24


def test_sorted_batches_are_sorted_and_duplicates_are_equal() -> None:
    for frozen in of("order.sorted"):
        assert (np.diff(frozen.case.Y[0]) >= 0).all()
    assert (np.diff(FROZEN["order.by-feature"].case.X[0]) >= 0).all()
    assert (np.diff((FROZEN["order.by-magnitude"].case.X ** 2).sum(axis=0)) >= 0).all()
    columns = {column.tobytes() for column in FROZEN["batch.duplicated"].case.X.T}
    assert len(columns) == 3


def test_delta_rule_is_the_slides() -> None:
    for frozen in of("delta-rule."):
        network = frozen.case.network
        assert (frozen.case.n, network.loss, network.reduction) == (1, "squared_error", "sum")
        assert network.activations[0] == "sigmoid"


def test_units_with_a_kink_see_both_sides() -> None:
    for name in ("two-layer.relu-bce", "n-layer.relu-bce", "digits.64-4-1.relu-bce", "hidden.relu"):
        Z = corpus.truth_of(name).values["Z1"]
        assert (Z > 0).any(axis=1).all(), name
        assert (Z < 0).any(axis=1).all(), name


def test_every_case_says_what_it_catches_and_which_dtypes() -> None:
    for frozen in FROZEN.values():
        assert len(frozen.case.catches) > 15
        assert "float64" in frozen.dtypes
    only = [name for name, frozen in FROZEN.items() if len(frozen.dtypes) < 2]
    assert only == ["scale.inputs-beyond-float32"]


def test_inputs_are_exact_in_float32() -> None:
    for frozen in FROZEN.values():
        case = frozen.case
        back = case.astype("float32").astype("float64")
        assert float(np.float32(case.network.l2)) == case.network.l2
        pairs = [(case.X, back.X), (case.Y, back.Y)]
        pairs += [(case.W[i], back.W[i]) for i in case.W] + [(case.b[i], back.b[i]) for i in case.b]
        assert all(np.array_equal(one, other) for one, other in pairs)


def test_needs_are_sound() -> None:
    check_needs([frozen.case for frozen in FROZEN.values()])


def renamed(case: Case, case_id: str, *needs: str, level: str = "required") -> Case:
    parts = (case.network, case.parameters, case.batch, "", level, needs)
    return Case(case_id, *parts)


@pytest.mark.parametrize(
    ("needs", "said"),
    [
        ({"a": ["b"], "b": ["a"]}, "circular.*a, b"),
        ({"a": ["nowhere"]}, "exist.*a"),
        ({"a": ["a"]}, "circular.*a"),
    ],
)
def test_needs_that_are_not_sound_are_refused(needs: dict[str, list[str]], said: str) -> None:
    some = FROZEN["shape.one-neuron"].case
    with pytest.raises(InputError, match=said):
        check_needs([renamed(some, name, *others) for name, others in needs.items()])


def test_a_need_of_a_later_level_and_an_id_twice_are_refused() -> None:
    some = FROZEN["shape.one-neuron"].case
    late = renamed(some, "late", level="stress")
    with pytest.raises(InputError, match="early: needs of no later level; got late"):
        check_needs([late, renamed(some, "early", "late")])
    with pytest.raises(InputError, match="late twice"):
        check_needs([late, late])


@pytest.mark.parametrize("case_id", FROZEN)
def test_frozen_inputs_are_those_that_are_drawn(case_id: str) -> None:
    frozen = FROZEN[case_id]
    as_drawn = Frozen(DRAWN[case_id], frozen.truth, frozen.dtypes)
    assert to_document(frozen, answers=False) == to_document(as_drawn, answers=False)


def test_nothing_is_drawn_that_is_not_frozen() -> None:
    assert list(DRAWN) == list(FROZEN)
