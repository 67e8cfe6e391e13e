"""From an engine's slanted quadrilaterals in pixels to lines with level boxes in fractions of the page."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from extraction.recognized import Box, Line, Word

Corners = Sequence[Sequence[float]]  # top left, top right, bottom right, bottom left, as the text runs
LEVEL = math.radians(0.4)  # a page less aslant than this is taken as it is
GAP = 1.3  # of a line's height: wider apart, two words are two cells


@dataclass(frozen=True, slots=True)
class Quad:
    """A run of text as an engine found it; `words` where the engine gives them."""

    text: str
    corners: Corners
    confidence: float
    words: tuple[tuple[str, float, Corners], ...] = ()


def to_lines(quads: Sequence[Quad], level: Level) -> list[Line]:
    """A page photographed aslant is levelled on the way, else its rows would not be rows."""
    return [line for quad in quads for line in _lines(quad, level)]


def slant(quads: Iterable[Quad]) -> float:
    """The angle at which most of the text runs, in radians; long lines know it best. Near 0 is 0."""
    runs = [(quad.corners[1][0] - quad.corners[0][0], quad.corners[1][1] - quad.corners[0][1]) for quad in quads]
    angles = [math.atan2(dy, dx) for dx, dy in runs if dx > 60 and abs(dy) < dx]
    angle = median(angles) if len(angles) >= 3 else 0.0
    return angle if abs(angle) >= LEVEL else 0.0


@dataclass(frozen=True, slots=True)
class Level:
    angle: float
    width: float
    height: float

    def box(self, corners: Corners) -> Box:
        points = [self._turn(x, y) for x, y in corners]
        across, down = [x for x, _ in points], [y for _, y in points]
        return (_share(min(across), self.width), _share(min(down), self.height),
                _share(max(across), self.width), _share(max(down), self.height))  # fmt: skip

    def _turn(self, x: float, y: float) -> tuple[float, float]:
        """About the middle of the page, so that a citation stays near what it cites."""
        if not self.angle:
            return x, y
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        x, y = x - self.width / 2, y - self.height / 2
        return x * cos + y * sin + self.width / 2, y * cos - x * sin + self.height / 2


def _share(position: float, whole: float) -> float:
    return round(min(1.0, max(0.0, position / whole)), 5)


def _lines(quad: Quad, level: Level) -> Iterable[Line]:
    words = [Word(text, level.box(corners), confidence) for text, confidence, corners in quad.words]
    box = level.box(quad.corners)
    if not _tells_the_same(words, quad.text):
        words = estimate_words(quad.text, box, quad.confidence)
    gap = GAP * (box[3] - box[1]) * level.height / level.width
    cells = split_at_gaps(words, gap)
    if len(cells) == 1:
        return [Line(quad.text, box, quad.confidence, tuple(words))]
    return [_cell(cell, quad.confidence) for cell in cells]


def _tells_the_same(words: Sequence[Word], text: str) -> bool:
    """The words are those of the text, in its order; an engine may have grouped them some other way."""
    position = 0
    for word in words:
        position = text.find(word.text, position)
        if position < 0:
            return False
        position += len(word.text)
    return bool(words) and "".join(word.text for word in words) == "".join(text.split())


def estimate_words(text: str, box: Box, confidence: float) -> list[Word]:
    """Every character taken to be equally wide."""
    x0, y0, x1, y1 = box
    each, position, words = (x1 - x0) / max(len(text), 1), 0, []
    for word in text.split():
        start = text.index(word, position)
        position = start + len(word)
        words.append(Word(word, (x0 + each * start, y0, x0 + each * position, y1), confidence))
    return words


def split_at_gaps(words: Sequence[Word], gap: float) -> list[list[Word]]:
    cells: list[list[Word]] = []
    for word in words:
        if cells and word.box[0] - cells[-1][-1].box[2] <= gap:
            cells[-1].append(word)
        else:
            cells.append([word])
    return cells or [[]]


def _cell(words: Sequence[Word], confidence: float) -> Line:
    boxes = [word.box for word in words]
    box = (
        min(b[0] for b in boxes),
        min(b[1] for b in boxes),
        max(b[2] for b in boxes),
        max(b[3] for b in boxes),
    )
    return Line(" ".join(word.text for word in words), box, confidence, tuple(words))
