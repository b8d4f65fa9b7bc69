"""The hidden errors are the output errors before, not after, the output sigmoid's derivative."""

import numpy as np


def activation_function(x):
    return 1 / (1 + np.exp(-x))


def net(case):
    inputs, targets = case.X, case.Y
    factor = {"squared_error": 2, "half_squared_error": 1}[case.network.loss] / case.N

    hidden_inputs = np.dot(case.W[1], inputs) + case.b[1]
    hidden_outputs = activation_function(hidden_inputs)
    final_inputs = np.dot(case.W[2], hidden_outputs) + case.b[2]
    final_outputs = activation_function(final_inputs)

    output_errors = factor * (final_outputs - targets)
    output_deltas = output_errors * final_outputs * (1 - final_outputs)
    hidden_errors = np.dot(case.W[2].T, output_errors)
    hidden_deltas = hidden_errors * hidden_outputs * (1 - hidden_outputs)
    return {
        "J": factor / 2 * np.sum((final_outputs - targets) ** 2),
        "dA2": output_errors,
        "dZ2": output_deltas,
        "dA1": hidden_errors,
        "dZ1": hidden_deltas,
        "dW2": np.dot(output_deltas, hidden_outputs.T),
        "db2": np.sum(output_deltas, axis=1, keepdims=True),
        "dW1": np.dot(hidden_deltas, inputs.T),
        "db1": np.sum(hidden_deltas, axis=1, keepdims=True),
    }


def supports(case):
    if case.network.activations != ("sigmoid", "sigmoid") or case.network.l2:
        return "two sigmoid layers"
    return case.network.loss in ("squared_error", "half_squared_error") or "squared errors"


net.supports = supports
