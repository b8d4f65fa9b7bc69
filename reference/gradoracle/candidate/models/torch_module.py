"""A torch module as a candidate: torch's own autograd on the user's module and loss.

The module is called as its user calls it. J, dW and db come from one ``torch.autograd.grad``; the
intermediates are what forward hooks see go into and come out of its Linear modules. Whatever had
to be touched (hooks, requires_grad) is put back; ``.grad`` and the training mode are not touched.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from gradoracle.arrays import Array, shown
from gradoracle.candidate.answer import Conventions
from gradoracle.candidate.models.reading import Reading, chained, unreadable, with_output
from gradoracle.candidate.models.torch_layers import layers, numbers
from gradoracle.candidate.models.torch_losses import loss_of
from gradoracle.errors import InputError
from gradoracle.network import Parameters
from gradoracle_torch.settings import pinned_settings

BFLOAT16 = "bfloat16_results"  # of gradoracle.rounding.FORMATS


def read(
    model: nn.Module,
    loss: Any,
    *,
    device: str | None = None,
    compiled: bool = False,
    autocast: bool = False,
) -> Reading:
    """Read a module and its loss.

    Parameters
    ----------
    model : nn.Module
        Or what torch.compile made of one.
    loss : nn.Module, function, str or None
    device : str, optional
        Where a copy of the module runs, if not where it is.
    compiled, autocast : bool

    Raises
    ------
    InputError
    """
    plain: nn.Module = getattr(model, "_orig_mod", model)  # what torch.compile keeps
    compiled = compiled or plain is not model
    notes = []
    if device is not None and _device(device) != next(plain.parameters(), torch.empty(0)).device:
        model = plain = copy.deepcopy(plain).to(_device(device))
        notes.append(f"a copy runs on {device}; hooks are not copied")
    steps = list(layers(plain))
    linears = [module for _, module in steps if module is not None]
    dtype = _dtype(linears)
    parameters, activations = chained([step for step, _ in steps])
    if autocast:
        parameters = _in_bfloat16(parameters)
    criterion, objective = loss_of(loss, activations[-1])
    if autocast and dtype is not torch.float32:
        mend = "autocast is for float32 models"
        raise InputError("float32 parameters under autocast", str(dtype), mend)
    if compiled:
        model = model if model is not plain else torch.compile(plain)  # type: ignore[assignment]
        notes.append("compiled by torch.compile")
    if autocast:
        notes.append("under torch.autocast; the weights are those it multiplies, in bfloat16")
    if objective.said == "nn.BCELoss":
        notes.append(
            "nn.BCELoss divides by max(a (1 - a), 1e-12) and takes log(1 - a): digits go where "
            "sigmoid saturates; nn.BCEWithLogitsLoss keeps them"
        )
    coarse = autocast or dtype is torch.bfloat16
    # in bfloat16 dA^[L] of a loss of probabilities has no digit left to judge
    ends = not objective.logits and not (coarse and objective.loss == "binary_cross_entropy")
    run = Run(model, criterion, linears, ends, autocast, not compiled)
    return Reading(
        name=type(plain).__name__,
        release=f"torch {torch.__version__}",
        parameters=parameters,
        activations=with_output(activations, objective),
        objective=objective,
        trace=run,
        now=lambda: _in_bfloat16(_now(linears)) if autocast else _now(linears),
        rounded=_to_bfloat16 if coarse else None,
        conventions=Conventions(arithmetic=BFLOAT16 if coarse else None),
        notes=tuple(notes),
    )


@dataclass(frozen=True, eq=False)
class Run:
    """One forward and one reverse pass.

    Attributes
    ----------
    model : callable
        The module, or its compiled form.
    criterion : callable (output, labels) -> Tensor
    linears : sequence of nn.Linear
        In the order of computation.
    ends : bool
        Whether the output is A^[L], and can be judged.
    autocast : bool
    watch : bool
        Whether to look at intermediates; hooks would be compiled, too.
    """

    model: Callable[[Tensor], Tensor]
    criterion: Callable[[Tensor, Tensor], Tensor]
    linears: Sequence[nn.Linear]
    ends: bool
    autocast: bool
    watch: bool

    def __call__(self, X: Array, labels: Any) -> dict[str, Array]:
        """Return J, dW, db and what else was seen, in the contract's layout."""
        weight = self.linears[0].weight
        x = torch.from_numpy(X).to(weight.device, weight.dtype).requires_grad_()
        y = torch.from_numpy(labels).to(weight.device)
        y = y.to(weight.dtype) if y.is_floating_point() else y
        variables = {"X": x}
        for layer, linear in enumerate(self.linears, start=1):
            variables |= {f"W{layer}": linear.weight, f"b{layer}": linear.bias}
        context = torch.autocast(weight.device.type, torch.bfloat16) if self.autocast else None
        with pinned_settings(), _requiring_grad(self.linears):
            with self._watching() as seen, context or nullcontext():
                output = self.model(x)
                J = self.criterion(output, y)
            intermediates = seen() if self.watch else {}
            if self.ends:
                intermediates[f"A{len(self.linears)}"] = output
            variables |= intermediates
            gradients = torch.autograd.grad(J, list(variables.values()), allow_unused=True)
        trace = {name: _array(name, tensor) for name, tensor in intermediates.items()}
        trace["J"] = _array("J", J)
        for name, gradient in zip(variables, gradients, strict=True):
            if gradient is not None:  # else it is reported as missing
                trace[f"d{name}"] = _array(f"d{name}", gradient)
        return trace

    @contextmanager
    def _watching(self) -> Iterator[Callable[[], dict[str, Tensor]]]:
        """Note what goes into and comes out of each Linear, and whether it was written to."""
        noted: dict[str, tuple[Tensor, int]] = {}
        handles = []
        for layer, linear in enumerate(self.linears if self.watch else (), start=1):

            def note(_: Any, inputs: Any, output: Tensor, layer: int = layer) -> None:
                noted[f"Z{layer}"] = output, output._version
                if layer > 1:
                    noted[f"A{layer - 1}"] = inputs[0], inputs[0]._version

            handles.append(linear.register_forward_hook(note))
        try:
            yield lambda: {name: t for name, (t, at) in noted.items() if t._version == at}
        finally:
            for handle in handles:
                handle.remove()


