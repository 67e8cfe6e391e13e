"""The shipped model: a linear one over addresses, and a small network over what the words mean; their scores add up."""

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
class Net:
    """One hidden layer."""

    hidden: Floats = field(repr=False)
    levels: Floats = field(repr=False)
    told: Floats = field(repr=False)

    def scores(self, meaning: Floats) -> Floats:
        return np.asarray(np.maximum(meaning @ self.hidden + self.levels, 0) @ self.told, np.float32)


@dataclass(frozen=True, slots=True)
class Model:
    """`weights`: small integers, a row for each address, a column for each task; `scales`, `offsets`: of each task.

    `heat`: what the scores are divided by, so that confidence is probability. `effort`: the weights of the difficulty
    (see task_difficulty).
    """

    net: Net
    weights: NDArray[np.int8] = field(repr=False)
    scales: Floats
    offsets: Floats
    heat: float
    effort: Floats


def read_model(path: Path = FILE) -> Model:
    with np.load(path, allow_pickle=False) as file:
        net = Net(*(file[name].astype(np.float32) for name in ("hidden", "levels", "told")))
        return Model(net, file["weights"], file["scales"], file["offsets"], float(file["heat"]), file["effort"])


def write_model(model: Model, path: Path = FILE) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        path,
        hidden=model.net.hidden.astype(np.float16),
        levels=model.net.levels.astype(np.float16),
        told=model.net.told.astype(np.float16),
        weights=model.weights,
        scales=model.scales,
        offsets=model.offsets,
        heat=np.float32(model.heat),
        effort=model.effort,
    )


def look_up(model: Model, addresses: NDArray[np.int64]) -> Floats:
    """The weights there: a row for each address, a column for each task."""
    return model.weights[addresses].astype(np.float32)


def score(model: Model, weights: Floats, amounts: Floats, meaning: Floats) -> Floats:
    """`weights` as they were looked up."""
    return (amounts @ weights) * model.scales + model.offsets + model.net.scores(meaning)


def as_probabilities(scores: Floats, heat: float) -> Floats:
    powers = np.exp((scores - scores.max()) / heat)
    return np.asarray(powers / powers.sum(), np.float32)
