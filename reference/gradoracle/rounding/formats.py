"""The number formats whose roundings are predicted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Format:
    """A way to compute: the dtype of results and sums, and what products do to their factors.

    Attributes
    ----------
    name : str
    digits : int
        p, the binary digits of the significand; the unit roundoff u is 2^-p.
    tiny : float
        The smallest normal number; hardware may flush anything below it to zero.
    factor_digits : int or None
        Where the factors of matrix products are rounded first (TF32, bfloat16 autocast): to how
        many digits. Sums are then still kept in the format itself.
    """

    name: str
    digits: int
    tiny: float
    factor_digits: int | None = None

    @property
    def u(self) -> float:
        """Unit roundoff: half the distance from 1 to the next number."""
        return 2.0**-self.digits

    @property
    def product_error(self) -> float:
        """Relative error of a product whose two factors were rounded first: (1 + u')^2 - 1."""
        if self.factor_digits is None:
            return 0.0
        u = 2.0**-self.factor_digits
        return 2 * u + u * u


FORMATS = {
    "float64": Format("float64", 53, 2.0**-1022),
    "float32": Format("float32", 24, 2.0**-126),
    "tf32": Format("tf32", 24, 2.0**-126, factor_digits=11),
    "bfloat16": Format("bfloat16", 24, 2.0**-126, factor_digits=8),
    "bfloat16_results": Format("bfloat16_results", 8, 2.0**-126),
}
