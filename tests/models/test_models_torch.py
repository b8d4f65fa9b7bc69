"""torch modules as candidates: right ones pass, wrong ones fail, the rest is refused by name."""

from __future__ import annotations

import copy
import functools
import itertools
import os
import re

import numpy as np
import pytest
import torch
from model_verdicts import only_result
from torch import nn
from torch.nn import functional

from gradoracle.candidate.answer import Crashed
from gradoracle.candidate.models import session_of
from gradoracle.errors import InputError

ACTIVATIONS = (
    nn.Identity(),
    nn.Sigmoid(),
    nn.Tanh(),
    nn.ReLU(),
    nn.LeakyReLU(),
    nn.Softplus(),
    nn.ELU(),
    nn.GELU(),
    nn.SiLU(),
    nn.Softmax(dim=-1),
)


def network(*activations: nn.Module, sizes: tuple[int, ...] = (6, 5, 3)) -> nn.Sequential:
    torch.manual_seed(0)
    layers: list[nn.Module] = []
    for index, (fan_in, fan_out) in enumerate(itertools.pairwise(sizes)):
        layers += [nn.Linear(fan_in, fan_out), *activations[index : index + 1]]
    return nn.Sequential(*layers)


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=lambda a: type(a).__name__)
def test_right_modules_pass(activation):
    result = only_result(session_of((network(activation), nn.BCEWithLogitsLoss())))
    assert result.outcome == "passed", list(result.findings())
    assert {"Z1", "J", "dW1", "db1", "dA1", "dZ1", "dX"} <= {t.name for t in result.tensors}


