"""Fits the model: logistic regression over hashed features beside a network with one hidden layer, in numpy alone.

Every draw is seeded and every sum has a fixed order, so the same input gives the same file.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from routing.task_features import MEANINGS, ROWS, Row
from routing.task_model import TASKS, Floats, Net, as_probabilities

BATCH = 256
SELDOM = 3
FAINT = 2  # of 127
KEPT = np.float32(0.4)  # share of a row's features seen at a time: none may be relied on alone
KEPT_MEANING, KEPT_HIDDEN = np.float32(0.8), np.float32(0.7)
HIDDEN = 64
SMOOTH = 0.03  # how much of each label is spread over the others, which keeps the model from being too sure
COUNT = len(TASKS)
_TARGETS = np.full((COUNT, COUNT), SMOOTH / COUNT, np.float32) + np.eye(COUNT, dtype=np.float32) * (1 - SMOOTH)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows laid end to end: row i is `addresses[bounds[i]:bounds[i + 1]]`, and `meanings[i]`."""

    addresses: NDArray[np.int32]
    amounts: Floats
    bounds: NDArray[np.int64]
    meanings: Floats
    labels: NDArray[np.int64]
    weights: Floats


def lay_out(rows: list[Row], labels: list[int], weights: list[float]) -> Table:
    sizes = [len(row.addresses) for row in rows]
    return Table(
        np.concatenate([row.addresses for row in rows]).astype(np.int32),
        np.concatenate([row.amounts for row in rows]),
        np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        np.array([row.meaning for row in rows], np.float32).reshape(len(rows), MEANINGS),
        np.array(labels, np.int64),
        np.array(weights, np.float32),
    )


@dataclass(slots=True)
class Fitted:
    """What is being fitted, with the memory of its steps: fitting may go on with other rows, on a copy."""

    weights: Floats
    offsets: Floats
    layers: list[Floats]
    seen: Floats = field(repr=False)

    def scores(self, row: Row) -> Floats:
        return row.amounts @ self.weights[row.addresses] + self.offsets + self.net.scores(row.meaning)

    @property
    def net(self) -> Net:
        return Net(*self.layers)

    def copy(self) -> Fitted:
        layers = [layer.copy() for layer in self.layers]
        return Fitted(self.weights.copy(), self.offsets.copy(), layers, self.seen.copy())


def start() -> Fitted:
    random = np.random.default_rng(7)
    layers = [
        (random.standard_normal((MEANINGS, HIDDEN)) / MEANINGS**0.5).astype(np.float32),
        np.zeros(HIDDEN, np.float32),
        (random.standard_normal((HIDDEN, COUNT)) / HIDDEN**0.5 / 2).astype(np.float32),
    ]
    weights = np.zeros((ROWS, COUNT), np.float32)
    return Fitted(weights, np.zeros(COUNT, np.float32), layers, np.full_like(weights, 1e-6))


