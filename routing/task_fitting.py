"""Fits the linear model: logistic regression over hashed features, by adaptive gradient steps, in numpy alone.

Every draw is seeded and every sum has a fixed order, so the same input gives the same file.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routing.task_features import ROWS, Row
from routing.task_model import TASKS, Floats, as_probabilities

BATCH = 512
SELDOM = 3
FAINT = 2  # of 127
KEPT = np.float32(0.4)  # share of a row's features seen at a time: none may be relied on alone


@dataclass(frozen=True, slots=True)
class Table:
    """Rows laid end to end: row i is `addresses[bounds[i]:bounds[i + 1]]`."""

    addresses: NDArray[np.int32]
    amounts: Floats
    bounds: NDArray[np.int64]
    labels: NDArray[np.int64]
    weights: Floats


def lay_out(rows: list[Row], labels: list[int], weights: list[float]) -> Table:
    sizes = [len(row.addresses) for row in rows]
    return Table(
        np.concatenate([row.addresses for row in rows]).astype(np.int32),
        np.concatenate([row.amounts for row in rows]),
        np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        np.array(labels, np.int64),
        np.array(weights, np.float32),
    )


@dataclass(frozen=True, slots=True)
class Fitted:
    weights: Floats
    offsets: Floats

    def scores(self, row: Row) -> Floats:
        return row.amounts @ self.weights[row.addresses] + self.offsets


def fit(table: Table, *, epochs: int, rate: float = 0.5, decay: float = 2e-6, smooth: float = 0.03) -> Fitted:
    """`smooth`: how much of each label is spread over the others, which keeps the model from being too sure."""
    random = np.random.default_rng(1)
    count = len(TASKS)
    weights = np.zeros((ROWS, count), np.float32)
    seen = np.full((ROWS, count), 1e-6, np.float32)
    offsets = np.zeros(count, np.float32)
    targets = np.full((count, count), smooth / count, np.float32) + np.eye(count, dtype=np.float32) * (1 - smooth)
    for epoch in range(epochs):
        step = rate / (1 + epoch)
        for batch in np.array_split(random.permutation(len(table.labels)), max(1, len(table.labels) // BATCH)):
            gradient = _gradient(table, batch, weights, offsets, targets, random)
            slope = gradient[0] + decay * weights
            seen += slope * slope
            weights -= step * slope / np.sqrt(seen)
            offsets -= 0.1 * step * gradient[1]
    weights[_seldom(table)] = 0
    return Fitted(weights, offsets)


def _seldom(table: Table) -> NDArray[np.bool_]:
    """Addresses that fewer than SELDOM rows use: chance more than rule, and most of the file's size."""
    rows = np.repeat(np.arange(len(table.labels)), np.diff(table.bounds))
    uses = np.unique(rows * ROWS + table.addresses) % ROWS
    return np.bincount(uses, minlength=ROWS) < SELDOM


def _gradient(
    table: Table,
    batch: NDArray[np.int64],
    weights: Floats,
    offsets: Floats,
    targets: Floats,
    random: np.random.Generator,
) -> tuple[Floats, Floats]:
    firsts, sizes = table.bounds[batch], table.bounds[batch + 1] - table.bounds[batch]
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    at = np.repeat(firsts - starts, sizes) + np.arange(sizes.sum())
    addresses, amounts = table.addresses[at], table.amounts[at] * (random.random(len(at), np.float32) < KEPT) / KEPT
    scores = np.add.reduceat(weights[addresses] * amounts[:, None], starts, axis=0) + offsets
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    share = table.weights[batch] / table.weights[batch].sum()
    error = (powers / powers.sum(axis=1, keepdims=True) - targets[table.labels[batch]]) * share[:, None]
    spread = np.repeat(np.arange(len(batch)), sizes)
    gradient = np.empty_like(weights)
    for task in range(weights.shape[1]):
        gradient[:, task] = np.bincount(addresses, amounts * error[spread, task], minlength=ROWS)
    return gradient, error.sum(axis=0)


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
