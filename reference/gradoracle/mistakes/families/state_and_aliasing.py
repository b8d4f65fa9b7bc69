"""What is left from before, and what two names share: buffers, caches, updates in place."""

from __future__ import annotations

import numpy as np

from gradoracle.arrays import Array
from gradoracle.case import Case
from gradoracle.mistakes.mistake import Mistake, Source
from gradoracle.mistakes.steps import (
    Run,
    activation,
    bias_gradient,
    delta,
    input_cotangent,
    weight_gradient,
)

FAMILY = "state and aliasing"

RATE = 0.1
FRESH = "every call starts from nothing: gradients are assigned, not added to"


def has_equal_layers(case: Case, layer: int) -> bool:
    """Whether two layers have arrays of one shape."""
    return len(set(case.network.sizes[1:])) < case.L


def keeps_its_width(case: Case, layer: int) -> bool:
    """Whether A^[l] has the shape of A^[l-1]."""
    return case.network.sizes[layer] == case.network.sizes[layer - 1]


def earlier(r: Run, name: str, layer: int, like: Array) -> Array:
    """Return what the last call left under a name; zeros where that has another shape."""
    kept = r.kept.get(f"{name}{layer}")
    if kept is None or kept.shape != like.shape:
        return np.zeros_like(like)
    return np.asarray(kept, dtype=like.dtype)


def accumulated_weights(r: Run, layer: int) -> Array:
    """dW^[l] added to that of the last call."""
    dW = weight_gradient(r, layer)
    r.kept[f"dW{layer}"] = dW + earlier(r, "dW", layer, dW)
    return np.array(r.kept[f"dW{layer}"])


def accumulated_biases(r: Run, layer: int) -> Array:
    """db^[l] added to that of the last call."""
    db = bias_gradient(r, layer)
    r.kept[f"db{layer}"] = db + earlier(r, "db", layer, db)
    return np.array(r.kept[f"db{layer}"])


def velocity(r: Run, layer: int) -> Array:
    """0.9 times the velocity of the last call + 0.1 dW^[l]."""
    dW = weight_gradient(r, layer)
    r.kept[f"v{layer}"] = 0.9 * earlier(r, "v", layer, dW) + 0.1 * dW
    return np.array(r.kept[f"v{layer}"])


def previous_delta(r: Run, layer: int) -> Array:
    """dZ^[l] of the last call; zeros in the first."""
    dZ = delta(r, layer)
    before = earlier(r, "dZ", layer, dZ)
    r.kept[f"dZ{layer}"] = dZ
    return before


def gradient_of_previous_batch(r: Run, layer: int) -> Array:
    """dZ^[l] (A^[l-1] of the last call)^T; of zeros in the first."""
    A = r.A[layer - 1]
    before = earlier(r, "A", layer, A)
    r.kept[f"A{layer}"] = A
    return r.dZ[layer] @ before.T + r.l2 * r.W[layer]


def with_dropout(r: Run, layer: int) -> Array:
    """A^[l] with half of its entries dropped at random, the others doubled."""
    random = r.kept.setdefault("random", np.random.default_rng(0))
    A = activation(r, layer)
    return np.asarray(A * (2 * (random.random(A.shape) < 0.5)).astype(A.dtype))


def in_place(r: Run, layer: int) -> Array:
    """A^[l] written over Z^[l]."""
    r.Z[layer] = activation(r, layer)
    return r.Z[layer]


def over_its_input(r: Run, layer: int) -> Array:
    """A^[l] written over A^[l-1]."""
    r.A[layer - 1][...] = activation(r, layer)
    return r.A[layer - 1]


def labels_taken_off_in_place(r: Run, layer: int) -> Array:
    """A^[L] -= Y, and A^[L] / N returned."""
    r.A[layer] -= r.Y
    return r.A[layer] / r.N


def sloped_in_place(r: Run, layer: int) -> Array:
    """dA^[l] *= g'(Z^[l]), and dA^[l] returned."""
    r.dA[layer] = delta(r, layer)
    return r.dA[layer]


