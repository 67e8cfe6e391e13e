"""What a line of text says and where its words stand: PP-OCR's recogniser, fed with lines of one width at a time.

As shipped it pads six lines to the width of the widest and to 320 pixels at least; most of what it then reads
on a receipt is padding. Read without, the same lines cost half.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from extraction.engines.onnx import Model

if TYPE_CHECKING:
    import numpy as np

SHA256 = "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884"
HEIGHT = 48
STEP = 8  # pixels a column of the answer
MARGIN = 16  # some paper after the last letter: lines cut off right behind it are read less well
BATCH = 8
SPREAD = 1.15  # the widest line of a batch against the narrowest
WIDEST = 3200
WORD_COLUMNS = 5  # characters farther apart belong to two words even without a space


@dataclass(frozen=True, slots=True)
class Letter:
    text: str
    column: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Placed:
    """A word and the shares of its line's width between which it stands."""

    text: str
    start: float
    end: float
    confidence: float


@dataclass(frozen=True, slots=True)
class ReadLine:
    text: str
    confidence: float
    words: tuple[Placed, ...]


@cache
def model() -> Model:
    return Model("rapidocr", "models/PP-OCRv6_rec_small.onnx", SHA256)


@cache
def _letters() -> tuple[str, ...]:
    """By the model's own numbers; number 0 is no letter."""
    return ("", *model().notes["character"].splitlines(), " ")


def read_lines(pieces: Sequence[np.ndarray]) -> list[ReadLine]:
    lines: dict[int, ReadLine] = {}
    shown = [_scaled(piece) for piece in pieces]
    for batch in _batches([line.shape[1] for line in shown]):
        answers = model().run(_stacked([shown[index] for index in batch]))
        for index, numbers, chances in zip(batch, answers.argmax(axis=2), answers.max(axis=2), strict=True):
            lines[index] = _line(numbers, chances, columns=shown[index].shape[1] / STEP)
    return [lines[index] for index in range(len(pieces))]


def _scaled(piece: np.ndarray) -> np.ndarray:
    import cv2

    height, width = piece.shape[:2]
    return cv2.resize(piece, (min(WIDEST, max(STEP, math.ceil(HEIGHT * width / height))), HEIGHT))


def _batches(widths: Sequence[int]) -> Iterator[list[int]]:
    """Indices of lines of nearly one width."""
    batch: list[int] = []
    for index in sorted(range(len(widths)), key=widths.__getitem__):
        if batch and (len(batch) == BATCH or widths[index] > SPREAD * widths[batch[0]] + STEP):
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def _stacked(lines: Sequence[np.ndarray]) -> np.ndarray:
    import numpy as np

    width = math.ceil((max(line.shape[1] for line in lines) + MARGIN) / STEP) * STEP
    stack = np.zeros((len(lines), 3, HEIGHT, width), np.float32)
    for place, line in zip(stack, lines, strict=True):
        place[:, :, : line.shape[1]] = line.transpose(2, 0, 1) * np.float32(2 / 255) - np.float32(1)
    return stack


def _line(numbers: np.ndarray, chances: np.ndarray, *, columns: float) -> ReadLine:
    """A letter said in several columns running is one letter."""
    said = numbers != 0
    said[1:] &= numbers[1:] != numbers[:-1]
    letters = [
        Letter(_letters()[number], column, chance)
        for column, number, chance in zip(
            said.nonzero()[0].tolist(), numbers[said].tolist(), chances[said].tolist(), strict=True
        )
    ]
    text = "".join(letter.text for letter in letters)
    return ReadLine(text, _mean(letters), tuple(_placed(list(_words(letters)), columns)))


def _mean(letters: Sequence[Letter]) -> float:
    return round(sum(letter.confidence for letter in letters) / max(len(letters), 1), 5)


def _words(letters: Sequence[Letter]) -> Iterator[list[Letter]]:
    """Parted by spaces and gaps; in scripts without spaces every character is one."""
    word: list[Letter] = []
    for letter in letters:
        if word and (letter.text.isspace() or _apart(word[-1], letter)):
            yield word
            word = []
        if not letter.text.isspace():
            word.append(letter)
    if word:
        yield word


def _apart(before: Letter, letter: Letter) -> bool:
    return letter.column - before.column > WORD_COLUMNS or _is_alone(before.text) or _is_alone(letter.text)


def _is_alone(text: str) -> bool:
    return "\u2e80" <= text[:1] <= "\u9fff" or "\uf900" <= text[:1] <= "\ufaff"


def _placed(words: Sequence[Sequence[Letter]], columns: float) -> Iterator[Placed]:
    """Letters are known by their middles: a word reaches half a letter farther, or halfway to the next one."""
    half = _half_a_letter(words, columns)
    for index, word in enumerate(words):
        start, end = word[0].column + 0.5 - half, word[-1].column + 0.5 + half
        if index:
            start = max(start, (words[index - 1][-1].column + word[0].column + 1) / 2)
        if index + 1 < len(words):
            end = min(end, (word[-1].column + words[index + 1][0].column + 1) / 2)
        text = "".join(letter.text for letter in word)
        yield Placed(text, max(0.0, start / columns), min(1.0, end / columns), _mean(word))


def _half_a_letter(words: Sequence[Sequence[Letter]], columns: float) -> float:
    steps = [(word[-1].column - word[0].column) / (len(word) - 1) for word in words if len(word) > 1]
    letters = sum(len(word) for word in words) + len(words) - 1
    return (sum(steps) / len(steps) if steps else columns / max(letters, 1)) / 2
