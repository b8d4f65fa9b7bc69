"""What the errors of several units have in common, in the pass of the predicted deviations."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gradoracle.activations import elementwise
from gradoracle.arrays import Array
from gradoracle.case import Case
from gradoracle.rounding import Quantity, Sampled
from gradoracle.rounding.quantity import exact
from gradoracle.rounding.sampled import DRAWS
from gradoracle.rounding.sums import norm
from gradoracle.rounding_pass import Pass, is_free

DRAWN = 2**21  # numbers drawn at once for one array, of some examples: 16 MiB


class Likely(Pass):
    """The pass of `Sigma`, and what the errors of several units have in common.

    The units of a layer inherit the errors of the layer before, and dA^[l-1] of all units that of
    the same dZ^[l]. Over a sum of h such terms they add up h times, not sqrt(h) times: dX of a
    network with a single output and weights of one sign would be accused. Examples have nothing in
    common, so dW^[l] and db^[l] need no more than factors that know of it.
    """

    def layer_forward(self, layer: int) -> None:
        """Draw samples as soon as A^[1] is known; all that they tell comes after it."""
        super().layer_forward(layer)
        L, outputs = self.case.L, self.case.network.sizes[-1]
        if layer == 1 and (L > 2 or (L == 2 and outputs > 1)):
            self.shared = self.sampled()

    def output_error(self) -> None:
        """With two layers and one output dZ^[2] is all that is shared: nothing has to be drawn."""
        super().output_error()
        if self.case.L == 2 and self.case.network.sizes[-1] == 1:
            error = carried(self.case, self.values, self.found["dZ2"].error[np.newaxis])
            self.shared = {name: np.abs(one[0]) for name, one in error.items()}

    def sampled(self) -> dict[str, Array]:
        """Return deviations by what is shared, drawn for some examples at a time."""
        n, widest = self.case.n, max(self.case.network.sizes)
        step = max(1, DRAWN // (DRAWS * widest))
        parts = [Samples(self, slice(i, i + step)).run().spread() for i in range(0, n, step)]
        shared = {name: np.concatenate([p[name] for p in parts], axis=1) for name in parts[0]}
        shared["J"] = norm(shared["J"], 1).reshape(())
        return shared


class Samples(Pass):
    """Draws of the errors of A^[1], which are independent, and what becomes of them.

    For some examples; without dW^[l], db^[l] and dA^[L] of a cross-entropy, and without the
    roundings of the backward pass through layer 1, which share nothing.
    """

    model: Sampled

    def __init__(self, likely: Likely, some: slice) -> None:
        left = {n for n in likely.values if n[:2] in ("J", "dW", "db") or is_free(likely.case, n)}
        values = {n: a[:, some] for n, a in likely.values.items() if n not in left}
        super().__init__(likely.case, values, Sampled(likely.model.form), any_side=False)
        self.Y = self.Y[:, some]
        self.found["Z1"] = exact(values["Z1"])
        independent = Quantity(values["A1"], likely.found["A1"].error[:, some])
        self.found["A1"] = self.model.draw(independent)

    def layer_forward(self, layer: int) -> None:
        """Z^[l] and A^[l]; those of layer 1 are drawn."""
        if layer > 1:
            super().layer_forward(layer)

    def objective(self) -> Quantity:
        """J of these examples, without roundings of the sum."""
        terms = self.terms()
        error = terms.error.sum(axis=(1, 2), keepdims=True) / self.case.N
        return Quantity(np.zeros((1, 1)), error)

    def layer_backward(self, layer: int) -> None:
        """dA^[l-1] and dZ^[l-1]; through layer 1 the errors are only carried on."""
        dZ = self.found[f"dZ{layer}"]
        if layer > 2:
            dA = self.keep(f"dA{layer - 1}", self.model.matmul(self.W[layer].T, dZ))
            self.keep(f"dZ{layer - 1}", self.pull_back(layer - 1, dA))
        elif layer == 2:
            for name, error in carried(self.case, self.values, dZ.error).items():
                self.keep(name, Quantity(self.values[name], error))

    def spread(self) -> dict[str, Array]:
        """Return the root mean square of the draws of all that comes after A^[1]."""
        after = {n: q for n, q in self.found.items() if n not in ("Z1", "A1")}
        return {n: self.model.root_mean_square(q) for n, q in after.items()}


def carried(case: Case, values: Mapping[str, Array], error: Array) -> dict[str, Array]:
    """Return what errors of dZ^[2] become in dA^[1], dZ^[1] and dX: linear maps.

    Parameters
    ----------
    case : Case
    values : mapping of str to numpy.ndarray
        The trace, for the examples of the errors.
    error : numpy.ndarray
        (draws, n_2, examples).
    """
    dA = case.W[2].T.astype(np.float64) @ error
    if case.activation(1) == "softmax":
        a = values["A1"]
        dZ = a * (dA - (a * dA).sum(axis=1, keepdims=True))
    else:
        dZ = dA * elementwise(case.activation(1)).prime(values["Z1"])
    return {"dA1": dA, "dZ1": dZ, "dX": case.W[1].T.astype(np.float64) @ dZ}
