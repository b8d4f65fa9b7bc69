"""J as a function of the flat parameters, at many points at once.

Only the forward formula stands here, in float64: what a finite difference differentiates.
"""

from __future__ import annotations

import numpy as np

from gradoracle.activations import ACTIVATIONS, elementwise, softmax
from gradoracle.arrays import Array, Flags
from gradoracle.case import Case
from gradoracle.losses import LOSSES


class Objective:
    """J of a case, its parameters laid flat: W1 b1 W2 b2 ... row by row.

    Parameters
    ----------
    case : Case
        Evaluated in float64.

    Attributes
    ----------
    theta : numpy.ndarray
        The given parameters, (P,).
    slices : dict of str to slice
        Where each parameter lies in theta, by its name.
    """

    def __init__(self, case: Case) -> None:
        self.case = case.astype("float64")
        given = {
            f"{kind}{layer}": (self.case.W if kind == "W" else self.case.b)[layer]
            for layer in range(1, case.L + 1)
            for kind in ("W", "b")
        }
        ends = np.cumsum([array.size for array in given.values()]).tolist()
        self.theta = np.concatenate([array.ravel() for array in given.values()])
        self.slices = {
            name: slice(end - array.size, end)
            for (name, array), end in zip(given.items(), ends, strict=True)
        }
        _, self._sides = self._forward(self.theta[np.newaxis])

    def __call__(self, theta: Array) -> float:
        """Return J at one point (P,)."""
        return float(self._forward(theta[np.newaxis])[0][0])

    def along(self, directions: Array, t: Array) -> tuple[Array, Flags]:
        """Return J(theta + t_i d_i) and whether that crosses a kink, for directions (B, P)."""
        J, sides = self._forward(self.theta + t[:, np.newaxis] * directions)
        crossed = np.zeros(len(t), dtype=bool)
        for here, there in zip(self._sides, sides, strict=True):
            crossed |= (here != there).any(axis=(1, 2)) | (here == 0).any()
        return J, crossed

    def input_scale(self) -> Array:
        """Return for each parameter the largest input it multiplies (at least 1): (P,)."""
        scale = np.ones_like(self.theta)
        A = self.case.X
        for layer in range(1, self.case.L + 1):
            scale[self.slices[f"W{layer}"]] = max(1.0, float(np.abs(A).max()))
            Z = self.case.W[layer] @ A + self.case.b[layer]
            A = _activate(self.case.activation(layer), Z[np.newaxis])[0]
        return scale

    def _forward(self, theta: Array) -> tuple[Array, list[Array]]:
        """Return J (B,) and the signs of Z (B, n_l, n) in every layer with a kink or a bend."""
        case, network = self.case, self.case.network
        A: Array = case.X[np.newaxis]
        sides: list[Array] = []
        penalty: Array = np.zeros(len(theta))
        for layer in range(1, case.L + 1):
            W = theta[:, self.slices[f"W{layer}"]].reshape(-1, *case.W[layer].shape)
            b = theta[:, self.slices[f"b{layer}"]].reshape(-1, *case.b[layer].shape)
            Z = W @ A + b
            A = _activate(case.activation(layer), Z)
            row = ACTIVATIONS[case.activation(layer)]
            if row is not None and (row.kink or row.bend):
                sides.append(np.sign(Z))
            if network.l2:
                penalty = penalty + network.l2 / 2 * (W * W).sum(axis=(1, 2))
        return _terms(network.loss, Z, A, case.Y) / case.N + penalty, sides


def _activate(name: str, Z: Array) -> Array:
    """g(Z) for Z (B, n_l, n); softmax goes down the units of each point."""
    if name != "softmax":
        return elementwise(name).value(Z)
    return softmax(Z.swapaxes(0, 1)).swapaxes(0, 1)


def _terms(loss: str, Z: Array, A: Array, Y: Array) -> Array:
    """Return the summed loss at each point, for Z and A (B, n_L, n)."""
    if LOSSES[loss].output == "softmax":  # the loss looks down axis 0
        terms = LOSSES[loss].terms(Z.swapaxes(0, 1), A.swapaxes(0, 1), Y[:, np.newaxis])
        return np.asarray(terms.sum(axis=(0, 2)))
    return np.asarray(LOSSES[loss].terms(Z, A, Y).sum(axis=(1, 2)))
