"""Confidence as a probability: the recipe's figure through a curve fitted on labelled files.

    odds of being right = e^offset x recipe^slope x worst^care

worst: how well the worst twentieth of the letters was read (quality.py), for what is read badly misleads
layout too. `benchmarks/calibrate.py` fits and prints the curves; docs/confidence.md tells how well they hold.
Within one document a curve only rises, so whatever ranked first by the recipe still does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from extraction.mapping.quality import find_quality
from extraction.mapping.values import Mapped
from extraction.recognized import Recognized

LEAST, MOST = 0.02, 0.98  # nobody's labels are good enough to say more
_LEAST_FIGURE = 0.01


@dataclass(frozen=True, slots=True)
class Curve:
    offset: float
    slope: float
    care: float

    def __call__(self, raw: float, worst: float) -> float:
        odds = self.offset + self.slope * log_of(raw) + self.care * log_of(worst)
        return round(min(max(1 / (1 + math.exp(-odds)), LEAST), MOST), 3)


PAPER = Curve(offset=3.91, slope=3.53, care=3.87)
SPEECH = Curve(offset=3.91, slope=10.43, care=0.0)


def log_of(figure: float) -> float:
    return math.log(max(figure, _LEAST_FIGURE))


def calibrate(mapped: Mapped, recognized: Recognized) -> Mapped:
    """Every value's confidence as a probability; what has no value keeps its 0."""
    curve, worst = SPEECH if recognized.segments else PAPER, worst_read(recognized)
    fields = (
        field if field.value is None else replace(field, confidence=curve(field.confidence, worst))
        for field in mapped.fields
    )
    return replace(mapped, fields=tuple(fields))


def worst_read(recognized: Recognized) -> float:
    quality = find_quality(recognized)
    return quality.low if quality else 1.0
