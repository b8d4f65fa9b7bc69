"""A compiled Keras model, read as it is: gradoracle check keras_model.py:net."""

import keras

keras.utils.set_random_seed(0)
keras.config.set_floatx("float64")  # the dtype in which Keras computes every loss

net = keras.Sequential(
    [
        keras.Input((5,), dtype="float64"),
        keras.layers.Dense(4, "relu", dtype="float64"),
        keras.layers.Dense(3, "tanh", dtype="float64"),
        keras.layers.Dense(2, "softmax", dtype="float64"),
    ]
)
net.compile(loss="categorical_crossentropy")
