"""The shape of a text, in some fifty yes-or-no marks: code, formulas, questions, choices, lists, passages."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_CHOICES = re.compile(r"(?:^|\n|\s)\(?[A-Da-d1-4][.):]\s*\S[^\n]{0,200}?(?:\n|\s)\(?[B-Eb-e2-5][.):]\s*\S")
_CODE = re.compile(
    r"```|>>> |^\s*(?:def|class|import|from|function|const|let|var|public|private|#include|fn|func|package|assert) |"
    r"=>|==|!=|&&|\);|\{\s*$|</\w+>|SELECT .* FROM|\w\.\w+\(|\w\(\)",
    re.MULTILINE,
)
_FORMULA = re.compile(
    r"\\[a-zA-Z]{2,}|\$[^$\n]{1,80}\$|\w\^[\w{(-]|\d\s*[+*/×÷·]\s*\d|\b\d*[xyn]\s*[+=<>-]\s*\d|√|∫|∑|≤|π"
)
_QUANTITY = re.compile(r"[$€£₹¥]\s?\d|\d\s?(?:%|[$€£₹¥])|\d+(?:[.,]\d+)?\s?[^\W\d_]")
_BULLET = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.)])\s", re.MULTILINE)
_SPEAKER = re.compile(r"^[^\W\d_][\w ]{0,20}:\s", re.MULTILINE)
_LABEL_END = re.compile(r"\n[^\n:：]{1,40}[:：]\s*$")
_ERROR = re.compile(r"\b\w*(?:Error|Exception)\b|\berror:|Traceback")
_QUOTED = re.compile(r"[\"“„«「『][^\"”“»」』\n]{2,300}[\"”“»」』]")
_QUESTIONS = "?？؟"
# Without one of these, the expressions above that cost most need not be tried.
_DIGIT = re.compile(r"\d")
_IN_FORMULAS = re.compile(r"[\\$^\d√∫∑≤π]")
_IN_ERRORS = ("Error", "Exception", "error:", "Traceback")


class Shape(NamedTuple):
    """`marks`: numbers of the marks that hold. `kind`: a coarse class, which first words are read together with."""

    marks: NDArray[np.int64]
    kind: int


MARKS = 80


def read_shape(text: str, letters: int) -> Shape:
    lines = [line for line in text.split("\n") if line.strip()]
    code = len(_CODE.findall(text[:1200]))
    formula = len(_FORMULA.findall(text[:1200])) if _IN_FORMULAS.search(text) else 0
    quantities = len(_QUANTITY.findall(text[:800])) if _DIGIT.search(text) else 0
    longest = max((len(line) for line in lines), default=0)
    passage = longest > 220 and (len(lines) > 1 or letters > 420)
    marks = [
        *_steps(0, letters, (1, 30, 60, 100, 160, 240, 400, 700, 1200, 2500, 6000)),
        *_steps(12, code, (1, 2, 4, 8)),
        *_steps(17, formula, (1, 2, 4, 8)),
        *_steps(22, len(lines), (2, 3, 5, 9, 16)),
        *_steps(28, sum(text.count(q) for q in _QUESTIONS), (1, 2, 4)),
        *_steps(32, quantities, (1, 2, 3, 5, 8)),
        *_steps(38, len(_BULLET.findall(text)), (1, 3, 6)),
        *_steps(42, len(_SPEAKER.findall(text)), (1, 2, 4)),
        *_flags(46, _layout(text, lines, passage)),
    ]
    kind = 3 if code > 1 else 2 if passage else 1 if len(lines) > 1 or letters > 240 else 0
    return Shape(np.array(marks, np.int64), kind)


def _layout(text: str, lines: list[str], passage: bool) -> tuple[bool, ...]:
    first, last = (lines[0], lines[-1]) if lines else ("", "")
    return (
        passage,
        passage and len(first) < 200,
        passage and len(last) < 200,
        first.rstrip().endswith((":", "：")),
        last.rstrip().endswith((":", "：")),
        first.rstrip().endswith(tuple(_QUESTIONS)),
        last.rstrip().endswith(tuple(_QUESTIONS)),
        any(q in text[-160:] for q in _QUESTIONS),
        _CHOICES.search(text) is not None,
        _LABEL_END.search(text) is not None,
        _QUOTED.search(text) is not None,
        any(sign in text for sign in _IN_ERRORS) and _ERROR.search(text) is not None,
        "\n\n" in text,
        text.startswith("*"),
        "```" in text,
        ">>>" in text or "assert " in text,
        "___" in text,
        text[:1].islower(),
        text.count(",") > 3 and len(text) < 300,
        not text.isascii(),
        passage and any(q in first for q in _QUESTIONS),
        passage and any(q in last for q in _QUESTIONS),
    )


def _steps(first: int, amount: int, bounds: tuple[int, ...]) -> list[int]:
    """A thermometer: every bound that is reached is a mark."""
    return [first + at for at, bound in enumerate(bounds) if amount >= bound]


def _flags(first: int, flags: tuple[bool, ...]) -> list[int]:
    return [first + at for at, flag in enumerate(flags) if flag]
