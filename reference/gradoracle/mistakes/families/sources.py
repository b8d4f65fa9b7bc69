"""The two texts this project grew from, whose formulas many of the mistakes are."""

from __future__ import annotations

from gradoracle.mistakes.mistake import Source

FIRST_TEXT = Source(
    "the first of the two texts this project grew from, as the copy at hand prints: "
    "Understand and Implement the Backpropagation Algorithm From Scratch In Python (2018-19)"
)
SECOND_TEXT = Source(
    "the second of the two texts this project grew from: "
    "Implement Back Propagation in Neural Networks (2018), a relu-sigmoid network"
)
SLIDE = Source(
    "the slide in the second of the two texts this project grew from: "
    "Implement Back Propagation in Neural Networks (2018)"
)
