"""A torch module with its loss, read as it is: gradoracle check torch_module.py:net."""

import torch
from torch import nn

torch.manual_seed(0)

model = nn.Sequential(
    nn.Linear(5, 4), nn.ReLU(), nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 1)
).double()
net = (model, nn.BCEWithLogitsLoss())
