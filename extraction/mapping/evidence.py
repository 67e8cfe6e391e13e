"""A candidate value and the place it was read from: the currency in which the mapper's parts trade."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from extraction.mapping.values import PageCitation, TimeCitation
from extraction.recognized import Box, Line, Page

Citation = PageCitation | TimeCitation


@dataclass(frozen=True, slots=True)
class Candidate:
    """`label`: how well the layout or the wording names it; `validity`: how well the text has its type."""

    value: Any
    citations: tuple[Citation, ...]
    recognition: float
    label: float
    validity: float = 1.0
    margin: float = 1.0

    def with_value(self, value: Any, *, validity: float = 1.0) -> Candidate:
        return replace(self, value=value, validity=self.validity * validity)


def cite(page: Page, line: Line, start: int = 0, end: int | None = None) -> PageCitation:
    """The part `start:end` of a line, with the box of just that part."""
    end = len(line.text) if end is None else end
    return PageCitation(page.number, span_box(line, start, end), line.text[start:end].strip())


def span_box(line: Line, start: int, end: int) -> Box:
    """The box of `line.text[start:end]`: of its words where there are words, by width where not."""
    if start <= 0 and end >= len(line.text.rstrip()):
        return line.box
    boxes = _word_boxes(line, start, end)
    if boxes:
        return (min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes))
    x0, y0, x1, y1 = line.box
    width = (x1 - x0) / max(len(line.text), 1)
    return (x0 + width * start, y0, min(x1, x0 + width * end), y1)


def _word_boxes(line: Line, start: int, end: int) -> list[Box]:
    boxes, position = [], 0
    for word in line.words:
        at = line.text.find(word.text, position)
        if at < 0:
            return []
        position = at + len(word.text)
        if at < end and position > start:
            boxes.append(_share(word.text, word.box, max(start - at, 0), min(end - at, len(word.text))))
    return boxes


def _share(text: str, box: Box, start: int, end: int) -> Box:
    x0, y0, x1, y1 = box
    width = (x1 - x0) / max(len(text), 1)
    return (x0 + width * start, y0, x0 + width * end, y1)
