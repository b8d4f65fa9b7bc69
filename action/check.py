"""The action's second step: ``gradoracle check`` with the inputs, its counts as outputs.

The inputs come as environment variables and are never seen by a shell; ``args`` and ``command`` are
split into words as a POSIX shell would, and nothing in them is expanded.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

REPORTS = {"json": "report.json", "junit": "junit.xml", "html": "report.html"}
SUMMARY = "summary.md"


def main(environment: Mapping[str, str] = os.environ) -> int:
    """Run the check and tell GitHub; return the exit status of gradoracle."""
    folder = Path(tempfile.mkdtemp(prefix="gradoracle-", dir=environment.get("RUNNER_TEMP")))
    try:
        words = arguments(environment, folder)
    except ValueError as error:
        sys.stderr.write(f"action: {error}\n")
        return 2
    program = [sys.executable, "-P", "-m", "gradoracle"]
    status = subprocess.run([*program, *words], check=False).returncode  # noqa: S603 - no shell
    tell(environment.get("GITHUB_OUTPUT"), outputs(folder, status))
    summarise(environment.get("GITHUB_STEP_SUMMARY"), folder / SUMMARY, status)
    return status


def arguments(environment: Mapping[str, str], folder: Path) -> list[str]:
    """Return the words behind ``gradoracle``.

    Raises
    ------
    ValueError
        In one line, for inputs that make no sense together.
    """

    def given(name: str) -> str:
        return environment.get(f"INPUT_{name}", "").strip()

    target, command = given("TARGET"), given("COMMAND")
    if bool(target) == bool(command):
        raise ValueError(f"give target or command; got {'both' if target else 'neither'}")
    words = ["check"]
    for option, name in (("--level", "LEVEL"), ("--dtype", "DTYPE")):
        for value in given(name).replace(",", " ").split():
            words += [option, value]
    words += ["--known-failures", given("KNOWN_FAILURES")] if given("KNOWN_FAILURES") else []
    for form, file in {**REPORTS, "markdown": SUMMARY}.items():
        words += [f"--{form}", str(folder / file)]
    words += _words("args", given("ARGS"))
    return [*words, target] if target else [*words, "--", *_words("command", command)]


def outputs(folder: Path, status: int) -> dict[str, str]:
    """Return the outputs; counts and paths are empty if there was nothing to report."""
    paths = {form: folder / file for form, file in REPORTS.items()}
    found = {form: str(path) if path.exists() else "" for form, path in paths.items()}
    report = json.loads(paths["json"].read_text("utf-8")) if paths["json"].exists() else {}
    counts = {name.replace(" ", "-"): str(n) for name, n in report.get("counts", {}).items()}
    expected = str(report.get("header", {}).get("expected", ""))
    return {**counts, "expected": expected, "status": str(status), **found}


def tell(file: str | None, values: Mapping[str, str]) -> None:
    """Append outputs to GitHub's file; none of them can hold the end of a line."""
    if file:
        with Path(file).open("a", encoding="utf-8") as out:
            out.writelines(f"{name}={value}\n" for name, value in values.items())


def summarise(file: str | None, markdown: Path, status: int) -> None:
    """Append the summary of the step to GitHub's file."""
    if not file:
        return
    nothing = f"### gradoracle: no report, exit status {status}\n\nThe log of the step says why.\n"
    text = markdown.read_text("utf-8") if markdown.exists() else nothing
    with Path(file).open("a", encoding="utf-8") as out:
        out.write(f"{text}\n")


def _words(name: str, text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise ValueError(f"{name} as words of a shell; {str(error).lower()} in {text!r}") from None


if __name__ == "__main__":
    sys.exit(main())
