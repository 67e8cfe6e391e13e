"""The shipped linear model: one row of small integers per address, a column per task."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from routing.words import Task

FILE = Path(__file__).parent / "data" / "task_model.npz"
TASKS = tuple(Task)
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Model:
    """`scales`, `offsets`: of each task. `heat`: what the scores are divided by, so that confidence is probability.

    `effort`: the weights of the difficulty (see task_difficulty).
    """

    weights: NDArray[np.int8] = field(repr=False)
    scales: Floats
    offsets: Floats
    heat: float
    effort: Floats


def read_model(path: Path = FILE) -> Model:
    with np.load(path, allow_pickle=False) as file:
        return Model(file["weights"], file["scales"], file["offsets"], float(file["heat"]), file["effort"])


def write_model(model: Model, path: Path = FILE) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        path,
        weights=model.weights,
        scales=model.scales,
        offsets=model.offsets,
        heat=np.float32(model.heat),
        effort=model.effort,
    )


def look_up(model: Model, addresses: NDArray[np.int64]) -> Floats:
    """The weights there: a row for each address, a column for each task."""
    return model.weights[addresses].astype(np.float32)


def score(model: Model, weights: Floats, amounts: Floats) -> Floats:
    """`weights` as they were looked up."""
    return (amounts @ weights) * model.scales + model.offsets


def as_probabilities(scores: Floats, heat: float) -> Floats:
    powers = np.exp((scores - scores.max()) / heat)
    return np.asarray(powers / powers.sum(), np.float32)
