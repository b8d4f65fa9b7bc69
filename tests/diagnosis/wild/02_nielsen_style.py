"""sigmoid_prime puts its argument through the sigmoid, but is handed the activation, not z."""

import numpy as np


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def sigmoid_prime(z):
    return sigmoid(z) * (1 - sigmoid(z))


class Network:
    def __init__(self, weights, biases):
        self.weights = weights
        self.biases = biases
        self.num_layers = len(weights) + 1

    def backprop(self, x, y):
        activation = x
        activations = [x]
        for b, w in zip(self.biases, self.weights, strict=True):
            z = np.dot(w, activation) + b
            activation = sigmoid(z)
            activations.append(activation)
        cost = np.sum(np.logaddexp(0, z) - y * z) / x.shape[1]
        nabla_b = [None] * len(self.biases)
        nabla_w = [None] * len(self.weights)
        delta = (activations[-1] - y) / x.shape[1]
        nabla_b[-1] = delta.sum(axis=1, keepdims=True)
        nabla_w[-1] = np.dot(delta, activations[-2].T)
        for back in range(2, self.num_layers):
            sp = sigmoid_prime(activations[-back])
            delta = np.dot(self.weights[-back + 1].T, delta) * sp
            nabla_b[-back] = delta.sum(axis=1, keepdims=True)
            nabla_w[-back] = np.dot(delta, activations[-back - 1].T)
        return cost, nabla_b, nabla_w


def net(case):
    layers = range(1, case.L + 1)
    model = Network([case.W[i] for i in layers], [case.b[i] for i in layers])
    cost, nabla_b, nabla_w = model.backprop(case.X, case.Y)
    out = {"J": cost}
    for i in layers:
        out[f"dW{i}"] = nabla_w[i - 1]
        out[f"db{i}"] = nabla_b[i - 1]
    return out


def supports(case):
    network = case.network
    if set(network.activations) != {"sigmoid"}:
        return "sigmoid everywhere"
    if network.loss != "binary_cross_entropy" or network.reduction != "mean" or network.l2:
        return "mean binary cross-entropy without decay"
    return True


net.supports = supports
