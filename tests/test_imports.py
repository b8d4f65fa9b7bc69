"""Core imports stay light, and the public face is what it says."""

from __future__ import annotations

import subprocess
import sys

import pytest

import gradoracle

HEAVY = (
    "torch",
    "tensorflow",
    "keras",
    "jax",
    "sklearn",
    "scipy",
    "matplotlib",
    "mnist",
    "pooch",
    "rich",
    "click",
    "flint",
    "platformdirs",
    "requests",
)


def modules_after(code: str) -> set[str]:
    """Return the top-level modules that a fresh process has imported."""
    program = f"{code}\nimport sys\nprint(' '.join({{m.split('.')[0] for m in sys.modules}}))"
    out = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return set(out.stdout.split())


def test_the_core_imports_nothing_heavy() -> None:
    assert modules_after("import gradoracle") & set(HEAVY) == set()


def test_the_hand_written_networks_import_no_framework() -> None:
    loaded = modules_after("import gradoracle_numpy")
    assert loaded & {"torch", "tensorflow", "keras", "matplotlib", "flint"} == set()


@pytest.mark.parametrize(
    ("package", "other"), [("gradoracle_torch", "tensorflow"), ("gradoracle_tf", "torch")]
)
def test_one_framework_does_not_bring_the_other(package: str, other: str) -> None:
    assert other not in modules_after(f"import {package}")


def test_everything_public_is_there_and_sorted() -> None:
    assert gradoracle.__all__ == sorted(gradoracle.__all__)
    for name in gradoracle.__all__:
        assert getattr(gradoracle, name).__doc__
