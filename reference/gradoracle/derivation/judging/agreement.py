"""Whether two matrices of balls are the same, to how many digits, and how one makes the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from flint import arb

from gradoracle.derivation.truth.matrices import Matrix, scalar

DIGITS = 40  # a right line agrees to at least as many
MANY = 10**6  # digits of what is exactly the same
PRECISIONS = (256, 1024, 4096)  # bits; the first is 77 digits


@dataclass(frozen=True)
class Agreement:
    """How a value and the truth compare.

    Attributes
    ----------
    same : bool or None
        None where the balls do not decide at this precision.
    digits : int
        Relative to the largest entry of the truth; to how many they are known to agree.
    worst : tuple of int
        The index of the entry that differs most.
    """

    same: bool | None
    digits: int = 0
    worst: tuple[int, int] = (0, 0)


def compare(value: Matrix, truth: Matrix) -> Agreement:
    """Compare two matrices of one shape; what is no finite number is not decided."""
    differences = (value - truth).ravel().tolist()
    if not all(d.is_finite() for d in differences):
        return Agreement(None)
    apart = [abs(float(d.mid())) if not d.contains(0) else 0.0 for d in differences]
    if not all(d.contains(0) for d in differences):
        at = max(range(len(apart)), key=lambda i: (not differences[i].contains(0), apart[i]))
        return Agreement(False, 0, divmod(at, value.shape[1]))
    size = max(abs(t).upper() for t in truth.ravel().tolist())
    error = max(abs(d).upper() for d in differences)
    if error.is_zero():
        return Agreement(True, MANY)
    if not size > 0:
        return Agreement(None)
    digits = int(float((size / error).log() / arb(10).log()))
    return Agreement(True if digits >= DIGITS else None, digits)


def relation(value: Matrix, truth: Matrix, factors: dict[str, Fraction]) -> str:
    """Return how a wrong value is made of the truth, in words; empty if no simple way is seen.

    Parameters
    ----------
    value, truth : Matrix
    factors : dict of str to Fraction
        The constants to try, by name: ``n``, ``1/n``, ``-1``, ...
    """
    for words, other in _versions(truth):
        if other.shape != value.shape:
            continue
        if words and compare(value, other).same:
            return words
        for name, factor in factors.items():
            if compare(value, other * scalar(factor)).same:
                return f"{name} times " + (words or "the truth")
    return ""


def _versions(truth: Matrix) -> Iterator[tuple[str, Matrix]]:
    yield "", truth
    if min(truth.shape) > 1:
        yield "the truth transposed", truth.T


def factors(n: int, outputs: int) -> dict[str, Fraction]:
    """Return the constants that derivations forget, by name, for one network."""
    named = {"2": Fraction(2), "1/2": Fraction(1, 2), "n": Fraction(n), "1/n": Fraction(1, n)}
    named |= {"2n": Fraction(2 * n), "2/n": Fraction(2, n), "1/(2n)": Fraction(1, 2 * n)}
    named |= {"n^2": Fraction(n * n), "1/n^2": Fraction(1, n * n)}
    if outputs > 1:
        named |= {"n_L": Fraction(outputs), "1/n_L": Fraction(1, outputs)}
        named |= {"n n_L": Fraction(n * outputs), "1/(n n_L)": Fraction(1, n * outputs)}
    return {"-1": Fraction(-1)} | named | {f"-{name}": -factor for name, factor in named.items()}
