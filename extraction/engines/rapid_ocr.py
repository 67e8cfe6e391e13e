"""RapidOCR: PP-OCRv6 small on ONNX. Its weights are inside its wheel; it needs no torch and no download."""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from extraction.engines import line_reader, text_finder
from extraction.engines.line_reader import ReadLine
from extraction.engines.quads import Corners, Quad
from extraction.media.refusals import refused

if TYPE_CHECKING:
    import numpy as np

GOOD_SCORE = 0.8
DOUBT = 0.5  # read with less confidence, a line is a pattern or a stain
TALL = 1.5  # this many times as high as wide, a box was turned before it was read

# Scripts whose letters are all in the model's dictionary, by language. Not Vietnamese, Greek, Cyrillic,
# Korean, Arabic, Hebrew or the scripts of India and South-East Asia.
SCRIPTS = {
    "latin": "af az bs ca cs cy da de en eo es et eu fi fr ga gl hr hu id is it la lb lt lv ms mt nl no nb nn oc "
    "pl pt rm ro sk sl so sq sv sw tl tr uz zu",
    "chinese": "zh",
    "japanese": "ja",
}
LANGUAGES = frozenset(" ".join(SCRIPTS.values()).split())


def reads(language: str) -> bool:
    return language.partition("-")[0] in LANGUAGES


def installed() -> bool:
    return importlib.util.find_spec("rapidocr") is not None


def load(languages: tuple[str, ...] = ()) -> None:
    if not installed():
        raise refused("engine_not_installed")
    _warm()


@cache
def _warm() -> None:
    """Models in memory, and through their first run, which takes longer than all others."""
    import numpy as np

    text_finder.find(np.full((64, 64, 3), 255, np.uint8))
    line_reader.read_lines([np.full((20, 60, 3), 255, np.uint8)])


def read(pixels: np.ndarray, languages: tuple[str, ...]) -> list[Quad]:
    import numpy as np

    load()
    # In BGR, and in one piece: OpenCV would copy a reversed view anew for each line that is cut out of it.
    boxes, pieces = text_finder.find(np.ascontiguousarray(pixels[:, :, ::-1]))
    lines = line_reader.read_lines(pieces)
    return [_quad(line, box.tolist()) for line, box in zip(lines, boxes, strict=True) if _is_text(line)]


def _is_text(line: ReadLine) -> bool:
    return line.confidence >= DOUBT and bool(line.text.strip())


def _quad(line: ReadLine, corners: Corners) -> Quad:
    ends = _along(corners)
    words = ((word.text, word.confidence, _part(ends, word.start, word.end)) for word in line.words)
    return Quad(line.text, corners, line.confidence, tuple(words))


def _along(corners: Corners) -> Corners:
    """The corners from where the text starts: a tall box is read from its top to its bottom."""
    top_left, top_right, bottom_right, bottom_left = corners
    across = max(math.dist(top_left, top_right), math.dist(bottom_left, bottom_right))
    down = max(math.dist(top_left, bottom_left), math.dist(top_right, bottom_right))
    return corners if int(down) < TALL * int(across) else (top_right, bottom_right, bottom_left, top_left)


def _part(corners: Corners, start: float, end: float) -> Corners:
    top_left, top_right, bottom_right, bottom_left = corners
    return (
        _between(top_left, top_right, start),
        _between(top_left, top_right, end),
        _between(bottom_left, bottom_right, end),
        _between(bottom_left, bottom_right, start),
    )


def _between(one: Sequence[float], other: Sequence[float], share: float) -> tuple[float, float]:
    return one[0] + (other[0] - one[0]) * share, one[1] + (other[1] - one[1]) * share
