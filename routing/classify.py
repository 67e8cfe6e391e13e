"""Tells the task of a chat request, how sure that is, by what evidence, and how much a strong model would matter.

A linear model over hashed words and a small network over what they mean, below a millisecond, from memory only. It
never raises on an odd body, and keeps nothing of what it read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from routing.task_difficulty import read_effort, tell_difficulty
from routing.task_features import Row, make_row
from routing.task_model import TASKS, Floats, Model, as_probabilities, look_up, read_model, score
from routing.task_reading import Reading, read
from routing.task_signals import weigh_format, weigh_tools
from routing.task_words import only_where_instructions_stand
from routing.words import Cause, Task

SURE = 0.55  # below it the content is weak evidence
PLAIN = 0.85  # what first words, last words and openings must say alone, to leave no doubt
FALLBACK = Task.OPEN_QA


@dataclass(frozen=True, slots=True)
class Told:
    """`confidence`: the probability that the task is right. `difficulty`: 0 (any model will do) to 1."""

    task: Task
    confidence: float
    cause: Cause
    difficulty: float


@cache
def load() -> Model:
    """The shipped model, read once. Called at start, it spares the first request the wait."""
    model = read_model()
    make_row(read({"messages": [{"role": "user", "content": "warm"}]}))
    return model


def classify(body: Mapping[str, Any]) -> Told:
    return tell(load(), body)


def tell(model: Model, body: Mapping[str, Any]) -> Told:
    reading = read(body)
    by_tools, by_format = weigh_tools(body), weigh_format(body, reading.letters)
    if not reading.asked and not reading.system:
        return _told_without_text(model, reading, by_tools + by_format, _signal(by_tools, by_format, Cause.NOTHING))
    row = make_row(reading)
    weights = look_up(model, row.addresses)
    content = score(model, weights, row.amounts, row.meaning)
    shares = as_probabilities(content + by_tools + by_format, model.heat)
    best = int(shares.argmax())
    cause = _cause(model, row, weights, content, best, float(shares[best]), by_tools, by_format)
    return Told(TASKS[best], float(shares[best]), cause, _difficulty(model, reading, shares))


def _told_without_text(model: Model, reading: Reading, evidence: Floats, cause: Cause) -> Told:
    shares = as_probabilities(evidence, model.heat)
    task = TASKS[int(shares.argmax())] if evidence.any() else FALLBACK
    return Told(task, float(shares.max()), cause, _difficulty(model, reading, shares))


def _difficulty(model: Model, reading: Reading, shares: Floats) -> float:
    return tell_difficulty(read_effort(reading, shares), model.effort)


def _cause(
    model: Model,
    row: Row,
    weights: Floats,
    content: Floats,
    best: int,
    confidence: float,
    by_tools: Floats,
    by_format: Floats,
) -> Cause:
    if int(content.argmax()) != best:
        return _signal(by_tools, by_format, Cause.CONTENT)
    if confidence < SURE:
        return Cause.WEAK_CONTENT
    first = row.instructing
    instructed = score(model, weights[:first], row.amounts[:first], only_where_instructions_stand(row.meaning))
    return Cause.INSTRUCTION if as_probabilities(instructed, model.heat)[best] >= PLAIN else Cause.CONTENT


def _signal(by_tools: Floats, by_format: Floats, otherwise: Cause) -> Cause:
    if not (by_tools.any() or by_format.any()):
        return otherwise
    return Cause.TOOLS if np.max(by_tools) > np.max(by_format) else Cause.RESPONSE_FORMAT