def added_to_input_cotangent(r: Run, layer: int) -> Array:
    """dA^[l-1] added to dA^[l], which has its shape."""
    return r.dA[layer] + input_cotangent(r, layer)


def shared_weights(r: Run, layer: int) -> Array:
    """dW^[l] in a buffer that all layers of one shape share."""
    dW = weight_gradient(r, layer)
    for other, buffer in r.dW.items():
        if buffer.shape == dW.shape:
            r.dW[other] = dW
    return dW


def shared_biases(r: Run, layer: int) -> Array:
    """db^[l] in a buffer that all layers of one shape share."""
    db = bias_gradient(r, layer)
    for other, buffer in r.db.items():
        if buffer.shape == db.shape:
            r.db[other] = db
    return db


def weights_after_update(r: Run, layer: int) -> Array:
    """W^[l] - 0.1 dW^[l]."""
    return r.W[layer] - RATE * weight_gradient(r, layer)


def biases_after_update(r: Run, layer: int) -> Array:
    """b^[l] - 0.1 db^[l]."""
    return r.b[layer] - RATE * bias_gradient(r, layer)


def weight_step(r: Run, layer: int) -> Array:
    """0.1 dW^[l]."""
    return RATE * weight_gradient(r, layer)


def bias_step(r: Run, layer: int) -> Array:
    """0.1 db^[l]."""
    return RATE * bias_gradient(r, layer)