@contextmanager
def _requiring_grad(linears: Sequence[nn.Linear]) -> Iterator[None]:
    """Let frozen parameters have a gradient meanwhile."""
    frozen = [p for m in linears for p in (m.weight, m.bias) if not p.requires_grad]
    try:
        for parameter in frozen:
            parameter.requires_grad_(True)
        yield
    finally:
        for parameter in frozen:
            parameter.requires_grad_(False)


def _array(name: str, tensor: Tensor) -> Array:
    """Return a tensor in the contract's layout; results of autocast as float32, exactly."""
    values: Array = numbers(tensor)
    if name.startswith("db"):
        return values[:, None]
    return values if name == "J" or name.startswith("dW") else values.T.copy()


def _now(linears: Sequence[nn.Linear]) -> Parameters:
    return Parameters(
        [numbers(m.weight) for m in linears], [numbers(m.bias)[:, None] for m in linears]
    )


def _in_bfloat16(parameters: Parameters) -> Parameters:
    """Round parameters as autocast does: for the gradient, the rounded ones are the exact ones."""
    return Parameters(
        [_to_bfloat16(W) for W in parameters.W.values()],
        [_to_bfloat16(b) for b in parameters.b.values()],
    )


def _to_bfloat16(array: Array) -> Array:
    return numbers(torch.from_numpy(array.copy()).bfloat16())  # type: ignore[no-any-return]


def _dtype(linears: Sequence[nn.Linear]) -> torch.dtype:
    dtypes = {str(p.dtype): p.dtype for m in linears for p in (m.weight, m.bias)}
    devices = {p.device for m in linears for p in (m.weight, m.bias)}
    if len(dtypes) > 1:
        raise unreadable(f"parameters in {' and '.join(dtypes)}", "one dtype: model.float()")
    if len(devices) > 1:
        raise unreadable(f"parameters on {' and '.join(map(str, devices))}", "one device")
    return next(iter(dtypes.values()), torch.float32)


def _device(name: str) -> torch.device:
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except Exception as error:  # torch raises RuntimeError, AssertionError, NotImplementedError
        reason = (str(error).splitlines() or [""])[0]
        raise InputError("a device that torch has here", shown(name), reason) from error
    if device.type == "meta":
        raise InputError("a device that holds numbers", "meta", "device='cpu'")
    return device
