"""Trains and measures the classifier: texts of our own, and labelled prompts where a folder of them is given."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from routing.classify import tell
from routing.task_difficulty import fit_effort, read_effort
from routing.task_features import Row, make_row
from routing.task_fitting import SELDOM, Fitted, Table, count_uses, find_heat, fit, in_small_integers, lay_out, start
from routing.task_model import TASKS, Floats, Model, as_probabilities, look_up, score
from routing.task_reading import read
from routing.task_samples import make_samples, make_whole_samples, read_checks
from routing.words import Task

EACH, MOTHER_EACH, SEED = 70, 1300, 1
EPOCHS, MORE_EPOCHS = 5, 2
WHOLE_WEIGHT = 2.0  # of a request written one by one
AGAIN = 0.6  # of our own texts, seen once more beside the labelled prompts
TIMES = 4  # each labelled prompt stands among them
LABELLED_WEIGHT = 2.0  # a prompt somebody wrote counts as much as so many of ours
HEAT = 1.0  # where there is nothing to fit it on
FOLDS = 5

PartOf = Callable[["Prompt"], str]


@dataclass(frozen=True, slots=True)
class Prompt:
    id: str
    body: dict[str, Any] = field(repr=False)
    task: Task
    source: str = ""  # the data set that it is from


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
        Prompt(line["id"], _asking(line["prompt"]), Task(line["truth"]["task_type"]), line["dataset"])
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
    """Our own texts as rows, and what was fitted on them alone: every fit with labelled prompts goes on from there."""

    rows: list[Row] = field(repr=False)
    labels: list[int] = field(repr=False)
    weights: list[float] = field(repr=False)
    fitted: Fitted = field(repr=False)
    uses: NDArray[np.int64] = field(repr=False)


def write_texts(*, each: int = EACH, mother_each: int = MOTHER_EACH) -> Written:
    made = list(make_samples(each=each, mother_each=mother_each, seed=SEED))
    whole = list(make_whole_samples(seed=SEED))
    rows = [make_row(read(sample.body)) for sample in [*made, *whole]]
    labels = [TASKS.index(sample.task) for sample in [*made, *whole]]
    weights = [1.0] * len(made) + [WHOLE_WEIGHT] * len(whole)
    table, fitted = lay_out(rows, labels, weights), start()
    fit(fitted, table, epochs=EPOCHS)
    return Written(rows, labels, weights, fitted, count_uses(table))


@dataclass(frozen=True, slots=True)
class HeldOut:
    """The scores of prompts, each by a fit that has not seen it."""

    scores: list[Floats] = field(repr=False)
    labels: list[int] = field(repr=False)
    parts: list[str] = field(repr=False)

    @property
    def right(self) -> NDArray[np.bool_]:
        return np.array([int(row.argmax()) == label for row, label in zip(self.scores, self.labels, strict=True)])

    @property
    def accuracy(self) -> float:
        return float(self.right.mean())

    def accuracy_by_part(self) -> dict[str, tuple[float, int]]:
        parts, right = np.array(self.parts), self.right
        return {part: (float(right[parts == part].mean()), int((parts == part).sum())) for part in sorted(set(parts))}

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
    model = Model(fitted.net, weights, scales, fitted.offsets, heat, np.zeros(0, np.float32))
    rows = [_effort_row(model, comparison) for comparison in comparisons]
    return replace(model, effort=fit_effort(rows, [c.gain for c in comparisons]))


def _effort_row(model: Model, comparison: Comparison) -> Floats:
    reading = read(comparison.body)
    row = make_row(reading)
    shares = as_probabilities(score(model, look_up(model, row.addresses), row.amounts, row.meaning), model.heat)
    return read_effort(reading, shares)


def _fit(written: Written, prompts: Iterable[Prompt]) -> Fitted:
    fitted, uses = written.fitted.copy(), written.uses
    labelled = [(make_row(read(prompt.body)), TASKS.index(prompt.task)) for prompt in prompts]
    if labelled:
        fit(fitted, _mixed(written, labelled), epochs=MORE_EPOCHS, rate=0.25, pace=1e-3, seed=2)
        uses = uses + count_uses(lay_out([row for row, _ in labelled], [0] * len(labelled), [1.0] * len(labelled)))
    fitted.weights[uses < SELDOM] = 0
    return fitted


def _mixed(written: Written, labelled: list[tuple[Row, int]]) -> Table:
    """Labelled prompts, and some of our own texts so that what they taught is not forgotten."""
    again = np.random.default_rng(3).permutation(len(written.rows))[: int(AGAIN * len(written.rows))]
    labelled = labelled * TIMES
    return lay_out(
        [*(written.rows[at] for at in again), *(row for row, _ in labelled)],
        [*(written.labels[at] for at in again), *(label for _, label in labelled)],
        [*(written.weights[at] for at in again), *([LABELLED_WEIGHT] * len(labelled))],
    )


def cross_validate(written: Written, prompts: Sequence[Prompt], part_of: PartOf | None = None) -> HeldOut:
    """`part_of`: what is held out together; by default one of FOLDS by the id."""
    part_of = part_of or (lambda prompt: str(_fold(prompt.id)))
    held = HeldOut([], [], [])
    for part in sorted({part_of(prompt) for prompt in prompts}):
        kept = [prompt for prompt in prompts if part_of(prompt) == part]
        fitted = _fit(written, (prompt for prompt in prompts if part_of(prompt) != part))
        held.scores.extend(fitted.scores(make_row(read(prompt.body))) for prompt in kept)
        held.labels.extend(TASKS.index(prompt.task) for prompt in kept)
        held.parts.extend(part for _ in kept)
    return held


def measure_languages(written: Written) -> dict[str, tuple[float, int]]:
    """How right our own texts alone are, language by language, on requests that are in no training text."""
    right: dict[str, list[bool]] = {}
    for sample in read_checks():
        told = int(written.fitted.scores(make_row(read(sample.body))).argmax())
        right.setdefault(sample.language, []).append(TASKS[told] == sample.task)
    return {language: (float(np.mean(some)), len(some)) for language, some in right.items()}


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
