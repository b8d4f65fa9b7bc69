"""The pages on pytest and on CI are true: what they show runs, and says what they say."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gradoracle.status import Status

pytest_plugins = ("pytester",)

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", DOCS / "pytest.md", DOCS / "ci.md"]


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page.read_text("utf-8"), re.S)


TESTS = [
    pytest.param(code, id=f"{page.name}-{number}")
    for page in PAGES
    for number, code in enumerate(blocks(page, "python"))
    if "@gradoracle.cases" in code
]


def test_there_are_examples() -> None:
    assert len(TESTS) >= 3


@pytest.mark.parametrize("code", TESTS)
def test_the_examples_pass_in_pytest(project: pytest.Pytester, code: str) -> None:
    if "import torch" in code:
        pytest.importorskip("torch")
    project.makepyfile(code)
    result = project.runpytest_subprocess()  # frameworks cannot be imported twice
    counts = result.parseoutcomes()
    assert result.ret == 0
    assert counts.keys() == {"passed"}


def test_the_options_are_those_of_the_plugin(project: pytest.Pytester) -> None:
    shown = set(re.findall(r"--gradoracle-\w+", (DOCS / "pytest.md").read_text("utf-8")))
    helped = project.runpytest_inprocess("--help").stdout.str()
    assert shown == set(re.findall(r"--gradoracle-\w+", helped))


def test_the_workflow_is_the_file() -> None:
    assert (DOCS / "workflows" / "gradoracle.yml").read_text("utf-8") in blocks(
        DOCS / "ci.md", "yaml"
    )


def test_the_table_has_every_exit_status() -> None:
    table = re.findall(r"^\| (\d+) \|", (DOCS / "ci.md").read_text("utf-8"), re.M)
    assert [int(number) for number in table] == sorted(Status)


def test_the_tables_have_every_input_and_output_of_the_action() -> None:
    yaml = pytest.importorskip("ruamel.yaml", reason="ruamel.yaml comes with the dev extra")
    action = yaml.YAML(typ="safe").load((ROOT / "action.yml").read_text("utf-8"))
    text = (DOCS / "ci.md").read_text("utf-8")
    for kind in ("input", "output"):
        table = text.split(f"| {kind} |")[1].split("\n\n")[0]
        first = [row.split("|")[1] for row in table.splitlines()[2:]]
        named = {name for cell in first for name in re.findall(r"`([\w-]+)`", cell)}
        assert named == action[f"{kind}s"].keys()


def test_the_snippet_for_gitlab_keeps_its_schema(tmp_path: Path) -> None:
    program = shutil.which("check-jsonschema", path=str(Path(sys.executable).parent))
    if program is None:
        pytest.skip("check-jsonschema is not installed; it comes with the dev extra")
    (snippet,) = [code for code in blocks(DOCS / "ci.md", "yaml") if "artifacts:" in code]
    file = tmp_path / ".gitlab-ci.yml"
    file.write_text(snippet, "utf-8")
    done = subprocess.run(
        [program, "--builtin-schema", "vendor.gitlab-ci", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
