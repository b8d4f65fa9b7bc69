"""The settings of torch that change numbers, pinned for one run and put back afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch


@contextmanager
def pinned_settings() -> Iterator[None]:
    """Multiply float32 matrices in float32 and record gradients, whatever the caller has set.

    ``torch.set_float32_matmul_precision("medium")`` rounds the factors to TF32 on a GPU, and to
    bfloat16 on a CPU with AMX, where a 300 x 300 product is then wrong in the third digit. Works
    as a decorator: every call pins anew. The caller's settings are restored, also on an error.
    """
    mkldnn: Any = torch.backends.mkldnn  # typed as a module, but an object with properties
    backends = (torch.backends.cuda.matmul, mkldnn.matmul)
    before = [backend.fp32_precision for backend in backends]
    try:
        for backend in backends:
            backend.fp32_precision = "ieee"
        with torch.enable_grad():
            yield
    finally:
        for backend, precision in zip(backends, before, strict=True):
            backend.fp32_precision = precision
