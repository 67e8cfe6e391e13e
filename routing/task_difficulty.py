"""How much a stronger model is likely to matter for a request, 0 to 1: a handful of marks, weighed.

The prior weights are judgement (a proof gains from a strong model, a translation of one line hardly); the training
command moves them towards what weak and strong models really got right, where such records are at hand.
"""

from __future__ import annotations

import re
from math import exp, log1p

import numpy as np

from routing.task_model import TASKS, Floats
from routing.task_reading import Reading
from routing.words import Task


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Whole words: looked up in one list of the text's words, which costs a tenth of what an expression of each would.
_WORD = re.compile(r"\w+")
_STEPS = _words("each every twice half third per than left remaining total more less if then after before")
_NEGATIONS = _words("not except least never neither false incorrect")
_DEMANDS = _words("""
    prove derive optimize optimise complexity algorithm architecture theorem integral
    beweise demuestra dimostra докажи 证明
""")
_DEMANDS_BEGIN = ("concurren", "démontr")
_PHRASE = re.compile(r"\bstep by step\b")
_COMMAND = re.compile(r"\\[a-z]{3,}")
_NUMBER = re.compile(r"\d+")
_LONG_WORD = re.compile(r"[^\W\d_]{11,}")
_CHOICE = re.compile(r"(?:^|\n)\s*\(?[A-E][.)]\s")

_BY_TASK = {
    Task.CODING: 0.5,
    Task.MATH: 0.7,
    Task.REASONING: 0.7,
    Task.EXTRACTION: -0.6,
    Task.SUMMARIZATION: -0.8,
    Task.TRANSLATION: -0.7,
    Task.CLASSIFICATION: -0.8,
    Task.REWRITING: -1.0,
    Task.CREATIVE_WRITING: -0.3,
    Task.BRAINSTORMING: -0.9,
    Task.ROLEPLAY: -0.7,
    Task.CLOSED_QA: -0.5,
    Task.OPEN_QA: -0.4,
}
_BY_MARK = (-1.0, 0.35, 0.25, 0.3, 0.45, 0.15, 0.2, 0.3, 0.15)  # the first is the level
PRIOR = np.array([*(_BY_TASK[task] for task in TASKS), *_BY_MARK], np.float32)


def read_effort(reading: Reading, shares: Floats) -> Floats:
    """The row that is weighed: the probability of each task, then the marks."""
    text = reading.asked
    plain = text.lower()
    words = _WORD.findall(plain)
    marks = (
        1.0,
        log1p(reading.letters) / 6,
        min(len(_NUMBER.findall(text)), 12) / 6,
        min(_count(words, _STEPS), 10) / 5,
        min(_demands(plain, words), 3),
        min(_count(words, _NEGATIONS), 3),
        min(sum(len(_LONG_WORD.findall(word)) for word in words if len(word) > 10), 12) / 6,
        float(_CHOICE.search(text) is not None),
        min(text.count("\n"), 20) / 10,
    )
    return np.concatenate([shares, np.array(marks, np.float32)])


def _count(words: list[str], wanted: frozenset[str]) -> int:
    return sum(map(wanted.__contains__, words))


def _demands(plain: str, words: list[str]) -> int:
    found = _count(words, _DEMANDS)
    found += sum(word.startswith(_DEMANDS_BEGIN) for word in words if len(word) > 7 and word not in _DEMANDS_BEGIN)
    return found + len(_PHRASE.findall(plain)) + (len(_COMMAND.findall(plain)) if "\\" in plain else 0)


def tell_difficulty(row: Floats, effort: Floats) -> float:
    return 1 / (1 + exp(-float(row @ effort)))


def fit_effort(rows: list[Floats], gains: list[bool], *, hold: float = 3.0, steps: int = 400) -> Floats:
    """Logistic regression held to the prior: the fewer the records, the closer to it."""
    if not rows:
        return PRIOR
    table, wanted = np.array(rows, np.float64), np.array(gains, np.float64)
    weights = PRIOR.astype(np.float64)
    for _ in range(steps):
        told = 1 / (1 + np.exp(-table @ weights))
        slope = table.T @ (told - wanted) + hold * (weights - PRIOR)
        curve = table.T @ (table * (told * (1 - told))[:, None]) + hold * np.eye(len(weights))
        step = np.linalg.solve(curve, slope)
        weights -= step
        if np.abs(step).max() < 1e-8:
            break
    return weights.astype(np.float32)
