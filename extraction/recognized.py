"""What recognition hands to mapping: plain values, no media, no ORM.

Boxes are (x0, y0, x1, y1) as fractions of the page as it was read (upright and level), origin top left.
Times are seconds from the start of the recording. Confidence is 0 to 1.
Every value crosses the pipe between the worker and its engine process as JSON,
so each type here is a flat dataclass and `to_json` / `from_json` are exact inverses.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Word:
    """A word where the engine or the text layer gives one; an estimate by width where it does not."""

    text: str
    box: Box
    confidence: float


@dataclass(frozen=True, slots=True)
class Line:
    """One run of text in reading order. Two columns of a table row are two lines."""

    text: str
    box: Box
    confidence: float
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a document, or the only page of an image. `source`: "text_layer" or "ocr"."""

    number: int  # 1-based, as in the media
    width: float  # pixels or points: only the ratio to height matters
    height: float
    source: str
    lines: tuple[Line, ...] = ()
    quarters: int = 0  # turns counter-clockwise that made it upright
    slant: float = 0.0  # radians by which it was levelled; extraction.placing undoes both


@dataclass(frozen=True, slots=True)
class SpokenWord:
    text: str
    start: float
    end: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of speech, as the engine cut it."""

    text: str
    start: float
    end: float
    confidence: float
    words: tuple[SpokenWord, ...] = ()


@dataclass(frozen=True, slots=True)
class Recognized:
    """All that was read: pages for images and PDF, segments for sound; never both."""

    pages: tuple[Page, ...] = ()
    segments: tuple[Segment, ...] = ()
    language: str | None = None  # ISO 639-1, where the engine says
    engine: str = ""
    warnings: tuple[str, ...] = field(default=())  # stable codes, never text from the media
    timings: dict[str, int] = field(default_factory=dict, compare=False)  # milliseconds by step
    failed_pages: tuple[int, ...] = ()  # of `pages`, without lines: they would not open, decode or be read

    @property
    def text(self) -> str:
        """Plain text in reading order, pages parted by a form feed as pdftotext does."""
        if self.segments:
            return "\n".join(segment.text.strip() for segment in self.segments)
        return "\f".join("\n".join(line.text for line in page.lines) for page in self.pages)

    def to_json(self) -> dict[str, Any]:
        pages = [{**_flat(page), "lines": [_with_words(line) for line in page.lines]} for page in self.pages]
        return {**_flat(self), "pages": pages, "segments": [_with_words(segment) for segment in self.segments]}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Recognized:
        return cls(
            pages=tuple(_page(page) for page in value["pages"]),
            segments=tuple(_segment(segment) for segment in value["segments"]),
            language=value["language"],
            engine=value["engine"],
            warnings=tuple(value["warnings"]),
            timings=value.get("timings", {}),
            failed_pages=tuple(value.get("failed_pages", ())),
        )


def _flat(value: Any) -> dict[str, Any]:
    """As `dataclasses.asdict`, which copies every number of every box, and takes four times as long."""
    return {name: getattr(value, name) for name in value.__slots__}


def _with_words(value: Line | Segment) -> dict[str, Any]:
    return {**_flat(value), "words": [_flat(word) for word in value.words]}


def _box(value: list[float]) -> Box:
    x0, y0, x1, y1 = value
    return (x0, y0, x1, y1)


def _page(value: dict[str, Any]) -> Page:
    return Page(**{**value, "lines": tuple(_line(line) for line in value["lines"])})


def _line(value: dict[str, Any]) -> Line:
    words = tuple(Word(**{**word, "box": _box(word["box"])}) for word in value["words"])
    return Line(**{**value, "box": _box(value["box"]), "words": words})


def _segment(value: dict[str, Any]) -> Segment:
    return Segment(**{**value, "words": tuple(SpokenWord(**word) for word in value["words"])})
