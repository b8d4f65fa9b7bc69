"""Which tests the decorator makes: ids, order, options, and nothing that is silently empty."""

from __future__ import annotations

import subprocess
import sys

import pytest
from plugin_projects import decorated

import gradoracle.pytest_plugin as plugin
from gradoracle import corpus
from gradoracle.arrays import DTYPES
from gradoracle.case import LEVELS
from gradoracle.testing import MARKER

pytest_plugins = ("pytester",)

TWO = "match=('two-layer.relu-bce', 'two-layer.relu-ce')"


def ids(project: pytest.Pytester, *options: str) -> list[str]:
    """Collect and return the ids in brackets, in order."""
    items, _ = project.inline_genitems(*options)
    return [item.name.partition("[")[2].rstrip("]") for item in items]


def test_ids_are_the_case_and_the_dtype_in_the_order_of_the_corpus(
    project: pytest.Pytester,
) -> None:
    project.makepyfile(decorated("right", ""))
    expected = [
        f"{item.case.id}-{dtype}" for item in corpus.load("required") for dtype in item.dtypes
    ]
    assert ids(project) == expected
    assert len(set(expected)) == len(expected)


def test_an_id_does_not_depend_on_what_else_was_chosen(project: pytest.Pytester) -> None:
    project.makepyfile(decorated("right", "match='two-layer.relu-bce', dtype='float32'"))
    assert ids(project) == ["two-layer.relu-bce-float32"]


def test_options_override_the_level_and_narrow_the_dtype(project: pytest.Pytester) -> None:
    project.makepyfile(decorated("right", "level='required'"))
    stress = ids(project, "--gradoracle-level", "stress", "--gradoracle-dtype", "float32")
    assert stress == [
        f"{item.case.id}-float32" for item in corpus.load("stress") if "float32" in item.dtypes
    ]
    both = ids(project, "--gradoracle-level", "stress", "--gradoracle-level", "recommended")
    assert len(both) == sum(len(i.dtypes) for i in corpus.load(("stress", "recommended")))


def test_a_class_and_other_parameters(project: pytest.Pytester) -> None:
    project.makepyfile(
        f"import gradoracle, pytest\nfrom candidates import right, choosy\n\n"
        f"@gradoracle.cases({TWO}, dtype='float64')\n"
        "class TestNet:\n"
        "    @pytest.mark.parametrize('net', [right, choosy])\n"
        "    def test_net(self, case, net):\n        case.check(net)\n\n"
        "    def test_other(self):\n        pass\n"
    )
    result = project.runpytest_inprocess()
    result.assert_outcomes(passed=4, skipped=1)
    result.stdout.fnmatch_lines(
        ["candidates.py:choosy", "*1 skipped*", "candidates.py:right", "  2 passed*"]
    )


@pytest.mark.parametrize(
    ("arguments", "options", "says"),
    [
        ("match='no-such-*'", (), "*expected a case like no-such-[*] at level required; got none*"),
        ("level='urgent'", (), "*expected a level out of required, *; got 'urgent'*"),
        ("dtype='float16'", (), "*expected a dtype out of float64, float32*"),
        (
            "dtype='float64'",
            ("--gradoracle-dtype", "float32"),
            "*--gradoracle-dtype out of float64, the decorator's; got float32*",
        ),
    ],
)
def test_nothing_to_check_is_one_line_and_an_error(
    project: pytest.Pytester, arguments: str, options: tuple[str, ...], says: str
) -> None:
    project.makepyfile(decorated("right", arguments))
    result = project.runpytest_inprocess(*options)
    assert result.ret == pytest.ExitCode.INTERRUPTED  # as any error of collection
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([says])
    assert "Traceback" not in result.stdout.str() + result.stderr.str()
    assert "selection.py" not in result.stdout.str()


def test_two_decorators_are_refused(project: pytest.Pytester) -> None:
    text = decorated("right").replace("\ndef test", "\n@gradoracle.cases(level='stress')\ndef test")
    project.makepyfile(text)
    result = project.runpytest_inprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*expected one @gradoracle.cases a test; got 2*"])


def test_a_function_without_the_argument_is_refused(project: pytest.Pytester) -> None:
    project.makepyfile(decorated("right").replace("(case):", "():"))
    result = project.runpytest_inprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*uses no argument 'case'*"])


def test_unknown_levels_are_refused_by_the_command_line(project: pytest.Pytester) -> None:
    result = project.runpytest_inprocess("--gradoracle-level", "urgent")
    assert result.ret == pytest.ExitCode.USAGE_ERROR


def test_the_marker_is_registered(project: pytest.Pytester) -> None:
    project.makepyfile(decorated("right"))
    project.runpytest_inprocess("--strict-markers").assert_outcomes(passed=2)
    without = project.runpytest_inprocess("-m", f"not {MARKER}")
    assert without.ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_the_light_file_says_what_the_package_says() -> None:
    assert (MARKER, LEVELS, tuple(DTYPES)) == (plugin.MARKER, plugin.LEVELS, plugin.DTYPES)


def test_those_who_do_not_use_it_pay_nothing(tmp_path: object) -> None:
    program = (
        "import sys, pytest\n"
        "class Look:\n"
        "    def pytest_sessionfinish(self, session):\n"
        "        assert session.config.pluginmanager.has_plugin('gradoracle')\n"
        "        print('loaded', *sorted(m for m in sys.modules if m.startswith('gradoracle')))\n"
        "        print('heavy', *({'numpy', 'rich', 'click', 'flint'} & set(sys.modules)))\n"
        "open('test_theirs.py', 'w').write('def test_theirs(): pass')\n"
        "pytest.main(['-q', '-p', 'gradoracle', '-p', 'no:cacheprovider'], plugins=[Look()])\n"
    )
    out = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=str(tmp_path),
        env={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": ""},
    )
    lines = out.stdout.splitlines()
    loaded = next(line for line in lines if "loaded" in line).partition("loaded ")[2].split()
    assert loaded == [
        "gradoracle",
        "gradoracle.pytest_plugin",
        "gradoracle.pytest_plugin.gathering",
    ]
    assert "heavy" in lines
