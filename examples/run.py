"""Build and check the examples, or their wrong twins; write docs/examples.md from the reports.

python examples/run.py               check every example whose toolchain is here
python examples/run.py c --wrong     check the wrong twin of one
python examples/run.py --tools       say which toolchain is here, and which is not
python examples/run.py --write       write docs/examples.md
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "examples.md"

Report = dict[str, Any]  # what `gradoracle check --json` writes


@dataclass(frozen=True)
class Example:
    """One table of examples.toml, where each field is explained."""

    name: str
    source: str
    tool: str
    check: Sequence[str]
    right: str
    wrong: str
    mistake: str
    show: Sequence[str]
    first_wrong: str
    version: Sequence[str] = ()
    build: Sequence[str] = ()

    @property
    def here(self) -> bool:
        """Whether its toolchain is."""
        return bool(shutil.which(self.tool) if self.version else find_spec(self.tool))

    @property
    def tool_version(self) -> str:
        """The version of its toolchain."""
        if self.version:
            ran = subprocess.run(  # noqa: S603 - of examples.toml
                self.version, capture_output=True, text=True, check=True
            )
            return ran.stdout.splitlines()[0]
        distribution = metadata.packages_distributions()[self.tool][0]
        return f"{distribution} {metadata.version(distribution)}"

    def twin(self) -> str:
        """Return the text of its wrong twin: one line is not the same."""
        text = (HERE / self.source).read_text("utf-8")
        if text.count(self.right) != 1:
            raise ValueError(f"{self.source} must have {self.right!r} once")
        return text.replace(self.right, self.wrong)


def examples() -> dict[str, Example]:
    """Read examples.toml."""
    tables = tomllib.loads((HERE / "examples.toml").read_text("utf-8"))
    return {name: Example(name, **table) for name, table in tables.items()}


def check(example: Example, folder: Path, *, wrong: bool = False, quiet: bool = False) -> Report:
    """Build an example, or its wrong twin, in an empty folder, and check it.

    Returns
    -------
    dict
        The report, whose ``status`` is the exit status.
    """
    source = HERE / example.source
    if wrong:
        source = folder / source.name
        source.write_text(example.twin(), "utf-8")
    if example.build:
        build = [part.format(source=source) for part in example.build]
        subprocess.run(build, cwd=folder, check=True)  # noqa: S603 - of examples.toml
    options = ["--json", "report.json", *(["--quiet"] if quiet else [])]
    options += example.show if wrong else []
    arguments = [part.format(source=source) for part in example.check]
    command = [sys.executable, "-m", "gradoracle", "check", *options, *arguments]
    status = subprocess.run(command, cwd=folder, check=False).returncode  # noqa: S603 - our own
    report: Report = json.loads((folder / "report.json").read_text("utf-8"))
    if report["status"] != status:
        raise ValueError(f"the report says {report['status']}, the exit status is {status}")
    return report


def first_wrong(report: Report) -> tuple[str, str, str]:
    """Return case, dtype and name of the first wrong tensor; empty if none is."""
    for result in report["results"]:
        for tensor in (result["verdict"] or {"tensors": []})["tensors"]:
            if tensor["verdict"] == "fail":
                return result["case"], result["dtype"], tensor["name"]
    return "", "", ""


def right_row(example: Example, report: Report) -> str:
    """Return the row of a right example."""
    counts, header = report["counts"], report["header"]
    dtypes = " ".join(d for d in header["dtypes"] if d in header["about"]["dtypes"])
    return (
        f"| [{example.name}](../examples/{example.source}) | {counts['passed']} "
        f"| {counts['failed'] + counts['crashed'] + counts['blocked']} | {counts['cannot tell']} "
        f"| {counts['skipped']} | {header['expected']} | {dtypes} |"
    )


def wrong_row(example: Example, report: Report) -> str:
    """Return the row of a wrong twin."""
    case, _, tensor = first_wrong(report)
    return f"| {example.name} | `{example.wrong}` | {example.mistake} | {tensor} of {case} |"


INTRODUCTION = """# Examples

