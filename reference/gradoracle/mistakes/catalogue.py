"""All known mistakes, family by family."""

from __future__ import annotations

from gradoracle.mistakes.families import (
    activation_derivatives,
    bias,
    data,
    labels_and_shapes,
    loss_and_output,
    numerics,
    regularisation,
    scale_and_reduction,
    sign,
    softmax,
    state_and_aliasing,
    transposes_and_layers,
)
from gradoracle.mistakes.mistake import Mistake

CATALOGUE: tuple[Mistake, ...] = (
    *scale_and_reduction.MISTAKES,
    *sign.MISTAKES,
    *transposes_and_layers.MISTAKES,
    *activation_derivatives.MISTAKES,
    *loss_and_output.MISTAKES,
    *bias.MISTAKES,
    *regularisation.MISTAKES,
    *softmax.MISTAKES,
    *numerics.MISTAKES,
    *state_and_aliasing.MISTAKES,
    *labels_and_shapes.MISTAKES,
    *data.MISTAKES,
)