def fit(fitted: Fitted, table: Table, *, epochs: int, rate: float = 0.5, pace: float = 2e-3, seed: int = 1) -> None:
    """`rate`: of the linear part, by adaptive steps; `pace`: of the network, falling to nothing at the end."""
    random = np.random.default_rng(seed)
    mover = _Mover(fitted.layers)
    batches = max(1, len(table.labels) // BATCH)
    for epoch in range(epochs):
        for at, batch in enumerate(np.array_split(random.permutation(len(table.labels)), batches)):
            left = 1 - (epoch * batches + at) / (epochs * batches)
            error, addresses, amounts, spread, slopes = _look(fitted, table, batch, random)
            _step(fitted, addresses, amounts, error, spread, rate / (1 + epoch))
            fitted.offsets -= 0.1 * rate / (1 + epoch) * error.sum(axis=0)
            mover.move(slopes, pace * left)


def count_uses(table: Table) -> NDArray[np.int64]:
    """How many rows use each address. Below SELDOM it is chance more than rule, and most of the file's size."""
    rows = np.repeat(np.arange(len(table.labels)), np.diff(table.bounds))
    uses = np.unique(rows * ROWS + table.addresses) % ROWS
    return np.bincount(uses, minlength=ROWS)


def _look(
    fitted: Fitted, table: Table, batch: NDArray[np.int64], random: np.random.Generator
) -> tuple[Floats, NDArray[np.int32], Floats, NDArray[np.int64], list[Floats]]:
    """The batch's errors, the features that were looked at, and the slopes of the network's layers."""
    firsts, sizes = table.bounds[batch], table.bounds[batch + 1] - table.bounds[batch]
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    at = np.repeat(firsts - starts, sizes) + np.arange(sizes.sum())
    shown = random.random(len(at), np.float32) < KEPT
    spread, at = np.repeat(np.arange(len(batch)), sizes)[shown], at[shown]
    addresses, amounts = table.addresses[at], table.amounts[at] / KEPT
    parts = fitted.weights[addresses] * amounts[:, None]
    scores = np.stack([np.bincount(spread, parts[:, task], len(batch)) for task in range(COUNT)], axis=1)
    hidden, levels, told = fitted.layers
    meanings = table.meanings[batch]
    meanings = meanings * (random.random(meanings.shape, np.float32) < KEPT_MEANING) / KEPT_MEANING
    active = np.maximum(meanings @ hidden + levels, 0)
    mask = (random.random(active.shape, np.float32) < KEPT_HIDDEN) / KEPT_HIDDEN
    active *= mask
    scores += active @ told + fitted.offsets
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    share = table.weights[batch] / table.weights[batch].sum()
    error = (powers / powers.sum(axis=1, keepdims=True) - _TARGETS[table.labels[batch]]) * share[:, None]
    error = error.astype(np.float32)
    back = (error @ told.T) * (active > 0) * mask
    return error, addresses, amounts, spread, [meanings.T @ back, back.sum(axis=0), active.T @ error]


def _step(
    fitted: Fitted,
    addresses: NDArray[np.int32],
    amounts: Floats,
    error: Floats,
    spread: NDArray[np.int64],
    rate: float,
) -> None:
    used, inverse = np.unique(addresses, return_inverse=True)
    slope = np.empty((len(used), COUNT), np.float32)
    for task in range(COUNT):
        slope[:, task] = np.bincount(inverse, amounts * error[spread, task], minlength=len(used))
    seen = fitted.seen[used] + slope * slope
    fitted.seen[used] = seen
    fitted.weights[used] -= rate * slope / np.sqrt(seen)


class _Mover:
    """Adam's steps with decay, for the layers of the network."""

    def __init__(self, layers: list[Floats], *, decay: float = 0.02) -> None:
        self.layers, self.decay, self.steps = layers, decay, 0
        self.mean = [np.zeros_like(layer) for layer in layers]
        self.spread = [np.zeros_like(layer) for layer in layers]

    def move(self, slopes: list[Floats], pace: float) -> None:
        self.steps += 1
        for layer, slope, mean, spread in zip(self.layers, slopes, self.mean, self.spread, strict=True):
            mean += 0.1 * (slope - mean)
            spread += 0.001 * (slope * slope - spread)
            size = np.sqrt(spread / (1 - 0.999**self.steps)) + 1e-8
            layer -= pace * (mean / (1 - 0.9**self.steps) / size + self.decay * layer)


def in_small_integers(fitted: Fitted) -> tuple[NDArray[np.int8], Floats]:
    """The weights in 8 bits, with a scale for each task. The smallest are left out: noise that fills the file."""
    scales = np.maximum(np.percentile(np.abs(fitted.weights), 99.97, axis=0), 1e-6).astype(np.float32) / 127
    small = np.clip(np.rint(fitted.weights / scales), -127, 127).astype(np.int8)
    small[np.abs(small) <= FAINT] = 0
    return small, scales


def find_heat(scores: list[Floats], labels: list[int]) -> float:
    """The divisor under which the probabilities of the right answers are highest."""
    candidates = np.geomspace(0.3, 6, 60)
    losses = [
        sum(-np.log(as_probabilities(row, heat)[label] + 1e-9) for row, label in zip(scores, labels, strict=True))
        for heat in candidates
    ]
    return float(candidates[int(np.argmin(losses))])
