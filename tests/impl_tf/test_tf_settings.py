"""Global settings are pinned during a run and restored; the import is quiet; a missing package."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import tensorflow as tf

from gradoracle_tf import quiet
from gradoracle_tf.settings import pinned_settings

tf32 = tf.config.experimental


@pytest.mark.parametrize("allowed", [True, False])
def test_tensor_float_32_is_off_and_the_setting_comes_back(allowed):
    before = tf32.tensor_float_32_execution_enabled()
    try:
        tf32.enable_tensor_float_32_execution(allowed)
        with pinned_settings():
            assert not tf32.tensor_float_32_execution_enabled()
            assert "CPU:0" in tf.constant(1.0).device
        assert tf32.tensor_float_32_execution_enabled() == allowed
    finally:
        tf32.enable_tensor_float_32_execution(before)


def test_the_setting_comes_back_after_an_error():
    before = tf32.tensor_float_32_execution_enabled()
    with pytest.raises(ZeroDivisionError), pinned_settings():
        raise ZeroDivisionError
    assert tf32.tensor_float_32_execution_enabled() == before


def python(program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        env=clean | environment,
    )


def test_import_and_first_run_are_quiet_and_bring_no_torch():
    done = python(
        "import sys, gradoracle_tf, tensorflow as tf\n"
        "assert 'torch' not in sys.modules\n"
        "print(float(tf.reduce_sum(tf.ones((2, 2)))), file=sys.stderr)"
    )
    assert done.returncode == 0
    assert done.stderr == "4.0\n"  # and standard error is open again


def test_a_log_level_of_the_user_is_left_alone():
    done = python(
        "import os, runpy\n"
        f"quiet = runpy.run_path({quiet.__file__!r})\n"
        "with quiet['quiet_start'](): os.write(2, b'heard')\n"
        "print(os.environ['TF_CPP_MIN_LOG_LEVEL'])",
        TF_CPP_MIN_LOG_LEVEL="0",
    )
    assert done.stdout == "0\n"
    assert done.stderr == "heard"


def test_missing_tensorflow_names_the_extra():
    done = python(
        "import sys; sys.modules['tensorflow'] = None\n"
        "from gradoracle import MissingExtra\n"
        "try:\n    import gradoracle_tf\n"
        "except MissingExtra as error:\n    print(error)"
    )
    assert done.stderr == ""
    assert done.stdout == (
        'tensorflow is not installed; mend: python -m pip install "gradoracle[tensorflow]"\n'
    )
