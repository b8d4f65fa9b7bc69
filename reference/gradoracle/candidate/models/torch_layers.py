"""The layers of a torch module, read by torch.fx.

torch.fx runs the module's own ``forward`` once on stand-ins and writes down what is called; what it
wrote must be a chain of what is in the tables below.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import fx, nn
from torch.nn import functional

from gradoracle.candidate.models.reading import Activation, Dense, unreadable
from gradoracle.errors import InputError

# what each setting may be; any other setting must not be there, but for those in HARMLESS
SETTINGS: dict[str, dict[str, tuple[object, ...]]] = {
    "leaky_relu": {"negative_slope": (0.01,)},
    "elu": {"alpha": (1.0,)},
    "softplus": {"beta": (1.0,), "threshold": (20.0,)},
    "gelu": {"approximate": ("none",)},
    "softmax": {"dim": (-1, 1)},
    "flatten": {"start_dim": (1,)},
    "dropout": {"training": (False,)},
}
HARMLESS = ("inplace", "p", "end_dim", "_stacklevel")
DEFAULTS: dict[str, dict[str, object]] = {  # where torch's own default is not what may be there
    "softmax": {"dim": None},
    "flatten": {"start_dim": 0},
    "dropout": {"training": True},
}
MODULES: dict[type[nn.Module], str] = {
    nn.Identity: "identity",
    nn.Sigmoid: "sigmoid",
    nn.Tanh: "tanh",
    nn.ReLU: "relu",
    nn.LeakyReLU: "leaky_relu",
    nn.Softplus: "softplus",
    nn.ELU: "elu",
    nn.GELU: "gelu",
    nn.SiLU: "silu",
    nn.Softmax: "softmax",
    nn.Flatten: "flatten",
    nn.Dropout: "dropout",
}
# the name, and the names of what may follow the first argument by position
Function = tuple[str, tuple[str, ...]]
_RELU: Function = ("relu", ("inplace",))
_SOFTMAX: Function = ("softmax", ("dim",))
_FLATTEN: Function = ("flatten", ("start_dim", "end_dim"))
FUNCTIONS: dict[Callable[..., Any], Function] = {
    torch.relu: _RELU,
    torch.relu_: _RELU,
    functional.relu: _RELU,
    torch.sigmoid: ("sigmoid", ()),
    functional.sigmoid: ("sigmoid", ()),
    torch.special.expit: ("sigmoid", ()),
    torch.tanh: ("tanh", ()),
    functional.tanh: ("tanh", ()),
    torch.softmax: _SOFTMAX,
    functional.softmax: ("softmax", ("dim", "_stacklevel")),
    functional.leaky_relu: ("leaky_relu", ("negative_slope", "inplace")),
    functional.softplus: ("softplus", ("beta", "threshold")),
    functional.elu: ("elu", ("alpha", "inplace")),
    functional.gelu: ("gelu", ("approximate",)),
    functional.silu: ("silu", ("inplace",)),
    functional.dropout: ("dropout", ("p", "training", "inplace")),
    torch.flatten: _FLATTEN,
}
METHODS: dict[str, Function] = {
    "relu": _RELU,
    "relu_": _RELU,
    "sigmoid": ("sigmoid", ()),
    "tanh": ("tanh", ()),
    "softmax": _SOFTMAX,
    "flatten": _FLATTEN,
}
NOTHING = ("flatten", "dropout", "identity")  # what leaves its input as it is

MENDS: dict[object, str] = {
    nn.BatchNorm1d: "check the network without it: it ties the examples of a batch together",
    torch.clamp: "torch.relu: torch.clamp has derivative 1 at 0",
    torch.maximum: "torch.relu: torch.maximum has derivative 1/2 at 0",
    functional.linear: "an nn.Linear module, whose parameters have names",
}


def layers(model: nn.Module) -> Iterator[tuple[Dense, nn.Linear] | tuple[Activation, None]]:
    """Yield the steps of a module in the order of computation, each Linear with its module.

    Raises
    ------
    InputError
        If torch.fx cannot trace it, it is no chain, or something in it is not in the tables.
    """
    whole = nn.Sequential(model)  # so that a single layer is a step, too
    try:
        graph = fx.Tracer().trace(whole)
    except Exception as error:
        reason = f"{type(model).__name__}, {type(error).__name__}: {_line(error)}"
        mend = "no control flow on values; nn.Sequential can always be traced"
        raise InputError("a module that torch.fx can trace", reason, mend) from error
    modules = dict(whole.named_modules())
    previous: fx.Node | None = None
    seen: set[nn.Parameter] = set()
    for node in graph.nodes:
        if node.op == "placeholder" and previous is None:
            previous = node
            continue
        what = _called(node, modules)
        if node.op == "placeholder" or node.all_input_nodes != [previous]:
            given = " and ".join(map(str, node.all_input_nodes)) or "a second input"
            raise unreadable(f"branches: {what} takes {given}", "one layer after the other")
        previous = node
        if node.op == "output":
            return
        module = modules.get(str(node.target)) if node.op == "call_module" else None
        if module is not None:
            refuse_patched(module, what)
        if type(module) is nn.Linear:
            mine = set(module.parameters())
            if mine & seen:
                mend = "a Linear with parameters of its own for each layer"
                raise unreadable(f"{what} whose parameters are used twice", mend)
            seen |= mine
            yield _dense(what, module), module
        else:
            name = _activation(node, module, what)
            if name not in NOTHING:
                yield Activation(what, name), None


def refuse_patched(module: nn.Module, what: str) -> None:
    """Refuse a module that computes something else than its class says.

    Hooks before and behind ``forward`` are how weight_norm, spectral_norm and prune worked, too.

    Raises
    ------
    InputError
    """
    if module._forward_pre_hooks or module._forward_hooks:
        raise unreadable(f"{what} with a forward hook", "take the hook off: it may change numbers")
    if "forward" in vars(module):
        raise unreadable(f"{what} with a forward of its own", "a plain module")


def _dense(where: str, module: nn.Linear) -> Dense:
    if module.bias is None:
        mend = "nn.Linear(..., bias=True); a bias of 0 changes no number"
        raise unreadable(f"{where} without a bias", mend)
    for parameter in (module.weight, module.bias):
        if parameter.dtype not in (torch.float64, torch.float32, torch.bfloat16):
            name = str(parameter.dtype).removeprefix("torch.")
            raise unreadable(f"{where} in {name}", "float64, float32 or bfloat16: model.float()")
        if parameter.is_meta:
            raise unreadable(f"{where} on the meta device, without numbers", "model.to_empty(...)")
    return Dense(where, numbers(module.weight), numbers(module.bias)[:, None])


def numbers(tensor: torch.Tensor) -> Any:
    """Return the numbers of a tensor; those of bfloat16 exactly, as float32."""
    tensor = tensor.detach().cpu()
    return (tensor.float() if tensor.dtype is torch.bfloat16 else tensor).numpy().copy()


def _activation(node: fx.Node, module: nn.Module | None, what: str) -> str:
    """Return the name of an activation after a look at its settings."""
    if module is not None:
        name = MODULES.get(type(module), "")
        settings = {key: getattr(module, key) for key in SETTINGS.get(name, {})}
        if name == "dropout" and getattr(module, "p", 1) == 0:
            settings = {}
        mend = MENDS.get(type(module))
    else:
        table: Mapping[Any, Function] = METHODS if node.op == "call_method" else FUNCTIONS
        name, positional = table.get(node.target, ("", ()))
        named = dict(zip(positional, node.args[1:], strict=False))
        settings = {**DEFAULTS.get(name, {}), **named, **node.kwargs}
        mend = MENDS.get(node.target)
        if len(node.args) - 1 > len(positional):
            settings["more arguments"] = node.args[1 + len(positional) :]
    if not name:
        raise unreadable(what, mend or "docs/models.md lists what can be read")
    for key, value in settings.items():
        allowed = SETTINGS.get(name, {}).get(key)
        if key in HARMLESS or (key in ("dtype", "_stacklevel") and value is None):
            continue
        if allowed is None or value not in allowed:
            wanted = f"{key}={allowed[0]!r}" if allowed else f"no {key}"
            mend = "model.eval()" if name == "dropout" else wanted
            raise unreadable(f"{what} with {key}={value!r}", mend)
    return name


def _called(node: fx.Node, modules: Mapping[str, nn.Module]) -> str:
    """Return what messages call a step: ``Linear '0'``, ``torch.add``."""
    if node.op == "call_module":
        path = str(node.target).partition(".")[2]
        kind = type(modules[str(node.target)]).__name__
        return f"{kind} {path!r}" if path else kind
    if node.op == "call_method":
        return f"the method .{node.target}()"
    if node.op == "get_attr":
        return f"the parameter {str(node.target).partition('.')[2]!r} outside a Linear"
    if node.op == "call_function":
        name = getattr(node.target, "__name__", str(node.target))
        home = "operator" if getattr(operator, name, None) is node.target else "the function"
        return f"{home} {name}"
    return "the output" if node.op == "output" else f"the input {node.target!r}"


def _line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0]
