"""One digit against another, as batches of the contract: one example per column."""

from __future__ import annotations

import numpy as np

from gradoracle.arrays import DTYPES, DType
from gradoracle.data.digits import Digits
from gradoracle.data.idx import Bytes
from gradoracle.errors import InputError
from gradoracle.network import Batch


def binary(
    data: Digits, zero: int = 5, one: int = 8, dtype: DType = DTYPES["float64"]
) -> tuple[Batch, Batch]:
    """Return the training and the test batch of two digits, in the order of the set.

    Pixels are divided by the set's largest value and rounded to float32 before either dtype
    uses them: the float64 batch holds the same numbers as the float32 one.

    Parameters
    ----------
    data : Digits
        The set to choose from.
    zero, one : int
        The digits whose labels become 0 and 1.
    dtype : numpy.dtype
        float64 or float32.

    Returns
    -------
    train, test : Batch
        X of shape (n_0, n) with n_0 = rows * columns and values from 0 to 1, Y of shape (1, n).

    Raises
    ------
    InputError
        If the digits are the same, or there is no example of one of them.
    """
    if zero == one:
        raise InputError("two different digits", f"{zero} and {one}", "binary(data, 5, 8)")
    return (
        _batch(data, "training", data.train_images, data.train_labels, (zero, one), dtype),
        _batch(data, "test", data.test_images, data.test_labels, (zero, one), dtype),
    )


def _batch(
    data: Digits, part: str, images: Bytes, labels: Bytes, pair: tuple[int, int], dtype: DType
) -> Batch:
    for digit in pair:
        if not (labels == digit).any():
            present = ", ".join(map(str, np.unique(labels)))
            raise InputError(
                f"an example of the digit {digit} in the {part} labels of {data.name}",
                f"only {present}",
                "choose two of these digits, or another set",
            )
    chosen = np.isin(labels, pair)
    pixels = images[chosen].reshape(np.count_nonzero(chosen), -1)
    X = np.divide(pixels.T, data.largest, dtype=np.float32)
    Y = (labels[chosen] == pair[1]).reshape(1, -1)
    return Batch(X.astype(dtype), Y.astype(dtype))