<!-- Written by `python examples/run.py --write`. A test makes the rows anew and compares them. -->

Each of these is a network somebody might have written: a program in another language that speaks
[the protocol](wire.md), a function, or a model object. Every test run checks them with their real
toolchains, and checks that a **wrong twin** of each, the same file with one line changed, is found
out at the tensor where it goes wrong first.

    python examples/run.py c             # build and check one of them, as the command below does
    python examples/run.py c --wrong     # see what its wrong twin is told
    python examples/run.py --tools       # which toolchains are here, and which are not

By hand: `cd examples/c`, compile as the first lines of the file say, then
`gradoracle check --wire text -- ./net`. [examples.toml](../examples/examples.toml) holds every
command and every twin.

Where a toolchain is missing, the test of its example is skipped with a reason that names it. In CI,
where `CI` is set, it fails instead, unless `GRADORACLE_ALLOW_MISSING` names the tool
(`GRADORACLE_ALLOW_MISSING=rustc,java`): an example that nobody runs rots.
"""

RIGHT = """
## What they are told

Results are cases times dtypes of the required level; a model object brings one case of its own, and
JAX, which compiles every case anew, is given the cases `two-layer.*` and `alone.*`. What an
example does not do it says beforehand, and is skipped.

| example | passed | not right | cannot tell | skipped | of | dtypes |
|---|---|---|---|---|---|---|
"""

WRONG = """
## Their wrong twins

Each fails with exit status 1.

| example | the line that is wrong | the mistake | wrong first |
|---|---|---|---|
"""

VERSIONS = """
## Made with

Versions are those of the machine that wrote this page.

| example | toolchain | version |
|---|---|---|
"""


def page(found: Sequence[tuple[Example, Report, Report]]) -> str:
    """Return docs/examples.md from the reports of every example and its wrong twin."""
    right = [right_row(example, report) for example, report, _ in found]
    wrong = [wrong_row(example, report) for example, _, report in found]
    made = [
        f"| {example.name} | {example.tool} | {example.tool_version} |" for example, _, _ in found
    ]
    parts = (INTRODUCTION, RIGHT, *_lines(right), WRONG, *_lines(wrong), VERSIONS, *_lines(made))
    return "".join(parts)


def main() -> int:
    """Do what the command line asks; return 0 where everything was right."""
    known = examples()
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {' '.join(known)}")
    parser.add_argument("--wrong", action="store_true", help="check the wrong twins")
    parser.add_argument("--tools", action="store_true", help="say which toolchains are here")
    parser.add_argument("--write", action="store_true", help="write docs/examples.md")
    asked = parser.parse_args()
    unknown = [name for name in asked.names if name not in known]
    if unknown:
        parser.error(f"no example {unknown[0]}; there are {' '.join(known)}")
    chosen = [known[name] for name in asked.names or known]
    missing = [example for example in chosen if not example.here]
    for example in missing:
        print(f"MISSING {example.tool}: the example {example.name} cannot be run")
    if asked.tools:
        for example in chosen:
            if example.here:
                print(f"{example.tool}: {example.tool_version}")
        return 0
    if asked.write and (missing or asked.names):
        parser.error("--write needs every example, and every toolchain")
    chosen = [example for example in chosen if example.here]
    if asked.write:
        PAGE.write_text(
            page([(e, _run(e, quiet=True), _run(e, wrong=True, quiet=True)) for e in chosen]),
            "utf-8",
        )
        return 0
    statuses = [_run(example, wrong=asked.wrong)["status"] for example in chosen]
    return max(statuses, default=5)  # 5: nothing was checked


def _run(example: Example, *, wrong: bool = False, quiet: bool = False) -> Report:
    with tempfile.TemporaryDirectory() as folder:
        return check(example, Path(folder), wrong=wrong, quiet=quiet)


def _lines(rows: Sequence[str]) -> list[str]:
    return [f"{row}\n" for row in rows]


if __name__ == "__main__":
    sys.exit(main())
