"""Every gradient of this package: one reverse pass of torch's autograd."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from gradoracle.case import Case
from gradoracle.losses import probability_form_resolves
from gradoracle_torch.losses import PROBABILITY_FORMS


def derivatives(J: Tensor, variables: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return dV = dJ/dV, named ``dV``, for each named variable V of the graph of J.

    A variable may be a leaf (W, b, X) or an intermediate (Z, A); dV has its shape. Nothing is
    averaged here: the division by N is part of J.
    """
    values = torch.autograd.grad(J, list(variables.values()))
    return {f"d{name}": value for name, value in zip(variables, values, strict=True)}


def output_derivative(case: Case, A: Tensor, Y: Tensor) -> dict[str, Tensor]:
    """Return dA^[L], (n, n_L), of a cross-entropy, by a second graph that starts at A^[L].

    J is a function of the logits Z^[L], so A^[L] is not in its graph. Here A^[L] is an independent
    variable and the loss has its probability form, divided by N. Empty where rounding has taken
    from A^[L] what that form needs.
    """
    if not probability_form_resolves(case.network.loss, A.detach().numpy()):
        return {}
    variable = A.detach().requires_grad_()
    J = PROBABILITY_FORMS[case.network.loss](variable, Y) / case.N
    return derivatives(J, {f"A{case.L}": variable})