class ByHand(nn.Module):
    """Functions and methods instead of modules."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.first, self.second, self.third = nn.Linear(6, 5), nn.Linear(5, 4), nn.Linear(4, 3)
        self.drop = nn.Dropout(0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.drop(functional.gelu(self.first(torch.flatten(x, 1))))
        return self.third(torch.softmax(self.second(x), dim=1)).tanh()


@pytest.mark.parametrize(
    ("loss", "reduction"),
    [(nn.MSELoss(), "mean_all"), (nn.MSELoss(reduction="sum"), "sum"), ("MSELoss", "mean_all")],
)
def test_functions_are_read(loss, reduction):
    session = session_of((ByHand().eval().double(), loss))
    network = session.about.cases[0].network
    assert network.activations == ("gelu", "softmax", "tanh")
    assert (network.loss, network.reduction) == ("squared_error", reduction)
    assert only_result(session).outcome == "passed"


@pytest.mark.parametrize(
    ("last", "loss"),
    [
        (nn.Sigmoid(), nn.BCELoss()),
        (nn.Sigmoid(), nn.BCELoss(reduction="sum")),
        (nn.Identity(), nn.CrossEntropyLoss()),
        (nn.Identity(), functional.cross_entropy),
    ],
)
def test_losses_pass(dtype, last, loss):
    model = network(nn.Tanh(), last).to(getattr(torch, dtype))
    session = session_of((model, loss))
    assert session.about.dtypes == (dtype,)
    assert only_result(session).outcome == "passed"


def test_a_name_of_the_contract_follows_the_output():
    with_sigmoid = session_of(network(nn.ReLU(), nn.Sigmoid()), loss="binary_cross_entropy")
    without = session_of(network(nn.ReLU()), loss="binary_cross_entropy")
    assert "from logits" not in with_sigmoid.about.notes[0]
    assert "from logits" in without.about.notes[0]


def test_the_users_batch_and_class_numbers():
    X = np.random.default_rng(0).normal(size=(9, 6))
    Y = torch.tensor([0, 1, 2, 2, 1, 0, 0, 1, 2])
    session = session_of((network(nn.Tanh()), nn.CrossEntropyLoss()), X=X, Y=Y)
    (case,) = session.about.cases
    assert case.n == 9
    assert np.array_equal(case.Y.argmax(axis=0), Y.numpy())
    assert "rounded to float32" in session.about.notes[1]
    assert only_result(session).outcome == "passed"


def test_bfloat16_parameters_and_autocast():
    for session in (
        session_of((network(nn.Tanh()).bfloat16(), nn.MSELoss())),
        session_of((network(nn.GELU()), nn.BCEWithLogitsLoss()), autocast=True),
    ):
        result = only_result(session)
        assert session.about.dtypes == ("float32",)
        assert result.outcome == "passed", list(result.findings())
        assert max(t.sensitivity for t in result.tensors if t.name.startswith("dW")) < 0.5


@pytest.mark.parametrize("autocast", [False, True])
def test_in_bfloat16_a_factor_of_two_is_seen(autocast):
    model = network(nn.Tanh())
    model = model if autocast else model.bfloat16()
    model[0].weight.register_hook(lambda gradient: 2 * gradient)
    result = only_result(session_of((model, nn.MSELoss()), autocast=autocast))
    assert result.first_wrong.name == "dW1"


def test_a_hook_that_scales_a_gradient_is_found():
    model = network(nn.ReLU())
    model[2].weight.register_hook(lambda gradient: 2 * gradient)
    result = only_result(session_of((model, nn.BCEWithLogitsLoss())))
    assert result.outcome == "failed"
    assert (result.first_wrong.name, result.also_wrong) == ("dW2", ())


class Wrong(torch.autograd.Function):
    """relu with the derivative of a straight-through estimator."""

    @staticmethod
    def forward(ctx, z):  # noqa: ARG004
        return torch.relu(z)

    @staticmethod
    def backward(ctx, cotangent):  # noqa: ARG004
        return cotangent


class Doubled(Wrong):
    @staticmethod
    def forward(ctx, z):  # noqa: ARG004
        return z * 2


class WithFunction(nn.Module):
    def __init__(self, function: type[torch.autograd.Function]) -> None:
        super().__init__()
        torch.manual_seed(2)
        self.first, self.second, self.function = nn.Linear(6, 5), nn.Linear(5, 1), function

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.second(self.function.apply(self.first(x)))


def test_a_wrong_backward_of_a_function_that_is_read_is_found():
    result = only_result(session_of((WithFunction(Wrong), nn.MSELoss())))
    assert (result.first_wrong.name, result.before) == ("dZ1", "dA1")


def test_what_writes_in_place_is_right_and_its_input_not_judged():
    result = only_result(session_of((network(nn.ReLU(inplace=True)), nn.MSELoss())))
    assert result.outcome == "passed"
    assert "Z1" not in {t.name for t in result.tensors}


def test_a_saturated_loss_of_probabilities_is_found():
    model = network(nn.Tanh(), nn.Sigmoid(), sizes=(6, 5, 1))
    X = np.random.default_rng(0).normal(size=(4, 6)).astype(np.float32)
    with torch.no_grad():
        model[2].weight *= 100
        Y = (model(torch.from_numpy(X)) < 0.5).float()  # all are on the wrong side
    assert only_result(session_of((model, nn.BCELoss()), X=X, Y=Y)).outcome == "failed"
    result = only_result(session_of((model[:-1], nn.BCEWithLogitsLoss()), X=X, Y=Y))
    assert result.outcome == "passed", list(result.findings())


def test_the_model_comes_out_unchanged():
    model = network(nn.ReLU(inplace=True), nn.Dropout(0.0)).train()
    model[0].bias.requires_grad_(False)
    model[2].weight.grad = torch.ones_like(model[2].weight)
    before = copy.deepcopy(model.state_dict())
    hooks = [dict(module._forward_hooks) for module in model.modules()]
    assert only_result(session_of((model, nn.MSELoss()))).outcome == "passed"
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert [dict(module._forward_hooks) for module in model.modules()] == hooks
    assert all(module.training for module in model.modules())
    assert [p.requires_grad for p in model.parameters()] == [True, False, True, True]
    assert [p.grad is None for p in model.parameters()] == [True, True, False, True]
    assert torch.equal(model[2].weight.grad, torch.ones_like(model[2].weight))


def test_a_model_that_changes_its_weights_is_told_so():
    model = network(nn.ReLU())
    session = session_of((model, nn.MSELoss()))

    def grow(module, inputs, output):
        module.weight.data.mul_(2)

    model[0].register_forward_hook(grow)
    findings = {(f.finding, f.tensor) for f in only_result(session).findings()}
    assert ("mutates inputs", "W1") in findings


@pytest.mark.skipif(
    "GRADORACLE_INDUCTOR" not in os.environ,
    reason="GRADORACLE_INDUCTOR=1 runs torch's C++ compiler for 20 s",
)
@pytest.mark.filterwarnings("ignore")  # of torch's own making, about itself
def test_compiled_to_machine_code():
    result = only_result(session_of((network(nn.Tanh()), nn.BCEWithLogitsLoss()), compiled=True))
    assert result.outcome == "passed", result.reason


@pytest.mark.filterwarnings("ignore")
def test_compiled(monkeypatch):
    quick = functools.partial(torch.compile, backend="aot_eager")  # all but the C++ compiler
    monkeypatch.setattr(torch, "compile", quick)
    model = network(nn.Tanh())
    session = session_of((model, nn.BCEWithLogitsLoss()), compiled=True)
    assert only_result(session).outcome == "passed"
    assert "compiled by torch.compile" in session.about.notes
    model[0].weight.register_hook(lambda gradient: 2 * gradient)
    assert only_result(session).first_wrong.name == "dW1"


@pytest.mark.filterwarnings("ignore")
def test_a_compiled_object_is_run_as_it_is_and_a_failing_compiler_named():
    def broken(graph, inputs):
        raise RuntimeError("no compiler here")

    model = network(nn.Tanh())
    right = session_of((torch.compile(model, backend="eager"), nn.MSELoss()))
    assert only_result(right).outcome == "passed"
    session = session_of((torch.compile(model, backend=broken), nn.MSELoss()))
    answer = session.run(session.about.cases[0])
    assert isinstance(answer, Crashed)
    assert "no compiler here" in answer.reason + answer.context


def test_devices():
    model = network(nn.Tanh())
    assert only_result(session_of((model, nn.MSELoss()), device="cpu")).outcome == "passed"
    for device in ("meta", "nowhere", "cuda:99"):
        with pytest.raises(InputError, match=device):
            session_of((model, nn.MSELoss()), device=device)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
def test_on_a_gpu():
    model = network(nn.GELU())
    result = only_result(session_of((model, nn.BCEWithLogitsLoss()), device="cuda"))
    assert result.outcome == "passed"
    assert model[0].weight.device.type == "cpu"


class Residual(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(6, 6)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.linear(x)


class Branching(Residual):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.linear(x) if x.sum() > 0 else x


class Clamped(Residual):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.clamp(self.linear(x), min=0)


def tied() -> nn.Sequential:
    first, second = nn.Linear(6, 6), nn.Linear(6, 6)
    second.weight = first.weight
    return nn.Sequential(first, nn.Tanh(), second)


def doubled_by_a_hook(module: nn.Module) -> nn.Module:
    module.register_forward_hook(lambda module, inputs, output: output * 2)
    return module


def patched() -> nn.Sequential:
    model = nn.Sequential(nn.Linear(6, 6))
    model[0].forward = lambda x: 2 * x  # type: ignore[method-assign]
    return model


SHARED = nn.Linear(6, 6)
REFUSED_LAYERS = {
    "Conv1d": nn.Sequential(nn.Conv1d(6, 6, 1)),
    "BatchNorm1d '1'": nn.Sequential(nn.Linear(6, 6), nn.BatchNorm1d(6)),
    "branches: operator add": Residual(),
    "control flow": Branching(),
    "relu: torch.clamp has derivative 1 at 0": Clamped(),
    "operator mul": WithFunction(Doubled),
    "Linear '0' whose parameters are used twice": nn.Sequential(SHARED, SHARED),
    "Linear '2' whose parameters are used twice": tied(),
    "Linear '0' with a forward hook": nn.Sequential(doubled_by_a_hook(nn.Linear(6, 6))),
    "Tanh '1' with a forward hook": nn.Sequential(nn.Linear(6, 6), doubled_by_a_hook(nn.Tanh())),
    "Linear '0' with a forward of its own": patched(),
    "threshold=0": nn.Sequential(nn.Linear(6, 6), nn.Softplus(threshold=0)),
    "without a bias": nn.Sequential(nn.Linear(6, 6, bias=False)),
    "model.eval()": nn.Sequential(nn.Linear(6, 6), nn.Dropout(0.5)),
    "approximate='tanh'": nn.Sequential(nn.Linear(6, 6), nn.GELU(approximate="tanh")),
    "alpha=2.0": nn.Sequential(nn.Linear(6, 6), nn.ELU(alpha=2.0)),
    "negative_slope=0.2": nn.Sequential(nn.Linear(6, 6), nn.LeakyReLU(0.2)),
    "beta=2.0": nn.Sequential(nn.Linear(6, 6), nn.Softplus(beta=2.0)),
    "dim=0": nn.Sequential(nn.Linear(6, 6), nn.Softmax(dim=0)),
    "in float16": nn.Sequential(nn.Linear(6, 6)).half(),
    "in complex64": nn.Sequential(nn.Linear(6, 6, dtype=torch.complex64)),
    "torch.float32 and torch.float64": nn.Sequential(nn.Linear(6, 6), nn.Linear(6, 6).double()),
    "relu after tanh": nn.Sequential(nn.Linear(6, 6), nn.Tanh(), nn.ReLU()),
    "before the first dense layer": nn.Sequential(nn.ReLU(), nn.Linear(6, 6)),
    "no dense layer": nn.Sequential(nn.Identity()),
    "on the meta device": nn.Sequential(nn.Linear(6, 6, device="meta")),
}


@pytest.mark.parametrize("named", REFUSED_LAYERS)
def test_layers_are_refused_by_name(named):
    with pytest.raises(InputError, match=re.escape(named)):
        session_of((REFUSED_LAYERS[named], nn.MSELoss()))


REFUSED_LOSSES = {
    "pos_weight": nn.BCEWithLogitsLoss(pos_weight=torch.ones(3)),
    "weight": nn.CrossEntropyLoss(weight=torch.ones(3)),
    "label_smoothing": nn.CrossEntropyLoss(label_smoothing=0.1),
    "ignore_index": nn.CrossEntropyLoss(ignore_index=0),
    "PoissonNLLLoss": nn.PoissonNLLLoss(),
    "HuberLoss": nn.HuberLoss(),
    "reduction mean or sum": nn.MSELoss(reduction="none"),
    "sigmoid as the last": nn.BCELoss(),
    "<lambda>": lambda a, y: (a - y).sum(),
    "hinge": "hinge",
    "nn.MSELoss with a forward hook": doubled_by_a_hook(nn.MSELoss()),
}


@pytest.mark.parametrize("named", REFUSED_LOSSES)
def test_losses_are_refused_by_name(named):
    with pytest.raises(InputError, match=re.escape(named)):
        session_of((network(nn.Tanh()), REFUSED_LOSSES[named]))


@pytest.mark.parametrize(
    ("last", "loss"),
    [(nn.Sigmoid(), nn.BCEWithLogitsLoss()), (nn.Softmax(dim=1), nn.CrossEntropyLoss())],
)
def test_a_double_activation_is_named(last, loss):
    with pytest.raises(InputError, match="applied twice"):
        session_of((network(nn.Tanh(), last), loss))


def test_no_loss_is_told_how():
    with pytest.raises(InputError, match="--loss"):
        session_of(network(nn.Tanh()))
