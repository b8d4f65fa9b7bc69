"""The GitHub Action: its own steps are run as the runner would, and its files are linted."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from plugin_projects import CANDIDATES

yaml = pytest.importorskip("ruamel.yaml", reason="ruamel.yaml comes with the dev extra")

ROOT = Path(__file__).parents[2]
ACTION = ROOT / "action.yml"
WORKFLOW = ROOT / "docs" / "workflows" / "gradoracle.yml"
HOOKS = ROOT / ".pre-commit-hooks.yaml"
SKIPPING = """
import json, sys
for line in sys.stdin:
    said = json.loads(line)
    if said["cmd"] == "start":
        print(json.dumps({"version": 1, "name": sys.argv[1]}), flush=True)
    elif said["cmd"] == "run":
        print(json.dumps({"seq": said["seq"], "skipped": "not yet"}), flush=True)
    else:
        break
"""


def read(file: Path) -> Any:
    return yaml.YAML(typ="safe").load(file.read_text("utf-8"))


@dataclass
class Ran:
    """What a run of the action left."""

    status: int
    outputs: dict[str, str]
    summary: str
    log: str


def act(folder: Path, **inputs: str) -> Ran:
    """Do what the runner does with a composite action, for expressions as simple as ours."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("bash is not installed")
    action = read(ACTION)
    given = {name: spec["default"] for name, spec in action["inputs"].items()}
    given |= {"python": sys.executable, "version": "installed"}
    given |= {name.replace("_", "-"): value for name, value in inputs.items()}
    assert given.keys() == action["inputs"].keys()
    temp = folder / "runner temp"
    temp.mkdir(exist_ok=True)
    files = {name: temp / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    for file in files.values():
        file.write_text("", encoding="utf-8")
    common = {
        **os.environ,
        **{name: str(file) for name, file in files.items()},
        "GITHUB_ACTION_PATH": str(ROOT),
        "RUNNER_TEMP": str(temp),
    }
    log, status = "", 0
    for step in action["runs"]["steps"]:
        assert step["shell"] == "bash"
        env = {name: given[_expression(value, "inputs")] for name, value in step["env"].items()}
        done = subprocess.run(
            [bash, "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=folder,
            env={**common, **env},
            capture_output=True,
            text=True,
            check=False,
        )
        log, status = log + done.stdout + done.stderr, done.returncode
        if status:
            break
    lines = files["GITHUB_OUTPUT"].read_text("utf-8").splitlines()
    written = dict(line.split("=", 1) for line in lines)
    outputs = {
        name: written.get(_expression(spec["value"], "steps.check.outputs"), "")
        for name, spec in action["outputs"].items()
    }
    assert written.keys() <= outputs.keys()
    return Ran(status, outputs, files["GITHUB_STEP_SUMMARY"].read_text("utf-8"), log)


def _expression(text: str, context: str) -> str:
    """Return NAME of ``${{ context.NAME }}``, the only form that is used."""
    found = re.fullmatch(rf"\$\{{\{{ {re.escape(context)}\.([\w-]+) \}}\}}", text)
    assert found, text
    return found[1]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "my_net.py").write_text(CANDIDATES, encoding="utf-8")
    return tmp_path


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"action_{name}", ROOT / "action" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_right_candidate(folder: Path) -> None:
    ran = act(folder, target="my_net.py:right", args="--case 'two-layer.relu-*'")
    assert ran.status == 0, ran.log
    counts = {name: value for name, value in ran.outputs.items() if value.isdigit()}
    assert counts == {
        "passed": "4",
        "failed": "0",
        "cannot-tell": "0",
        "skipped": "0",
        "crashed": "0",
        "blocked": "0",
        "known": "0",
        "expected": "4",
        "status": "0",
    }
    assert json.loads(Path(ran.outputs["json"]).read_text("utf-8"))["counts"]["passed"] == 4
    assert Path(ran.outputs["junit"]).read_text("utf-8").startswith("<?xml")
    assert "<html" in Path(ran.outputs["html"]).read_text("utf-8")
    assert "gradoracle" in ran.summary


def test_a_wrong_candidate_in_one_dtype_and_two_levels(folder: Path) -> None:
    ran = act(
        folder,
        target="my_net.py:wrong",
        level="required, recommended",
        dtype="float64",
        args="--case two-layer.relu-bce",
    )
    assert ran.status == 1, ran.log
    assert (ran.outputs["failed"], ran.outputs["expected"]) == ("1", "1")
    assert ran.outputs["status"] == "1"
    assert "dW1" in ran.summary


def test_a_program_with_blanks_in_its_name(folder: Path) -> None:
    (folder / "my net.py").write_text(SKIPPING, encoding="utf-8")
    command = shlex.join([sys.executable, "my net.py", "$(touch pwned) and more"])
    ran = act(folder, command=command, args="--case two-layer.relu-bce")
    assert ran.status == 5, ran.log
    assert (ran.outputs["skipped"], ran.outputs["passed"]) == ("2", "0")
    assert not (folder / "pwned").exists()


@pytest.mark.parametrize("name", ["target", "args", "level", "dtype", "command", "known_failures"])
def test_an_input_is_no_code(folder: Path, name: str) -> None:
    attack = """';"; touch pwned; $(touch pwned) `touch pwned` #"""
    inputs = {"target": "my_net.py:right", name: attack}
    if name == "command":
        inputs["target"] = ""
    ran = act(folder, **inputs)
    assert ran.status == 2, ran.log
    assert not (folder / "pwned").exists()


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        ({}, "give target or command; got neither"),
        ({"target": "a.py:b", "command": "./c"}, "give target or command; got both"),
        ({"target": "my_net.py:right", "args": "--case 'x"}, "no closing quotation"),
    ],
)
def test_inputs_that_make_no_sense(folder: Path, inputs: dict[str, str], says: str) -> None:
    ran = act(folder, **inputs)
    assert ran.status == 2
    assert says in ran.log
    assert "Traceback" not in ran.log


