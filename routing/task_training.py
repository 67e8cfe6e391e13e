"""Trains and measures the classifier: texts of our own, and labelled prompts where a folder of them is given."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from routing.classify import tell
from routing.task_difficulty import fit_effort, read_effort
from routing.task_features import Row, make_row
from routing.task_fitting import Fitted, find_heat, fit, in_small_integers, lay_out
from routing.task_model import TASKS, Floats, Model, as_probabilities, look_up, score
from routing.task_reading import read
from routing.task_samples import make_samples
from routing.words import Task

EACH, MOTHER_EACH, SEED = 70, 1300, 1
EPOCHS = 4
LABELLED_WEIGHT = 12.0  # a prompt somebody wrote counts as much as so many of ours
HEAT = 1.0  # where there is nothing to fit it on
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Prompt:
    id: str
    body: dict[str, Any] = field(repr=False)
    task: Task


@dataclass(frozen=True, slots=True)
class Comparison:
    """A prompt that a weak and a strong model answered. `gain`: only the strong one was right."""

    id: str
    body: dict[str, Any] = field(repr=False)
    weak_right: bool
    strong_right: bool

    @property
    def gain(self) -> bool:
        return self.strong_right and not self.weak_right


@dataclass(frozen=True, slots=True)
class Figures:
    """`calibration_error`: expected, in ten bins of confidence."""

    accuracy: float
    calibration_error: float
    confusion: Counter[tuple[Task, Task]]
    count: int


def read_prompts(folder: Path) -> list[Prompt]:
    return [
        Prompt(line["id"], _asking(line["prompt"]), Task(line["truth"]["task_type"]))
        for line in _read_lines(folder / "manifest.jsonl")
    ]


def read_comparisons(folder: Path) -> list[Comparison]:
    return [
        Comparison(line["id"], _asking(line["prompt"]), line["truth"]["weak_correct"], line["truth"]["strong_correct"])
        for line in _read_lines(folder / "router_labels.jsonl")
    ]


def _read_lines(path: Path) -> list[dict[str, Any]]:
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _asking(text: str) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text}]}


def in_training_half(id: str) -> bool:
    """Fixed for ever by the id alone."""
    return hashlib.sha256(id.encode()).digest()[0] % 2 == 0


def _fold(id: str) -> int:
    return hashlib.sha256(id.encode()).digest()[1] % FOLDS


@dataclass(frozen=True, slots=True)
class Written:
    """Our own texts as rows, made once for several fits."""

    rows: list[Row] = field(repr=False)
    labels: list[int] = field(repr=False)


def write_texts(*, each: int = EACH, mother_each: int = MOTHER_EACH) -> Written:
    samples = list(make_samples(each=each, mother_each=mother_each, seed=SEED))
    return Written([make_row(read(s.body)) for s in samples], [TASKS.index(s.task) for s in samples])


@dataclass(frozen=True, slots=True)
class HeldOut:
    """The scores of prompts, each by a fit that has not seen it."""

    scores: list[Floats] = field(repr=False)
    labels: list[int] = field(repr=False)

    @property
    def accuracy(self) -> float:
        pairs = zip(self.scores, self.labels, strict=True)
        return float(np.mean([int(row.argmax()) == label for row, label in pairs]))

    @property
    def heat(self) -> float:
        return find_heat(self.scores, self.labels) if self.labels else HEAT


def train(
    written: Written, prompts: Sequence[Prompt], comparisons: Sequence[Comparison], held: HeldOut | None = None
) -> Model:
    """`held`: what cross_validate gave for the same prompts, where it is at hand; else it is made."""
    heat = (held or cross_validate(written, prompts)).heat
    return _as_model(_fit(written, prompts), heat, comparisons)


def _as_model(fitted: Fitted, heat: float, comparisons: Sequence[Comparison]) -> Model:
    weights, scales = in_small_integers(fitted)
    model = Model(weights, scales, fitted.offsets, heat, np.zeros(0, np.float32))
    rows = [_effort_row(model, comparison) for comparison in comparisons]
    return Model(weights, scales, fitted.offsets, heat, fit_effort(rows, [c.gain for c in comparisons]))


def _effort_row(model: Model, comparison: Comparison) -> Floats:
    reading = read(comparison.body)
    row = make_row(reading)
    shares = as_probabilities(score(model, look_up(model, row.addresses), row.amounts), model.heat)
    return read_effort(reading, shares)


def _fit(written: Written, prompts: Iterable[Prompt]) -> Fitted:
    labelled = [(make_row(read(prompt.body)), TASKS.index(prompt.task)) for prompt in prompts]
    table = lay_out(
        [*written.rows, *(row for row, _ in labelled)],
        [*written.labels, *(label for _, label in labelled)],
        [1.0] * len(written.rows) + [LABELLED_WEIGHT] * len(labelled),
    )
    return fit(table, epochs=EPOCHS)


def cross_validate(written: Written, prompts: Sequence[Prompt]) -> HeldOut:
    held = HeldOut([], [])
    for fold in range(FOLDS):
        kept = [prompt for prompt in prompts if _fold(prompt.id) == fold]
        if not kept:
            continue
        fitted = _fit(written, (prompt for prompt in prompts if _fold(prompt.id) != fold))
        held.scores.extend(fitted.scores(make_row(read(prompt.body))) for prompt in kept)
        held.labels.extend(TASKS.index(prompt.task) for prompt in kept)
    return held


def measure(model: Model, prompts: Sequence[Prompt]) -> Figures:
    told = [tell(model, prompt.body) for prompt in prompts]
    right = np.array([one.task == prompt.task for one, prompt in zip(told, prompts, strict=True)])
    confidence = np.array([one.confidence for one in told])
    confusion = Counter((prompt.task, one.task) for one, prompt in zip(told, prompts, strict=True))
    return Figures(float(right.mean()), _calibration_error(confidence, right), confusion, len(prompts))


def _calibration_error(confidence: np.ndarray, right: np.ndarray) -> float:
    bins = np.minimum((confidence * 10).astype(int), 9)
    gaps = [abs(right[bins == at].mean() - confidence[bins == at].mean()) * (bins == at).sum() for at in set(bins)]
    return float(sum(gaps) / len(right))
