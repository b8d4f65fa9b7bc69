"""The training experiment: gradient descent in all implementations from one initialisation."""

from __future__ import annotations

from gradoracle.training.engine import train
from gradoracle.training.report import progress_bar, render
from gradoracle.training.request import TrainingData, TrainingRequest
from gradoracle.training.result import Difference, Run, TrainingResult
from gradoracle.training.store import load_parameters, save_parameters

__all__ = [
    "Difference",
    "Run",
    "TrainingData",
    "TrainingRequest",
    "TrainingResult",
    "load_parameters",
    "progress_bar",
    "render",
    "save_parameters",
    "train",
]
