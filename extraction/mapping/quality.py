"""How well a medium was read, by the engines' own confidence in every letter: the mean, and the worst twentieth.

The grade goes by the worst twentieth: what is asked for may stand there. A text layer is not read but copied.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

from extraction.recognized import Page, Recognized

Grade = Literal["poor", "fair", "good", "excellent"]
FROM_GRADE: tuple[tuple[float, Grade], ...] = ((0.9, "excellent"), (0.8, "good"), (0.5, "fair"))
WORST_SHARE = 0.05
Weighed = tuple[float, int]  # a confidence, and for how many letters it stands


@dataclass(frozen=True, slots=True)
class Quality:
    mean: float
    low: float  # the 5th percentile
    grade: Grade

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def find_quality(recognized: Recognized) -> Quality | None:
    """None where nothing was read: an empty page is not a bad one."""
    # Of speech whole segments: in the clearest there are words an engine is unsure of, and right.
    heard = ((segment.confidence, _letters(segment.text)) for segment in recognized.segments)
    seen = (one for page in recognized.pages for one in _of_page(page))
    weighed = sorted((confidence, letters) for confidence, letters in (*heard, *seen) if letters)
    if not weighed:
        return None
    letters = sum(count for _, count in weighed)
    mean = sum(confidence * count for confidence, count in weighed) / letters
    low = _percentile(weighed, letters * WORST_SHARE)
    return Quality(round(mean, 3), round(low, 3), _grade(low))


def _of_page(page: Page) -> Iterator[Weighed]:
    for line in page.lines:
        if page.source == "text_layer":
            yield 1.0, _letters(line.text)
        else:
            yield from ((part.confidence, _letters(part.text)) for part in line.words or (line,))


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))


def _percentile(weighed: list[Weighed], at: float) -> float:
    passed = 0
    for confidence, letters in weighed:
        passed += letters
        if passed >= at:
            return confidence
    return weighed[-1][0]


def _grade(low: float) -> Grade:
    return next((grade for least, grade in FROM_GRADE if low >= least), "poor")
