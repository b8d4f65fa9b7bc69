from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from gradoracle import InputError
from gradoracle.data import Digits, binary, embedded


def digits(train_labels: list[int], test_labels: list[int], largest: int = 255) -> Digits:
    rng = np.random.default_rng(8)
    return Digits(
        rng.integers(0, largest + 1, (len(train_labels), 3, 2), np.uint8),
        np.array(train_labels, np.uint8),
        rng.integers(0, largest + 1, (len(test_labels), 3, 2), np.uint8),
        np.array(test_labels, np.uint8),
        largest,
        "some digits",
    )


def test_one_example_per_column_in_the_order_of_the_set() -> None:
    data = digits([8, 1, 5, 5, 0, 8], [5, 3, 8])
    train, test = binary(data, 5, 8)
    np.testing.assert_array_equal(train.Y, [[1.0, 0.0, 0.0, 1.0]], strict=True)
    np.testing.assert_array_equal(test.Y, [[0.0, 1.0]], strict=True)
    assert train.X.shape == (6, 4)
    for column, example in enumerate((0, 2, 3, 5)):
        pixels = data.train_images[example].reshape(-1) / np.float32(255)
        np.testing.assert_array_equal(train.X[:, column], pixels)
    np.testing.assert_array_equal(1 - binary(data, 8, 5)[0].Y, train.Y)


def test_every_pixel_is_the_float32_nearest_to_the_fraction_in_both_dtypes() -> None:
    pixels = np.arange(256, dtype=np.uint8).reshape(2, 16, 8)
    labels = np.array([5, 8], np.uint8)
    data = Digits(pixels, labels, pixels, labels, 255, "all pixels")
    wide, narrow = (binary(data, dtype=np.dtype(d))[0].X for d in (np.float64, np.float32))
    assert (wide.dtype, narrow.dtype) == (np.float64, np.float32)
    np.testing.assert_array_equal(wide, narrow)
    for pixel, x in zip(range(256), wide.T.ravel(), strict=True):
        exact = Fraction(pixel, 255)
        neighbours = np.nextafter(np.float32(x), np.array([-1, 2], np.float32))
        error = abs(Fraction(float(x)) - exact)
        assert all(error < abs(Fraction(float(other)) - exact) for other in neighbours)


def test_the_embedded_digits_are_exact_sixteenths() -> None:
    train, test = binary(embedded())
    assert (train.X.shape, test.X.shape) == ((64, 286), (64, 70))
    assert (train.X.min(), train.X.max()) == (0, 1)
    np.testing.assert_array_equal(train.X * 16, np.round(train.X * 16))
    assert train.Y.sum() == 141


@pytest.mark.parametrize(
    ("train", "test", "part", "missing"),
    [
        ([5, 5], [5, 8], "training", 8),
        ([8, 1], [5, 8], "training", 5),
        ([5, 8], [8, 8], "test", 5),
        ([5, 8], [5, 1], "test", 8),
    ],
)
def test_a_digit_without_an_example_is_refused(
    train: list[int], test: list[int], part: str, missing: int
) -> None:
    with pytest.raises(InputError, match=f"digit {missing} in the {part} labels of some digits"):
        binary(digits(train, test))


def test_a_digit_against_itself_is_refused() -> None:
    with pytest.raises(InputError, match="two different digits"):
        binary(digits([5, 8], [5, 8]), 5, 5)


def test_another_dtype_is_refused() -> None:
    with pytest.raises(InputError, match="float16"):
        binary(digits([5, 8], [5, 8]), dtype=np.dtype(np.float16))
