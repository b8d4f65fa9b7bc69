"""The action's first step: gradoracle into the interpreter that runs this file."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping


def main(environment: Mapping[str, str] = os.environ) -> int:
    """Install what INPUT_VERSION says; return the exit status of pip."""
    version = environment.get("INPUT_VERSION", "").strip()
    if version == "installed":
        return 0
    if not version:
        what = environment["GITHUB_ACTION_PATH"]
    elif re.fullmatch(r"\d[\w.!+-]*", version):
        what = f"gradoracle=={version}"
    else:
        sys.stderr.write(f"action: expected a version like 0.1.0, or installed; got {version!r}\n")
        return 2
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    return subprocess.run([*pip, what], check=False).returncode  # noqa: S603 - no shell


if __name__ == "__main__":
    sys.exit(main())
