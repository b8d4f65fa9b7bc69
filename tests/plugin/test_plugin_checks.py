"""What ``case.check`` means to the test that calls it: right, wrong, skipped, crashed, nothing."""

from __future__ import annotations

import pickle
import re

import pytest
from plugin_projects import decorated

from gradoracle import GradientError
from gradoracle.corpus import find
from gradoracle.errors import InputError
from gradoracle.pytest_plugin.under_test import under_test
from gradoracle.testing import cases

pytest_plugins = ("pytester",)

LYING = ["wrong", "transposed", "nan", "nothing"]


def test_the_three_lines_of_the_readme(project: pytest.Pytester) -> None:
    project.makepyfile(
        "import gradoracle\nfrom candidates import right as my_net\n\n"
        '@gradoracle.cases(level="required")\ndef test_my_net(case):\n    case.check(my_net)\n'
    )
    result = project.runpytest_inprocess()
    counts = result.parseoutcomes()
    assert result.ret == 0
    assert counts.keys() == {"passed"}
    assert counts["passed"] >= 200
    result.stdout.fnmatch_lines(
        ["*= gradoracle =*", "candidates.py:right", f"  {counts['passed']} passed, 0 failed,*"]
    )


@pytest.mark.parametrize("candidate", LYING)
def test_a_liar_fails_with_the_block(project: pytest.Pytester, candidate: str) -> None:
    project.makepyfile(decorated(candidate))
    result = project.runpytest_inprocess()
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        [
            ">       case.check(*)",
            f"E  *GradientError: FAIL  two-layer.relu-bce  float64 *candidates.py:{candidate}",
            "E  *reproduce  *pytest *test_*two-layer.relu-bce-float64*",
        ]
    )
    assert "under_test.py" not in result.stdout.str()  # our own frames are hidden


def test_a_wrong_formula_is_told_by_both_dtypes(project: pytest.Pytester) -> None:
    project.makepyfile(decorated("wrong", "match='two-layer.relu-bce', dtype='float32'"))
    result = project.runpytest_inprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E  *kind *wrong formula*"])


def test_a_crash_is_chained_from_its_exception(project: pytest.Pytester) -> None:
    project.makepyfile(decorated("raising"))
    result = project.runpytest_inprocess()
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        [
            '>       raise ZeroDivisionError("my own mistake")',
            "*direct cause*",
            "E  *crashed *raised: ZeroDivisionError: my own mistake",
        ]
    )


def test_a_candidate_that_exits_ends_one_test(project: pytest.Pytester) -> None:
    project.makepyfile(decorated("exiting"))
    result = project.runpytest_inprocess()
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["E  *crashed *exited: sys.exit(0)"])


def test_what_is_not_supported_is_skipped(project: pytest.Pytester) -> None:
    project.makepyfile(
        decorated("choosy", "match=('two-layer.relu-bce', 'two-layer.relu-ce'), dtype='float64'")
    )
    result = project.runpytest_inprocess("-rs")
    result.assert_outcomes(passed=1, skipped=1)
    result.stdout.fnmatch_lines(["*1 passed, 0 failed, 0 cannot tell, 1 skipped*", "*no softmax"])


def test_skipping_everything_fails_the_run(project: pytest.Pytester) -> None:
    project.makepyfile(decorated("lazy"))
    result = project.runpytest_inprocess()
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["NOTHING CHECKED: candidates.py:lazy was skipped in every case"])


def test_cannot_tell_passes_and_is_counted(project: pytest.Pytester) -> None:
    vague = "match='weights.zero-first', dtype='float32', level=('required', 'recommended')"
    project.makepyfile(decorated("right", vague))
    result = project.runpytest_inprocess()
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["  0 passed, 0 failed, 1 cannot tell,*"])


@pytest.mark.parametrize("body", ["pass", "my_own_check = dict(case.W)", "case.check"])
def test_a_test_without_a_check_fails(project: pytest.Pytester, body: str) -> None:
    project.makepyfile(
        "import gradoracle\n\n@gradoracle.cases(match='two-layer.relu-bce')\n"
        f"def test_empty(case):\n    {body}\n"
    )
    result = project.runpytest_inprocess()
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["nothing was checked: call case.check(candidate)"])


def test_a_caught_error_counts_against_the_candidate(project: pytest.Pytester) -> None:
    project.makepyfile(
        "import gradoracle, pytest\nfrom candidates import wrong\n\n"
        "@gradoracle.cases(match='two-layer.relu-bce')\ndef test_wrong(case):\n"
        "    with pytest.raises(gradoracle.GradientError, match='dW1'):\n"
        "        case.check(wrong)\n"
    )
    result = project.runpytest_inprocess()
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["  0 passed, 2 failed,*"])


def test_the_case_has_everything_a_candidate_needs() -> None:
    case = under_test(find("two-layer.relu-bce"), "float32")
    assert str(case.dtype) == "float32"
    assert case.X.shape == (case.network.sizes[0], case.n)
    assert set(case.W) == set(case.b) == {1, 2}
    assert type(case.astype("float64")) is type(case)


def test_the_error_carries_data_and_travels_between_processes() -> None:
    case = under_test(find("two-layer.relu-bce"), "float64")
    with pytest.raises(GradientError) as caught:
        case.check(lambda given: {"J": 0.0})
    error = caught.value
    assert isinstance(error, AssertionError)
    assert {f.tensor for f in error.findings} == {"J", "dW1", "db1", "dW2", "db2"}
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert (str(copy), copy.findings) == (str(error), error.findings)


def test_what_cannot_be_checked_is_refused() -> None:
    case = under_test(find("two-layer.relu-bce"), "float64")
    with pytest.raises(InputError, match="can be called"):
        case.check(17)


def test_the_decorator_needs_its_parentheses() -> None:
    with pytest.raises(InputError, match=re.escape("@gradoracle.cases() with parentheses")):

        @cases  # type: ignore[arg-type]
        def test_my_net(case: object) -> None: ...


def test_a_model_of_the_case_is_given_its_batch_and_any_other_is_refused() -> None:
    torch = pytest.importorskip("torch")
    case = under_test(find("two-layer.relu-bce"), "float64")

    def model(scale: float) -> object:
        layers = [torch.nn.Linear(*reversed(W.shape), dtype=torch.float64) for W in case.W.values()]
        for layer, W, b in zip(layers, case.W.values(), case.b.values(), strict=True):
            layer.weight.data = torch.tensor(W * scale)
            layer.bias.data = torch.tensor(b[:, 0].copy())
        net = torch.nn.Sequential(layers[0], torch.nn.ReLU(), layers[1])
        return net, torch.nn.BCEWithLogitsLoss()

    assert case.check(model(1.0)).outcome == "passed"
    with pytest.raises(InputError, match=r"the weights of two-layer\.relu-bce"):
        case.check(model(2.0))