def test_without_a_report_the_outputs_say_nothing(folder: Path) -> None:
    ran = act(folder, target="nowhere.py:right")
    assert ran.status == 2
    assert {name for name, value in ran.outputs.items() if value} == {"status"}
    assert "no report, exit status 2" in ran.summary


@pytest.mark.parametrize(
    ("version", "installs"),
    [("", "/the/action"), ("0.1.0", "gradoracle==0.1.0"), ("installed", None)],
)
def test_what_is_installed(
    monkeypatch: pytest.MonkeyPatch, version: str, installs: str | None
) -> None:
    install, ran = script("install"), []

    def fake(words: list[str], **options: object) -> subprocess.CompletedProcess[str]:
        ran.append(words)
        return subprocess.CompletedProcess(words, 0)

    monkeypatch.setattr(install.subprocess, "run", fake)
    given = {"INPUT_VERSION": version, "GITHUB_ACTION_PATH": "/the/action"}
    assert install.main(given) == 0
    assert [words[-1] for words in ran] == ([installs] if installs else [])


@pytest.mark.parametrize("version", ["--index-url=http://x", "latest; rm", "1.0 @ http://x"])
def test_a_version_is_a_version(version: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert script("install").main({"INPUT_VERSION": version, "GITHUB_ACTION_PATH": "."}) == 2
    assert "expected a version" in capsys.readouterr().err


def test_no_expression_and_no_foreign_action_in_the_steps() -> None:
    for step in read(ACTION)["runs"]["steps"]:
        assert "${{" not in step["run"]
        assert "uses" not in step


def lint(*words: str) -> subprocess.CompletedProcess[str]:
    """Run a linter of the dev extra that stands beside this interpreter."""
    program = shutil.which(words[0], path=str(Path(sys.executable).parent))
    if program is None:
        pytest.skip(f"{words[0]} is not installed; it comes with the dev extra")
    return subprocess.run([program, *words[1:]], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("schema", "file"), [("github-actions", ACTION), ("github-workflows", WORKFLOW)]
)
def test_the_files_keep_githubs_schemas(schema: str, file: Path) -> None:
    done = lint("check-jsonschema", "--builtin-schema", f"vendor.{schema}", str(file))
    assert done.returncode == 0, done.stdout


def test_the_schema_is_checked_at_all(tmp_path: Path) -> None:
    bad = tmp_path / "action.yml"
    bad.write_text(ACTION.read_text("utf-8").replace("using: composite", "using: magic"), "utf-8")
    done = lint("check-jsonschema", "--builtin-schema", "vendor.github-actions", str(bad))
    assert done.returncode == 1


ZIZMOR = ("zizmor", "--offline", "--no-progress", "--no-config")


def test_zizmor_finds_nothing_in_the_action() -> None:
    done = lint(*ZIZMOR, str(ACTION))
    assert done.returncode == 0, done.stdout


def test_zizmor_would_find_an_injection(tmp_path: Path) -> None:
    bad = tmp_path / "action.yml"
    text = ACTION.read_text("utf-8")
    bad.write_text(text.replace('"$INPUT_PYTHON"', "${{ inputs.python }}"), "utf-8")
    done = lint(*ZIZMOR, str(bad))
    assert done.returncode > 10
    assert "template-injection" in done.stdout


def test_zizmor_finds_nothing_in_the_workflow_but_tags(tmp_path: Path) -> None:
    config = tmp_path / "zizmor.yml"  # a reader pins to hashes of the day; an example cannot
    config.write_text('rules: {unpinned-uses: {config: {policies: {"*": ref-pin}}}}', "utf-8")
    done = lint(*ZIZMOR[:-1], "--config", str(config), str(WORKFLOW))
    assert done.returncode == 0, done.stdout


def test_the_workflow_uses_the_actions_own_inputs_and_outputs() -> None:
    text, action = WORKFLOW.read_text("utf-8"), read(ACTION)
    (job,) = read(WORKFLOW)["jobs"].values()
    (step,) = [step for step in job["steps"] if "gradoracle" in step.get("uses", "")]
    assert step["with"].keys() <= action["inputs"].keys()
    used = set(re.findall(rf"steps\.{step['id']}\.outputs\.([\w-]+)", text))
    assert used
    assert used <= action["outputs"].keys()


def test_the_hook_is_what_pre_commit_runs(folder: Path) -> None:
    (hook,) = read(HOOKS)
    assert (hook["id"], hook["language"]) == ("gradoracle-check", "python")
    assert hook["pass_filenames"] is False
    program, *words = hook["entry"].split()
    beside = shutil.which(program, path=str(Path(sys.executable).parent))
    assert beside is not None
    args = ["my_net.py:right", "--case", "two-layer.relu-bce", "--quiet"]
    done = subprocess.run(
        [beside, *words, *args], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    args[0] = "my_net.py:wrong"
    assert subprocess.run([beside, *words, *args], cwd=folder, check=False).returncode == 1
