"""A fitted MLPRegressor, read as it is: gradoracle check sklearn_mlp.py:net."""

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPRegressor

rng = np.random.default_rng(0)
X = rng.normal(size=(40, 5))
y = X @ rng.normal(size=(5, 1))  # one output

net = MLPRegressor(
    hidden_layer_sizes=(4, 3), activation="tanh", alpha=0.5, max_iter=5, random_state=0
)
with warnings.catch_warnings(action="ignore", category=ConvergenceWarning):
    net.fit(X, y.squeeze())
