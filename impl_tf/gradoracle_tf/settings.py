"""The settings of TensorFlow that change numbers, pinned for one run and put back afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import tensorflow as tf


@contextmanager
def pinned_settings() -> Iterator[None]:
    """Run on the CPU and multiply float32 matrices in float32, whatever the caller has set.

    TensorFlow's default lets a GPU round the factors to TF32. Works as a decorator: every call
    pins anew. The caller's settings are restored, also on an error.
    """
    before = tf.config.experimental.tensor_float_32_execution_enabled()
    tf.config.experimental.enable_tensor_float_32_execution(False)
    try:
        with tf.device("CPU:0"):
            yield
    finally:
        tf.config.experimental.enable_tensor_float_32_execution(before)
