"""Global settings are pinned during a run and restored after it; a missing torch is one line."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from gradoracle_torch.settings import pinned_settings


def precisions() -> tuple[str, str]:
    return (
        torch.backends.cuda.matmul.fp32_precision,
        torch.backends.mkldnn.matmul.fp32_precision,
    )


@pytest.mark.parametrize("level", ["highest", "high", "medium"])
def test_float32_products_are_full_and_the_setting_comes_back(level):
    before = torch.get_float32_matmul_precision()
    try:
        torch.set_float32_matmul_precision(level)
        outside = precisions()
        with pinned_settings():
            assert precisions() == ("ieee", "ieee")
        assert precisions() == outside
        assert torch.get_float32_matmul_precision() == level
    finally:
        torch.set_float32_matmul_precision(before)


def test_the_setting_comes_back_after_an_error():
    outside = precisions()
    with pytest.raises(ZeroDivisionError), pinned_settings():
        raise ZeroDivisionError
    assert precisions() == outside


def test_a_product_is_not_rounded_to_bfloat16():
    """1 + 2^-20 times 1 is itself in float32, and 1 in bfloat16 and TF32."""
    before = torch.get_float32_matmul_precision()
    factor = torch.full((64, 64), 1 + 2.0**-20)
    try:
        torch.set_float32_matmul_precision("medium")
        with pinned_settings():
            product = factor @ torch.eye(64)
    finally:
        torch.set_float32_matmul_precision(before)
    assert torch.equal(product, factor)


def test_missing_torch_names_the_extra():
    program = (
        "import sys; sys.modules['torch'] = None\n"
        "from gradoracle import MissingExtra\n"
        "try:\n    import gradoracle_torch\n"
        "except MissingExtra as error:\n    print(error)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stderr == ""
    assert done.stdout == (
        'torch is not installed; mend: python -m pip install "gradoracle[torch]"\n'
    )


def test_brings_no_tensorflow():
    program = "import sys, gradoracle_torch; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0
