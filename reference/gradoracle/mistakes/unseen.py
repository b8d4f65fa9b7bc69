"""What the required cases cannot see, in one table: where it is seen instead, and why.

The tests check that the table is exactly true: every mistake that is not in it is killed by a
required case in its first call, in float64 and in float32, by at least `NEAR` times what rounding
may do; none that is in it is, in the dtypes that it names.
"""

from __future__ import annotations

from dataclasses import dataclass

IN_SECOND_CALL = "in the second call"
NOWHERE = "nowhere"
NOT_MADE = "cannot be made"
NEAR = 4.0  # an excess this near to 1 may fall on the other side with another BLAS


@dataclass(frozen=True)
class Unseen:
    """A mistake that no required case surely kills, in one dtype at least.

    Attributes
    ----------
    mistake : str
    float64, float32 : str
        What kills it: the id of a recommended or stress case; ``in the second call`` of required
        cases; ``nowhere``, on no case of any level; ``cannot be made`` in that dtype; empty where
        required cases do.
    reason : str
        Why required cases cannot.
    """

    mistake: str
    float64: str
    float32: str
    reason: str

    def by(self, dtype: str) -> str:
        """Return what kills it in a dtype."""
        return self.float64 if dtype == "float64" else self.float32


_CE = "saturated.cross_entropy.800"
_BCE = "saturated.binary_cross_entropy.800"
_CLIPPED = "saturated.binary_cross_entropy.40"
_OVERFLOW = "right until exp overflows: from z = 710, in float32 from z = 89"

UNSEEN: tuple[Unseen, ...] = (
    Unseen("gradients-accumulate", IN_SECOND_CALL, IN_SECOND_CALL, "the buffers begin at zero"),
    Unseen("softmax-without-shift", _CE, _CE, _OVERFLOW),
    Unseen("logsumexp-without-shift", _CE, _CE, _OVERFLOW),
    Unseen("softplus-loss-overflows", _BCE, _BCE, _OVERFLOW),
    Unseen("sigmoid-of-two-exponentials", "saturated.sigmoid.800", "saturated.sigmoid.800",
           _OVERFLOW),
    Unseen("loss-from-probabilities", _CLIPPED, _CLIPPED,
           "right within rounding until a probability is 0 or 1 in the dtype"),
    Unseen("probabilities-clipped", _CLIPPED, _CLIPPED,
           "nothing is clipped while every probability is above 1e-7 and below 1 - 1e-7"),
    Unseen("softplus-with-threshold", "saturated.softplus.40", NOWHERE,
           "e^-20 = 2e-9 is lost beside z = 20, far below the u of float32"),
    Unseen("relu-slope-one-at-zero", "kink.relu", "kink.relu",
           "a choice that counts only where a pre-activation is exactly 0"),
    Unseen("log-with-epsilon", "", _CLIPPED,
           "1e-8 beside a probability is below the u of float32 unless it is small"),
    Unseen("cotangent-with-epsilon", "", "saturated.cross_entropy.40",
           "1e-8 beside a probability is below the u of float32 unless it is small"),
    Unseen("sigmoid-by-tanh", "saturated.sigmoid.40", "saturated.sigmoid.40",
           "what is lost is relative to 1; a must be small to show more than rounding"),
    Unseen("cross-entropy-not-fused", _CLIPPED, _CLIPPED,
           "right but for rounding until a probability is 0 or 1 in the dtype: 0 times infinity"),
    Unseen("softplus-overflows", "saturated.softplus.40", "saturated.softplus.40",
           "what is lost is relative to 1; z must be far below 0 to show more than rounding"),
    Unseen("tanh-by-sigmoid", "", "batch.pixels-255",
           "what is lost for small z is hardly more than float32 rounds"),
    Unseen("tanh-of-exponentials", "", "saturated.tanh.800",
           "what is lost for small z is within what float32 rounds; from z = 89 exp overflows"),
    Unseen("float32-in-forward-pass", "", NOT_MADE, "float32 is what that dtype asks for"),
    Unseen("float32-gradient-buffer", "", NOT_MADE, "float32 is what that dtype asks for"),
    Unseen("float32-loss", "", NOT_MADE, "float32 is what that dtype asks for"),
)  # fmt: skip