MISTAKES: tuple[Mistake, ...] = (
    Mistake(
        name="gradients-accumulate",
        family=FAMILY,
        symptom="dW[l] += dZ[l] A[l-1]ᵀ and db[l] += Σ dZ[l], from call to call",
        tempting=(
            "zero_grad() is missing, or the sums are made once, outside of the loop. The "
            "first call is right."
        ),
        mend=FRESH,
        code="dW[l] = dZ[l] @ A[l-1].T + l2 * W[l]",
        touches=(
            "dWl",
            "dbl",
        ),
        place="the whole pass",
        steps={"dW": accumulated_weights, "db": accumulated_biases},
    ),
    Mistake(
        name="momentum-returned-for-the-gradient",
        family=FAMILY,
        symptom="dW[l] = 0.9 · the last dW[l] + 0.1 · dZ[l] A[l-1]ᵀ",
        tempting="The optimiser's running mean is kept where the gradient was.",
        mend=FRESH,
        code="dW[l] = dZ[l] @ A[l-1].T + l2 * W[l]",
        touches=("dWl",),
        place="every layer",
        steps={"dW": velocity},
    ),
    Mistake(
        name="delta-of-previous-batch",
        family=FAMILY,
        symptom="dZ[l] is that of the last call",
        tempting="The cache is read before it is filled: zeros at first, then one batch late.",
        mend="use dZ[l] of this call",
        code="dZ[l] = dA[l] * g_prime(Z[l])",
        touches=("dZl",),
        place="hidden layers",
        steps={"dZ": previous_delta},
    ),
    Mistake(
        name="activations-of-previous-batch",
        family=FAMILY,
        symptom="dW[l] = dZ[l] (A[l-1] of the last call)ᵀ",
        tempting="The layer keeps its input after the backward pass has read it, one batch late.",
        mend="keep A[l-1] in the forward pass of the same call",
        code="dW[l] = dZ[l] @ A[l-1].T + l2 * W[l]",
        touches=("dWl",),
        place="every layer",
        steps={"dW": gradient_of_previous_batch},
    ),
    Mistake(
        name="dropout-left-on",
        family=FAMILY,
        symptom="A[l] = g(Z[l]) with half of the units dropped at random",
        tempting="The network is in training mode while its gradient is checked.",
        mend="switch dropout off, or fix and declare the mask",
        code="A[l] = g(Z[l])",
        touches=("Al",),
        place="hidden layers",
        steps={"A": with_dropout},
    ),
    Mistake(
        name="activation-in-place",
        family=FAMILY,
        symptom="A[l] = g(Z[l], out=Z[l]): what is called Z[l] in the backward pass is A[l]",
        tempting="One array less; g′(Z[l]) is then g′(A[l]).",
        mend="write A[l] to an array of its own",
        code="A[l] = g(Z[l])",
        touches=("Zl",),
        place="every layer",
        steps={"A": in_place},
        applies=lambda case, layer: case.activation(layer) != "identity",
        sources=(Source("deeplearning4j #364"),),
    ),
    Mistake(
        name="activation-over-its-input",
        family=FAMILY,
        symptom="A[l] is written over A[l-1], which has the same shape",
        tempting="One buffer is passed from layer to layer; the backward pass needs all of them.",
        mend="dW[l] needs A[l-1]: keep every A",
        code="A[l] = g(Z[l])",
        touches=(
            "Al-1",
            "dWl",
        ),
        place="every layer",
        steps={"A": over_its_input},
        applies=keeps_its_width,
    ),
    Mistake(
        name="labels-taken-off-in-place",
        family=FAMILY,
        symptom="dZ[L] = A[L]; dZ[L] −= Y: the probabilities are gone",
        tempting="An assignment is taken for a copy. Only who uses A[L] afterwards comes to know.",
        mend="an assignment is no copy: subtract into a new array",
        code="dZ[L] = (A[L] - Y) / N",
        touches=("AL",),
        place="the output",
        steps={"dZ_out": labels_taken_off_in_place},
        applies=lambda case, layer: case.network.loss in ("binary_cross_entropy", "cross_entropy"),
    ),
    Mistake(
        name="cotangent-sloped-in-place",
        family=FAMILY,
        symptom="dA[l] *= g′(Z[l]), and dA[l] is dZ[l] afterwards",
        tempting="One array less. Only who uses dA[l] afterwards comes to know.",
        mend="write dZ[l] to an array of its own",
        code="dZ[l] = dA[l] * g_prime(Z[l])",
        touches=("dAl",),
        place="hidden layers",
        steps={"dZ": sloped_in_place},
    ),
    Mistake(
        name="cotangent-added-to-the-last",
        family=FAMILY,
        symptom="dA[l-1] = dA[l] + W[l]ᵀ dZ[l], where both have one shape",
        tempting="dA += W.T @ dZ into a buffer that was not set to zero.",
        mend="dA[l-1] = W[l]ᵀ dZ[l]: one path leads down from a layer",
        code="dA[l-1] = W[l].T @ dZ[l]",
        touches=("dAl-1",),
        place="every layer",
        steps={"dA": added_to_input_cotangent},
        applies=keeps_its_width,
    ),
    Mistake(
        name="one-buffer-for-all-layers",
        family=FAMILY,
        symptom="dW = [buffer] * L and db = [buffer] * L: layers of one shape share an array",
        tempting="Multiplying a list copies the reference, not the array.",
        mend="make an array for each layer",
        code="dW = [np.zeros_like(w) for w in W]",
        touches=(
            "dWl",
            "dbl",
        ),
        place="the whole pass",
        steps={"dW": shared_weights, "db": shared_biases},
        applies=has_equal_layers,
    ),
    Mistake(
        name="updated-weights-for-the-gradient",
        family=FAMILY,
        symptom="dW[l] = W[l] − α dW[l], with α = 0.1",
        tempting=(
            "The function updates, and what it returns under the gradient's name is the "
            "update's result."
        ),
        mend="return dW[l], and update outside",
        code="dW[l] = dZ[l] @ A[l-1].T + l2 * W[l]",
        touches=(
            "dWl",
            "dbl",
        ),
        place="every layer",
        steps={"dW": weights_after_update, "db": biases_after_update},
    ),
    Mistake(
        name="learning-rate-in-the-gradient",
        family=FAMILY,
        symptom="dW[l] = α dZ[l] A[l-1]ᵀ, and db[l] likewise, with α = 0.1",
        tempting=(
            "The step is computed where the gradient should be; the update multiplies by α again."
        ),
        mend="the learning rate belongs to the update alone",
        code="dW[l] = dZ[l] @ A[l-1].T + l2 * W[l]",
        touches=(
            "dWl",
            "dbl",
        ),
        place="the whole pass",
        steps={"dW": weight_step, "db": bias_step},
    ),
)
